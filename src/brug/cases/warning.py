# SPDX-License-Identifier: EUPL-1.2
"""Warns of what is due: whoever may work on cases in the organisation that a clock binds.

Each warning goes once, by its key; who stood still for a day sends the newest of each clock and
not all that it missed. A letter names the case by its number and the rule, and says nothing of
what is in the case.
"""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from brug.cases import due, files, one_by_one, projecting
from brug.cases.clocks import titles
from brug.cases.folding import fold
from brug.cases.hooks import noting
from brug.cases.kinds import named
from brug.cases.persons import letters
from brug.cases.readers import readers
from brug.store import outbox
from brug.store.session import Database, Session

ROUND_SECONDS = 20.0
MOST = 200


def warn(database: Database) -> float:
    """One round; the seconds until the next."""
    with database.system() as session:
        now = datetime.now(UTC)
        numbers = [
            row[0]
            for row in session.all(
                "SELECT id FROM case_file WHERE next_warning <= %s ORDER BY next_warning LIMIT %s",
                (now, MOST),
            )
        ]
        by = due.rules_here(session) if numbers else None
        if by is not None:
            by.countries.named()  # once for all of them
    if by is not None:
        one_by_one.each(database, numbers, partial(_warn_of, by, now), put_off)
    return 0.0 if len(numbers) == MOST else ROUND_SECONDS


def put_off(session: Session, number: int) -> None:
    session.execute(
        "UPDATE case_file SET next_warning = now() + %s WHERE id = %s",
        (one_by_one.LATER, number),
    )


def _warn_of(by: due.Rules, now: datetime, session: Session, number: int) -> None:
    is_due = session.one(
        "SELECT 1 FROM case_file WHERE id = %s AND next_warning <= %s FOR UPDATE SKIP LOCKED",
        (number, now),
    )
    if is_due is not None:  # else another process has it, or had
        look(session, number, due.in_session(by, session), now)


def look(session: Session, number: int, by: due.Rules, now: datetime) -> list[str]:
    """One case: warns of what is owed, and notes when to look next; what is to be counted of it."""
    file = files.of_id(session, number)
    entries = files.entries_of(session, file)
    case = fold(named(file.kind), entries)
    sent = session.all(
        "SELECT participant::text, key FROM case_warned WHERE case_id = %s", (number,)
    )
    bound = due.clocks_of(case, by, now)
    for one, owed in due.warnings_owed(bound, now, {(part, key) for part, key in sent}):
        session.execute(
            "INSERT INTO case_warned (case_id, participant, key) VALUES (%s, %s, %s)",
            (number, one.id, owed.key),
        )
        clock = next(b.clock for b in bound if b.participant is one and b.clock.row.id == owed.row)
        ends: dict[str, Any] = {
            "strict": clock.strict.isoformat() if clock.strict else "",
            "legal": clock.legal.isoformat() if clock.legal else "",
            "is_over": owed.mark == "over",
        }
        details = ends | {"number": file.number, "rule": titles.in_all(clock.row)}
        for user_id in readers(session, one):
            outbox.put(session, "clock", user_id=user_id, details=details)
        letters.warn(session, number, one.id, details)
        told = ends | {"rule": clock.row.id, "source": titles.sources_in_all(clock.row)}
        noting.note(session, number, "clock", told, bound=(one.org, one.user))
    return projecting.note_clocks(session, number, case, entries, (by, now, bound))
