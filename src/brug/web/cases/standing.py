# SPDX-License-Identifier: EUPL-1.2
"""Where a case stands, for its page: how severe it is and why, and at which level of crisis."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from brug.cases import severity
from brug.cases.crisis import levels
from brug.cases.files import File
from brug.cases.kinds import named
from brug.cases.severity import Assessed, Scheme, UnusableScheme
from brug.cases.severity.assessing import is_assessed
from brug.web.cases import kind_fields
from brug.web.cases.view import Track, View
from brug.web.languages import N_
from brug.web.visit import Visit

# Levels in a list, where there is little room.
SHORT = {
    "technical": N_("Technical level"),
    "operational": N_("Operational level"),
    "political": N_("Political level"),
}


class Because(msgspec.Struct, frozen=True):
    """One reason: a field with what it says, or a threshold; and what it gives."""

    title: str
    lines: list[str]
    points: int
    at_least: str
    source: str
    is_checked: bool


class Standing(msgspec.Struct, frozen=True):
    """`found` is None, and `is_broken` so, where the node's scheme has an error."""

    found: Assessed | None = None
    scheme: Scheme | None = None
    is_broken: bool = False
    because: list[Because] = []
    crisis: Track | None = None
    rank: int = 0


def of(view: View) -> Standing | None:
    """None for kinds of cases that have no severity."""
    if not is_assessed(view.case):
        return None
    crisis = next((one for one in view.tracks if one.machine.key == levels.MACHINE), None)
    rank = levels.rank(view.case)
    try:
        by = severity.scheme_here(view.visit.session)
    except UnusableScheme:
        return Standing(is_broken=True, crisis=crisis, rank=rank)
    found = severity.assess(view.case, by, datetime.now(UTC).date())
    assert found is not None  # noqa: S101 — is_assessed
    return Standing(found, by, because=_because(view, found, by), crisis=crisis, rank=rank)


def _because(view: View, found: Assessed, by: Scheme) -> list[Because]:
    """What counted most first."""
    strongest = sorted(found.reasons, key=lambda one: (one.kind != "rule", -one.points))
    return [
        Because(
            one.title or field_title(view, one.field),
            in_words(view, one.field, one.value) if one.field else [],
            one.points,
            view.visit.gettext(by.level(one.at_least).title) if one.at_least else "",
            one.source,
            one.status != "memory",
        )
        for one in strongest
    ]


def field_title(view: View, name: str) -> str:
    return view.visit.gettext("Sectors") if name == "sectors" else view.title(name)


def in_words(view: View, name: str, value: Any) -> list[str]:
    known = {one.name: one for one in kind_fields.fields_of(view.case.kind)}
    if name == "sectors":
        return kind_fields.in_words(view.visit, known["other_sectors"], value)
    if name not in known or value is None:
        return [] if value is None else [str(value)]
    return kind_fields.in_words(view.visit, known[name], value)


def level_title(visit: Visit, level: str) -> str:
    """Of a level as lists have it; as it is called where this node's scheme has it no more."""
    try:
        by = severity.scheme_here(visit.session)
    except UnusableScheme:
        return level
    return visit.gettext(by.level(level).title) if by.rank(level) else level


def chip_of(colour: str) -> str | None:
    """How a chip shows the colour of a level; the word says it besides."""
    return {"red": "bad", "yellow": "warn", "green": "good"}.get(colour)


def levels_here(visit: Visit) -> list[tuple[str, str]]:
    """Levels to choose from, the lowest first."""
    try:
        by = severity.scheme_here(visit.session)
    except UnusableScheme:
        return []
    return [(one.id, visit.gettext(one.title)) for one in by.levels]


def shown_level(visit: Visit, level: str) -> tuple[str, str | None] | None:
    """The words and the kind of chip of a level in a list."""
    if not level:
        return None
    try:
        by = severity.scheme_here(visit.session)
        colour = by.level(level).colour if by.rank(level) else ""
    except UnusableScheme:
        colour = ""
    return level_title(visit, level), chip_of(colour)


def crisis_title(visit: Visit, file: File) -> str:
    """The level of crisis of a case in a list, or nothing."""
    machine = next((one for one in named(file.kind).machines if one.key == levels.MACHINE), None)
    if not file.crisis or machine is None:
        return ""
    return visit.gettext(SHORT[levels.state_of(file.crisis)])
