# SPDX-License-Identifier: EUPL-1.2
"""A node with three organisations whose people work on cases."""

from collections.abc import Iterator
from uuid import uuid4

import msgspec
import pytest
from tests.putting_back import Spare
from tests.spares import lent, spare

from brug.directory import identity_keys
from brug.store import settings
from brug.store.server import EmbeddedServer
from brug.store.session import Database


class Node(msgspec.Struct):
    """Users by what they are: of the host, of two others, and one who may not work on cases."""

    database: Database
    host: int
    entity: int
    other: int
    without: int
    orgs: dict[str, str]  # name -> UUID


def _organisation(database: Database, name: str) -> tuple[int, str]:
    with database.system() as session:
        row = session.one(
            "INSERT INTO organisation (uuid, name, local) VALUES (gen_random_uuid(), %s, true)"
            " RETURNING id, uuid::text",
            (name,),
        )
    assert row is not None
    return row[0], row[1]


def _user(database: Database, org_id: int, email: str, rights: list[str]) -> int:
    with database.system() as session:
        role = session.value(
            "INSERT INTO role (name, rights) VALUES (%s, %s) RETURNING id", (email, rights)
        )
        return int(
            session.value(
                "INSERT INTO account (email, org_id, role_id) VALUES (%s, %s, %s) RETURNING id",
                (email, org_id, role),
            )
        )


def user(database: Database, email: str, rights: list[str]) -> int:
    """Somebody more of the host."""
    with database.system() as session:
        org_id = session.value("SELECT id FROM organisation WHERE name = 'CSIRT Noordland'")
    return _user(database, org_id, email, rights)


def made(database: Database) -> Node:
    """The node, in an empty database."""
    with database.system() as session:
        identity_keys.make(session)
        settings.set_value(session, "node.uuid", str(uuid4()))
    host_id, host = _organisation(database, "CSIRT Noordland")
    entity_id, entity = _organisation(database, "Zuidmark Waterworks")
    other_id, other = _organisation(database, "Oostmeer Energy")
    rights = ["add", "modify", "case", "case_lead"]
    return Node(
        database,
        _user(database, host_id, "lead@noordland.example", rights),
        _user(database, entity_id, "officer@zuidmark.example", rights),
        _user(database, other_id, "officer@oostmeer.example", rights),
        _user(database, host_id, "trainee@noordland.example", ["add"]),
        {"host": host, "entity": entity, "other": other},
    )


@pytest.fixture(scope="session")
def spare_node(embedded: EmbeddedServer, template: str) -> Iterator[Spare]:
    with spare(embedded, template, lambda database, _: made(database)) as several:
        yield several


@pytest.fixture
def node(spare_node: Spare) -> Iterator[Node]:
    with lent(spare_node) as found:
        yield found
