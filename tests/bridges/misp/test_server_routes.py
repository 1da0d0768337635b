# SPDX-License-Identifier: EUPL-1.2
"""Servers that ask for a client certificate, or that a proxy alone can reach; MISP's settings."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.bridges.misp.conftest import NodeForD
from tests.bridges.misp.serving_side import serving
from tests.bridges.misp.test_hostile_partner import Partner, event
from tests.certified import Authority, Door, Issued, door, key_text, serving_context
from tests.proxying import Proxy, proxy

from brug.directory import routes
from brug.directory.routes import Holder
from brug.store.sealing import NotSealed

NAME = "misp.partner.test"


class Misp:
    """A stock server behind TLS, which only those come near who show a certificate."""

    def __init__(self, entry: Door, authority: Authority) -> None:
        self.door = entry
        self.authority = authority
        self.url = f"https://{NAME}:{entry.port}"
        self.direct = f"https://127.0.0.1:{entry.port}"
        self.ours: Issued = authority.client("Ours")


@pytest.fixture
def misp(tmp_path: Path) -> Iterator[Misp]:
    authority = Authority()
    context = serving_context(tmp_path, authority.server(NAME, "127.0.0.1"), authority.pem)
    with (
        serving(Partner(event(1))) as inner,
        door(context, urlsplit(inner.url).port or 0) as made,
    ):
        yield Misp(made, authority)


@pytest.fixture
def forward() -> Iterator[Proxy]:
    with proxy({NAME: "127.0.0.1"}) as made:
        yield made


def in_base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def edit(node: NodeForD, server: int, body: dict[str, Any]) -> Any:
    return node.ask("D", "POST", f"/servers/edit/{server}", body)


def tried(node: NodeForD, server: int) -> Any:
    return node.ask("D", "GET", f"/servers/testConnection/{server}", None).body


def setting(node: NodeForD, name: str, value: Any) -> None:
    said = node.ask("D", "POST", f"/servers/serverSettingsEdit/{name}", {"value": value})
    assert said.status == 200, said.body


def test_a_certificate_that_a_stock_client_sends_is_shown_to_the_server(
    node: NodeForD, misp: Misp
) -> None:
    server = node.add_server(misp.direct)
    given = {
        "submitted_cert": in_base64(misp.authority.pem),
        "submitted_client_cert": in_base64(misp.ours.certificate + misp.ours.key),
    }
    saved = edit(node, server, given)
    assert saved.status == 200
    record = saved.body["Server"]
    assert record["cert_file"] == f"{server}.pem"
    assert record["client_cert_file"] == f"{server}_client.pem"
    told = tried(node, server)
    assert told["client_certificate"] | {"serial_number": "", "valid_from": "", "valid_to": ""} == {
        "serial_number": "", "signature_type": "ecdsa-with-SHA256", "valid_from": "",
        "valid_to": "", "public_key_size": 256, "public_key_type": "EC (prime256v1)",
        "public_key_size_ok": True, "valid_from_ok": True, "valid_to_ok": True,
        "subject": "O=Test, CN=Ours", "issuer": "O=Test, CN=Private authority",
    }  # fmt: skip
    run = node.run(server, "pull", "full")
    assert (run.state, run.counts["events"]) == ("done", 1)
    assert set(misp.door.came) == {"Ours"}
    middle = misp.ours.key.splitlines()[1]
    with node.database.system() as session:
        rows = str(session.all("SELECT s::text FROM server s"))
        audit = str(session.all("SELECT a::text FROM audit a"))
    for text in (rows, audit, str(node.ask("D", "GET", "/servers/index", None).body)):
        assert middle not in text
    gone = edit(node, server, {"delete_client_cert": True}).body["Server"]
    assert (gone["client_cert_file"], gone["cert_file"]) == (None, f"{server}.pem")
    assert tried(node, server)["status"] == 2
    assert "asks for a client certificate" in tried(node, server)["reason"]
    assert tried(node, server)["client_certificate"] is None


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("rubbish", "certificate in PEM"),
        ("{certificate}", "private key of the certificate"),
        ("{key}", "certificate of this key"),
        ("{certificate}{other}", "private key of this certificate"),
        ("{certificate}{locked}", "without a password"),
    ],
)
def test_what_does_not_fit_is_refused_by_misps_name_of_the_field(
    node: NodeForD, misp: Misp, sent: str, said: str
) -> None:
    server = node.add_server(misp.direct)
    other = ec.generate_private_key(ec.SECP256R1())
    text = sent.format(
        certificate=misp.ours.certificate, key=misp.ours.key, other=key_text(other),
        locked=key_text(other, b"word"),
    )  # fmt: skip
    for form in (text, in_base64(text)):
        refused = edit(node, server, {"submitted_client_cert": form, "name": "Never"})
        assert refused.status == 403
        assert list(refused.body["errors"]) == ["submitted_client_cert"]
        assert said in str(refused.body["errors"])
        assert other.private_numbers().private_value.to_bytes(32).hex() not in str(refused.body)
    shown = node.ask("D", "GET", f"/servers/view/{server}", None).body["Server"]
    assert (shown["name"], shown["client_cert_file"]) == ("C", None)


def test_misps_proxy_settings_hold_for_servers_that_do_not_skip_them(
    node: NodeForD, misp: Misp, forward: Proxy
) -> None:
    way = {"ca_pem": misp.authority.pem, "certificate": misp.ours.certificate, "key": misp.ours.key}
    server = node.add_server(misp.url, **way)
    assert "has no address" in tried(node, server)["reason"]
    forward.login = "node:quiet"
    for name, value in (("host", "127.0.0.1"), ("port", forward.port), ("user", "node"),
                        ("password", "quiet"), ("method", "Basic")):  # fmt: skip
        setting(node, f"Proxy.{name}", value)
    assert tried(node, server)["status"] == 1
    assert set(forward.asked) == {f"CONNECT {NAME}:{misp.door.port}"}
    run = node.run(server, "pull", "full")
    assert (run.state, run.counts["events"]) == ("done", 1)
    edit(node, server, {"skip_proxy": True})
    assert "has no address" in tried(node, server)["reason"]
    edit(node, server, {"skip_proxy": False})
    assert tried(node, server)["status"] == 1
    shown = node.ask("D", "GET", "/servers/serverSettings", None).body
    assert shown["proxyStatus"] == "configured (not tested)"
    assert "quiet" not in str(shown)
    assert node.ask("D", "GET", "/servers/getSetting/Proxy.password", None).status == 403
    assert node.ask("D", "GET", "/servers/serverSettingsEdit/Proxy.password", None).status == 403
    said = node.ask("D", "POST", "/servers/serverSettingsEdit/Proxy.port", {"value": 0})
    assert said.status == 403
    assert "1 to 65535" in str(said.body)


def test_a_server_may_have_a_proxy_of_its_own(node: NodeForD, misp: Misp, forward: Proxy) -> None:
    server = node.add_server(
        misp.url, proxy=forward.url, ca_pem=misp.authority.pem,
        certificate=misp.ours.certificate, key=misp.ours.key,
    )  # fmt: skip
    setting(node, "outgoing.proxy_host", "127.0.0.1")
    setting(node, "outgoing.proxy_port", 9)
    assert tried(node, server)["status"] == 1
    assert forward.asked
    # What one server has opens for no other.
    with node.database.system() as session:
        session.execute(
            "INSERT INTO server (name, url, org_id, remote_org_id, pull_rules, push_rules,"
            " priority, client_certificate, sealed_client_key) SELECT 'copy', url, org_id,"
            " remote_org_id, pull_rules, push_rules, 9, client_certificate, sealed_client_key"
            " FROM server"
        )
        copied = session.value("SELECT max(id) FROM server")
        with pytest.raises(NotSealed):
            routes.route(session, Holder("server", copied), misp.url)
