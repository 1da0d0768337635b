# SPDX-License-Identifier: EUPL-1.2
"""The thread that sends mail as long as a node is served; whatever fails is tried again.

Several processes may run it beside each other: letters are leased, summaries are caused
once. Now and then it tidies what has served its purpose.
"""

import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import psycopg
import structlog

from brug.mail.sending import run_once
from brug.mail.tidying import tidy
from brug.model.errors import BrugError
from brug.store import outbox
from brug.store.session import Database

log = structlog.get_logger("brug.mail")

WAKE_SECONDS = 1.0
AFTER_FAILURE_SECONDS = 10.0
TIDY_SECONDS = 300.0


def cause_summaries(database: Database, now: datetime) -> None:
    """Notes the summaries that are due at this time, each once.

    At midnight in UTC; the week's on Monday, the month's on the first.
    """
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    due = {
        "daily": True, "weekly": midnight.weekday() == 0, "monthly": midnight.day == 1,
    }  # fmt: skip
    with database.system() as session:
        for period in (name for name, is_due in due.items() if is_due):
            details = {"period": period, "until": int(midnight.timestamp())}
            outbox.put_once(session, "summary", f"{period}:{midnight:%Y-%m-%d}", details)


class Sender:
    """One per node that is served."""

    def __init__(self, dsn: str, keys: Path | None) -> None:
        self._database = Database(dsn, 2, "brug mail", keys)
        self._stop = threading.Event()
        self._tidied = -TIDY_SECONDS
        self._thread = threading.Thread(target=self._run, name="brug-mail", daemon=True)

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
        """Does what is due; seconds until the next time."""
        try:
            if time.monotonic() - self._tidied > TIDY_SECONDS:
                self._tidied = time.monotonic()
                cause_summaries(self._database, datetime.now(UTC))
                tidy(self._database)
            return 0.0 if run_once(self._database) else WAKE_SECONDS
        except (psycopg.Error, BrugError) as error:
            log.warning("no mail sent", reason=str(error))
            return AFTER_FAILURE_SECONDS
