# SPDX-License-Identifier: EUPL-1.2
"""Noticelists: listed, switched, and which of their notices apply to something.

A notice never stops anything. Only enabled lists speak.
"""

from typing import Any, LiteralString

import msgspec

from brug.model.errors import NotFound
from brug.model.naming import number_in
from brug.store.audit import record
from brug.store.session import Session


class Noticelist(msgspec.Struct, frozen=True):
    id: int
    name: str
    expanded_name: str
    ref: list[str]
    geographical_area: list[str]
    version: int
    enabled: bool


class Entry(msgspec.Struct, frozen=True):
    """`data`: scope, field, value, tags and message by language, as it was written."""

    id: int
    noticelist_id: int
    data: dict[str, Any]


class Notice(msgspec.Struct, frozen=True):
    """What a list says about a value, by language."""

    list_name: str
    message: dict[str, str]


_COLUMNS: LiteralString = (
    "SELECT id, name, expanded_name, ref, geographical_area, version, enabled FROM noticelist"
)


def noticelists(session: Session, enabled: bool | None = None) -> list[Noticelist]:
    """By number."""
    rows = session.all(
        _COLUMNS + " WHERE %(enabled)s::boolean IS NULL OR enabled = %(enabled)s ORDER BY id",
        {"enabled": enabled},
    )
    return [Noticelist(*row) for row in rows]


def noticelist(session: Session, ref: str | int) -> Noticelist:
    """By number or name; raises NotFound."""
    text = str(ref)
    row = None
    if "\0" not in text:
        row = session.one(
            _COLUMNS + " WHERE id = %s OR name = %s ORDER BY id LIMIT 1", (number_in(text), text)
        )
    if row is None:
        raise NotFound(f"no noticelist {text[:60]!r}")
    return Noticelist(*row)


def entries(session: Session, list_id: int) -> list[Entry]:
    """In the order in which they were written."""
    rows = session.all(
        "SELECT id, noticelist_id, data FROM noticelist_entry WHERE noticelist_id = %s ORDER BY id",
        (list_id,),
    )
    return [Entry(*row) for row in rows]


def set_enabled(session: Session, found: Noticelist, enabled: bool) -> None:
    session.execute("UPDATE noticelist SET enabled = %s WHERE id = %s", (enabled, found.id))
    record(session, "edit", "Noticelist", found.id, found.name, {"enabled": enabled})


def applying(session: Session, scope: str, facts: dict[str, set[str]]) -> list[Notice]:
    """What the enabled lists say about items of a scope; `facts`: their fields -> values."""
    rows = session.all(
        "SELECT l.expanded_name, e.data FROM noticelist l"
        " JOIN noticelist_entry e ON e.noticelist_id = l.id WHERE l.enabled ORDER BY e.id"
    )
    return [
        Notice(name, data["message"])
        for name, data in rows
        if scope in data["scope"]
        and any(facts.get(field, set()).intersection(data["value"]) for field in data["field"])
    ]
