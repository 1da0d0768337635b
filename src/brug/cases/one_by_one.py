# SPDX-License-Identifier: EUPL-1.2
"""The same in several cases, in each by itself: one that fails keeps no other waiting.

It is looked at again LATER: a deadline of one case must not pass unsaid because of another one
that nobody can read. What is asked of many cases at once is done in SHARE of them together, and in
each by itself only where that fails.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

import structlog

from brug.model.errors import BrugError
from brug.store.session import Database, Session

log = structlog.get_logger("brug.cases")

LATER = timedelta(minutes=10)
SHARE = 20  # few enough that whoever writes in one of them does not wait for the others
Step = Callable[[Session, int], object]
Several = Callable[[Session, Sequence[int]], object]


def each(database: Database, numbers: Iterable[int], do: Step, put_off: Step) -> None:
    """A transaction of the system for each; `put_off` is done for one that fails.

    Raises what that does: where the database is away none of them can be looked at.
    """
    for number in numbers:
        try:
            with database.system() as session:
                do(session, number)
        except Exception as error:
            if isinstance(error, BrugError):
                log.warning("case not looked at", case=number, reason=str(error))
            else:
                log.exception("case not looked at, unforeseen", case=number)
            with database.system() as session:
                put_off(session, number)


def in_shares(database: Database, numbers: Sequence[int], do: Several, put_off: Step) -> None:
    """A transaction for SHARE of them; where that fails `each` is looked at, and says why."""
    for at in range(0, len(numbers), SHARE):
        share = numbers[at : at + SHARE]
        try:
            with database.system() as session:
                do(session, share)
        except Exception as error:  # noqa: BLE001 — it comes again, of the case that it is of
            log.info("cases not looked at together", cases=len(share), reason=str(error)[:200])
            each(database, share, lambda session, number: do(session, [number]), put_off)
