# SPDX-License-Identifier: EUPL-1.2
"""A node whose people have webhooks, and a program that takes what it is told, or does not."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4

import pytest
from tests.cases.conftest import Node, made
from tests.conftest import copied

from brug.cases import keeping
from brug.cases.acts import Joined
from brug.cases.hooks import keeping as hooks
from brug.cases.hooks.noting import EVENTS
from brug.store import settings
from brug.store.server import EmbeddedServer
from brug.store.session import Database

SECRET = "albatross"
HANGS = "/hangs"  # paths that begin so are answered once they are let go


class Receiver:
    """Takes messages, or not."""

    def __init__(self) -> None:
        self.status, self.packed = 200, b""
        self.let_go = threading.Event()  # what hangs waits for it
        self.arrived: Queue[tuple[str, dict[str, Any]]] = Queue()  # with the path, at once
        self.got: list[tuple[dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.arrived.put((self.path, json.loads(body)))
                if self.path.startswith(HANGS):
                    outer.let_go.wait(60)
                outer.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(outer.status)
                if outer.status == 302:
                    self.send_header("Location", "http://127.0.0.1:1/")
                if outer.packed:
                    self.send_header("Content-Encoding", "gzip")
                self.send_header("Content-Length", str(len(outer.packed)))
                self.end_headers()
                self.wfile.write(outer.packed)

            def log_message(self, *_: object) -> None:
                """Not into the tests' output."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/in?token=x"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def told(self) -> list[dict[str, Any]]:
        """All since the last time."""
        found = [json.loads(body) for _, body in self.got]
        self.got.clear()
        return found


class World:
    def __init__(self, node: Node, receiver: Receiver, dsn: str) -> None:
        self.node, self.receiver, self.dsn = node, receiver, dsn
        self.database = node.database

    def opened(self, *roles: str, kind: str = "incident") -> tuple[str, dict[str, str]]:
        parts = {name: str(uuid4()) for name in roles}
        with self.database.as_user(self.node.host) as session:
            number = keeping.open_case(session, kind, f"The {SECRET}").number
        for name, part in parts.items():
            role = "entity" if name == "entity" else "csirt"
            self.act(
                number, Joined(participant=part, org=self.node.orgs[name], name=name, role=role)
            )
        return number, parts

    def act(self, number: str, act: Any, to: tuple[str, ...] = ()) -> str:
        with self.database.as_user(self.node.host) as session:
            return keeping.act(session, number, act, to).id

    def hook(
        self, user: int, *events: str, of_org: bool = False, path: str = ""
    ) -> tuple[hooks.Hook, str]:
        url = urljoin(self.receiver.url, path)
        with self.database.as_user(user) as session:
            return hooks.add(session, url, events or EVENTS, of_org=of_org)

    def now(self, hook: hooks.Hook) -> None:
        """Its time has come."""
        with self.database.system() as session:
            session.execute("UPDATE case_hook SET next = now() WHERE id = %s", (hook.id,))

    def row(self, hook: hooks.Hook) -> hooks.Hook:
        with self.database.as_user(self.node.entity) as session:
            return hooks.find(session, str(hook.id))


@pytest.fixture(scope="package")
def served(embedded: EmbeddedServer, template: str) -> Iterator[World]:
    receiver = Receiver()
    with copied(embedded, template) as dsn, Database(dsn, 4) as database:
        node = made(database)
        with database.system() as session:
            settings.set_value(session, "node.url", "https://node.example")
            settings.set_value(session, "outgoing.private_networks", ["127.0.0.0/8"])
        yield World(node, receiver, dsn)
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.fixture
def world(served: World) -> Iterator[World]:
    served.receiver.status = 200
    served.receiver.got.clear()
    served.receiver.let_go.clear()
    served.receiver.arrived = Queue()
    yield served
    with served.database.system() as session:
        session.execute("DELETE FROM case_hook")
