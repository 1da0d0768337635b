# SPDX-License-Identifier: EUPL-1.2
"""Workers of a node, for tests that kill them: what `tests.listening.forked` runs."""

import os
import signal
from pathlib import Path

from brug.bridges.feeds import lists, working
from brug.bridges.feeds.fetching import Entered
from brug.bridges.misp.working import work_once
from brug.intel.feed import filling
from brug.store.session import Database, SessionContext


def fetch(dsn: str, keys: str, parts: int, at_once: int) -> None:
    """Fetches feeds, of lists so many lines at once, and kills itself with -9 when it begins the
    next part after so many."""
    lists.AT_ONCE = filling.AT_ONCE = at_once  # type: ignore[attr-defined]
    entered, left = working.as_account, parts

    def counted(database: Database, account_id: int) -> Entered:
        inner = entered(database, account_id)

        def once() -> SessionContext:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return inner()

        return once

    working.as_account = counted
    with Database(dsn, size=2, keys=Path(keys)) as database:
        working.run_once(database)


def pull(dsn: str, keys: str) -> None:
    """Does what is queued for servers."""
    with Database(dsn, size=3, keys=Path(keys)) as database:
        work_once(database)
