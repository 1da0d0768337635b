# SPDX-License-Identifier: EUPL-1.2
"""A node of its own for each test, and a web server on loopback that serves feeds."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
import pytest
from tests.api.conftest import World, served, serving, settled, spare_world, world

from brug.store import settings

__all__ = ["World", "served", "serving", "settled", "spare_world", "world"]

Answering = Callable[[BaseHTTPRequestHandler], None]


class Asked(msgspec.Struct):
    """A request that came."""

    path: str
    headers: dict[str, str]
    status: int = 0


class Provider:
    """Documents by path, with ETags; a path may answer by itself instead."""

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}
        self.answering: dict[str, Answering] = {}
        self.asked: list[Asked] = []
        self.knows_conditions = True
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def put(self, path: str, content: Any) -> None:
        """A document: bytes, a text, or a value to be written as JSON."""
        if isinstance(content, str):
            content = content.encode()
        raw = content if isinstance(content, bytes) else msgspec.json.encode(content)
        self.documents[path] = raw

    def put_events(self, *events: dict[str, Any]) -> None:
        """A MISP feed of these events."""
        manifest, hashes = {}, []
        for event in events:
            uuid = event["uuid"]
            manifest[uuid] = {
                "Orgc": event["Orgc"], "Tag": event.get("Tag", []), "info": event["info"],
                "date": event["date"], "analysis": 0, "threat_level_id": 4,
                "timestamp": int(event["timestamp"]),
            }  # fmt: skip
            self.put(f"/{uuid}.json", {"Event": event})
            for item in event.get("Attribute", []):
                digest = hashlib.md5(item["value"].encode(), usedforsecurity=False).hexdigest()
                hashes.append(f"{digest},{uuid}\n")
        self.put("/manifest.json", manifest)
        self.put("/hashes.csv", "".join(hashes))

    def paths(self) -> list[str]:
        """What was asked for since this was last called."""
        found = [one.path for one in self.asked]
        self.asked.clear()
        return found


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = Asked(self.path, dict(self.headers.items()))
            provider.asked.append(asked)
            if self.path in provider.answering:
                provider.answering[self.path](self)
                return
            content = provider.documents.get(self.path)
            if content is None:
                asked.status = 404
                self.send_error(404)
                return
            etag = f'"{hashlib.sha256(content).hexdigest()[:12]}"'
            if provider.knows_conditions and self.headers.get("If-None-Match") == etag:
                asked.status = 304
                self.send_response(304)
                self.send_header("ETag", etag)
                self.end_headers()
                return
            asked.status = 200
            self.send_response(200)
            if provider.knows_conditions:
                self.send_header("ETag", etag)
                self.send_header("Last-Modified", "Tue, 24 Nov 2026 12:00:00 GMT")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Says nothing."""

    return Handler


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.close()


@pytest.fixture
def node(world: World) -> World:
    """A node that may ask loopback."""
    with world.database.system() as session:
        settings.set_value(session, "outgoing.private_networks", ["127.0.0.0/8"])
    return world
