# SPDX-License-Identifier: EUPL-1.2
"""A node with a ledger: its database, a folder for what is kept, partners and bridges."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from brug.bridges import ledger
from brug.bridges.ledger import sequencer
from brug.directory import account_changes, organisations
from brug.directory.node import create_node
from brug.store.sealing import VARIABLE
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
