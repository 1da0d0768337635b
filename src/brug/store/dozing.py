# SPDX-License-Identifier: EUPL-1.2
"""Lets the threads of a node rest where nothing is written, and wakes them when something is.

One look tells whether anything was written to the database since the last one, by whichever
process: PostgreSQL numbers each transaction that writes, and a snapshot says which have ended.
Nobody who writes does anything for it; NOTIFY would serialise commits (docs/decisions/0007).
What is due at a time, and not because of something written, is begun RESTED seconds later at
most.
"""

import time
from collections.abc import Callable, Sequence

from brug.store.repeating import Repeating
from brug.store.session import Database

LOOK_SECONDS = 0.5
# What follows from something written is done in this time: letters wait until a case has come to
# rest, and a partner that was away is tried again after some seconds.
AWAKE_SECONDS = 10.0
RESTED_SECONDS = 15.0


class Doze(Repeating):
    """One per node that is served, for the threads that it is given."""

    def __init__(
        self, dsn: str, threads: Sequence[Repeating], clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__("doze", Database(dsn, 1, "brug doze"), self.look)
        self._threads, self._clock = threads, clock
        self._seen, self._written, self._dozes = "", clock(), False

    def look(self, database: Database) -> float:
        """One look; the seconds until the next."""
        with database.system() as session:
            # All of it: one that began early may end last.
            seen = str(session.value("SELECT pg_current_snapshot()::text"))
        if seen != self._seen:
            self._seen, self._written = seen, self._clock()
            if self._dozes:
                self._dozes = False
                for one in self._threads:
                    one.rest(0.0)
                    one.wake()
        elif not self._dozes and self._clock() - self._written > AWAKE_SECONDS:
            self._dozes = True
            for one in self._threads:
                one.rest(RESTED_SECONDS)
        return LOOK_SECONDS
