# SPDX-License-Identifier: EUPL-1.2
"""Brings cases up to date where a table of the node is another than it was.

What lists and boards show of a case, and when to look at it next, is stored with it and follows
from tables that an operator corrects: deadlines with calendars of authorities, the scheme of
severity, how vendors are chased; and, as what calendars and queues show, from the kinds of cases
that a version of Brug has. So open cases are gone through, in the order of their ids and some in a
round: how far is kept, and whoever was killed goes on from there. A table that cannot be used
changes nothing, until it can.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any, LiteralString

import msgspec

from brug import __version__
from brug.cases import counting, due, files, one_by_one, projecting, warning
from brug.cases.folding import fold
from brug.cases.kinds import KINDS, named
from brug.cases.kinds.disclosure import DISCLOSURE
from brug.cases.kinds.incident import INCIDENT
from brug.cases.one_by_one import Step
from brug.cases.severity import scheme_here
from brug.cases.views import catching_up
from brug.store import settings
from brug.store.repeating import Round
from brug.store.session import Database, Session

ROUND_SECONDS = 20.0
MOST = 100

_encoder = msgspec.json.Encoder(order="deterministic")


class Kept(msgspec.Struct, frozen=True):
    """Something stored that follows from a table: what it is by, of which kinds, and how a case
    gets it anew, or is put off where that fails. `also` are those of cases that are over.
    """

    name: str
    says: Callable[[Session], Any]
    kinds: tuple[str, ...]
    again: Step
    put_off: Step
    also: LiteralString = "due IS NOT NULL"


def _deadlines(session: Session) -> Any:
    by = due.rules_here(session)
    countries = by.countries
    return [by.table.rows, by.table.warn, countries.default, countries.named()]


def _warn_again(session: Session, number: int) -> None:
    found = warning.look(session, [number], due.rules_here(session), datetime.now(UTC))
    counting.note(session, number, found[number])


def _severity(session: Session) -> Any:
    """With the rows that hold today: a rule may begin by itself."""
    scheme, today = scheme_here(session), datetime.now(UTC).date()
    rows = (*scheme.levels, *scheme.factors, *scheme.rules)
    return [scheme, [one.id for one in rows if one.in_force(today)]]


def _assess_again(session: Session, number: int) -> None:
    file = files.of_id(session, number)
    case = fold(named(file.kind), files.entries_of(session, file))
    projecting.note_severity(session, number, case)


def _chasing(session: Session) -> Any:
    return int(settings.get(session, "disclosure.chase_days"))


def _watch_again(session: Session, number: int) -> None:
    session.execute("UPDATE case_watch SET next = now() WHERE case_id = %s", (number,))


def _leave(_: Session, __: int) -> None:
    """It is computed when the case changes, or when it can be read."""


def _views(session: Session) -> Any:
    """With the rows that hold today, and the version, whose kinds and forms they follow from."""
    table, now = due.rules_here(session).table, datetime.now(UTC)
    # On whichever clock of an authority a day begins.
    days = sorted({(now + timedelta(hours=zone)).date() for zone in range(-1, 4)})
    held = [[one.id for one in table if one.in_force(day)] for day in days]
    return [__version__, _deadlines(session), held, _severity(session)]


KEPT = (
    Kept(
        "deadlines", _deadlines, tuple(one.key for one in KINDS.values() if one.clocks),
        _warn_again, warning.put_off,
    ),
    Kept("severity", _severity, (INCIDENT.key,), _assess_again, _leave),
    Kept("chasing", _chasing, (DISCLOSURE.key,), _watch_again, _leave),
    Kept(
        "views", _views, tuple(KINDS), catching_up.again, catching_up.put_off,
        "EXISTS (SELECT 1 FROM case_view v WHERE v.case_id = case_file.id)",
    ),
)  # fmt: skip


def rounds() -> list[Round]:
    """One for each: a table that cannot be used keeps none of the others waiting."""
    return [_round(one) for one in KEPT]


def _round(kept: Kept) -> Round:
    def catch_up(database: Database) -> float:
        """One round; the seconds until the next. Raises what the table does."""
        return 0.0 if some(database, kept) else ROUND_SECONDS

    catch_up.__name__ = f"catch_up with {kept.name}"
    return catch_up


def some(database: Database, kept: Kept, most: int = MOST) -> bool:
    """Brings some cases up to date; whether there may be more."""
    with database.system() as session:
        digest = sha256(_encoder.encode(kept.says(session))).digest()
        upto = _begun(session, kept, digest)
        if upto is None:
            return False
        several = [row[0] for row in session.all(
            "SELECT id FROM case_file WHERE id > %s AND kind = ANY (%s)"
            " AND (NOT is_over OR " + kept.also + ") ORDER BY id LIMIT %s",
            (upto, list(kept.kinds), most),
        )]  # fmt: skip
    one_by_one.each(database, several, partial(_locked, kept), kept.put_off)
    is_more = len(several) == most
    with database.system() as session:
        session.execute(
            "UPDATE case_table SET upto = %s WHERE name = %s AND digest = %s",
            (several[-1] if is_more else None, kept.name, digest),
        )
    return is_more


def _begun(session: Session, kept: Kept, digest: bytes) -> int | None:
    """The last case that is by the table as it is now; nothing where all are."""
    # Without a lock, which would be a write each time.
    known = session.one("SELECT digest, upto FROM case_table WHERE name = %s", (kept.name,))
    if known is not None and bytes(known[0]) == digest:
        return None if known[1] is None else int(known[1])
    session.execute(
        "INSERT INTO case_table (name, digest, upto) VALUES (%s, %s, 0)"
        " ON CONFLICT (name) DO UPDATE SET digest = excluded.digest, upto = 0",
        (kept.name, digest),
    )
    return 0


def _locked(kept: Kept, session: Session, number: int) -> None:
    files.lock(session, number)
    kept.again(session, number)
