# SPDX-License-Identifier: EUPL-1.2
"""The thread that gives entries their places and signs, as long as a node is served.

One process at a time works, whoever holds the lock; others look again a moment later. Each
step commits before the next one begins, so that being killed between any two of them leaves
what the next turn goes on from:

    1. Committed entries get positions, and the stored tree grows (`sequencing.extend`).
    2. The new heads are signed, kept in a file, and published (`checkpoints.sign_heads`).
    3. Further rounds that want to run alone.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import structlog

from brug.bridges.ledger import checkpoints, sequencing
from brug.bridges.ledger.checkpoints import FOLDER, SigningStopped
from brug.store.home import Home
from brug.store.repeating import InTurn, Repeating, Round
from brug.store.session import Database

log = structlog.get_logger("brug.ledger")

WAKE_SECONDS = 0.5
CONNECTIONS = 3  # the lock's, the work's, and one more for a further round


class Sequencer(Repeating):
    """One per node that is served; `rounds` run under the same lock, one after another."""

    def __init__(self, dsn: str, home: Home, rounds: Sequence[Round] = ()) -> None:
        database = Database(dsn, CONNECTIONS, "brug sequencer", home.keys)
        super().__init__("sequencer", database, self._turn)
        self._folder, self._each = home.path / FOLDER, InTurn(self._ledger, *rounds)
        self._stopped = ""

    def _turn(self, database: Database) -> float:
        with alone(database) as is_alone:
            if not is_alone:
                return WAKE_SECONDS
            return self._each(database)

    def _ledger(self, database: Database) -> float:
        try:
            done = turn(database, self._folder)
        except SigningStopped as error:
            if str(error) != self._stopped:  # said once, not twice a second
                log.warning("nothing is signed; `brug doctor` explains", reason=str(error))
            self._stopped = str(error)
            return WAKE_SECONDS
        self._stopped = ""
        return 0.0 if done == sequencing.MOST else WAKE_SECONDS


@contextmanager
def alone(database: Database) -> Iterator[bool]:
    """Whether this is the one who works, as long as the block runs."""
    with database.system() as session:
        session.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield bool(session.value("SELECT pg_try_advisory_xact_lock(hashtext('brug.sequencer'))"))


def turn(database: Database, folder: Path) -> int:
    """Steps 1 and 2; how many entries got a place. Raises SigningStopped after the first."""
    with database.system() as session:
        done = sequencing.extend(session)
    with database.system() as session:
        checkpoints.sign_heads(session, folder)
    return done


def catch_up(database: Database, folder: Path) -> int:
    """Until nothing is pending, for verbs of the command line. Raises SigningStopped."""
    total = 0
    while done := turn(database, folder):
        total += done
    return total
