# SPDX-License-Identifier: EUPL-1.2
"""A node with a ledger: its database, a folder for what is kept, partners and bridges."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.putting_back import Spare
from tests.spares import lent, spare

from brug.bridges import identity, ledger, partners
from brug.bridges.ledger import (
    checkpoints,
    exchanging,
    logs,
    partner_logs,
    sequencer,
)
from brug.bridges.partners import BridgeRow
from brug.directory import account_changes, organisations
from brug.directory.node import create_node
from brug.formats import signed_note
from brug.formats.signed_note import Checkpoint
from brug.store.sealing import VARIABLE
from brug.store.server import EmbeddedServer
from brug.store.session import Database

SYNC_USER = 5


class Node:
    """What the tests do with a node."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder

    def record(self, *texts: str, bridge: int | None = None) -> list[UUID]:
        """Entries, each in a transaction of its own."""
        made = []
        for text in texts:
            with self.database.system() as session:
                made.append(ledger.record(session, "test", {"text": text}, bridge_id=bridge))
        return made

    def turn(self) -> int:
        return sequencer.turn(self.database, self.folder)

    def value(self, query: Any, *params: Any) -> Any:
        with self.database.system() as session:
            return session.value(query, params)

    def bridge(self, name: str) -> tuple[int, int]:
        """A bridge to a new partner: its number, and its account's."""
        with self.database.system() as session:
            org = organisations.add(session, {"name": name})
            given = {
                "email": f"bridge@{name.lower()}.example",
                "org_id": org.id,
                "role_id": SYNC_USER,
            }
            account = account_changes.add(session, given).account.id
            partner = session.value(
                "INSERT INTO partner (org_id, kind, name) VALUES (%s, 'brug', %s) RETURNING id",
                (org.id, name),
            )
            bridge = session.value(
                "INSERT INTO bridge (partner_id, transport, account_id, state)"
                " VALUES (%s, 'native', %s, 'open') RETURNING id",
                (partner, account),
            )
        return int(bridge), int(account)


def a_node(database: Database, name: str = "CSIRT Noordland") -> None:
    with database.system() as session:
        create_node(session, name, "admin@csirt.example", "https://node.example/brug")


@pytest.fixture(scope="session")
def spare_node(embedded: EmbeddedServer, template: str) -> Iterator[Spare]:
    def made(database: Database, url: str) -> tuple[Database, str]:
        a_node(database)
        return database, url

    with spare(embedded, template, made) as several:
        yield several


@pytest.fixture
def node_and_url(spare_node: Spare, tmp_path: Path) -> Iterator[tuple[Node, str]]:
    """Its folder is `tmp_path`, as a home has it: keys and what is kept of the ledger."""
    (tmp_path / "keys").symlink_to(os.environ[VARIABLE])
    with lent(spare_node) as (database, url):
        yield Node(database, tmp_path / "ledger"), url


@pytest.fixture
def node(node_and_url: tuple[Node, str]) -> Node:
    return node_and_url[0]


@pytest.fixture
def database_url(node_and_url: tuple[Node, str]) -> str:
    """The node's."""
    return node_and_url[1]


class Side(Node):
    """A node with one bridge to the other."""

    def __init__(self, database: Database, url: str, name: str) -> None:
        a_node(database, name)
        super().__init__(database, Path())
        self.url = url
        self.bridge_id, self.account_id = self.bridge("Partner")

    @property
    def row(self) -> BridgeRow:
        with self.database.system() as session:
            return partners.view(session, self.bridge_id)

    def happened(self, *texts: str) -> list[UUID]:
        done = self.record(*texts, bridge=self.bridge_id)
        self.turn()
        return done

    def hear(self, said: dict[str, Any]) -> dict[str, Any]:
        with self.database.system() as session:
            return exchanging.answer(session, self.row, said)

    def say(self, since: int | None = None) -> dict[str, Any]:
        with self.database.system() as session:
            return exchanging.told(session, self.row, since)

    def theirs(self) -> partner_logs.PartnerLog:
        with self.database.system() as session:
            return partner_logs.followed(session, self.row)[0]

    def meet(self, other: "Side") -> str:
        return exchanging.synchronise(self.database, self.row, other.hear)

    def covered(self) -> int:
        """Up to which size the partner stands for this side's log."""
        with self.database.system() as session:
            return exchanging.countersigned(session, logs.of(session, self.row.uuid).id)

    def evidence(self) -> list[partner_logs.Evidence]:
        with self.database.system() as session:
            return partner_logs.evidence(session, self.row)


def know(mine: Side, theirs: Side) -> None:
    """Holds the partner's keys."""
    with theirs.database.system() as session:
        keys = identity.public_keys(session)
    with mine.database.system() as session:
        for key in keys:
            partners.hold_key(session, mine.row.partner_id, key)


def forged(side: Side, size: int, root: bytes) -> signed_note.Note:
    """Another checkpoint under the node's own key."""
    with side.database.system() as session:
        origin = logs.of(session, side.row.uuid).origin
        key, sign = checkpoints.signer(session, origin)
        return signed_note.make(Checkpoint(origin, size, root).text, key, sign)


@pytest.fixture(scope="session")
def spare_sides(embedded: EmbeddedServer, template: str) -> Iterator[tuple[Spare, Spare]]:
    with (
        spare(embedded, template, partial(Side, name="CSIRT Noordland")) as one,
        spare(embedded, template, partial(Side, name="CERT Zuidland")) as other,
    ):
        yield one, other


@pytest.fixture
def sides(spare_sides: tuple[Spare, Spare], tmp_path: Path) -> Iterator[tuple[Side, Side]]:
    with lent(spare_sides[0]) as a, lent(spare_sides[1]) as b:
        a.folder, b.folder = tmp_path / "a", tmp_path / "b"
        for mine, theirs in ((a, b), (b, a)):
            know(mine, theirs)
        with b.database.system() as session:
            session.execute("UPDATE bridge SET uuid = %s", (a.row.uuid,))
        yield a, b
