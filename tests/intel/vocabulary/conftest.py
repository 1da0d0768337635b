# SPDX-License-Identifier: EUPL-1.2
"""Nodes on a copy of the database with the published vocabularies (`installed`)."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec
import psycopg
import pytest
from tests.conftest import copied

from brug.api.misp import all as every_route
from brug.api.misp.serve import Incoming, answer
from brug.api.misp.vocabulary import galaxies, object_templates, taxonomies, warninglists
from brug.directory import organisations
from brug.directory.node import create_node
from brug.store.server import EmbeddedServer
from brug.store.session import Database, Session, hash_of_key

every_route.load()
MODULES = (galaxies, object_templates, taxonomies, warninglists)
USER_ROLE = 3
USER_KEY = "k" * 40


class Node(NamedTuple):
    """A database with a site admin, and a user of another organisation."""

    database: Database
    admin_key: str
    user_id: int
    user_key: str

    def ask(self, method: str, path: str, body: Any = None, *, key: str = "") -> tuple[int, Any]:
        """Status and decoded answer of MISP's interface."""
        incoming = Incoming(
            method=method,
            path=path,
            query="",
            headers={
                "authorization": key or self.admin_key,
                "content-type": "application/json",
                "accept": "application/json",
            },
            body=b"" if body is None else msgspec.json.encode(body),
            address="127.0.0.1",
            base_url="http://127.0.0.1",
            body_limit=10_000_000,
        )
        status, _, raw = answer(self.database, incoming)
        assert isinstance(raw, bytes)
        return status, msgspec.json.decode(raw)

    def ask_as_user(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        return self.ask(method, path, body, key=self.user_key)


def _node(url: str) -> Iterator[Node]:
    with Database(url, size=2) as database:
        with database.system() as session:
            made = create_node(session, "CSIRT Noordland", "admin@noordland.example", "http://x")
            other = organisations.add(session, {"name": "ISAC Zuidzee", "local": True})
            user_id = session.value(
                "INSERT INTO account (email, org_id, role_id) VALUES (%s, %s, %s) RETURNING id",
                ["user@zuidzee.example", other.id, USER_ROLE],
            )
            session.execute(
                "INSERT INTO auth_key (hash, authkey_start, authkey_end, user_id)"
                " VALUES (%s, '', '', %s)",
                [hash_of_key(USER_KEY), user_id],
            )
        yield Node(database, made.api_key, user_id, USER_KEY)


@pytest.fixture(scope="module")
def node(embedded: EmbeddedServer, installed: str) -> Iterator[Node]:
    """For tests that leave the vocabularies as they are."""
    with copied(embedded, installed) as url:
        yield from _node(url)


@pytest.fixture(scope="module")
def spoilt_node(embedded: EmbeddedServer, installed: str) -> Iterator[Node]:
    """For tests that do not care what it holds."""
    with copied(embedded, installed) as url:
        yield from _node(url)


@pytest.fixture
def fresh_node(embedded: EmbeddedServer, installed: str) -> Iterator[Node]:
    """For tests that change them."""
    with copied(embedded, installed) as url:
        yield from _node(url)


@pytest.fixture
def owner(
    fresh_node: Node, as_role: Callable[[str, str], str]
) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the tables' owner to the fresh node's database."""
    with fresh_node.database.system() as session:
        url = session.connection.info.dsn
    address = as_role(url, "brug_owner")
    with psycopg.connect(address, options="-c search_path=brug", autocommit=True) as connection:
        yield connection


@pytest.fixture
def session(node: Node) -> Iterator[Session]:
    """An ordinary user's, on the unchanged vocabularies."""
    with node.database.as_user(node.user_id) as session:
        yield session
