# SPDX-License-Identifier: EUPL-1.2
"""A partner that lies, a stranger, and somebody in between: what a served node makes of them."""

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import ContentDigest
from tests.bridges import hostile
from tests.bridges.hostile import Message, Said, message, sent
from tests.bridges.served import Served
from tests.bridges.stranger import Stranger
from tests.listening import NO_TLS

from brug.api.wellknown.asgi import WellKnown
from brug.bridges import identity, partners
from brug.bridges.native import bodies, receiving, signing
from brug.bridges.native.signing import Answer
from brug.directory import account_changes, keys
from brug.edge import outgoing
from brug.edge.node import Node
from brug.model.errors import Forbidden
from brug.store import settings

Spoil = Callable[[Message], Any]


class Line:
    """A stranger who is a partner of the node, and the bridge that leads to it."""

    def __init__(self, node: Served) -> None:
        self.node = node
        self.stranger = Stranger()
        with node.database.system() as session:
            bridge, _ = self.stranger.connected(session, f"Partner {uuid4()}")
            self.keys = {key.key_id: key for key in identity.public_keys(session)}
        self.id, self.uuid, self.partner_id = bridge.id, str(bridge.uuid), bridge.partner_id
        self.account_id = bridge.account_id

    def message(self, said: Any = None, **more: Any) -> Message:
        return message(self.node.url, self.uuid, self.stranger.key, said, **more)

    def say(self, said: Any = None, **more: Any) -> Said:
        return sent(self.message(said, **more), self.keys)

    def nonces(self) -> int:
        with self.node.database.system() as session:
            query = "SELECT count(*) FROM message_nonce WHERE bridge_id = %s"
            return int(session.value(query, (self.id,)))

    def set(self, sql: str, *params: Any) -> None:
        with self.node.database.system() as session:
            session.execute(sql, params)


@pytest.fixture(scope="module")
def line(noordland: Served) -> Line:
    return Line(noordland)


def test_a_good_message_gets_an_answer_that_is_signed_for_it(line: Line) -> None:
    answer = line.say()
    assert answer.signed
    assert answer.status == 200
    assert answer.document["kind"] == "ping"


def test_an_answer_is_the_answer_to_no_other_message(line: Line) -> None:
    one, other = line.message(), line.message()
    answer = outgoing.fetch(
        "POST", one.request.url, headers=one.request.headers, body=one.body, limits=hostile.LIMITS
    )
    moved = Answer(answer.status, dict(answer.headers), other.request)
    with pytest.raises(signing.BadMessageSignature):
        signing.verify_answer(moved, answer.body, line.keys)
    for status, body in ((201, answer.body), (answer.status, answer.body + b"x")):
        altered = Answer(status, dict(answer.headers), one.request)
        with pytest.raises(signing.BadMessageSignature):
            signing.verify_answer(altered, body, line.keys)


def test_a_partner_that_speaks_again_is_not_waited_for_any_longer(noordland: Served) -> None:
    one = Line(noordland)
    one.set(
        "UPDATE bridge_progress SET attempts = 9, next_attempt = now() + interval '1 hour'"
        " WHERE bridge_id = %s",
        one.id,
    )
    assert one.say().status == 200
    with noordland.database.system() as session:
        query = "SELECT next_attempt <= now() FROM bridge_progress WHERE bridge_id = %s"
        assert session.value(query, (one.id,)) is True


def test_nothing_is_told_where_that_is_switched_off(noordland: Served) -> None:
    node = Node(noordland.database, 1)
    with noordland.database.system() as session:
        settings.set_value(session, "bridges.published", False)
    status, _, content = WellKnown(node)._answer("/.well-known/brug", "GET", "")
    with noordland.database.system() as session:
        settings.set_value(session, "bridges.published", True)
    assert status == 404
    assert b"CSIRT" not in content


def _altered(one: Message) -> None:
    one.body = bodies.pack(b'{"kind":"ping","versions":[2]}')


def _truncated(one: Message) -> None:
    one.body = one.body[:-5]


def _redigested(one: Message) -> None:
    """Whoever alters a body alters the digest, too: then the signature does not fit."""
    _altered(one)
    del one.request.headers["Content-Digest"]
    ContentDigest.add(one.request.headers, one.body)


def _without(name: str) -> Spoil:
    return lambda one: one.request.headers.pop(name)


def _with(name: str, value: str) -> Spoil:
    return lambda one: one.request.headers.update({name: value})


def _in_signature(old: str, new: str) -> Spoil:
    def spoil(one: Message) -> None:
        text = one.request.headers["Signature-Input"]
        assert old in text
        one.request.headers["Signature-Input"] = text.replace(old, new)

    return spoil


SPOILT: dict[str, Spoil] = {
    "altered body": _altered,
    "truncated body": _truncated,
    "altered body and digest": _redigested,
    "no signature": _without("Signature"),
    "no signature input": _without("Signature-Input"),
    "no digest": _without("Content-Digest"),
    "another digest": _with("Content-Digest", "sha-256=:" + "A" * 43 + "=:"),
    "a digest that is none": _with("Content-Digest", "sha-256"),
    "another type": _with("Content-Type", "application/xml"),
    "another encoding": _with("Content-Encoding", "gzip"),
    "a signature that is none": _with("Signature", "brug=:AAAA:"),
    "not a signature": _with("Signature", "brug=;;"),
    "another tag": _in_signature('tag="brug-native"', 'tag="other"'),
    "another nonce": _in_signature('nonce="', 'nonce="x'),
    "another algorithm": _in_signature("ed25519", "rsa-pss-sha512"),
    "later expiry": _in_signature("expires=", "expires=9"),
    "less covered": _in_signature('"content-digest" ', ""),
    "bridge not covered": _in_signature('"brug-bridge" ', ""),
    "target not covered": _in_signature('"@target-uri" ', ""),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_message_is_refused_and_nothing_is_written(line: Line, how: str) -> None:
    one = line.message()
    SPOILT[how](one)
    before = line.nonces()
    answer = sent(one)
    assert answer.status == 401
    assert not answer.signed
    assert answer.code in {"bad_signature", "unknown_key"}
    assert "expected" in answer.document["message"]
    assert line.nonces() == before


def test_the_same_message_again_is_refused(line: Line) -> None:
    one = line.message()
    assert sent(one).status == 200
    again = sent(one)
    assert (again.status, again.code) == (409, "replayed")


def test_of_the_same_message_at_once_one_counts(line: Line) -> None:
    one = line.message()
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: sent(one).status, range(12)))
    assert sorted(answers) == [200] + [409] * 11


@pytest.mark.parametrize(
    ("age", "status"), [(-280, 401), (-20, 200), (200, 200), (400, 401), (90_000, 401)]
)
def test_a_clock_that_is_far_off_is_refused(line: Line, age: int, status: int) -> None:
    answer = line.say(age=timedelta(seconds=age))
    assert answer.status == status
    if status == 401:
        assert "created" in answer.document["message"] or "expires" in answer.document["message"]


def test_nonces_go_when_they_cannot_be_replayed_any_more(noordland: Served) -> None:
    one = Line(noordland)
    for _ in range(3):
        assert one.say().status == 200
    one.set("DELETE FROM message_nonce WHERE bridge_id = %s", one.id)
    one.set(
        "INSERT INTO message_nonce SELECT %s, n::text, now() - interval '1 s'"
        " FROM generate_series(1, 50) n",
        one.id,
    )
    assert one.say().status == 200
    assert one.nonces() == 1


def test_no_partner_fills_the_node_with_messages(noordland: Served) -> None:
    one = Line(noordland)
    one.set(
        "INSERT INTO message_nonce SELECT %s, n::text, now() + interval '5 minutes'"
        " FROM generate_series(0, %s) n",
        one.id, receiving.MOST,
    )  # fmt: skip
    answer = one.say()
    assert (answer.status, answer.code) == (429, "too_many_requests")
    assert one.nonces() == receiving.MOST + 1


KEY = identity.as_document(Stranger().public)
BAD_KEYS: dict[str, Any] = {
    "none": [], "no list": {"a": 1}, "too many": [KEY] * 21, "no object": [7],
    "another id": [{**KEY, "key_id": "x"}], "no public key": [{**KEY, "public": ""}],
    "a bad time": [{**KEY, "valid_from": "now"}],
}  # fmt: skip


@pytest.mark.parametrize("what", BAD_KEYS)
def test_bad_keys_are_refused_and_none_is_held(line: Line, what: str) -> None:
    answer = line.say({"kind": "keys", "keys": BAD_KEYS[what]})
    assert (answer.status, answer.code) == (400, "invalid")
    assert answer.document["message"].startswith("keys")
    with line.node.database.system() as session:
        (key,) = partners.keys_of(session, line.partner_id)
    assert key.key_id == line.stranger.public.key_id


def test_a_key_of_somebody_else_is_not_held_for_a_partner(line: Line) -> None:
    """Neither without an introduction nor with one that the partner did not sign."""
    other = Stranger()
    own = identity.as_document(line.stranger.public)
    introduced = {
        **KEY, "introduced_by": line.stranger.public.key_id,
        "introduction": identity.in_text(other.key.sign(b"x")),
    }  # fmt: skip
    answer = line.say({"kind": "keys", "keys": [own, KEY]})
    assert answer.document["held"] == [line.stranger.public.key_id]
    answer = line.say({"kind": "keys", "keys": [own, introduced]})
    assert answer.status == 400
    assert "introduction" in answer.document["message"]


def test_unknown_and_hidden_are_one_answer(line: Line, noordland: Served) -> None:
    other = Line(noordland)
    stranger = Ed25519PrivateKey.generate()
    answers = [
        sent(message(noordland.url, str(uuid4()), stranger)),
        sent(message(noordland.url, "no uuid", stranger)),
        sent(message(noordland.url, line.uuid, stranger)),
        # The key of another partner is nobody's here.
        sent(message(noordland.url, line.uuid, other.stranger.key)),
    ]
    with noordland.database.system() as session:
        session.execute(
            "INSERT INTO bridge (partner_id, transport, account_id, state)"
            " VALUES (%s, 'misp', %s, 'open')",
            (other.partner_id, other.account_id),
        )
        misp = session.value(
            "SELECT uuid FROM bridge WHERE transport = 'misp' AND partner_id = %s",
            (other.partner_id,),
        )
    answers.append(sent(message(noordland.url, str(misp), other.stranger.key)))
    assert {one.status for one in answers} == {401}
    assert len({one.document["message"] for one in answers}) == 1
    assert {one.code for one in answers} == {"unknown_key"}


def test_a_revoked_an_expired_and_a_future_key_are_refused(noordland: Served) -> None:
    one = Line(noordland)
    for change in (
        "revoked = now()",
        "valid_until = now() - interval '1 s', valid_from = now() - interval '1 day'",
        "valid_from = now() + interval '1 day'",
    ):
        one.set(
            "UPDATE partner_key SET revoked = NULL, valid_until = NULL, valid_from = %s"
            " WHERE partner_id = %s", datetime(2020, 1, 1, tzinfo=UTC), one.partner_id,
        )  # fmt: skip
        assert one.say().status == 200
        one.set(f"UPDATE partner_key SET {change} WHERE partner_id = %s", one.partner_id)
        answer = one.say()
        assert (answer.status, answer.code) == (401, "key_not_valid")


def test_an_older_version_than_agreed_is_refused(noordland: Served) -> None:
    one = Line(noordland)
    one.set("UPDATE channel SET version = 2 WHERE bridge_id = %s", one.id)
    answer = one.say()
    assert (answer.status, answer.code) == (400, "downgrade")
    assert "2" in answer.document["message"]
    newer = one.say(version=7)
    assert (newer.status, newer.code) == (400, "no_common_version")


def test_a_ping_that_offers_less_than_was_agreed_is_refused(noordland: Served) -> None:
    one = Line(noordland)
    answer = one.say({"kind": "ping", "versions": [9]})
    assert (answer.status, answer.code, answer.signed) == (400, "no_common_version", True)


@pytest.mark.parametrize(
    ("state", "kind", "status"),
    [
        ("invited", "ping", 403), ("closed", "ping", 403), ("paused", "ping", 200),
        ("paused", "event", 403), ("open", "ping", 200),
    ],
)  # fmt: skip
def test_what_a_bridge_takes_depends_on_its_state(
    noordland: Served, state: str, kind: str, status: int
) -> None:
    one = Line(noordland)
    one.set("UPDATE bridge SET state = %s WHERE id = %s", state, one.id)
    said = {"kind": kind, "versions": [1], "after": 0}
    answer = one.say(said)
    assert answer.status == status
    assert answer.signed
    if status == 403:
        assert state in answer.document["message"]


def _bomb(size: int) -> bytes:
    return zstandard.ZstdCompressor(level=1).compress(bytes(size))


BAD_BODIES = {
    "no zstd": (b"{}", 400, "body"),
    "no JSON": (bodies.pack(b"{"), 400, "body"),
    "not an object": (bodies.pack(b"7"), 400, "kind"),
    "no kind": (bodies.pack(b"{}"), 400, "kind"),
    "a kind that is a list": (bodies.pack(b'{"kind":[]}'), 400, "kind"),
    "unknown kind": (bodies.pack(b'{"kind":"nothing"}'), 400, "kind"),
    "two frames": (bodies.pack(b'{"kind":"ping"}') * 2, 400, "body"),
    "half a frame": (bodies.pack(b'{"kind":"ping"}' * 50)[:-4], 400, "body"),
    "a bomb": (_bomb(300 * 2**20), 413, "bridges.message_bytes"),
    "unknown size": (
        zstandard.ZstdCompressor(write_content_size=False).compress(b'{"kind":"ping"}' * 99),
        400, "size",
    ),
    "deep": (bodies.pack(b"[" * 100_000), 400, "body"),
    "a surrogate": (bodies.pack(b'{"kind":"\\ud800"}'), 400, ""),
    "bad versions": (bodies.pack(b'{"kind":"ping","versions":"1"}'), 400, "versions"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD_BODIES)
def test_a_bad_body_is_refused_with_its_field(line: Line, what: str) -> None:
    raw, status, named = BAD_BODIES[what]
    answer = line.say(raw=raw)
    assert answer.status == status
    assert answer.signed
    assert named in answer.document["message"]


def test_another_type_or_encoding_is_refused_even_where_it_is_signed(line: Line) -> None:
    for name, value in (("Content-Type", "text/plain"), ("Content-Encoding", "br")):
        one = line.message()
        headers = {
            key: text for key, text in one.request.headers.items()
            if key not in {"Content-Digest", "Signature", "Signature-Input"}
        }  # fmt: skip
        one.request.headers = headers | {name: value}
        key = line.stranger.key
        signing.sign_request(
            one.request, one.body, hostile.key_id_of(key), key.sign, datetime.now(UTC)
        )
        answer = sent(one, line.keys)
        assert (answer.status, answer.code) == (415, "wrong_type")
        assert name in answer.document["message"]


def test_a_large_body_of_a_stranger_is_not_read(line: Line) -> None:
    one = message(line.node.url, line.uuid, Ed25519PrivateKey.generate(), raw=b"x" * 2**22)
    answer = sent(one)
    assert (answer.status, answer.code) == (401, "unknown_key")


def test_a_body_that_ends_early_is_no_message(line: Line) -> None:
    one = line.message()
    host, port = one.request.url.removeprefix("http://").partition("/")[0].split(":")
    before = line.nonces()
    with socket.create_connection((host, int(port)), timeout=30) as wire:
        head = "POST /native/v1/messages HTTP/1.1\r\nHost: x\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in one.request.headers.items()
        )
        wire.sendall(f"{head}Content-Length: {len(one.body) + 50}\r\n\r\n".encode() + one.body)
        wire.shutdown(socket.SHUT_WR)
        said = b"".join(iter(lambda: wire.recv(4096), b""))
    assert not said or said.split()[1].startswith(b"4")
    assert line.nonces() == before


def test_a_key_of_a_user_opens_no_bridge(line: Line, noordland: Served) -> None:
    said = {"kind": "ping", "versions": [1]}
    for headers in (
        {"Authorization": noordland.key},
        {"Authorization": noordland.key, "Brug-Bridge": line.uuid},
    ):
        answer = httpx.post(
            f"{noordland.url}/native/v1/messages",
            json=said,
            headers=headers,
            trust_env=False,
            verify=NO_TLS,
        )
        assert answer.status_code == 401
        assert answer.json()["code"] == "unknown_key"


@pytest.mark.parametrize("path", ["/events/index", "/servers/getVersion", "/users/view/me.json"])
def test_a_key_of_a_bridge_is_no_key_of_a_user(line: Line, path: str) -> None:
    one = line.message()
    one.request.url = line.node.url + path
    fresh = {"Brug-Bridge": line.uuid, "Content-Type": "application/json"}
    one.request.headers = fresh | {"Content-Encoding": "zstd"}
    key = line.stranger.key
    signing.sign_request(one.request, one.body, hostile.key_id_of(key), key.sign, datetime.now(UTC))
    public = hostile.key_id_of(key)
    for more in ({}, {"Authorization": public}, {"Authorization": line.uuid}):
        answer = httpx.get(one.request.url, headers=fresh | more, trust_env=False, verify=NO_TLS)
        assert answer.status_code == 403


def test_nobody_gets_a_password_or_a_key_for_the_account_of_a_bridge(
    line: Line, noordland: Served
) -> None:
    database = noordland.database
    with pytest.raises(Forbidden), database.as_user(1) as session:
        keys.add(session, line.account_id, {"comment": "in by the back door"})
    with pytest.raises(Forbidden), database.as_user(1) as session:
        account_changes.edit(session, line.account_id, {"password": "Correct-horse-battery-1"})
    with pytest.raises(Forbidden), database.system() as session:
        session.execute(
            "UPDATE account SET issuer = 'https://op.example', subject = '1' WHERE id = %s",
            (line.account_id,),
        )
    with pytest.raises(Forbidden), database.system() as session:
        session.execute("UPDATE auth_key SET user_id = %s", (line.account_id,))
    with database.system() as session:
        email, password = session.one(
            "SELECT email, password_hash FROM account WHERE id = %s", (line.account_id,)
        ) or ("", "")
    assert password is None
    with httpx.Client(base_url=noordland.url, trust_env=False, verify=NO_TLS) as client:
        page = client.get("/sign-in").text
        token = page.split('name="_csrf_token" value="')[1].split('"')[0]
        for tried in ("", "x", line.uuid):
            form = {"email": email, "password": tried, "_csrf_token": token}
            assert client.post("/sign-in", data=form).status_code != 303


def test_addresses_that_are_none_say_what_there_is(noordland: Served) -> None:
    for method, path in (
        ("GET", "/native/"), ("GET", "/native/v1/messages"), ("GET", "/native/v1/acceptances"),
        ("GET", "/native/v0/messages"), ("GET", "/native/v%D9%A1/messages"),
        ("GET", "/native/vx/y"), ("POST", "/native/v1/messages/x"),
        ("POST", f"/native/v{'9' * 5000}/messages"),
    ):  # fmt: skip
        answer = httpx.request(method, noordland.url + path, trust_env=False, verify=NO_TLS)
        assert answer.status_code == 404, path
        assert answer.json()["code"] == "no_such_address"


def test_a_bridge_is_found_by_name_and_number(line: Line) -> None:
    with line.node.database.system() as session:
        found = partners.view(session, line.id)
        assert partners.view(session, found.partner).id == line.id
        assert partners.view(session, found.uuid).id == line.id
