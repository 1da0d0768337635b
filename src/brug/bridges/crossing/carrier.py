# SPDX-License-Identifier: EUPL-1.2
"""The threads that carry as long as a node is served, and the round that places changes.

Each bridge has its own, so that a partner that takes long to answer holds up nobody else.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from brug.bridges import native
from brug.bridges.crossing import carrying, outbox, receipts
from brug.bridges.crossing.carrying import IN_FLIGHT
from brug.bridges.crossing.messages import Written
from brug.bridges.partners import BridgeRow
from brug.store.repeating import Repeating
from brug.store.session import Database
from brug.store.side_by_side import SideBySide

WAKE_SECONDS = 0.1
AT_ONCE = 4  # bridges, each of which needs a connection to look and those to hand over
CONNECTIONS = (1 + IN_FLIGHT) * AT_ONCE


def deliver(
    database: Database, bridge: BridgeRow, several: Sequence[Written]
) -> list[receipts.Result]:
    """Over the native protocol; each answer holds a receipt, or why it was not taken."""
    reply = native.send(database, bridge, b"[" + b",".join(one.data for one in several) + b"]")
    return receipts.of_answers(database, bridge, several, reply.document)


class Carrier(Repeating):
    """One per node that is served; several share the bridges by leases."""

    def __init__(self, dsn: str, keys: Path | None) -> None:
        super().__init__("carrier", Database(dsn, CONNECTIONS, "brug carrier", keys), self._due)
        self._each = SideBySide("carrier", AT_ONCE)

    def place_changes(self, database: Database) -> float:
        """A round for the sequencer, which runs it alone."""
        with database.system() as session:
            placed = outbox.sequence(session)
        if placed:
            self.wake()
        return 0.0 if placed == outbox.ONE_ROUND else WAKE_SECONDS

    def _due(self, database: Database) -> float:
        for bridge_id in carrying.due_bridges(database):
            self._each.begin(bridge_id, partial(self._work_off, database, bridge_id))
        return WAKE_SECONDS

    def _work_off(self, database: Database, bridge_id: int) -> None:
        """Until nothing is left that is due."""
        while not self._stop.is_set():
            if not carrying.one_bridge(database, bridge_id, deliver, in_flight=IN_FLIGHT):
                return
