# SPDX-License-Identifier: EUPL-1.2
"""Warns of what is due: whoever may work on cases in the organisation that a clock binds.

Each warning goes once, by its key; who stood still for a day sends the newest of each clock and
not all that it missed. A letter names the case by its number and the rule, and says nothing of
what is in the case.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec

from brug.cases import due, one_by_one, projecting, wholes
from brug.cases.case import Participant
from brug.cases.clocks import titles
from brug.cases.due import Bound
from brug.cases.folding import fold
from brug.cases.hooks import noting
from brug.cases.kinds import named
from brug.cases.persons import letters
from brug.cases.readers import readers_of
from brug.cases.wholes import Whole
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
        one_by_one.in_shares(database, numbers, partial(_warn_of, by, now), put_off)
    return 0.0 if len(numbers) == MOST else ROUND_SECONDS


def put_off(session: Session, number: int) -> None:
    session.execute(
        "UPDATE case_file SET next_warning = now() + %s WHERE id = %s",
        (one_by_one.LATER, number),
    )


def _warn_of(by: due.Rules, now: datetime, session: Session, numbers: Sequence[int]) -> None:
    # The others another process has, or had.
    rows = session.all(
        "SELECT id FROM case_file WHERE id = ANY (%s) AND next_warning <= %s"
        " ORDER BY next_warning FOR UPDATE SKIP LOCKED",
        (list(numbers), now),
    )
    look(session, [row[0] for row in rows], by, now)


def look(
    session: Session, numbers: Sequence[int], by: due.Rules, now: datetime
) -> dict[int, list[str]]:
    """Cases that are locked: warns of what is owed in each, and notes when to look next.

    What is to be counted of each.
    """
    sent: dict[int, set[tuple[str, str]]] = {one: set() for one in numbers}
    for number, participant, key in session.all(
        "SELECT case_id, participant::text, key FROM case_warned WHERE case_id = ANY (%s)",
        (list(numbers),),
    ):
        sent[number].add((participant, key))
    owed: list[_Owed] = []
    upcoming, facets = {}, {}
    for one in wholes.read(session, numbers):
        case = fold(named(one.kind), one.entries)
        known = due.knowing(by, one.came)
        bound = due.clocks_of(case, known, now)
        owed += _owed(one, bound, now, sent[one.id])
        upcoming[one.id], facets[one.id] = projecting.of_clocks(
            case, one.entries, (known, now, bound)
        )
    if owed:
        _send(session, owed)
    projecting.note_next(session, upcoming)
    return facets


class _Owed(msgspec.Struct, frozen=True):
    """A warning: to whom, by which key, and what of it people and programs are told."""

    case_id: int
    to: Participant
    key: str
    said: dict[str, Any]
    told: dict[str, Any]


def _owed(
    one: Whole, bound: Sequence[Bound], now: datetime, sent: set[tuple[str, str]]
) -> Iterator[_Owed]:
    for to, owed in due.warnings_owed(bound, now, sent):
        clock = next(b.clock for b in bound if b.participant is to and b.clock.row.id == owed.row)
        ends: dict[str, Any] = {
            "strict": clock.strict.isoformat() if clock.strict else "",
            "legal": clock.legal.isoformat() if clock.legal else "",
            "is_over": owed.mark == "over",
        }
        yield _Owed(
            one.id, to, owed.key,
            said=ends | {"number": one.number, "rule": titles.in_all(clock.row)},
            told=ends | {"rule": clock.row.id, "source": titles.sources_in_all(clock.row)},
        )  # fmt: skip


def _send(session: Session, several: Sequence[_Owed]) -> None:
    """To those with an account here, those without one, and to programs; and notes that."""
    session.execute(
        "INSERT INTO case_warned (case_id, participant, key)"
        " SELECT * FROM unnest(%s::int[], %s::uuid[], %s::text[])",
        (
            [one.case_id for one in several],
            [one.to.id for one in several],
            [one.key for one in several],
        ),
    )
    readers = readers_of(session, {(one.to.org, one.to.user) for one in several})
    outbox.put_each(session, "clock", [
        (user_id, one.said) for one in several for user_id in readers[one.to.org, one.to.user]
    ])  # fmt: skip
    letters.warn(session, [(one.case_id, one.to.id, one.said) for one in several])
    noting.note_each(
        session, "clock", [(one.case_id, one.told, (one.to.org, one.to.user)) for one in several]
    )
