# SPDX-License-Identifier: EUPL-1.2
"""Requests that leave the node through a proxy, or with a client certificate.

Everything is real: a server that speaks TLS and asks for a certificate of a private
authority, and a proxy that knows names which this machine does not.
"""

import functools
import re
import socket
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.certified import Authority, Issued, door, serving_context
from tests.proxying import Proxy, proxy
from tests.security.test_outgoing import LOOPBACK, Server, server

from brug.directory.routes import Route, is_excepted
from brug.edge.outgoing import Fetched, Limits, NotAllowed, NotReached, fetch

NAME = "cert.partner.test"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def ours(authority: Authority) -> Issued:
    return authority.client()


@pytest.fixture
def near() -> Iterator[Server]:
    with server() as made:
        yield made


class Asked:
    """A server behind TLS that asks for a certificate, and how to reach it."""

    def __init__(self, made: Any, authority: Authority) -> None:
        self.door = made
        self.ca = authority.pem
        self.direct = f"https://127.0.0.1:{made.port}"
        self.named = f"https://{NAME}:{made.port}"


@pytest.fixture
def strict(authority: Authority, near: Server, tmp_path: Path) -> Iterator[Asked]:
    context = serving_context(tmp_path, authority.server(NAME, "127.0.0.1"), authority.pem)
    with door(context, near.server_address[1]) as made:
        yield Asked(made, authority)


@pytest.fixture
def forward() -> Iterator[Proxy]:
    with proxy({NAME: "127.0.0.1"}) as made:
        yield made


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names and addresses that this process asked to be resolved."""
    found: list[str] = []
    real = socket.getaddrinfo

    def asking(host: Any, *rest: Any, **more: Any) -> Any:
        found.append(str(host))
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", asking)
    return found


def got(url: str, route: Route, limits: Limits = LOOPBACK) -> Fetched:
    return fetch("GET", url, limits=limits, route=route)


def test_a_server_that_asks_for_a_certificate_gets_ours(strict: Asked, ours: Issued) -> None:
    route = Route(strict.ca, ours.certificate, ours.key)
    assert got(strict.direct, route).body == b"fine"
    assert strict.door.came == ["CSIRT Noordland"]


def test_without_one_it_is_said_what_is_missing(strict: Asked) -> None:
    with pytest.raises(NotReached, match="asks for a client certificate"):
        got(strict.direct, Route(strict.ca))
    assert strict.door.came == []


def test_one_of_another_authority_is_refused_there(strict: Asked) -> None:
    other = Authority("Another").client()
    with pytest.raises(NotReached):
        got(strict.direct, Route(strict.ca, other.certificate, other.key))
    assert strict.door.came == []


def test_only_the_partners_own_authority_is_believed(strict: Asked, ours: Issued) -> None:
    for trust in ("", Authority("Private authority").pem):
        with pytest.raises(NotReached, match="CERTIFICATE_VERIFY_FAILED"):
            got(strict.direct, Route(trust, ours.certificate, ours.key))


def test_the_key_never_stands_in_a_file_in_the_clear(
    ours: Issued, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tempfile.NamedTemporaryFile
    kept = functools.partial(real, dir=tmp_path, delete=False)
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", kept)
    Route(certificate=ours.certificate, key=ours.key).context()
    (left,) = tmp_path.iterdir()
    assert "-----BEGIN ENCRYPTED PRIVATE KEY-----" in left.read_text()
    assert "-----BEGIN PRIVATE KEY-----" not in left.read_text()
    assert left.stat().st_mode & 0o077 == 0
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", functools.partial(real, dir=tmp_path))
    left.unlink()
    Route(certificate=ours.certificate, key=ours.key).context()
    assert not any(tmp_path.iterdir())


def test_a_route_tells_none_of_its_secrets(ours: Issued) -> None:
    route = Route(certificate=ours.certificate, key=ours.key, proxy="http://u:hidden@p.example:1")
    assert repr(route) == "Route(proxy='http://p.example:1', certificate=True)"


def test_a_certificate_stays_with_the_host_and_port_that_it_is_for(
    authority: Authority, strict: Asked, ours: Issued, near: Server, tmp_path: Path
) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    context = serving_context(folder, authority.server("127.0.0.1"), authority.pem)
    context.verify_mode = ssl.CERT_OPTIONAL
    with door(context, near.server_address[1]) as other:
        near.answers["/go"] = (302, {"Location": f"https://127.0.0.1:{other.port}/x"}, b"")
        got(f"{strict.direct}/go", Route(authority.pem, ours.certificate, ours.key))
    assert strict.door.came == ["CSIRT Noordland"]
    assert other.came == [""]


def test_a_proxy_is_told_the_name_which_the_node_never_looks_up(
    strict: Asked, ours: Issued, forward: Proxy, looked_up: list[str]
) -> None:
    """Nor does it connect: nothing is listed that the node itself may ask."""
    route = Route(strict.ca, ours.certificate, ours.key, forward.url)
    assert got(f"{strict.named}/x?y=1", route, Limits(5, 1000)).body == b"fine"
    assert forward.asked == [f"CONNECT {NAME}:{strict.door.port}"]
    assert strict.door.came == ["CSIRT Noordland"]
    assert set(looked_up) <= {"127.0.0.1"}
    with pytest.raises(NotReached, match="has no address"):
        got(strict.named, Route(strict.ca, ours.certificate, ours.key))


def test_without_a_proxy_of_its_own_a_partner_does_not_go_through_one(
    strict: Asked, ours: Issued, forward: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, forward.url)
    got(strict.direct, Route(strict.ca, ours.certificate, ours.key))
    assert forward.asked == []


def test_plain_http_goes_through_it_with_its_whole_address(
    near: Server, forward: Proxy, looked_up: list[str]
) -> None:
    port = near.server_address[1]
    answer = fetch(
        "GET", f"http://{NAME}:{port}/x?y=1", headers={"Authorization": "secret"},
        limits=Limits(5, 1000), route=Route(proxy=forward.url),
    )  # fmt: skip
    assert answer.body == b"fine"
    assert forward.asked == [f"GET http://{NAME}:{port}/x?y=1"]
    path, headers = near.asked[0]
    assert (path, headers["host"]) == ("/x?y=1", f"{NAME}:{port}")
    assert headers["authorization"] == "secret"
    assert NAME not in looked_up


def test_its_login_is_for_the_proxy_alone(strict: Asked, ours: Issued, near: Server) -> None:
    with proxy({NAME: "127.0.0.1"}, login="node:pass word@") as asking:
        place = asking.url.removeprefix("http://")
        route = Route(strict.ca, ours.certificate, ours.key, f"http://node:pass%20word%40@{place}")
        assert got(strict.named, route).status == 200
        assert "proxy-authorization" in asking.headers[0]
        plain = f"http://{NAME}:{near.server_address[1]}/"
        got(plain, route)
        assert all("proxy-authorization" not in headers for _, headers in near.asked)
        for wrong in (asking.url, f"http://node:other@{place}"):
            for url in (strict.named, plain):
                with pytest.raises(NotReached, match=r"through the proxy .*407") as refused:
                    got(url, Route(strict.ca, proxy=wrong))
                assert "other" not in str(refused.value)


def test_what_a_proxy_refuses_is_its_word(strict: Asked, forward: Proxy) -> None:
    forward.denied.add(NAME)
    with pytest.raises(
        NotReached, match=re.escape(f"through the proxy {forward.url}: ProxyError: 403")
    ):
        got(strict.named, Route(strict.ca, proxy=forward.url))
    with pytest.raises(NotReached, match=r"through the proxy .*502"):
        got("https://nobody.partner.invalid:1", Route(strict.ca, proxy=forward.url))


def test_a_proxy_that_is_away_is_named_without_its_login() -> None:
    with pytest.raises(NotReached, match=r"through the proxy http://127\.0\.0\.1:9: Conn") as gone:
        got(f"https://{NAME}", Route(proxy="http://user:hidden@127.0.0.1:9"))
    assert "hidden" not in str(gone.value)


def test_a_proxy_may_be_spoken_to_over_tls(
    authority: Authority, strict: Asked, ours: Issued, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """It is checked against the system's authorities, the partner against its own."""
    folder = tmp_path / "proxy"
    folder.mkdir()
    theirs = Authority("The system's")
    context = serving_context(folder, theirs.server("localhost"))
    with proxy({NAME: "127.0.0.1"}, tls=context) as secure:
        route = Route(strict.ca, ours.certificate, ours.key, f"https://localhost:{secure.port}")
        with pytest.raises(NotReached, match="CERTIFICATE_VERIFY_FAILED"):
            got(strict.named, route)
        bundle = folder / "system.pem"
        bundle.write_text(theirs.pem)
        monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
        assert got(strict.named, route).body == b"fine"
        assert secure.asked == [f"CONNECT {NAME}:{strict.door.port}"]


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "0.0.0.0", "224.0.0.1"])  # noqa: S104
def test_a_proxy_stands_at_no_address_of_nobody(host: str) -> None:
    with pytest.raises(NotAllowed, match="the proxy"):
        got(f"https://{NAME}", Route(proxy=f"http://{host}:3128"))


@pytest.mark.parametrize(
    ("host", "fits"),
    [
        ("near.example", True), ("NEAR.example.", True), ("a.near.example", True),
        ("notnear.example", False), ("example", False), ("10.1.2.3", True), ("10.2.2.3", False),
        ("2001:db8::5", True), ("192.0.2.7", True), ("", False),
    ],
)  # fmt: skip
def test_what_is_reached_without_the_nodes_proxy(host: str, fits: bool) -> None:
    several = [".near.example", "10.1.0.0/16", "2001:db8::/32", "192.0.2.7"]
    assert is_excepted(host, several) is fits
