# SPDX-License-Identifier: EUPL-1.2
"""Requests that leave the node: where they may go, and what they take along."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any

import msgspec
import pytest

from brug.edge.outgoing import Limits, NotAllowed, NotReached, fetch, is_allowed

LOOPBACK = Limits(seconds=5, body_bytes=1000, networks=("127.0.0.0/8",))


class Server(ThreadingHTTPServer):
    """Answers what a test says by path, and remembers what was asked."""

    answers: dict[str, tuple[int, dict[str, str], bytes]]
    asked: list[tuple[str, dict[str, str]]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
        status, headers, body = self.server.answers.get(self.path, (200, {}, b"fine"))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def server(**answers: Any) -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as made:
        made.answers, made.asked = {f"/{k}": v for k, v in answers.items()}, []
        thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "2002:a00:1::",
        "64:ff9b::7f00:1", "64:ff9b::a00:1",
    ],
)  # fmt: skip
def test_special_addresses_are_refused_also_where_they_hide(address: str) -> None:
    assert not is_allowed(ip_address(address), ())


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_allowed(ip_address(address), ())


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/", "http://localhost/", "http://[::1]/", "http://2130706433/",
        "http://0x7f.1/", "http://[::ffff:127.0.0.1]/", "file:///etc/passwd", "ftp://127.0.0.1/",
        "http://user:pass@127.0.0.1/", "http:///x", "//127.0.0.1/", "http://127.0.0.1:99999/", "",
    ],
)  # fmt: skip
def test_nothing_near_is_asked(url: str) -> None:
    with pytest.raises(NotReached):
        fetch("GET", url)


def test_a_listed_network_is_reached() -> None:
    with server() as near:
        answer = fetch("GET", f"{near.url}/x?y=1", limits=LOOPBACK)
        assert (answer.status, answer.body) == (200, b"fine")
        path, headers = near.asked[0]
        assert (path, headers["host"]) == ("/x?y=1", near.url.removeprefix("http://"))


def test_a_redirect_is_looked_at_like_the_first_address() -> None:
    away = {"Location": "http://169.254.169.254/latest"}
    with server(go=(302, away, b"")) as near, pytest.raises(NotAllowed):
        fetch("GET", f"{near.url}/go", limits=LOOPBACK)


def test_credentials_stay_with_the_host_and_port_that_they_are_for() -> None:
    with server() as other, server() as near:
        near.answers["/there"] = (302, {"Location": f"{other.url}/x"}, b"")
        near.answers["/here"] = (302, {"Location": "/x"}, b"")
        key = {"Authorization": "secret"}
        fetch("GET", f"{near.url}/there", headers=key, limits=LOOPBACK)
        assert "authorization" not in other.asked[0][1]
        fetch("GET", f"{near.url}/here", headers=key, limits=LOOPBACK)
        assert near.asked[-1][1]["authorization"] == "secret"


def test_endless_redirects_and_endless_answers_end() -> None:
    with server(loop=(302, {"Location": "/loop"}, b""), long=(200, {}, b"x" * 5000)) as near:
        for path in ("loop", "long"):
            with pytest.raises(NotReached):
                fetch("GET", f"{near.url}/{path}", limits=LOOPBACK)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX-A: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_who_answers_a_byte_now_and_then_takes_no_longer_than_all_may(head: bytes) -> None:
    told: list[float] = []

    def drip(listening: socket.socket) -> None:
        with listening.accept()[0] as one, suppress(OSError):
            one.sendall(head)
            began = time.monotonic()
            while time.monotonic() < began + 10:
                told.append(time.monotonic() - began)
                one.sendall(b"a")
                time.sleep(0.02)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=(listening,))
        thread.start()
        limits = msgspec.structs.replace(LOOPBACK, seconds=0.2)
        with pytest.raises(NotReached, match=r"took longer than 0\.2 s|ReadTimeout"):
            fetch("GET", f"http://127.0.0.1:{listening.getsockname()[1]}/", limits=limits)
        thread.join()
    assert told[-1] < 5


def test_the_environments_proxy_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with server() as near:
        assert fetch("GET", near.url, limits=LOOPBACK).status == 200
