# SPDX-License-Identifier: EUPL-1.2
"""A node with a ledger: its database, a folder for what is kept, partners and bridges."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.conftest import copied

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


def made(url: str, name: str = "CSIRT Noordland") -> Database:
    """A database that holds a node."""
    database = Database(url, size=6).open()
    with database.system() as session:
        create_node(session, name, "admin@csirt.example", "https://node.example/brug")
    return database


@pytest.fixture
def node(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    """Its folder is `tmp_path`, as a home has it: keys and what is kept of the ledger."""
    (tmp_path / "keys").mkdir()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "keys"))
    database = made(database_url)
    yield Node(database, tmp_path / "ledger")
    database.close()


class Side(Node):
    """A node with one bridge to the other."""

    def __init__(self, url: str, folder: Path, name: str) -> None:
        super().__init__(made(url, name), folder)
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


@pytest.fixture
def sides(
    embedded: EmbeddedServer, template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Side, Side]]:
    (tmp_path / "keys").mkdir()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "keys"))
    with copied(embedded, template) as one, copied(embedded, template) as other:
        a = Side(one, tmp_path / "a", "CSIRT Noordland")
        b = Side(other, tmp_path / "b", "CERT Zuidland")
        for mine, theirs in ((a, b), (b, a)):
            know(mine, theirs)
        with b.database.system() as session:
            session.execute("UPDATE bridge SET uuid = %s", (a.row.uuid,))
        yield a, b
        a.database.close()
        b.database.close()
