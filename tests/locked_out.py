# SPDX-License-Identifier: EUPL-1.2
"""Two at the same moment: the second is let go on once the first holds what it waits for."""

import time

from brug.store.session import Database

PATIENCE_SECONDS = 10.0


def until_somebody_waits(database: Database) -> None:
    """Until some transaction of this server waits for another."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        with database.system() as session:
            if session.value("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")
