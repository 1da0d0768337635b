# SPDX-License-Identifier: EUPL-1.2
"""A node with two organisations and users of every role, asked through MISP's interface."""

import copy
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import msgspec
import pytest
from psycopg.conninfo import make_conninfo
from tests.conftest import copied
from tests.listening import free_port, listening
from tests.putting_back import Spare, put_back_of

from brug.api.misp import all as every_route
from brug.api.misp.serve import Incoming, answer
from brug.directory import account_changes, keys, organisations
from brug.directory.node import create_node
from brug.store.server import SUPERUSER, EmbeddedServer
from brug.store.session import Database

ROLES = {
    "orgadmin": ("Noordland Bank", 2), "user": ("Noordland Bank", 3),
    "user2": ("Noordland Bank", 3), "publisher": ("Noordland Bank", 4),
    "sync": ("Noordland Bank", 5), "readonly": ("Noordland Bank", 6),
    "other": ("Zuidland Energie", 3), "otheradmin": ("Zuidland Energie", 2),
}  # fmt: skip


class Reply(msgspec.Struct):
    """An answer, decoded."""

    status: int
    body: Any
    headers: dict[str, str]
    raw: bytes = b""


def _decoded(whole: bytes) -> Any:
    """JSON, or nothing for what is none."""
    with suppress(msgspec.DecodeError):
        return msgspec.json.decode(whole) if whole else None
    return None


class World:
    """The node, its people's ids and keys, and a way to ask as one of them."""

    body_limit = 10**6  # bytes

    def __init__(self, database: Database) -> None:
        self.database = database
        self.name = ""
        self.url = self.dsn = ""
        self.keys: dict[str, str] = {}
        self.ids: dict[str, int] = {}
        self.orgs: dict[str, int] = {}
        every_route.load()
        with database.system() as session:
            self.name = session.value("SELECT current_database()")
            made = create_node(
                session, "CSIRT Noordland", "admin@csirt.example", "http://node.example"
            )
            self.keys["admin"], self.password = made.api_key, made.password
            self.ids["admin"] = 1
            for name in ("Noordland Bank", "Zuidland Energie"):
                self.orgs[name] = organisations.add(session, {"name": name}).id
            for who, (org, role) in ROLES.items():
                self.add(session, who, self.orgs[org], role)

    def on(self, database: Database, dsn: str) -> "World":
        """The same people on a copy of the database."""
        other = copy.copy(self)
        other.database, other.dsn = database, dsn
        other.keys, other.ids, other.orgs = dict(self.keys), dict(self.ids), dict(self.orgs)
        return other

    def add(self, session: Any, who: str, org_id: int, role_id: int) -> None:
        new = {"email": f"{who}@people.example", "org_id": org_id, "role_id": role_id}
        account = account_changes.add(session, new | {"password": "Correct-horse-1"}).account
        self.ids[who] = account.id
        self.keys[who] = keys.add(session, account.id).text

    def ask(
        self,
        who: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        address: str = "192.0.2.7",
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """As a person by name, or with any other text as the key itself; bytes go as they are."""
        if not isinstance(body, bytes):
            body = b"" if body is None else msgspec.json.encode(body)
        path, _, query = path.partition("?")
        status, got, content = answer(
            self.database,
            Incoming(
                method=method, path=path, query=query,
                headers={
                    "authorization": self.keys.get(who, who), "accept": "application/json",
                    "content-type": "application/json", **(headers or {}),
                },
                body=body, address=address, base_url="http://node.example",
                body_limit=self.body_limit,
            ),
        )  # fmt: skip
        whole = content if isinstance(content, bytes) else b"".join(content)
        return Reply(status, _decoded(whole), got, whole)


@pytest.fixture(scope="session")
def settled(embedded: EmbeddedServer, template: str) -> Iterator[World]:
    """The node once: people and their passwords take a while to make."""
    with copied(embedded, template) as url, Database(url, size=2) as database:
        yield World(database)


@pytest.fixture(scope="session")
def spare_world(embedded: EmbeddedServer, settled: World) -> Iterator[Spare]:
    def make(until: ExitStack) -> tuple[World, Callable[[], bool]]:
        settled.database.close()
        url = until.enter_context(copied(embedded, settled.name))
        made = settled.on(until.enter_context(Database(url, size=4)), url)
        return made, put_back_of(until, make_conninfo(url, user=SUPERUSER))

    spare = Spare(make)
    yield spare
    spare.close()


@pytest.fixture
def world(spare_world: Spare) -> Iterator[World]:
    """A copy of the node for one test."""
    taken: World = spare_world.take()
    # Whose a key is, is remembered while a count stands still that goes back between tests.
    for key in taken.keys.values():
        taken.database.forget_key(key)
    yield taken.on(taken.database, taken.dsn)
    spare_world.give_back()


@contextmanager
def serving(world: World) -> Iterator[World]:
    """The node behind a real web server for as long as the block runs; `url` is its address."""
    with listening(world.dsn, free_port()) as url:
        world.url = url
        yield world


@pytest.fixture
def served(world: World) -> Iterator[World]:
    """A served node for one test."""
    with serving(world):
        yield world


@pytest.fixture(scope="module")
def served_node(embedded: EmbeddedServer, settled: World) -> Iterator[World]:
    """A served node for the tests of one module, which then share what they write."""
    settled.database.close()
    with (
        copied(embedded, settled.name) as url,
        Database(url, size=4) as database,
        serving(settled.on(database, url)) as node,
    ):
        yield node
