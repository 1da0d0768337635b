# SPDX-License-Identifier: EUPL-1.2
"""Filling the dictionary behind substring search, out of the way of whoever writes.

What is written is listed with its transaction (`brug.intel.attributes.note_written`) and
found from then on, listed or indexed. Several processes may run this: one works at a time.
"""

import threading
import time
from typing import Self

import psycopg
import structlog

from brug.model.errors import BrugError
from brug.store.session import Database

log = structlog.get_logger("brug.indexing")

BATCHES = 50  # of one transaction; each is what one write of attributes added
WAKE_SECONDS = 1.0
AFTER_FAILURE_SECONDS = 10.0
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


class Indexer:
    """A thread that indexes as long as a node is served; whatever fails is tried again."""

    def __init__(self, dsn: str) -> None:
        self._database = Database(dsn, size=1, application="brug indexer")
        self._stop = threading.Event()
        self._newest = 0
        self._thread = threading.Thread(target=self._run, name="brug-indexer", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        try:
            self._database.open()
            while not self._stop.wait(self._once()):
                pass
        finally:
            self._database.close()

    def _once(self) -> float:
        """Does some of it; seconds until the next time."""
        begun = time.monotonic()
        try:
            waiting, newest = self._listed()
            written, self._newest = newest != self._newest, newest
            if waiting == 0 or (written and waiting < SHORT_LIST):
                return WAKE_SECONDS
            index_some(self._database, BATCHES)
        except (psycopg.Error, BrugError) as error:
            log.warning("values not indexed", reason=str(error))
            return AFTER_FAILURE_SECONDS
        if waiting >= LONG_LIST:
            return 0.0
        return PAUSE_PER_WORK * (time.monotonic() - begun)

    def _listed(self) -> tuple[int, int]:
        """How many batches wait, up to a long list, and the newest of them."""
        with self._database.system() as session:
            row = session.one("SELECT batches, newest FROM listed_batches(%s)", (LONG_LIST,))
        return (int(row[0]), int(row[1])) if row else (0, 0)
