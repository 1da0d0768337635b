# SPDX-License-Identifier: EUPL-1.2
"""Makes rows anew of cases that nobody wrote in: who takes part is another, or a time has come."""

from collections.abc import Sequence
from datetime import UTC, datetime

from brug.cases import due, one_by_one, wholes
from brug.cases.folding import fold
from brug.cases.kinds import named
from brug.cases.severity import scheme_here
from brug.cases.views import storing
from brug.store.session import Database, Session

ROUND_SECONDS = 20.0
MOST = 100


def catch_up(database: Database) -> float:
    """One round; the seconds until the next. Raises UnusableTable, UnusableScheme."""
    with database.system() as session:
        numbers = [row[0] for row in session.all(
            "SELECT case_id FROM case_stale WHERE next <= %(now)s UNION SELECT case_id FROM"
            " (SELECT case_id FROM case_view WHERE turns <= %(now)s ORDER BY turns LIMIT %(most)s)"
            " AS turned LIMIT %(most)s",
            {"now": datetime.now(UTC), "most": MOST},
        )]  # fmt: skip
        if numbers:
            due.rules_here(session)
            scheme_here(session)
    one_by_one.in_shares(database, numbers, _again, put_off)
    return 0.0 if len(numbers) == MOST else ROUND_SECONDS


def again(session: Session, *numbers: int) -> None:
    """By the system, with the cases locked."""
    rules = due.rules_here(session)
    for one in wholes.read(session, numbers):
        case = fold(named(one.kind), one.entries)
        storing.note(session, one.id, case, one.entries, by=due.knowing(rules, one.came))


def _again(session: Session, numbers: Sequence[int]) -> None:
    # Whoever writes in one of the others now makes its rows, or it is tried in the next round.
    rows = session.all(
        "SELECT id FROM case_file WHERE id = ANY (%s) FOR UPDATE SKIP LOCKED", (list(numbers),)
    )
    again(session, *(row[0] for row in rows))


def put_off(session: Session, number: int) -> None:
    """A case is folded by whoever looks, and tried again later: its rows, which then turn never,
    are written anew though they say the same as before.
    """
    session.execute("UPDATE case_view SET turns = NULL, mark = 0 WHERE case_id = %s", (number,))
    session.execute(
        "INSERT INTO case_stale VALUES (%s, now() + %s) ON CONFLICT (case_id)"
        " DO UPDATE SET next = excluded.next",
        (number, one_by_one.LATER),
    )
