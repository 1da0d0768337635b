# SPDX-License-Identifier: EUPL-1.2
"""What one deadline comes to by facts that somebody states: of no case, and kept nowhere."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from brug.cases.clocks import (
    Calendar,
    Clock,
    ClockNotStarted,
    Facts,
    Given,
    Row,
    Table,
    calendar_of,
    clock,
    weekends_only,
)
from brug.cases.clocks.facts import read, zone_named
from brug.model.errors import Invalid


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """`facts` are names with times, which are on the wall of `zone` where they give no offset."""

    facts: Sequence[tuple[str, str]]
    zone: str = "UTC"
    authority: str = ""
    authority_zone: str = ""
    roles: Sequence[str] = ()
    circumstances: Sequence[str] = ()
    now: str = ""


def compute(
    known: Table, row: str, asked: Asked, called: Mapping[str, str] | None = None
) -> tuple[Clock, datetime]:
    """The clock, and as of when. Raises NotFound, ClockNotStarted, and Invalid for a field, by what
    it is `called`.
    """
    names = called or {}
    wanted = known.row(row)
    given = Given(
        roles=frozenset(wanted.obliged)
        | _known(names.get("roles", "roles"), asked.roles, known.known.roles),
        circumstances=_known(
            names.get("circumstances", "circumstances"),
            asked.circumstances,
            known.known.circumstances,
        ),
    )
    zone_named(asked.zone, names.get("zone", "zone"))
    now = names.get("now", "now")
    at = read(asked.now, asked.zone, now).at if asked.now else _now()
    facts = _facts(asked, wanted, known, names.get("facts", "facts"))
    found = clock(wanted, facts, at, _calendar(wanted, asked, names), given, known)
    if found.started is None:
        raise ClockNotStarted(wanted)
    return found, at


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _facts(asked: Asked, row: Row, known: Table, field: str) -> Facts:
    stated = []
    for name, time in asked.facts:
        if name not in known.known.facts:
            expected = f"a fact of the table; this deadline has {', '.join(_facts_of(row, known))}"
            raise Invalid(field, expected, name)
        stated.append((name, read(time, asked.zone, name)))
    return Facts(stated)


def _facts_of(row: Row, known: Table) -> list[str]:
    """What a row depends on, through the row that it follows as well."""
    before = known.row(row.follows).facts() if row.follows else {}
    return list(dict.fromkeys([*row.facts().values(), *before.values()]))


def _known(field: str, given: Sequence[str], known: Collection[str]) -> frozenset[str]:
    for name in given:
        if name not in known:
            raise Invalid(field, f"one of {', '.join(known)}", name)
    return frozenset(given)


def _calendar(row: Row, asked: Asked, names: Mapping[str, str]) -> Calendar:
    """Hours end alike everywhere; days end where the authority is."""
    authority = names.get("authority", "authority")
    if asked.authority_zone:
        zone_named(asked.authority_zone, names.get("authority_zone", "authority_zone"))
    if asked.authority:
        return calendar_of(asked.authority, asked.authority_zone, authority)
    length = row.length()
    if length is not None and (not length.is_hours or row.rule == "dora-noon"):
        raise Invalid(authority, "the country whose days and holidays count, such as NL")
    return weekends_only(asked.authority_zone or "UTC")
