# SPDX-License-Identifier: EUPL-1.2
"""An assessed severity for machines; pages and the command line say the same."""

from typing import Any

import msgspec

from brug.cases.severity.assessing import Assessed
from brug.cases.severity.schemes import Level, Scheme
from brug.model.words import N_

# What the shipped levels are called, for translation.
TITLES = (N_("No impact"), N_("Minor"), N_("Large"), N_("Very large"))


class SeverityTold(msgspec.Struct, frozen=True, kw_only=True):
    """`level` holds; `computed` follows from the fields. `set` was set by a person, `because` why.

    `missing` are fields that the scheme needs; `changes` what one field would have to say for
    another level: `value`, or a number over `over`.
    """

    level: str | None
    title: str
    computed: str | None
    points: int
    set: str
    because: str
    is_set: bool
    lacks_reason: bool
    is_known: bool
    reasons: list[dict[str, Any]]
    missing: list[str]
    changes: list[dict[str, Any]]
    levels: list[dict[str, Any]]
    as_of: str


def told(found: Assessed, by: Scheme) -> SeverityTold:
    return SeverityTold(
        level=found.level.id if found.level else None,
        title=found.level.title if found.level else "",
        computed=found.computed.id if found.computed else None,
        points=found.points,
        set=found.was_set,
        because=found.because,
        is_set=found.is_set,
        lacks_reason=found.lacks_reason,
        is_known=found.is_known,
        reasons=[_said(one) for one in found.reasons],
        missing=found.missing,
        changes=[_said(one) for one in found.changes],
        levels=[_level(one) for one in by.levels],
        as_of=by.as_of.isoformat(),
    )


def _level(one: Level) -> dict[str, Any]:
    return {
        "id": one.id, "title": one.title, "colour": one.colour, "points": one.points,
        "source": one.source, "status": one.status, "is_own": one.is_own,
    }  # fmt: skip


def _said(one: msgspec.Struct) -> dict[str, Any]:
    return {k: v for k, v in msgspec.to_builtins(one).items() if v not in ("", None)}
