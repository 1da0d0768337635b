# SPDX-License-Identifier: EUPL-1.2
"""The thread that carries as long as a node is served, and the round that places changes."""

from collections.abc import Sequence
from pathlib import Path

from brug.bridges import native
from brug.bridges.crossing import carrying, outbox, receipts
from brug.bridges.crossing.messages import Message, encoded
from brug.bridges.partners import BridgeRow
from brug.store.repeating import Repeating
from brug.store.session import Database

WAKE_SECONDS = 0.5
CONNECTIONS = 3


def deliver(
    database: Database, bridge: BridgeRow, several: Sequence[Message]
) -> list[carrying.Result]:
    """Over the native protocol; each answer holds a receipt, or why it was not taken."""
    reply = native.send(database, bridge, b"[" + b",".join(map(encoded, several)) + b"]")
    return receipts.of_answers(database, bridge, several, reply.document)


def place_changes(database: Database) -> float:
    """For the sequencer, which runs it alone."""
    with database.system() as session:
        return 0.0 if outbox.sequence(session) == outbox.ONE_ROUND else WAKE_SECONDS


class Carrier(Repeating):
    """One per node that is served; several share the bridges by leases."""

    def __init__(self, dsn: str, keys: Path | None) -> None:
        super().__init__("carrier", Database(dsn, CONNECTIONS, "brug carrier", keys), self._due)

    def _due(self, database: Database) -> float:
        return 0.0 if carrying.carry(database, deliver) else WAKE_SECONDS
