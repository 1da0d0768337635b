# SPDX-License-Identifier: EUPL-1.2
"""A partner whose node asks for a client certificate, and that only a proxy can reach."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.bridges.served import ADMIN, Served, node
from tests.certified import Authority, Door, Issued, door, key_text, serving_context
from tests.conftest import copied
from tests.proxying import Proxy, proxy

from brug.bridges import checking, connecting, partner_changes, partners
from brug.bridges.native import client
from brug.directory import audit, routes
from brug.directory.refusals import Refused
from brug.directory.routes import Holder, Kept
from brug.edge.outgoing import NotReached
from brug.store import settings
from brug.store.sealing import NotSealed
from brug.store.server import EmbeddedServer

NAME = "node.zuidmark.test"
HOST = "CSIRT Noordland"


class Far(msgspec.Struct):
    """Two nodes: the other one behind a proxy and a door, and what our node shows there."""

    here: Served
    there: Served
    proxy: Proxy
    door: Door
    authority: Authority
    ours: Issued

    def edit(self, **given: Any) -> Kept:
        with self.here.database.as_user(ADMIN) as session:
            bridge = partners.view(session, self.there.name)
            partner_changes.edit(session, bridge, given)
        return self.kept()

    def kept(self) -> Kept:
        with self.here.database.as_user(ADMIN) as session:
            return routes.kept(session, self.holder())

    def holder(self) -> Holder:
        return Holder("channel", self.here.bridge(self.there.name).id)

    def ping(self) -> list[str]:
        """What the proxy was asked for meanwhile."""
        before = len(self.proxy.asked)
        said = client.ping(self.here.database, self.here.bridge(self.there.name))
        assert said.document["kind"] == "ping"
        return self.proxy.asked[before:]

    def set(self, name: str, value: Any) -> None:
        with self.here.database.system() as session:
            settings.set_value(session, name, value)

    @property
    def connect(self) -> list[str]:
        return [f"CONNECT {NAME}:{self.door.port}"]

    @property
    def way(self) -> dict[str, Any]:
        return {
            "proxy": self.proxy.url, "ca_pem": self.authority.pem,
            "certificate": self.ours.certificate, "key": self.ours.key,
        }  # fmt: skip


@pytest.fixture(scope="module")
def far(
    embedded: EmbeddedServer, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Far]:
    authority = Authority()
    context = serving_context(
        tmp_path_factory.mktemp("door"), authority.server(NAME), authority.pem
    )
    with (
        copied(embedded, template) as first,
        copied(embedded, template) as second,
        node(HOST, first) as here,
        node("CERT Zuidmark", second) as there,
        proxy({NAME: "127.0.0.1"}) as forward,
        door(context, urlsplit(there.url).port or 0) as made,
    ):
        url = f"https://{NAME}:{made.port}"
        with there.database.system() as session:
            settings.set_value(session, "node.url", url)
        yield Far(here, there, forward, made, authority, authority.client(HOST))


@pytest.fixture
def joined(far: Far) -> Iterator[Far]:
    """Connected over the proxy with our certificate, and reached in that way."""
    with far.here.database.system() as session:
        known = [one.partner for one in partners.listed(session)]
    if far.there.name not in known:
        _connect(far, far.way)
    far.edit(**far.way, skip_proxy=False)
    yield far
    far.set("outgoing.proxy_host", "")


def _connect(far: Far, way: dict[str, Any]) -> None:
    with far.there.database.as_user(ADMIN) as session:
        invited = connecting.invite(session, far.here.name)
    connecting.accept(far.here.database, ADMIN, invited.url, far.there.name, way)
    for here, there in ((far.there, far.here), (far.here, far.there)):
        with here.database.as_user(ADMIN) as session:
            bridge = partners.view(session, there.name)
            connecting.confirm(session, bridge, there.string(here.name))


def test_nodes_connect_through_the_proxy_with_the_certificate(far: Far) -> None:
    before = len(far.proxy.asked)
    with far.there.database.as_user(ADMIN) as session:
        invited = connecting.invite(session, "Elsewhere")
    for missing in ("proxy", "certificate"):
        way = {name: value for name, value in far.way.items() if name != missing}
        way.pop("key", None) if missing == "certificate" else None
        with pytest.raises(NotReached):
            connecting.accept(far.here.database, ADMIN, invited.url, "Nobody", way)
    with pytest.raises(Refused, match="key"):
        connecting.accept(far.here.database, ADMIN, invited.url, "Nobody", far.way | {"key": "x"})
    _connect(far, far.way)
    assert set(far.proxy.asked[before:]) == set(far.connect)
    assert set(far.door.came) == {HOST}
    assert far.ping() == far.connect
    # Connected anew, with nothing said of how: as it is stored.
    _connect(far, {})
    assert far.ping() == far.connect


def test_each_part_can_be_taken_away_and_given_again(joined: Far) -> None:
    assert joined.ping() == joined.connect
    assert joined.edit(certificate="").certificate == ""
    with pytest.raises(NotReached, match="asks for a client certificate"):
        joined.ping()
    joined.edit(certificate=joined.ours.certificate, key=joined.ours.key)
    assert joined.edit(ca_pem="").ca_pem == ""
    with pytest.raises(NotReached, match="CERTIFICATE_VERIFY_FAILED"):
        joined.ping()
    joined.edit(ca_pem=joined.authority.pem)
    assert joined.edit(proxy="").proxy == ""
    with pytest.raises(NotReached, match="has no address"):
        joined.ping()
    joined.edit(proxy=joined.proxy.url)
    assert joined.ping() == joined.connect


def test_the_nodes_proxy_is_everybodys_who_has_no_other(joined: Far) -> None:
    joined.edit(proxy="")
    joined.set("outgoing.proxy_host", "127.0.0.1")
    joined.set("outgoing.proxy_port", joined.proxy.port)
    assert joined.ping() == joined.connect
    joined.edit(skip_proxy=True)
    with pytest.raises(NotReached, match="has no address"):
        joined.ping()
    joined.edit(skip_proxy=False)
    joined.set("outgoing.proxy_except", ["zuidmark.test"])
    with pytest.raises(NotReached, match="has no address"):
        joined.ping()
    joined.set("outgoing.proxy_except", [])
    joined.set("outgoing.proxy_port", 9)
    with pytest.raises(NotReached, match="through the proxy http://127"):
        joined.ping()
    # One of its own goes before the node's.
    joined.edit(proxy=joined.proxy.url)
    assert joined.ping() == joined.connect


def test_a_login_at_the_proxy_is_sealed_and_kept_until_the_user_changes(joined: Far) -> None:
    joined.proxy.login = "noord:very hidden"
    place = joined.proxy.url.removeprefix("http://")
    try:
        kept = joined.edit(proxy=f"http://noord:very%20hidden@{place}")
        assert (kept.proxy, kept.has_password) == (f"http://noord@{place}", True)
        assert joined.ping() == joined.connect
        joined.edit(proxy=kept.proxy, name=joined.there.name)
        assert joined.ping() == joined.connect
        assert not joined.edit(proxy=f"http://other@{place}").has_password
        with pytest.raises(NotReached, match="407"):
            joined.ping()
        for name, value in (("host", "127.0.0.1"), ("port", joined.proxy.port), ("user", "noord"),
                            ("password", "very hidden")):  # fmt: skip
            joined.set(f"outgoing.proxy_{name}", value)
        joined.edit(proxy="")
        assert joined.ping() == joined.connect
    finally:
        joined.proxy.login = ""


def test_secrets_stand_nowhere_but_sealed(joined: Far) -> None:
    joined.edit(proxy=joined.proxy.url.replace("//", "//noord:seen-by-nobody@"))
    secrets = ["seen-by-nobody", *joined.ours.key.splitlines()[1:-1]]
    with joined.here.database.system() as session:
        channel = session.value(
            "SELECT c::text FROM channel c WHERE bridge_id = %s", (joined.holder().id,)
        )
        invitations = str(session.all("SELECT i::text FROM invitation i"))
        recorded = [one.change for one in audit.entries(session, patterns={"model": "Bridge"})]
        route = routes.route(session, joined.holder(), "https://x.example")
    assert (route.key.splitlines()[1:-1], "seen-by-nobody" in route.proxy) == (secrets[1:], True)
    for text in (channel, invitations, str(recorded), repr(route)):
        assert not [secret for secret in secrets if secret in text]
    assert any(one.get("proxy", "").startswith("http://noord@") for one in recorded)
    fingerprints = {one["certificate"] for one in recorded if "certificate" in one}
    shown = joined.kept().shown
    assert shown is not None
    assert shown.fingerprint in fingerprints


def test_a_new_certificate_of_the_key_that_is_known_needs_no_key(joined: Far) -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    first = joined.authority.client("First", key=key)
    renewed = joined.authority.client("Renewed", key=key)
    joined.edit(certificate=first.certificate + first.key)
    joined.edit(certificate=renewed.certificate)
    joined.ping()
    assert joined.door.came[-1] == "Renewed"
    # A chain in the wrong order is put right, and words between are left out.
    mixed = f"our chain\n{joined.authority.pem}\nours\n{first.certificate}"
    kept = joined.edit(certificate=mixed)
    assert kept.certificate.startswith(first.certificate)
    assert "ours" not in kept.certificate
    joined.ping()
    assert joined.door.came[-1] == "First"


_CURVE = ec.generate_private_key(ec.SECP256R1())
_BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"certificate": "rubbish", "key": "x"}, "certificate", "certificate"),
    ({"certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"},
     "certificate", "certificate"),
    ({"key": "rubbish"}, "key", "private_key"),
    ({"key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"}, "key", "private_key"),
    ({"key": key_text(_CURVE)}, "key", "fit"),
    ({"key": key_text(_CURVE, b"password")}, "key", "encrypted"),
    ({"certificate": "", "key": key_text(_CURVE)}, "certificate", "no_certificate"),
    ({"ca_pem": "AGE-SECRET-KEY-1QQQQ"}, "ca_pem", "certificate"),
    ({"ca_pem": key_text(_CURVE)}, "ca_pem", "holds_key"),
    ({"certificate": "x" * 1_000_001}, "certificate", "long"),
    *(({"proxy": text}, "proxy", "proxy") for text in (
        "socks5://proxy.example:1080", "ftp://proxy.example", "proxy.example:3128", "http://",
        "http://proxy.example:port", "http://proxy.example/path", "http://a b:3128",
        "http://:pw@proxy.example", "//proxy.example", "http://proxy.example?x=1", "http://[x]:1",
    )),
    ({"proxy": "x" * 1001}, "proxy", "long"),
    ({"skip_proxy": "perhaps"}, "skip_proxy", "type"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "field", "reason"), _BAD)
def test_what_does_not_fit_is_refused_by_field_and_changes_nothing(
    joined: Far, given: dict[str, Any], field: str, reason: str
) -> None:
    before = joined.kept()
    with pytest.raises(Refused) as refused:
        joined.edit(name="Never", **given)
    assert (refused.value.field, refused.value.reason) == (field, reason)
    open_to_all = field in {"proxy", "skip_proxy"} or reason == "long"
    assert open_to_all or not refused.value.start
    assert joined.kept() == before
    assert joined.ping() == joined.connect


def test_an_error_of_a_proxy_holds_no_password(joined: Far) -> None:
    with pytest.raises(Refused) as refused:
        joined.edit(proxy="socks5://user:hidden@proxy.example")
    assert "hidden" not in str(refused.value)
    assert "proxy.example" in str(refused.value)


def test_a_key_that_tls_does_not_take_is_refused_when_it_is_given(joined: Far) -> None:
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505 — that is the point
    weak = joined.authority.client("Weak", key=short)
    with pytest.raises(Refused, match="too small") as refused:
        joined.edit(certificate=weak.certificate, key=weak.key)
    assert refused.value.field == "certificate"


def test_the_doctor_tells_of_certificates_in_time(joined: Far) -> None:
    def told() -> list[str]:
        with joined.here.database.system() as session:
            return [
                found for name, state, found, _ in checking.checked(session)
                if (name, state) == ("bridge", "warning")
            ]  # fmt: skip

    assert told() == []
    for more, said in (
        ({"days": 5.0}, "expires on"), ({"days": 0.5}, "has expired"),
        ({"begins": 1.0}, "is not valid yet"),
        ({"usage": ExtendedKeyUsageOID.SERVER_AUTH}, "is not one for clients"),
    ):  # fmt: skip
        made = joined.authority.client("Passing", **more)
        joined.edit(certificate=made.certificate, key=made.key)
        (found,) = told()
        assert found.startswith("CERT Zuidmark: the certificate that we show")
        assert said in found
    joined.edit(certificate=joined.ours.certificate, key=joined.ours.key)
    # What was restored beside the wrong keys, or changed behind our back.
    with joined.here.database.system() as session:
        other = session.seal.close(key_text(_CURVE), joined.holder().key_purpose)
        session.execute("UPDATE channel SET sealed_client_key = %s", (other,))
    assert told() == ["CERT Zuidmark: the key does not fit the certificate that we show"]
    with joined.here.database.system() as session:
        session.execute("UPDATE channel SET sealed_client_key = %s", (b"x" * 40,))
    (found,) = told()
    assert "sealed with another key" in found
    with pytest.raises(NotSealed):
        joined.ping()
    joined.edit(name=joined.there.name, certificate=joined.kept().certificate.strip())
    joined.edit(certificate=joined.ours.certificate, key=joined.ours.key)
    assert told() == []
    assert joined.ping() == joined.connect


def test_certificates_of_a_file_are_read_as_they_come(tmp_path: Path, joined: Far) -> None:
    """With carriage returns, and the key first."""
    text = f"{joined.ours.key}\n{joined.ours.certificate}".replace("\n", "\r\n")
    path = tmp_path / "both.pem"
    path.write_bytes(text.encode())
    joined.edit(certificate=path.read_bytes().decode())
    assert joined.ping() == joined.connect
