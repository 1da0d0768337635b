# SPDX-License-Identifier: EUPL-1.2
"""The thread that writes to partners without a node as long as a node is served."""

import time
from pathlib import Path

from brug.bridges.mail import rounds
from brug.store.repeating import Repeating
from brug.store.session import Database

WAKE_SECONDS = 1.0
FOLLOW_SECONDS = 10.0
CONNECTIONS = 2


class Poster(Repeating):
    """One per node that is served; several share the bridges by leases."""

    def __init__(self, dsn: str, keys: Path | None) -> None:
        super().__init__("poster", Database(dsn, CONNECTIONS, "brug poster", keys), self._due)

        self._followed = -FOLLOW_SECONDS

    def _due(self, database: Database) -> float:
        if time.monotonic() - self._followed > FOLLOW_SECONDS:
            self._followed = time.monotonic()
            rounds.follow_agreements(database)
        return 0.0 if rounds.carry(database) else WAKE_SECONDS
