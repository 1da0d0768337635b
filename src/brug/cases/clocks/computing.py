# SPDX-License-Identifier: EUPL-1.2
"""Which clock runs, for whom, from when, to when.

A clock is computed, never stored: it follows from the case's recorded facts, so
correcting a fact corrects the deadline. Each gives two times: the strict one, which
warns, and the legal one by its row's `clock_rule` (docs/spec/clocks.md, deadlines table).
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from brug.cases.clocks.calendars import Calendar
from brug.cases.clocks.deciding import Seen, Status, status_of
from brug.cases.clocks.ending import Ends, ends_of, start_of
from brug.cases.clocks.facts import Facts, Moment
from brug.cases.clocks.remarks import Remark
from brug.cases.clocks.rows import Row, share_or_period
from brug.cases.clocks.tables import Table
from brug.model.errors import BrugError

Holds = Literal["yes", "undecided", "no"]


class ClockNotStarted(BrugError):
    """A deadline was asked for before the fact that starts it was recorded."""

    code = "clock_not_started"
    public = "This deadline starts when the entity becomes aware; record that time first."
    status = 409

    def __init__(self, row: Row, fact: str = "") -> None:
        wanted = fact or row.trigger
        super().__init__(f"{row.id} starts with {wanted}, which is not recorded")
        if wanted != "aware_at":
            self.public = f"This deadline starts with {wanted}; record that time first."


class Settled(msgspec.Struct, frozen=True):
    """A person's decision that a row does not bind in this case, with the reason."""

    status: Literal["waived", "not_applicable"]
    reason: str


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What holds of the participant and the case, besides facts."""

    roles: frozenset[str] = frozenset()
    circumstances: frozenset[str] = frozenset()
    settled: Mapping[str, Settled] = {}
    is_information: bool = False


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """One row applied. Times are UTC; `zone` is the authority's, to show them in.

    `is_information`: it binds another participant than the one it is shown to, and warns nobody.
    `warns` are the moments at which it warns, each with the mark of the row.
    """

    row: Row
    status: Status
    zone: str
    started: Moment | None = None
    started_by: str = ""
    strict: datetime | None = None
    legal: datetime | None = None
    met: Moment | None = None
    warns: tuple[tuple[str, datetime], ...] = ()
    remarks: tuple[Remark, ...] = ()
    is_information: bool = False

    @property
    def is_verified(self) -> bool:
        """Whether the row was seen in its source; pages say so where it was not."""
        return self.row.is_verified

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.status in {"running", "due_soon", "missed"}

    def deadline(self) -> datetime:
        """The legal end. Raises ClockNotStarted where what gives it is not recorded."""
        if self.legal is None:
            raise ClockNotStarted(self.row, self.row.due if self.started else "")
        return self.legal


def clock(
    row: Row,
    facts: Facts,
    now: datetime,
    calendar: Calendar,
    given: Given = Given(),  # noqa: B008 - frozen
    table: Table | None = None,
) -> Clock:
    """One row applied to facts; `table` where rows that replace or precede it are to count."""
    started = start_of(row, facts)
    ends = ends_of(row, facts, calendar, given.roles)
    applies, why = _applies(row, facts, now, calendar, given, table)
    met = _met(row, facts, now, started[1] if started else None)
    warns = _warns(row, started[1].at, ends, table) if started and ends else ()
    settled = given.settled.get(row.id)
    status = status_of(
        Seen(
            settled=settled.status if settled else "no",
            applies=applies,
            start="none" if started is None else "past" if started[1].at <= now else "ahead",
            met="no" if met is None else "late" if ends and met.at > ends.legal else "in_time",
            time=_time(now, ends, warns),
            keeps="yes" if row.end == "keep_until" else "no",
        )
    )
    remarks = [*why, *(ends.remarks if ends else ())]
    if settled:
        remarks.append(Remark("settled", (settled.reason,)))
    if started and started[1].at > now:
        remarks.append(Remark("ahead", (started[0],)))
    remarks += _doubts(row, facts, started, met, ends)
    if status == "met_late":
        remarks.append(Remark("reason_wanted"))
    return Clock(
        row=row, status=status, zone=calendar.zone, met=met, warns=warns,
        started=started[1] if started else None, started_by=started[0] if started else "",
        strict=ends.strict if ends else None, legal=ends.legal if ends else None,
        remarks=tuple(remarks), is_information=given.is_information,
    )  # fmt: skip


def _time(
    now: datetime, ends: Ends | None, warns: Collection[tuple[str, datetime]]
) -> Literal["early", "soon", "over"]:
    if ends is None:
        return "early"
    if now > ends.legal:
        return "over"
    return "soon" if now >= min((at for _, at in warns), default=ends.strict) else "early"


def _met(row: Row, facts: Facts, now: datetime, started: Moment | None) -> Moment | None:
    """What meets it. Of a trigger that comes again, what was done before meets nothing."""
    met = facts.get(row.met_by)
    if met is None or met.at > now:
        return None
    return None if row.again and started and met.at < started.at else met


def _doubts(
    row: Row, facts: Facts, started: tuple[str, Moment] | None, met: Moment | None,
    ends: Ends | None,
) -> list[Remark]:  # fmt: skip
    """What cannot be as it was recorded, or should not have been done."""
    found = []
    if met and started and met.at < started[1].at:
        found.append(Remark("met_before_start", (row.met_by, started[0])))
    if met and ends and row.end == "act_at" and met.at < ends.strict:
        freed = facts.get(row.early)
        if freed is None or met.at < freed.at:
            found.append(Remark("met_too_early", (row.met_by,)))
    return found


def _applies(
    row: Row, facts: Facts, now: datetime, calendar: Calendar, given: Given, table: Table | None
) -> tuple[Holds, list[Remark]]:
    """Whether the row counts here, and why it does not."""
    if why := _excluded(row, facts, now, calendar, given):
        return "no", [why]
    for other in table or ():
        if other.replaces == row.id and _counts(other, facts, now, calendar, given):
            return "no", [Remark("replaced", (other.id,))]
    if row.by_end:
        holds = _by_end(row, facts, now, calendar, given)
        return holds, _of_condition(holds, row)
    if row.follows and table:
        before = table.row(row.follows)
        if _excluded(before, facts, now, calendar, given):
            return "no", [Remark("preceded", (before.id,))]
        holds = _by_end(before, facts, now, calendar, given)
        return holds, _of_condition(holds, before)
    return "yes", []


def _excluded(
    row: Row, facts: Facts, now: datetime, calendar: Calendar, given: Given
) -> Remark | None:
    """Why the row cannot count, whatever its end."""
    started = start_of(row, facts)
    if row.status == "proposal":
        return Remark("proposal")
    day = (started[1].at if started else now).astimezone(calendar.clock).date()
    if not row.in_force(day):
        return Remark("not_in_force", (day.isoformat(),))
    if missing := [name for name in row.when if name not in given.circumstances]:
        return Remark("needs", tuple(missing))
    if found := [name for name in row.unless if name in given.circumstances]:
        return Remark("excluded", tuple(found))
    return None


def _counts(other: Row, facts: Facts, now: datetime, calendar: Calendar, given: Given) -> bool:
    """Whether a row that replaces another binds the same participant."""
    if other.id in given.settled or not given.roles & set(other.obliged):
        return False
    return _excluded(other, facts, now, calendar, given) is None


def _by_end(row: Row, facts: Facts, now: datetime, calendar: Calendar, given: Given) -> Holds:
    """Whether what the row waits for has, or has not, happened by its end."""
    ends = ends_of(row, facts, calendar, given.roles)
    if row.by_end is None or ends is None:
        return "undecided"
    said = (facts.get(name) for name in row.by_end.facts)
    happened = any(at and at.at <= min(now, ends.legal) for at in said)
    if not happened and now <= ends.legal:
        return "undecided"
    return "yes" if happened == row.by_end.happened else "no"


def _of_condition(holds: Holds, row: Row) -> list[Remark]:
    if holds == "yes" or row.by_end is None:
        return []
    code = "undecided" if holds == "undecided" else "decided"
    return [Remark(code if row.by_end.happened else f"{code}_without", tuple(row.by_end.facts))]


def _warns(
    row: Row, start: datetime, ends: Ends, table: Table | None
) -> tuple[tuple[str, datetime], ...]:
    """Each mark with its moment, those after the start, in their order."""
    marks = table.warnings_of(row) if table else row.warn or ("due",)
    found = []
    for mark in marks:
        share, before = share_or_period(mark, "warn")
        if share is not None:
            at = start + (ends.strict - start) * share / 100
        else:
            at = ends.strict - (before.duration if before else timedelta())
        if at > start:
            found.append((mark, at.replace(microsecond=0)))
    return tuple(sorted(found, key=lambda one: one[1]))


def of(
    facts: Facts,
    roles: Collection[str],
    now: datetime,
    *,
    calendar: Calendar,
    table: Table,
    only: Collection[str] | None = None,
    circumstances: Collection[str] = (),
    settled: Mapping[str, Settled] | None = None,
    is_information: bool = False,
) -> list[Clock]:
    """All clocks of a participant that has these roles, in the order of the table.

    `only` are the rows that the kind of case has; others are left out. With `is_information`
    they are shown to somebody who helps: they bind the participant, and warn nobody.
    Raises UnknownDeadline for a row that the table does not have.
    """
    rows = table.rows.values() if only is None else [table.row(name) for name in only]
    given = Given(
        roles=frozenset(roles), circumstances=frozenset(circumstances), settled=settled or {},
        is_information=is_information,
    )  # fmt: skip
    return [
        clock(row, facts, now, calendar, given, table)
        for row in rows
        if given.roles & set(row.obliged)
    ]
