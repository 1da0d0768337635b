# SPDX-License-Identifier: EUPL-1.2
"""Two served nodes over a bridge: keys, agreements and each other's checkpoints."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from tests.bridges.crossing.three_nodes import Nodes
from tests.bridges.crossing.wire import Wire
from tests.bridges.served import ADMIN, Served, connect
from tests.bridges.world import drafted

from brug.bridges import agreements, channel, identity, ledger, partners
from brug.bridges.ledger import checkpoints, logs, sequencing
from brug.bridges.native import agreeing, bodies, client, handling, keeping_up, versions
from brug.bridges.native.client import BadAnswer, NeedsConnecting, PartnerRefused
from brug.bridges.partners import BridgeRow
from brug.edge import outgoing
from brug.edge.outgoing import Limits, NotReached
from brug.formats.canonical import canonical
from brug.model.errors import Invalid
from brug.store.session import Session

Pair = tuple[Served, Served]
PING = canonical({"kind": "ping", "versions": [1]})


class Here(Served):
    """A node in this process, and where it keeps what it signed."""

    folder = Path()


@pytest.fixture
def pair(nodes: Nodes) -> Iterator[Pair]:
    """Two nodes for one test, which changes their keys; a third is away."""
    with nodes.fresh() as three:
        wire = Wire(list(three), lambda *_: None)
        wire.down.add(three[2].url)
        one, other, _ = (Here(each.name, each.database, each.url, "") for each in three)
        one.folder = three[0].folder
        with wire.between(one):
            yield one, other


def held(here: Served, partner: str) -> set[str]:
    """Ids of the keys that a node believes of a partner now."""
    now = datetime.now(UTC)
    with here.database.system() as session:
        bridge = partners.view(session, partner)
        return {
            key.key_id for key in partners.keys_of(session, bridge.partner_id) if key.is_valid(now)
        }


def rotated(here: Served) -> str:
    with here.database.system() as session:
        return identity.rotate(session, timedelta(days=2)).key_id


def ping(here: Served, there: Served) -> None:
    assert client.ping(here.database, here.bridge(there.name)).document["kind"] == "ping"


def test_keys_rotate_without_breaking_a_bridge(pair: Pair) -> None:
    one, other = pair
    for _ in range(2):
        new = rotated(one)
        # The other side does not know it yet, asks us, and our answer is by the one it knows.
        ping(other, one)
        assert new not in held(other, one.name)
        ping(one, other)
        assert new in held(other, one.name)
        ping(other, one)
    with one.database.system() as session:
        known = channel.of(session, one.bridge(other.name).id)
        assert known.told_key == identity.current(session).key_id == new


def test_both_rotate_at_once_and_several_times_before_anything_is_said(pair: Pair) -> None:
    one, other = pair
    newest = [[rotated(here) for _ in range(3)][-1] for here in (one, other)]
    ping(one, other)
    ping(other, one)
    ping(one, other)
    assert newest[0] in held(other, one.name)
    assert newest[1] in held(one, other.name)


def test_a_revoked_key_is_refused_from_then_on(pair: Pair) -> None:
    one, other = pair
    with one.database.system() as session:
        old = identity.signer(session)
    new = rotated(one)
    ping(one, other)
    with one.database.system() as session:
        identity.revoke(session, old.key_id)
    ping(one, other)
    assert held(other, one.name) == {new}
    ping(other, one)
    bridge = one.bridge(other.name)
    with one.database.system() as session:
        line = client._line(session, bridge, old)
    with pytest.raises(PartnerRefused) as refused:
        client._conversed(line, PING)
    assert refused.value.reason == "key_not_valid"


def test_a_node_whose_only_known_key_is_revoked_has_to_be_connected_anew(pair: Pair) -> None:
    one, other = pair
    with one.database.system() as session:
        identity.revoke(session, identity.current(session).key_id)
    bridge = one.bridge(other.name)
    with pytest.raises(NeedsConnecting):
        client.ping(one.database, bridge)
    # The other side was told so much, and believes neither key.
    assert held(other, one.name) == set()
    with pytest.raises(NeedsConnecting):
        client.ping(one.database, bridge)
    with pytest.raises(BadAnswer):
        client.ping(other.database, other.bridge(one.name))
    assert [one.bridge(other.name).uuid] == [bridge.uuid]
    connect(one, other)
    ping(one, other)
    ping(other, one)
    assert one.bridge(other.name).id == bridge.id


def test_a_key_that_nobody_known_introduced_is_not_taken(pair: Pair) -> None:
    one, other = pair
    before = held(other, one.name)
    with one.database.system() as session:
        new = identity.rotate(session, timedelta(days=2))
        session.execute(
            "UPDATE identity_key SET introduction = %s WHERE key_id = %s",
            (b"x" * 64, new.key_id),
        )
    with pytest.raises(PartnerRefused, match="introduction"):
        client.ping(one.database, one.bridge(other.name))
    with one.database.system() as session:
        session.execute(
            "UPDATE identity_key SET introduction = NULL, introduced_by = NULL WHERE key_id = %s",
            (new.key_id,),
        )
    with pytest.raises(NeedsConnecting):
        client.ping(one.database, one.bridge(other.name))
    assert held(other, one.name) == before


def test_validity_that_was_told_never_grows_again(pair: Pair) -> None:
    one, other = pair
    with one.database.system() as session:
        first = identity.current(session).key_id
    rotated(one)
    ping(one, other)
    with other.database.system() as session:
        ended = session.value("SELECT valid_until FROM partner_key WHERE key_id = %s", (first,))
    with one.database.system() as session:
        session.execute("UPDATE identity_key SET valid_until = NULL WHERE key_id = %s", (first,))
    ping(one, other)
    with other.database.system() as session:
        again = session.value("SELECT valid_until FROM partner_key WHERE key_id = %s", (first,))
    assert ended == again


def test_the_version_that_is_agreed_never_goes_down(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = pair
    bridge = one.bridge(other.name)
    with one.database.system() as session:
        session.execute("UPDATE channel SET version = 2 WHERE bridge_id = %s", (bridge.id,))
    with pytest.raises(PartnerRefused) as refused:
        client.ping(one.database, bridge)
    assert refused.value.reason == "no_common_version"
    # We speak two versions, the other one: that is fine until we agreed on the newer one.
    with one.database.system() as session:
        session.execute("UPDATE channel SET version = 1 WHERE bridge_id = %s", (bridge.id,))
    monkeypatch.setattr(versions, "SPOKEN", (1, 2))
    ping(one, other)
    with pytest.raises(versions.Downgrade):
        versions.agree((1, 2), (1,), agreed=2)
    assert versions.agree((1, 2), (1,), agreed=1) == 1
    assert versions.agree((2, 3), (1, 2)) == 2
    with pytest.raises(versions.NoCommonVersion):
        versions.agree((2, 3), (1,))


def test_an_agreement_is_carried_and_comes_back_signed(pair: Pair) -> None:
    one, other = pair
    here, there = one.bridge(other.name), other.bridge(one.name)
    with one.database.as_user(ADMIN) as session:
        wanted = agreements.draft(session, here, terms_of(session, here))
        agreements.propose(session, here, wanted)
    assert agreeing.carry(one.database, here) == 1
    assert agreeing.carry(one.database, here) == 0
    with other.database.as_user(ADMIN) as session:
        (proposed,) = agreements.history(session, there.id)
        assert proposed.theirs is not None
        assert proposed.ours is None
        assert agreements.in_force(session, there.id, datetime.now(UTC)) is None
        agreements.accept(session, proposed)
    assert agreeing.carry(other.database, there) == 1
    for side, bridge in ((one, here), (other, there)):
        with side.database.system() as session:
            found = agreements.in_force(session, bridge.id, datetime.now(UTC))
            assert found is not None
            assert found.version == 1


def test_an_agreement_that_the_other_side_refuses_is_told_once(pair: Pair) -> None:
    one, other = pair
    here = one.bridge(other.name)
    with one.database.as_user(ADMIN) as session:
        wanted = agreements.draft(session, here, terms_of(session, here))
        made = agreements.propose(session, here, wanted, _badly)
    assert agreeing.carry(one.database, here) == 1
    assert agreeing.carry(one.database, here) == 0
    with one.database.system() as session:
        problem = session.value(
            "SELECT problem FROM agreement_told WHERE agreement_id = %s", (made.id,)
        )
    assert "refused" in problem or "403" in problem


def _badly(session: Session, _: bytes) -> identity.Signature:
    return identity.Signature(identity.current(session).key_id, b"x" * 64)


def terms_of(session: Session, bridge: BridgeRow) -> dict[str, Any]:
    host = str(session.principal.org_uuid)
    return drafted(host, senders=[host, str(bridge.org_uuid)])


def test_a_round_tells_keys_carries_agreements_and_countersigns(pair: Pair) -> None:
    one, other = pair
    assert isinstance(one, Here)
    here = one.bridge(other.name)
    new = rotated(one)
    with one.database.as_user(ADMIN) as session:
        agreements.propose(session, here, agreements.draft(session, here, terms_of(session, here)))
    with one.database.system() as session:
        sequencing.extend(session)
    with one.database.system() as session:
        checkpoints.sign_heads(session, one.folder)
    keeping_up.KeepingUp()(one.database)
    assert new in held(other, one.name)
    with one.database.system() as session:
        log = logs.of(session, here.uuid)
        note = checkpoints.newest(session, log).note
    assert len(note.lines) == 2
    with other.database.system() as session:
        assert session.value("SELECT count(*) FROM partner_checkpoint") == 1


def test_another_agreement_in_force_has_everything_decided_anew(pair: Pair) -> None:
    one, other = pair
    here, there = one.bridge(other.name), other.bridge(one.name)

    def noticed(at: datetime | None = None) -> tuple[bool, int]:
        with one.database.system() as session:
            session.execute(
                "UPDATE bridge_progress SET carried = 7 WHERE bridge_id = %s", (here.id,)
            )
        with one.database.system() as session:
            changed = keeping_up.notice_agreement(session, here, at or datetime.now(UTC))
            query = "SELECT carried FROM bridge_progress WHERE bridge_id = %s"
            return changed, session.value(query, (here.id,))

    assert noticed() == (False, 7)
    until = datetime.now(UTC) + timedelta(days=4)
    with one.database.as_user(ADMIN) as session:
        wanted = terms_of(session, here) | {"valid_until": until.isoformat()}
        agreements.propose(session, here, agreements.draft(session, here, wanted))
    assert noticed() == (False, 7)
    agreeing.carry(one.database, here)
    with other.database.as_user(ADMIN) as session:
        (proposed,) = agreements.history(session, there.id)
        agreements.accept(session, proposed)
    agreeing.carry(other.database, there)
    assert noticed() == (True, 0)
    assert noticed() == (False, 7)
    assert noticed(until) == (True, 0)


def test_a_partner_that_is_away_is_asked_again_after_longer_pauses(connected: Pair) -> None:
    one, other = connected
    bridge = one.bridge(other.name)
    with one.database.system() as session:
        session.execute(
            "UPDATE partner SET url = 'http://127.0.0.1:9' WHERE id = %s", (bridge.partner_id,)
        )
        session.execute("UPDATE channel SET told = '' WHERE bridge_id = %s", (bridge.id,))
    now, asked = [0.0], []
    keeper = keeping_up.KeepingUp(lambda: now[0])
    try:
        for _ in range(600):
            before = keeper._failed.get(bridge.id)
            keeper(one.database)
            if keeper._failed.get(bridge.id) != before:
                asked.append(now[0])
            now[0] += keeping_up.EXCHANGED
    finally:
        with one.database.system() as session:
            session.execute(
                "UPDATE partner SET url = %s WHERE id = %s", (other.url, bridge.partner_id)
            )
    pauses = [b - a for a, b in pairwise(asked)]
    assert pauses == sorted(pauses)
    assert max(pauses) <= keeping_up.LONGEST
    keep = keeping_up.KeepingUp()
    keep(one.database)
    assert keep._failed == {}


# What comes back -------------------------------------------------------------------


Answering = Callable[[BaseHTTPRequestHandler, bytes], None]


@pytest.fixture
def between(connected: Pair) -> Iterator[Callable[[Answering], BridgeRow]]:
    """Puts somebody between two nodes, who answers what he likes."""
    one, other = connected
    bridge = one.bridge(other.name)
    servers: list[ThreadingHTTPServer] = []

    def put(answering: Answering) -> BridgeRow:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                answering(self, self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        url = f"http://127.0.0.1:{server.server_port}"
        with one.database.system() as session:
            session.execute("UPDATE partner SET url = %s WHERE id = %s", (url, bridge.partner_id))
        return one.bridge(other.name)

    yield put
    for server in servers:
        server.shutdown()
        server.server_close()
    with one.database.system() as session:
        session.execute("UPDATE partner SET url = %s WHERE id = %s", (other.url, bridge.partner_id))


def _reply(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def test_an_answer_without_a_signature_is_no_answer(
    connected: Pair, between: Callable[[Answering], BridgeRow]
) -> None:
    said = bodies.pack(b'{"kind":"ping","versions":[1]}')
    bridge = between(lambda handler, _: _reply(handler, 200, said, Content_Encoding="zstd"))
    with pytest.raises(BadAnswer):
        client.ping(connected[0].database, bridge)


def test_a_refusal_without_a_signature_says_that_it_may_be_anybody_s(
    connected: Pair, between: Callable[[Answering], BridgeRow]
) -> None:
    said = b'{"code":"bridge_not_open","message":"closed, believe me"}'
    bridge = between(lambda handler, _: _reply(handler, 403, said))
    with pytest.raises(PartnerRefused, match="not signed") as refused:
        client.ping(connected[0].database, bridge)
    assert not refused.value.signed
    assert "believe" not in refused.value.public


def test_no_redirect_is_followed(
    connected: Pair, between: Callable[[Answering], BridgeRow]
) -> None:
    seen: list[str] = []

    def answering(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        seen.append(handler.path)
        _reply(handler, 307, b"", Location="/elsewhere")

    bridge = between(answering)
    with pytest.raises(BadAnswer):
        client.ping(connected[0].database, bridge)
    assert seen == ["/native/v1/messages"]


def test_a_request_for_one_address_is_refused_at_another(
    connected: Pair, between: Callable[[Answering], BridgeRow]
) -> None:
    """Somebody in between passes our request on to the true node."""
    one, other = connected

    def passed_on(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        headers = {name: value for name, value in handler.headers.items() if name != "Host"}
        limits = Limits(30, 2**20, ["127.0.0.0/8"])
        answer = outgoing.fetch(
            "POST", other.url + handler.path, headers=headers, body=body, limits=limits
        )
        _reply(handler, answer.status, answer.body)

    with pytest.raises(PartnerRefused) as refused:
        client.ping(one.database, between(passed_on))
    assert (refused.value.answered, refused.value.reason) == (401, "bad_signature")
    assert not refused.value.signed


def test_a_partner_that_is_not_there_is_said(connected: Pair) -> None:
    one, other = connected
    bridge = one.bridge(other.name)
    with one.database.system() as session:
        session.execute(
            "UPDATE partner SET url = 'http://127.0.0.1:9' WHERE id = %s", (bridge.partner_id,)
        )
    try:
        with pytest.raises(NotReached):
            client.ping(one.database, bridge)
    finally:
        with one.database.system() as session:
            session.execute(
                "UPDATE partner SET url = %s WHERE id = %s", (other.url, bridge.partner_id)
            )


# Batches ----------------------------------------------------------------------------


def test_of_a_batch_each_stands_or_falls_by_itself(
    connected: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = connected
    bridge = one.bridge(other.name)

    def noted(session: Session, _: BridgeRow, message: dict[str, Any]) -> dict[str, Any]:
        ledger.record(session, "test", {"name": str(message["name"])}, bridge_id=bridge.id)
        if message["name"] == "database":
            session.execute("INSERT INTO tag (name) VALUES (NULL)")
        if message["name"] == "bad":
            raise Invalid("name", "a good one", "bad")
        return {"kind": "noted", "name": message["name"]}

    monkeypatch.setitem(handling.HANDLERS, "note", noted)
    names = ["a", "bad", "database", "b"]
    content = canonical([{"kind": "note", "name": name} for name in names] + [{"kind": "ping"}])
    answers = handling.handle(one.database, bridge, content)
    assert answers[0] == {"kind": "noted", "name": "a"}
    assert answers[3] == {"kind": "noted", "name": "b"}
    assert answers[1]["error"]["code"] == "invalid"
    assert "error" in answers[2]
    assert answers[4]["error"]["message"].startswith("kind")
    with one.database.system() as session:
        stored = session.all(
            "SELECT payload->>'name' FROM ledger_entry WHERE kind = 'test' ORDER BY number"
        )
    assert [row[0] for row in stored] == ["a", "b"]
