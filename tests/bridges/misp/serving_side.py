# SPDX-License-Identifier: EUPL-1.2
"""A recorded stock MISP as a real HTTP server on loopback: it answers what it answered then.

Each request is answered by the first recorded exchange of the same method, path and body
that was not used yet; what was asked is kept, in order, to compare with what was asked then.
Times in paths (proposals of the last 90 days) are the only thing that may differ.
"""

import gzip
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import msgspec
from tests.sync.recorded import rows

_TIME = re.compile(r"timestamp:\d+")


class Request(msgspec.Struct):
    method: str
    path: str
    body: Any
    headers: dict[str, str]


class Reply(msgspec.Struct):
    status: int = 200
    body: Any = None
    headers: dict[str, str] = {}
    raw: bytes | None = None
    closed: bool = False  # no answer: the connection is closed


Answering = Callable[[Request], Reply]


class Server:
    """Answers by `answer`; keeps what it was asked."""

    def __init__(self, answer: Answering) -> None:
        self.answer = answer
        self.asked: list[Request] = []
        self.url = ""

    def paths(self) -> list[tuple[str, str]]:
        return [(one.method, plain(one.path)) for one in self.asked]


def plain(path: str) -> str:
    return _TIME.sub("timestamp:T", path)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: Server

    def _do(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Content-Encoding") == "gzip":
            raw = gzip.decompress(raw)
        body = json.loads(raw) if raw else None
        request = Request(self.command, self.path, body, dict(self.headers))
        self.served.asked.append(request)
        reply = self.served.answer(request)
        if reply.closed:
            self.close_connection = True
            return
        self._send(reply)

    def _send(self, reply: Reply) -> None:
        content = reply.raw
        if content is None:
            content = b"" if reply.body is None else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.headers.get("Content-Encoding") == "gzip":
            content = gzip.compress(content)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_HEAD = _do  # noqa: N815 — as the library calls them

    def log_message(self, *_: Any) -> None:
        """The tests say what is worth saying."""


@contextmanager
def serving(answer: Answering) -> Iterator[Server]:
    """The server for as long as the block runs."""
    made = Server(answer)
    handler = type("Handler", (_Handler,), {"served": made})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    http.daemon_threads = True
    made.url = f"http://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield made
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


class Recorded:
    """What C said to D in some scenarios."""

    def __init__(self, *scenarios: str) -> None:
        self.left = [
            row
            for name in scenarios
            for row in rows(name)
            if row["kind"] == "wire" and (row["from"], row["to"]) == ("D", "C")
        ]

    @classmethod
    def of(cls, some: list[dict[str, Any]]) -> "Recorded":
        """What was said in some exchanges."""
        made = cls()
        made.left = list(some)
        return made

    def __call__(self, request: Request) -> Reply:
        """The recorded answer; a list that it said to be known is said again to whoever asks."""
        for place, row in enumerate(self.left):
            if self._fits(row, request):
                del self.left[place]
                return self._reply(row)
        return Reply(404, {"name": "not recorded", "message": request.path, "url": request.path})

    @staticmethod
    def _fits(row: dict[str, Any], request: Request) -> bool:
        return (row["method"], plain(row["path"]), _unordered(row["request_body"])) == (
            request.method, plain(request.path), _unordered(request.body),
        )  # fmt: skip

    def _reply(self, row: dict[str, Any]) -> Reply:
        headers = {
            name: value
            for name, value in row["response_headers"].items()
            if name.lower() in {"etag", "x-pgp-signature", "location", "content-type"}
        }
        if row["response_headers"].get("Content-Encoding") == "gzip":
            headers["Content-Encoding"] = "gzip"
        if "Location" in headers:
            # Led to itself, where it is reached now.
            headers["Location"] = urlsplit(headers["Location"]).path
        raw = None
        if isinstance(row["response_body"], str):
            raw = row["response_body"].encode()  # no JSON, or only the beginning of one
        if "x-pgp-signature" in {n.lower() for n in headers}:
            # What was signed are the bytes that a stock MISP wrote.
            raw = php(row["response_body"])
        closed = "closed" in str(row.get("injected"))
        return Reply(row["status"], row["response_body"], headers, raw, closed)


def _unordered(body: Any) -> Any:
    """The same question whatever the order of its UUIDs."""
    if isinstance(body, dict) and isinstance(body.get("uuid"), list):
        return body | {"uuid": sorted(body["uuid"])}
    return body


class ByPath(Recorded):
    """For what hangs on numbers of the other side: of bodies it is looked at which event it is."""

    @staticmethod
    def _fits(row: dict[str, Any], request: Request) -> bool:
        if (row["method"], plain(row["path"])) != (request.method, plain(request.path)):
            return False
        if not request.path.startswith("/events/add"):
            return True
        return bool(row["request_body"]["Event"]["uuid"] == request.body["Event"]["uuid"])


def turns(*scenarios: str) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each act of D's operator, with what D asked of C meanwhile; states as they were seen.

    Sightings that C pushed to D meanwhile come by themselves, with nothing asked.
    """
    said: list[dict[str, Any]] = []
    every = [row for name in scenarios for row in rows(name)]
    for row in sorted(every, key=lambda row: float(row["t"])):
        if row["kind"] == "wire" and (row["from"], row["to"]) == ("D", "C"):
            said.append(row)
        elif row["kind"] == "wire" and row["to"] == "D" and "/bulkSaveSightings/" in row["path"]:
            yield row, []
        elif row["kind"] in {"operator", "state"} and row["on"] == "D":
            yield row, said
            said = []


def php(value: Any) -> bytes:
    """JSON as a stock MISP writes it for another: nothing between, slashes and letters as such."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def asked_then(*scenarios: str) -> list[tuple[str, str]]:
    """What D asked of C, in order."""
    return [
        (row["method"], plain(row["path"]))
        for name in scenarios
        for row in rows(name)
        if row["kind"] == "wire" and (row["from"], row["to"]) == ("D", "C")
    ]


def states(*scenarios: str) -> list[dict[str, Any]]:
    """What was there on D afterwards."""
    return [
        row["event"]
        for name in scenarios
        for row in rows(name)
        if row["kind"] == "state" and row["on"] == "D" and "absent" not in row["event"]
    ]
