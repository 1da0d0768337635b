# SPDX-License-Identifier: EUPL-1.2
"""Which types of attribute identify people: the shipped table, and what a node corrects in it.

The table is a proposal with its sources (personal_types.toml); rows have dates, since what
counts as personal changes with law and courts. A correction is a row of the node's own, valid
at once, without a release.
"""

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, cast, get_args

import msgspec

from brug.bridges.gate.facts import Class
from brug.bridges.partners import require_admin
from brug.directory import audit
from brug.model.errors import Invalid
from brug.store.session import Session

CLASSES: tuple[str, ...] = get_args(Class)


class Row(msgspec.Struct, frozen=True):
    """One type's class from a day on. `own` says that the node corrected it."""

    type: str
    cls: Class = msgspec.field(name="class")
    valid_from: date
    source: str
    own: bool = False


@cache
def shipped() -> tuple[Row, ...]:
    table: list[dict[str, Any]] = tomllib.loads(
        (files(__package__) / "personal_types.toml").read_text()
    )["row"]
    return tuple(
        Row(name, row["class"], row["valid_from"], row["source"])
        for row in table
        for name in row["types"]
    )


def rows_at(session: Session, day: date | None = None) -> list[Row]:
    """What holds for each type on a day (today), by type."""
    when = day or session.value("SELECT now()::date")
    own = session.all(
        "SELECT type, class, valid_from, source FROM personal_type WHERE valid_from <= %s"
        " ORDER BY valid_from, made",
        (when,),
    )
    found = {row.type: row for row in shipped() if row.valid_from <= when}
    found |= {row[0]: Row(row[0], row[1], row[2], row[3], own=True) for row in own}
    return sorted(found.values(), key=lambda row: row.type)


def classes(session: Session) -> dict[str, Class]:
    """The class of each type now."""
    return {row.type: row.cls for row in rows_at(session)}


def correct(session: Session, type_: str, cls: str, source: str, since: date | None = None) -> Row:
    """A row of the node's own. Raises Invalid, and Forbidden for others than bridge admins."""
    require_admin(session)
    if not type_.strip() or len(type_) > 100 or "\0" in type_:
        raise Invalid("type", "a type of attribute", type_)
    if cls not in CLASSES:
        raise Invalid("class", "one of " + ", ".join(CLASSES), cls)
    if not source.strip() or "\0" in source:
        raise Invalid("source", "where this follows from", source)
    day = since or session.value("SELECT now()::date")
    session.execute(
        "INSERT INTO personal_type (type, class, valid_from, source) VALUES (%s, %s, %s, %s)",
        (type_.strip(), cls, day, source.strip()[:500]),
    )
    change = {"class": cls, "source": source}
    audit.record(session, "edit", "PersonalType", 0, type_, change)
    return Row(type_.strip(), cast("Class", cls), day, source.strip()[:500], own=True)
