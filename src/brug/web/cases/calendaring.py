# SPDX-License-Identifier: EUPL-1.2
"""What ends when in the reader's cases: a month, day by day, and what is late already.

Beside it the secret addresses at which calendar programs read the same.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from brug.cases.calendar import feeds, gathering, writing
from brug.cases.calendar.gathering import Item
from brug.cases.clocks import titles
from brug.model.errors import BrugError, Conflict, Invalid, NotFound
from brug.web.cases import room, sentences
from brug.web.cases.room import BASE
from brug.web.languages import N_
from brug.web.page import page
from brug.web.rendering import address, zone
from brug.web.visit import Reply, Visit

PLACE = BASE + "/calendar"
FEEDS = PLACE + "/addresses"
MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"),
    N_("August"), N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip
DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
_LATE = timedelta(days=365)
_FIRST, _LAST = date(1971, 1, 1), date(2199, 12, 1)


class Shown(msgspec.Struct, frozen=True):
    """An item with its words, on the wall of the reader's zone."""

    item: Item
    title: str
    about: str
    href: str
    clock: str
    is_late: bool
    rule: str = ""


class Day(msgspec.Struct, frozen=True):
    """A day of the month's sheet; of a month before or after it is only a gap."""

    day: date
    is_in: bool
    is_today: bool
    items: list[Shown]


@page(PLACE, shows=("own",), probe=PLACE)
def show(visit: Visit) -> Reply:
    room.require_reader(visit)
    wall = zone(visit.principal.timezone) or ZoneInfo("UTC")
    now = datetime.now(UTC)
    today = now.astimezone(wall).date()
    first = _month(visit.query.text("month"), today)
    after = _next(first)
    since, until = (datetime.combine(one, time(), wall) for one in (first, after))
    is_now = first <= today < after
    found = gathering.gather(visit.session, now - _LATE if is_now else since, until)
    shown = [_shown(visit, one, wall, now) for one in found.items]
    late = [one for one in shown if is_now and one.item.at < now]
    of_month = [one for one in shown if one.item.at >= since]
    days = _days(first, today, of_month, wall)
    return visit.show(
        "cases/calendar.html",
        tabs=room.tabs_of(visit),
        month=f"{visit.gettext(MONTHS[first.month - 1])} {first.year}",
        days=DAYS,
        weeks=[days[at : at + 7] for at in range(0, len(days), 7)],
        agenda=[one for one in days if one.items and (one.day >= today or not is_now)],
        late=late,
        is_cut=found.is_cut,
        is_broken=found.is_broken,
        most=gathering.MOST_CASES,
        is_now=is_now,
        zone_name=visit.principal.timezone or "UTC",
        previous=_address(_previous(first)),
        next=_address(after),
        here=PLACE,
        feeds=FEEDS,
    )


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
    return Shown(
        one,
        writing.title_of(one, visit.language),
        one.says or one.title,
        f"{BASE}/{one.number}" if one.number else f"{BASE}/{one.case}",
        one.at.astimezone(wall).strftime("%H:%M"),
        one.what != "embargo" and one.at < now,
        titles.title_of(one.row, visit.language) if one.row else "",
    )


def _days(first: date, today: date, items: Sequence[Shown], wall: ZoneInfo) -> list[Day]:
    """Whole weeks from Monday."""
    start = first - timedelta(days=first.weekday())
    end = _next(first)
    found = []
    while start < end or start.weekday():
        here = [one for one in items if one.item.at.astimezone(wall).date() == start]
        found.append(Day(start, first <= start < end, start == today, here))
        start += timedelta(days=1)
    return found


# Addresses -------------------------------------------------------------------------------


@page(FEEDS, shows=("own",))
def addresses(visit: Visit) -> Reply:
    room.require_reader(visit)
    return _addresses(visit)


@page(FEEDS, "POST")
def changed(visit: Visit) -> Reply:
    """A new one, which is shown now and never again; or one taken back."""
    room.require_reader(visit)
    form = visit.form
    if form.text("revoke"):
        feeds.revoke(visit.session, form.text("revoke"))
        return visit.redirect(FEEDS, visit.gettext("The address leads nowhere any more."))
    try:
        _, made = feeds.make(
            visit.session, form.text("name"), with_titles=form.flag("with_titles"),
            only_mine=form.flag("only_mine"),
        )  # fmt: skip
    except (Invalid, Conflict) as error:
        return _addresses(visit, error=error)
    return _addresses(visit, made=made)


def _addresses(visit: Visit, made: str = "", error: BrugError | None = None) -> Reply:
    field = sentences.field_of(error) if error else ""
    said = visit.sentence(error) if error else ""
    more: dict[str, Any] = {
        "typed": dict(visit.form.pairs) if error else {},
        "errors": {field: said} if field else {},
        "said": said,
    }
    return visit.show(
        "cases/calendar_addresses.html",
        error.status if error else 200,
        tabs=room.tabs_of(visit),
        feeds=feeds.listed(visit.session),
        made=made,
        here=FEEDS,
        calendar=PLACE,
        **more,
    )


@page(feeds.PATH + "/{token:str}", anonymous=True)
def feed(visit: Visit) -> Reply:
    """The calendar of whoever made the address. A cookie that comes along counts for nothing."""
    name = visit.args["token"]
    if not name.endswith(".ics"):
        raise NotFound("no such calendar")
    known = visit.headers.get("if-none-match", "")
    found = feeds.read(visit.node.database, name.removesuffix(".ics"), known)
    headers = {"ETag": found.tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
    if found.tag in known:
        return Reply(b"", 304, headers)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Disposition"] = 'inline; filename="brug.ics"'
    return Reply(found.data, 200, headers, media_type="text/calendar")
