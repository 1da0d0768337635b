# SPDX-License-Identifier: EUPL-1.2
"""Filling the dictionary behind substring search, out of the way of whoever writes.

What is written is listed with its transaction (`brug.intel.attributes.note_written`) and
found from then on, listed or indexed. Several processes may run this: one works at a time.
"""

import time

from brug.store.repeating import Repeating
from brug.store.session import Database

BATCHES = 50  # of one transaction; each is what one write of attributes added
WAKE_SECONDS = 1.0
# While others write, a short list waits: a batch listed is found already, only slower, and
# the dictionary's pages would push those that writing needs out of memory. A longer list is
# worked off for a quarter of the time, a very long one without a pause.
SHORT_LIST = 100
PAUSE_PER_WORK = 3.0
LONG_LIST = 2_000


def index_pending(database: Database) -> int:
    """Indexes what is listed now, and commits now and then; how many batches it took."""
    taken = 0
    while done := index_some(database, BATCHES):
        taken += done
    return taken


def index_some(database: Database, most: int) -> int:
    """Indexes at most so many of the batches that are listed; how many it took."""
    with database.system() as session:
        return int(session.value("SELECT index_values(%s)", (most,)))


class Indexer(Repeating):
    """Indexes as long as a node is served."""

    def __init__(self, dsn: str) -> None:
        super().__init__("indexer", Database(dsn, size=1, application="brug indexer"), self._some)
        self._newest = 0

    def _some(self, database: Database) -> float:
        begun = time.monotonic()
        waiting, newest = _listed(database)
        written, self._newest = newest != self._newest, newest
        if waiting == 0 or (written and waiting < SHORT_LIST):
            return WAKE_SECONDS
        index_some(database, BATCHES)
        if waiting >= LONG_LIST:
            return 0.0
        return PAUSE_PER_WORK * (time.monotonic() - begun)


def _listed(database: Database) -> tuple[int, int]:
    """How many batches wait, up to a long list, and the newest of them."""
    with database.system() as session:
        row = session.one("SELECT batches, newest FROM listed_batches(%s)", (LONG_LIST,))
    return (int(row[0]), int(row[1])) if row else (0, 0)
