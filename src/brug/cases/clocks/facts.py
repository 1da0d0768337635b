# SPDX-License-Identifier: EUPL-1.2
"""The recorded facts that clocks follow from: when something became so, and in which zone.

A fact that is recorded again corrects the earlier one. Times are whole seconds between 1970 and
2200; others, and times without an offset or a zone, are refused by name.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from brug.cases.clocks.periods import instant, is_skipped
from brug.model.errors import Invalid

_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class Moment(msgspec.Struct, frozen=True):
    """An instant in UTC, and the zone in which somebody stated it."""

    at: datetime
    zone: str = "UTC"

    def __str__(self) -> str:
        return f"{shown(self.at, self.zone)}"


def moment(at: datetime, zone: str = "UTC", field: str = "at") -> Moment:
    """A moment. Raises Invalid, naming the field."""
    zone_named(zone, field)
    if at.tzinfo is None:
        raise Invalid(field, "a time with an offset", str(at))
    try:
        there = at.astimezone(UTC).replace(microsecond=0)
    except OverflowError as error:
        raise Invalid(field, "a time between 1970 and 2200", str(at)) from error
    if not _FIRST <= there < _LAST:
        raise Invalid(field, "a time between 1970 and 2200", str(at))
    return Moment(there, zone)


def read(text: str, zone: str = "UTC", field: str = "at") -> Moment:
    """A time as people write it: 2026-11-27T14:20 on the wall of the zone, or with an offset.

    Of a wall time that comes twice the first is taken: it starts the clock that ends earlier.
    Raises Invalid, naming the field.
    """
    there = zone_named(zone, field)
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(field, "a time such as 2026-11-27T14:20", text) from error
    if len(text) < len("2026-11-27T14"):
        raise Invalid(field, "a time, not only a day, such as 2026-11-27T14:20", text)
    if at.tzinfo is None:
        if not _FIRST.year <= at.year < _LAST.year:
            raise Invalid(field, "a time between 1970 and 2200", text)
        if is_skipped(at, there):
            raise Invalid(field, f"a time that the clocks of {zone} show on that day", text)
        at = instant(at, there)
    return moment(at, zone, field)


def read_day(text: str, zone: str = "UTC", field: str = "at") -> Moment:
    """A time, or a day, which is when it begins. Raises Invalid, naming the field."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return read(text, zone, field)
    return read(f"{day.isoformat()}T00:00", zone, field)


def zone_named(name: str, field: str = "zone") -> ZoneInfo:
    """A zone of the IANA database. Raises Invalid, naming the field."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(field, "a time zone such as Europe/Amsterdam", name) from error


def shown(at: datetime, zone: str) -> str:
    """A time on the wall of a zone, with its offset."""
    return at.astimezone(ZoneInfo(zone)).isoformat(sep=" ", timespec="seconds")


def told(at: datetime, zone: str) -> str:
    """The same for people, with its zone, and the offset where that says something."""
    text = shown(at, zone)
    return f"{text.removesuffix('+00:00')} UTC" if zone == "UTC" else f"{text} {zone}"


def in_text(at: Moment) -> str:
    """As a case's entries hold it: 2026-11-27T13:20:00Z."""
    return at.at.strftime("%Y-%m-%dT%H:%M:%SZ")


class Facts:
    """Names and moments; of several with one name the newest, which is the last, holds."""

    def __init__(self, stated: Iterable[tuple[str, Moment | None]] = ()) -> None:
        """In the order in which they were recorded; None takes one back."""
        self._held: dict[str, Moment] = {}
        for name, at in stated:
            self._held.pop(name, None)
            if at is not None:
                self._held[name] = moment(at.at, at.zone, name)

    def get(self, name: str) -> Moment | None:
        """When it became so, as it was last said; nothing for a name that is empty."""
        return self._held.get(name)

    def corrected(self, name: str, at: Moment | None) -> "Facts":
        """The same with one that was recorded after them."""
        return Facts([*self._held.items(), (name, at)])

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Facts) and self._held == other._held

    def __hash__(self) -> int:
        return hash(frozenset(self._held.items()))


def facts_of(recorded: Iterable[tuple[str, str, str]]) -> Facts:
    """Facts from (name, time, zone) as a case's entries hold them, in their order.

    An empty time takes a fact back. Raises Invalid, naming the fact.
    """
    return Facts((name, read(at, zone, name) if at else None) for name, at, zone in recorded)
