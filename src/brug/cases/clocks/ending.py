# SPDX-License-Identifier: EUPL-1.2
"""The two ends of a period: the strict one, and the one that the law gives.

The strict end is the period added to the moment that started it; it warns. The legal end is the
outer limit by the row's rule (docs/spec/clocks.md, "Two times"). It never lies before the strict.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from brug.cases.clocks.calendars import Calendar
from brug.cases.clocks.facts import Facts, Moment
from brug.cases.clocks.periods import Period, after, date_after, end_of, instant, read
from brug.cases.clocks.remarks import Remark
from brug.cases.clocks.rows import Row

# Regulation (EEC, Euratom) 1182/71, art. 3(5), says so of any period of two days or more.
_WORKING_DAYS = 2
_TWO_DAYS_OF_HOURS = 48

RULES = {
    "eu-1182-71": (
        "Regulation (EEC, Euratom) 1182/71, art. 3: the hour or day in which it starts is not"
        " counted; a period in hours ends with its last hour, any other with its last day, and if"
        " that is a Saturday, a Sunday or a holiday, with the next working day"
    ),
    "dora-noon": (
        "Regulation 1182/71, art. 3; an end on a weekend or holiday moves to noon of the next"
        " working day (Delegated Regulation (EU) 2025/301, art. 5(4)-(5))"
    ),
    "plain": "the period added to the moment that starts it; nothing moves",
}


class Ends(msgspec.Struct, frozen=True):
    """The strict and the legal end, in UTC, and what has to be said of them."""

    strict: datetime
    legal: datetime
    remarks: tuple[Remark, ...] = ()


class _Span(msgspec.Struct, frozen=True):
    start: datetime
    periods: tuple[Period, ...]

    @property
    def is_hours(self) -> bool:
        return self.periods[0].is_hours

    def strict(self, calendar: Calendar) -> datetime:
        end = self.start
        for period in self.periods:
            end = after(end, period, calendar.clock)
        return end

    def last_day(self, calendar: Calendar) -> date:
        day = self.start.astimezone(calendar.clock).date()
        for period in self.periods:
            day = date_after(day, period)
        return day

    def counted(self, calendar: Calendar) -> datetime:
        """The end by Regulation 1182/71, before it moves off weekends and holidays."""
        if not self.is_hours:
            return end_of(self.last_day(calendar), calendar.clock)
        # The hour of the event is not counted, and what is counted is counted to its end.
        first = self.start.astimezone(UTC).replace(minute=0, second=0) + timedelta(hours=1)
        return first + timedelta(hours=sum(period.count for period in self.periods))


def start_of(row: Row, facts: Facts) -> tuple[str, Moment] | None:
    """What starts the clock, and when: the trigger, or what starts it anew if that is later."""
    found = [(name, at) for name in (row.trigger, row.restarts) if (at := facts.get(name))]
    return max(found, key=lambda one: one[1].at, default=None)


def ends_of(row: Row, facts: Facts, calendar: Calendar, roles: Collection[str]) -> Ends | None:
    """Both ends; None where it has not started, or the rule gives no time."""
    started = start_of(row, facts)
    if started is None:
        return None
    start = started[1].at
    if row.due:
        said = facts.get(row.due)
        return Ends(said.at, said.at) if said and said.at >= start else None
    if not row.period:
        return None
    first = _Span(start, (read(row.period), *_extension(row, facts)))
    cap, remarks = _cap(row, facts, start, calendar)
    spans = [first, cap] if cap else [first]
    strict = min(span.strict(calendar) for span in spans)
    if row.rule == "plain":
        return Ends(strict, strict, remarks)
    counts = min(spans, key=lambda span: span.counted(calendar))
    if counts is not first:
        remarks = (*remarks, Remark("capped", (row.cap.trigger if row.cap else "",)))
    if row.rule == "dora-noon":
        relieved = not set(row.no_relief) & set(roles)
        legal, more = _noon(counts, calendar, relieved=relieved)
    else:
        legal, more = _moved(counts, calendar)
    return Ends(strict, max(strict, legal), (*remarks, *more))


def _extension(row: Row, facts: Facts) -> tuple[Period, ...]:
    one = row.extension
    return (read(one.period),) if one and facts.get(one.fact) else ()


def _cap(
    row: Row, facts: Facts, start: datetime, calendar: Calendar
) -> tuple[_Span | None, tuple[Remark, ...]]:
    """The second period. It does not count where it had ended before the first one started."""
    at = facts.get(row.cap.trigger) if row.cap else None
    if row.cap is None or at is None:
        return None, ()
    span = _Span(at.at, (read(row.cap.period),))
    if span.strict(calendar) < start:
        return None, (Remark("cap_passed", (row.cap.trigger,)),)
    return span, ()


def _moved(span: _Span, calendar: Calendar) -> tuple[datetime, tuple[Remark, ...]]:
    """Art. 3(4), and for periods in days or longer 3(5); periods in hours do not move."""
    end = span.counted(calendar)
    begun = span.start.astimezone(calendar.clock).date()
    if span.is_hours:
        last = end.astimezone(calendar.clock).date()
        is_long = sum(period.count for period in span.periods) >= _TWO_DAYS_OF_HOURS
        few = is_long and not _has_working_days(begun, last, calendar)
        return end, (Remark("few_working_days"),) if few else ()
    counted = span.last_day(calendar)
    last = calendar.working_from(counted)
    if sum(period.count for period in span.periods) > 1 or span.periods[0].unit == "months":
        while not _has_working_days(begun, last, calendar):
            last = calendar.working_from(last + timedelta(days=1))
    remarks = (Remark("moved", (counted.isoformat(), last.isoformat())),) if last > counted else ()
    return end_of(last, calendar.clock), remarks


def _noon(
    span: _Span, calendar: Calendar, *, relieved: bool
) -> tuple[datetime, tuple[Remark, ...]]:
    end = span.counted(calendar)
    day = end.astimezone(calendar.clock).date()
    if calendar.is_working(day):
        return end, ()
    if not relieved:
        return end, (Remark("no_relief"),)
    last = calendar.working_from(day)
    noon = instant(datetime.combine(last, time(12)), calendar.clock)
    return noon, (Remark("moved", (day.isoformat(), last.isoformat())),)


def _has_working_days(begun: date, last: date, calendar: Calendar) -> bool:
    """Whether two working days lie after the day on which it began, up to the last one."""
    found = 0
    for later in range(1, (last - begun).days + 1):
        found += calendar.is_working(begun + timedelta(days=later))
        if found >= _WORKING_DAYS:
            return True
    return False
