# SPDX-License-Identifier: EUPL-1.2
"""What ends when in the reader's cases: a month, day by day, and what is late already.

However much that is, a page shows so much of it, and leads to the rest.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import msgspec

from brug.cases.calendar import gathering, writing
from brug.cases.calendar.gathering import Asked, Part, Place
from brug.cases.calendar.items import Item
from brug.cases.clocks import titles
from brug.model.errors import Invalid
from brug.web.cases import room
from brug.web.cases.calendar_addressing import FEEDS, PLACE
from brug.web.cases.room import BASE
from brug.web.languages import N_
from brug.web.page import page
from brug.web.rendering import address, zone
from brug.web.visit import Reply, Visit

MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"),
    N_("August"), N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip
DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
MOST_OF_DAY, MOST_LATE, MOST_LISTED = 4, 20, 50
"""How many cases a page shows of a day in its sheet, as late, and in a list."""
_LATE, _A_DAY = timedelta(days=365), timedelta(days=1)
_FIRST, _LAST = date(1971, 1, 1), date(2199, 12, 1)


class Shown(msgspec.Struct, frozen=True):
    """An item with its words, on the wall of the reader's zone."""

    item: Item
    title: str
    about: str
    href: str
    day: date
    clock: str
    is_late: bool
    rule: str = ""


class ShownPart(msgspec.Struct, frozen=True):
    """With `last`, more ends behind it."""

    items: list[Shown]
    last: Place | None = None


class Day(msgspec.Struct, frozen=True):
    """A day of the month's sheet; of a month before or after it is only a gap.

    `more` is the address of all of it, where there is more.
    """

    day: date
    is_in: bool
    is_today: bool
    items: list[Shown]
    more: str = ""


class Listed(msgspec.Struct, frozen=True):
    """What a list is of, what says so in its address, and the month that it leads back to."""

    title: str
    by: str
    value: str
    month: date
    since: datetime
    until: datetime


@page(PLACE, shows=("own",), probe=PLACE)
def show(visit: Visit) -> Reply:
    """A month, or one list of what is late, of a day, or of the rest of a month."""
    room.require_reader(visit)
    wall = zone(visit.principal.timezone) or ZoneInfo("UTC")
    now = datetime.now(UTC)
    today = now.astimezone(wall).date()
    after = Place.read(visit.query.text("after"))
    if visit.query.flag("late"):
        listed = Listed(
            visit.gettext("Past their end"), "late", "1", _month("", today), now - _LATE, now
        )
    elif visit.query.text("day"):
        day = _day(visit.query.text("day"))
        title = f"{visit.gettext(DAYS[day.weekday()])} {day.isoformat()}"
        since, until = _at(day, wall), _at(day + _A_DAY, wall)
        listed = Listed(title, "day", day.isoformat(), day.replace(day=1), since, until)
    else:
        first = _month(visit.query.text("month"), today)
        if not after:
            return _sheet(visit, wall, now, first)
        since, until = _at(first, wall), _at(_next(first), wall)
        listed = Listed(_name(visit, first), "month", f"{first:%Y-%m}", first, since, until)
    return _list(visit, wall, now, after, listed)


def _sheet(visit: Visit, wall: ZoneInfo, now: datetime, first: date) -> Reply:
    today = now.astimezone(wall).date()
    after = _next(first)
    is_now = first <= today < after
    all_days = [first + n * _A_DAY for n in range((after - first).days)]
    asked = [Asked(_at(one, wall), _at(one + _A_DAY, wall), MOST_OF_DAY) for one in all_days]
    asked.append(Asked(_at(today if is_now else first, wall), _at(after, wall), MOST_LISTED))
    if is_now:
        asked.append(Asked(now - _LATE, now, MOST_LATE))
    found = gathering.gather_parts(visit.session, asked)
    parts = [_shown_part(visit, one, wall, now) for one in found.parts]
    sheet, agenda, late = parts[: len(all_days)], parts[len(all_days)], parts[len(all_days) + 1 :]
    days = _days(first, today, sheet)
    return visit.show(
        "cases/calendar.html",
        tabs=room.tabs_of(visit),
        month=_name(visit, first),
        days=DAYS,
        wall=wall,
        weeks=[days[at : at + 7] for at in range(0, len(days), 7)],
        agenda=_by_day(agenda.items, today),
        more=_further("month", f"{first:%Y-%m}", agenda.last),
        late=late[0].items if late else [],
        more_late=address(PLACE, {"late": "1"}) if late and late[0].last else "",
        is_broken=found.is_broken,
        is_now=is_now,
        zone_name=visit.principal.timezone or "UTC",
        previous=_address(_previous(first)),
        next=_address(after),
        here=PLACE,
        feeds=FEEDS,
    )


def _list(
    visit: Visit, wall: ZoneInfo, now: datetime, after: Place | None, listed: Listed
) -> Reply:
    asked = Asked(listed.since, listed.until, MOST_LISTED, after)
    found = gathering.gather_parts(visit.session, [asked])
    part = _shown_part(visit, found.parts[0], wall, now)
    return visit.show(
        "cases/calendar_list.html",
        tabs=room.tabs_of(visit),
        title=listed.title,
        by=listed.by,
        days=DAYS,
        wall=wall,
        agenda=_by_day(part.items, now.astimezone(wall).date()),
        more=_further(listed.by, listed.value, part.last),
        first=address(PLACE, {listed.by: listed.value}) if after else "",
        is_broken=found.is_broken,
        zone_name=visit.principal.timezone or "UTC",
        month=_name(visit, listed.month),
        whole=_address(listed.month),
        feeds=FEEDS,
    )


def _name(visit: Visit, first: date) -> str:
    return f"{visit.gettext(MONTHS[first.month - 1])} {first.year}"


def _at(day: date, wall: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), wall)


def _further(by: str, value: str, last: Place | None) -> str:
    """The address of what ends after it; empty where nothing does."""
    return address(PLACE, {by: value, "after": str(last)}) if last else ""


def _day(given: str) -> date:
    """Raises Invalid."""
    try:
        found = date.fromisoformat(given)
    except ValueError as error:
        raise Invalid("day", "a day such as 2026-11-27", given) from error
    if not _FIRST <= found.replace(day=1) <= _LAST:
        raise Invalid("day", f"a day from {_FIRST.year} to {_LAST.year}", given)
    return found


def _month(given: str, today: date) -> date:
    """The first day of a month such as 2026-11. Raises Invalid."""
    if not given:
        return today.replace(day=1)
    try:
        found = date.fromisoformat(f"{given}-01")
    except ValueError as error:
        raise Invalid("month", "a month such as 2026-11", given) from error
    if not _FIRST <= found <= _LAST:
        raise Invalid("month", f"a month from {_FIRST.year} to {_LAST.year}", given)
    return found


def _next(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _previous(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def _address(first: date) -> str:
    return address(PLACE, {"month": first.isoformat()[:7]}) if _FIRST <= first <= _LAST else ""


def _shown(visit: Visit, one: Item, wall: ZoneInfo, now: datetime) -> Shown:
    at = one.at.astimezone(wall)
    return Shown(
        one,
        writing.title_of(one, visit.language, by_name=True),
        one.says or one.title,
        f"{BASE}/{one.number}" if one.number else f"{BASE}/{one.case}",
        at.date(),
        f"{at:%H:%M}",
        one.what != "embargo" and one.at < now,
        titles.source_of(one.row, visit.language) if one.row else "",
    )


def _shown_part(visit: Visit, part: Part, wall: ZoneInfo, now: datetime) -> ShownPart:
    return ShownPart([_shown(visit, one, wall, now) for one in part.items], part.last)


def _days(first: date, today: date, parts: Sequence[ShownPart]) -> list[Day]:
    """Whole weeks from Monday."""
    start, end = first - first.weekday() * _A_DAY, _next(first)
    found = []
    while start < end or start.weekday():
        is_in = first <= start < end
        part = parts[start.day - 1] if is_in else ShownPart([])
        more = address(PLACE, {"day": start.isoformat()}) if part.last else ""
        found.append(Day(start, is_in, start == today, part.items, more))
        start += _A_DAY
    return found


def _by_day(items: Sequence[Shown], today: date) -> list[Day]:
    """Those days on which something ends; the items come the first first."""
    grouped = groupby(items, lambda one: one.day)
    return [Day(day, True, day == today, list(several)) for day, several in grouped]
