# SPDX-License-Identifier: EUPL-1.2
"""What holds of every row and every start."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brug.cases import clocks
from brug.cases.clocks import Calendar, Clock, Facts, Given, moment, periods
from brug.cases.clocks.facts import read
from brug.model.errors import Invalid

TABLE = clocks.table()
NL = clocks.calendar_of("NL")
LENGTHS = [row for row in TABLE if row.period]
NO_NOON = [row for row in LENGTHS if row.rule != "dora-noon"]
MOMENTS = st.datetimes(
    datetime.fromisoformat("1990-01-01"),
    datetime.fromisoformat("2090-01-01"),
    timezones=st.just(UTC),
).map(lambda at: at.replace(microsecond=0))
# Around the changes of the clocks in Europe, where most goes wrong.
NIGHTS = st.builds(
    lambda day, minutes: datetime.combine(date(*day), time(), UTC) + timedelta(minutes=minutes),
    st.sampled_from([(2026, 3, 28), (2026, 10, 24), (2027, 2, 27), (2026, 9, 24), (2027, 9, 30)]),
    st.integers(0, 3 * 24 * 60),
)
ZONES = st.sampled_from([
    "Europe/Amsterdam", "UTC", "Europe/Dublin", "Africa/Casablanca", "Asia/Kolkata",
    "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo",
])  # fmt: skip
CALENDARS = st.one_of(
    st.sampled_from(["NL", "BE", "DE", "GR", "IE"]).map(clocks.calendar_of),
    ZONES.map(clocks.weekends_only),
)


def applied(row: clocks.Row, start: datetime, calendar: Calendar = NL, **more: datetime) -> Clock:
    stated = [(row.trigger, moment(start)), *((name, moment(at)) for name, at in more.items())]
    return clocks.clock(row, Facts(stated), start, calendar, Given())


def both(clock: Clock) -> tuple[datetime, datetime]:
    assert clock.strict is not None
    return clock.strict, clock.deadline()


@given(st.sampled_from(LENGTHS), MOMENTS | NIGHTS, CALENDARS)
def test_the_legal_end_never_lies_before_the_strict_nor_that_before_the_start(
    row: clocks.Row, start: datetime, calendar: Calendar
) -> None:
    strict, legal = both(applied(row, start, calendar))
    assert start < strict <= legal


@given(st.sampled_from(NO_NOON), MOMENTS | NIGHTS, st.integers(1, 4 * 24 * 60), CALENDARS)
def test_a_later_start_never_ends_earlier(
    row: clocks.Row, start: datetime, minutes: int, calendar: Calendar
) -> None:
    later = start + timedelta(minutes=minutes)
    first, second = both(applied(row, start, calendar)), both(applied(row, later, calendar))
    by_month = "M" in row.period or "Y" in row.period
    for early, late, is_wall in zip(first, second, (True, row.rule == "plain"), strict=True):
        if by_month and is_wall:
            # The 30th and the 31st both end on the 30th of the next month, each at its time.
            days = [at.astimezone(calendar.clock).date() for at in (early, late)]
            assert days[0] <= days[1]
        else:
            assert early <= late


@given(st.sampled_from(LENGTHS), MOMENTS, MOMENTS, CALENDARS)
def test_correcting_a_fact_corrects_the_deadline(
    row: clocks.Row, wrong: datetime, right: datetime, calendar: Calendar
) -> None:
    before = Facts([(row.trigger, moment(wrong))])
    after = before.corrected(row.trigger, moment(right))
    now = max(wrong, right)
    assert clocks.clock(row, after, now, calendar) == clocks.clock(
        row, Facts([(row.trigger, moment(right))]), now, calendar
    )
    taken_back = after.corrected(row.trigger, None)
    assert clocks.clock(row, taken_back, now, calendar).started is None


@given(MOMENTS | NIGHTS, st.integers(1, 200), CALENDARS)
def test_hours_are_hours_whatever_the_clocks_on_the_wall_do(
    start: datetime, hours: int, calendar: Calendar
) -> None:
    end = periods.after(start, periods.read(f"PT{hours}H"), calendar.clock)
    assert end - start == timedelta(hours=hours)


@given(MOMENTS | NIGHTS, CALENDARS)
def test_what_does_not_end_in_hours_ends_with_a_working_day(
    start: datetime, calendar: Calendar
) -> None:
    for name in ("nis2-final", "ee-clarify", "ee-epoc-plain"):
        _, legal = both(applied(TABLE.row(name), start, calendar))
        last = legal.astimezone(calendar.clock)
        assert calendar.is_working(last.date())
        assert (legal + timedelta(seconds=1)).astimezone(calendar.clock).date() > last.date()


@given(MOMENTS, st.integers(2, 40), st.frozensets(st.integers(0, 40)))
def test_days_hold_at_least_two_working_days_whatever_the_holidays(
    start: datetime, days: int, free: frozenset[int]
) -> None:
    begun = start.date()
    holidays = {begun + timedelta(days=one) for one in free}
    calendar = Calendar("UTC", lambda day: day in holidays)
    row = clocks.tables.corrected(
        TABLE, f'[[row]]\nid = "ee-clarify"\nperiod = "P{days}D"\nwhere = "here"', "own"
    ).row("ee-clarify")
    _, legal = both(applied(row, start, calendar))
    within = [begun + timedelta(days=one) for one in range(1, (legal.date() - begun).days + 1)]
    assert sum(calendar.is_working(day) for day in within) >= 2
    # And it is the first such end: the working day before it would not do.
    assert legal.date() >= begun + timedelta(days=days)
    shorter = [day for day in within if calendar.is_working(day)][:-1]
    assert len(shorter) < 2 or shorter[-1] < begun + timedelta(days=days)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(1, 48))
def test_months_keep_the_day_or_take_the_last(day: date, months: int) -> None:
    found = periods.date_after(day, periods.read(f"P{months}M"))
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == day.day or (found.day < day.day and (found + timedelta(days=1)).day == 1)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)), ZONES)  # noqa: DTZ001
def test_a_time_on_the_wall_is_read_as_that_time_or_refused_as_skipped(
    wall: datetime, zone: str
) -> None:
    wall = wall.replace(microsecond=0)
    try:
        at = read(wall.isoformat(), zone).at
    except Invalid:
        assert periods.is_skipped(wall, ZoneInfo(zone))
        return
    assert at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) == wall
    earlier = at - timedelta(hours=3)
    while earlier < at:  # the first of two
        shown = earlier.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
        assert shown != wall
        earlier += timedelta(minutes=30)


@given(st.text(max_size=40), st.text(max_size=30))
def test_rubbish_is_refused_by_the_name_of_the_fact(time: str, zone: str) -> None:
    for text, where in ((time, "UTC"), ("2026-11-27T14:20", zone), (time, zone)):
        try:
            found = read(text, where, "aware_at")
        except Invalid as error:
            found_field = error.field
        else:
            found_field = "aware_at"
            assert found.at.tzinfo is UTC
            assert 1970 <= found.at.year < 2200
        assert found_field == "aware_at"


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 1, 1), datetime(1, 1, 1, tzinfo=UTC),  # noqa: DTZ001
        datetime.max.replace(tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=ZoneInfo("Asia/Tokyo")),
    ],
)  # fmt: skip
def test_moments_that_no_case_has_are_refused(at: datetime) -> None:
    with pytest.raises(Invalid, match="aware_at"):
        Facts([("aware_at", clocks.Moment(at))])


@given(MOMENTS | NIGHTS, MOMENTS, st.sampled_from(LENGTHS))
def test_every_combination_has_a_status_and_an_end_only_once_it_started(
    start: datetime, now: datetime, row: clocks.Row
) -> None:
    found = clocks.clock(row, Facts([(row.trigger, moment(start))]), now, NL, Given(), TABLE)
    assert (found.status == "missed") <= (found.legal is not None and found.legal < now)
    counts = row.in_force(start.astimezone(NL.clock).date()) and row.status != "proposal"
    if start > now and counts and not row.when and not row.follows:
        assert found.status == "not_started"
    empty = clocks.clock(row, Facts(), now, NL, Given(), TABLE)
    assert empty.strict is None
    with pytest.raises(clocks.ClockNotStarted):
        empty.deadline()
