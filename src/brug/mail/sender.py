# SPDX-License-Identifier: EUPL-1.2
"""The thread that sends mail as long as a node is served; whatever fails is tried again.

Several processes may run it beside each other: letters are leased, summaries are caused
once. Now and then it tidies what has served its purpose.
"""

import time
from datetime import UTC, datetime
from pathlib import Path

from brug.mail.passing import Governing, by_rights_alone
from brug.mail.sending import run_once
from brug.mail.tidying import tidy
from brug.store import outbox
from brug.store.repeating import Repeating
from brug.store.session import Database

WAKE_SECONDS = 1.0
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


class Sender(Repeating):
    """One per node that is served."""

    def __init__(self, dsn: str, keys: Path | None, governing: Governing = by_rights_alone) -> None:
        self._governing = governing
        super().__init__("mail", Database(dsn, 2, "brug mail", keys), self._due)
        self._tidied = -TIDY_SECONDS

    def _due(self, database: Database) -> float:
        if time.monotonic() - self._tidied > TIDY_SECONDS:
            self._tidied = time.monotonic()
            cause_summaries(database, datetime.now(UTC))
            tidy(database)
        return 0.0 if run_once(database, self._governing) else WAKE_SECONDS
