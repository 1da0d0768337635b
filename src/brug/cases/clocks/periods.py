# SPDX-License-Identifier: EUPL-1.2
"""Periods as laws write them, and how one is added to a moment: pure arithmetic.

Hours are added to the instant, so that a change of the clocks takes or gives none. Days, weeks,
months and years are added to the date on the wall of a zone. A wall time that comes twice counts
from where the repetition starts, one that is skipped is the moment of the skip: of two starts the
later one thus never ends earlier, or, by the month, on an earlier day.
"""

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

Unit = Literal["hours", "days", "months"]

_ISO = re.compile(r"P(?:(\d{1,4})([YMWD])|T(\d{1,4})H)", re.ASCII)
_UNITS: dict[str, tuple[Unit, int]] = {
    "H": ("hours", 1), "Y": ("months", 12), "M": ("months", 1), "W": ("days", 7), "D": ("days", 1),
}  # fmt: skip
_LONGEST = {"hours": 24 * 366, "days": 3660, "months": 120}
SECOND = timedelta(seconds=1)


class Period(msgspec.Struct, frozen=True):
    """So many hours, days or months; a week is 7 days, a year 12 months."""

    unit: Unit
    count: int

    @property
    def is_hours(self) -> bool:
        return self.unit == "hours"

    @property
    def duration(self) -> timedelta:
        """How long hours and days are; a month has no length of its own."""
        if self.unit == "months":
            raise ValueError("a month has no length of its own")
        return timedelta(**{self.unit: self.count})


@cache
def read(text: str) -> Period:
    """An ISO 8601 period of one unit: PT24H, P14D, P1W, P3M, P1Y. Raises ValueError."""
    found = _ISO.fullmatch(text)
    if found is None:
        raise ValueError(text)
    count, letter, hours = found.groups()
    unit, times = _UNITS[letter or "H"]
    period = Period(unit, int(hours or count) * times)
    if not 0 < period.count <= _LONGEST[period.unit]:
        raise ValueError(text)
    return period


def date_after(day: date, period: Period) -> date:
    """A date so many days or months later; the last of a month that has no such day."""
    if period.unit == "days":
        return day + timedelta(days=period.count)
    year, month = divmod(day.year * 12 + day.month - 1 + period.count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def after(start: datetime, period: Period, zone: ZoneInfo) -> datetime:
    """The instant so much later, in UTC."""
    if period.is_hours:
        return start.astimezone(UTC) + period.duration
    wall = _settled_wall(start, zone)
    return instant(datetime.combine(date_after(wall.date(), period), wall.time()), zone)


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """When a wall clock shows a time, in UTC: the first time, or the moment that skips it."""
    early, late = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    earliest, latest = early.astimezone(UTC), late.astimezone(UTC)
    if latest < earliest:  # skipped
        return _turn(latest, earliest, zone)
    return earliest


def is_skipped(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether no clock of the zone ever shows it."""
    there = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return there.replace(tzinfo=None, fold=0) != wall.replace(fold=0)


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day, in UTC."""
    return instant(datetime.combine(day, time()), zone)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The last second of a day, in UTC."""
    return start_of(day + timedelta(days=1), zone) - SECOND


def _settled_wall(start: datetime, zone: ZoneInfo) -> datetime:
    """What the wall shows; within an hour that comes twice, where its repetition starts."""
    wall = start.astimezone(zone).replace(tzinfo=None, fold=0)
    early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early >= late:
        return wall
    return _turn(early, late, zone).astimezone(zone).replace(tzinfo=None, fold=0)


def _turn(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The second at which the zone's offset changes between two instants of which it does."""
    before = low.astimezone(zone).utcoffset()
    while high - low > SECOND:
        middle = low + (high - low) // 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)
