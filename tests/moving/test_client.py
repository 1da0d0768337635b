# SPDX-License-Identifier: EUPL-1.2
"""The client of a MISP against a server that is slow, rude or somebody else."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from brug.model.errors import Invalid
from brug.moving import client
from brug.moving.client import USER_AGENT, Access, Misp, Refused, Unreachable

Answer = tuple[int, dict[str, str], bytes]


class Quiet(ThreadingHTTPServer):
    """Whoever leaves before the answer is nothing to tell of."""

    def handle_error(self, *_args: Any) -> None:
        """Says nothing."""


@contextmanager
def answering(
    answer: Callable[[BaseHTTPRequestHandler], Answer], tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """A server that gives prepared answers; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answer(self)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: Any) -> None:
            """Says nothing."""

    server = Quiet(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http{'' if tls is None else 's'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _fine(body: Any) -> Answer:
    return 200, {}, json.dumps(body).encode()


def test_it_says_what_stock_servers_want_to_hear() -> None:
    seen: list[dict[str, str]] = []

    def answer(request: BaseHTTPRequestHandler) -> Answer:
        seen.append(dict(request.headers))
        return _fine({"version": "2.5.1"})

    with answering(answer) as url, Misp(Access(url, "the-key")) as misp:
        assert misp.get("/servers/getVersion") == {"version": "2.5.1"}
    sent = {name.lower(): value for name, value in seen[0].items()}
    assert sent["authorization"] == "the-key"
    assert sent["user-agent"] == USER_AGENT
    assert sent["accept"] == "application/json"


def test_a_busy_server_is_asked_again_when_it_says() -> None:
    waited: list[float] = []
    answers = [(503, {"Retry-After": "7"}, b""), (429, {}, b""), _fine([1])]

    with (
        answering(lambda _: answers.pop(0)) as url,
        Misp(Access(url, "k"), waited.append) as misp,
    ):
        assert misp.get("/tags/index") == [1]
    assert waited == [7.0, 2.0]


def test_a_server_that_stays_busy_is_left_in_the_end() -> None:
    waited: list[float] = []
    with (
        answering(lambda _: (503, {}, b"")) as url,
        Misp(Access(url, "k"), waited.append) as misp,
        pytest.raises(Refused) as refused,
    ):
        misp.get("/tags/index")
    assert refused.value.status == 503
    assert len(waited) == client.TRIES - 1
    with (
        Misp(Access("http://127.0.0.1:9", "k"), waited.append) as misp,
        pytest.raises(Unreachable, match=r"127\.0\.0\.1:9"),
    ):
        misp.get("/tags/index")


def test_the_key_does_not_follow_a_redirect() -> None:
    asked: list[str] = []

    def answer(request: BaseHTTPRequestHandler) -> Answer:
        asked.append(request.path)
        return 302, {"Location": "http://127.0.0.1:9/elsewhere"}, b""

    with (
        answering(answer) as url,
        Misp(Access(url, "k")) as misp,
        pytest.raises(Refused, match="redirect"),
    ):
        misp.get("/events/index")
    assert asked == ["/events/index"]


def test_an_answer_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LARGEST", 1000)
    with (
        answering(lambda _: (200, {}, b"[" + b"1," * 5000 + b"1]")) as url,
        Misp(Access(url, "k")) as misp,
        pytest.raises(Refused, match="1000 bytes"),
    ):
        misp.get("/events/view/1")


def test_what_is_no_json_is_said_to_be_none() -> None:
    with (
        answering(lambda _: (200, {}, b"<html>log in</html>")) as url,
        Misp(Access(url, "k")) as misp,
        pytest.raises(Unreachable, match="not JSON"),
    ):
        misp.get("/users/view/me")


@pytest.mark.parametrize("knows_pages", [True, False])
def test_lists_come_whole_with_and_without_pages(knows_pages: bool) -> None:
    items = [{"Tag": {"id": str(n)}} for n in range(25)]

    def answer(request: BaseHTTPRequestHandler) -> Answer:
        number = int(request.path.rpartition(":")[2])
        return _fine({"Tag": items[(number - 1) * 5 : number * 5] if knows_pages else items[:5]})

    with answering(answer) as url, Misp(Access(url, "k")) as misp:
        found = [item for page in misp.pages("/tags/index", 5) for item in page]
    assert found == (items if knows_pages else items[:5])


@pytest.mark.parametrize(
    "url", ["misp.example", "ftp://misp.example", "https://user:pass@misp.example", "https://"]
)
def test_an_address_that_is_none_or_carries_a_password_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        Misp(Access(url, "k"))
