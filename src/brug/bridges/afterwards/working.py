# SPDX-License-Identifier: EUPL-1.2
"""The thread of a served node that keeps retention and tells senders what was agreed."""

from datetime import UTC, date, datetime
from pathlib import Path

import structlog

from brug.bridges.afterwards import ending, reporting, sourced
from brug.store.repeating import Repeating
from brug.store.session import Database

log = structlog.get_logger("brug.bridges.afterwards")

SECONDS = 600.0  # days are what is agreed


class Afterwards(Repeating):
    """One per node; several would do the same work once."""

    def __init__(self, dsn: str, keys: Path | None) -> None:
        database = Database(dsn, 2, "brug afterwards", keys)
        super().__init__("afterwards", database, self._due)
        self._reported: date | None = None

    def _due(self, database: Database) -> float:
        done = ending.end_due(database)
        for one in done:
            log.info("time over", partner=one.partner, uuid=one.event_uuid, outcome=one.outcome)
        gone = sourced.end_due(database)
        for item in gone:
            log.info("time over", sources=item.sources, uuid=item.event_uuid, outcome="deleted")
        today = datetime.now(UTC).date()
        if self._reported != today:
            reporting.report(database, today=False)
            self._reported = today
        full = max(len(done), len(gone)) >= ending.ONE_ROUND
        return 0.0 if full else SECONDS
