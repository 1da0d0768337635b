# SPDX-License-Identifier: EUPL-1.2
"""An event's attributes by windows, and what else its page counts.

A window is one screen, filtered and cut by the database: nobody is sent 10,000 rows.
"""

from datetime import datetime
from typing import LiteralString

import msgspec

from brug.intel import attributes, objects
from brug.intel.label import tags
from brug.model.event import Attribute, MispObject
from brug.store.session import Session


class Wanted(msgspec.Struct, frozen=True):
    """Which attributes of an event; `text` is a part of a value, type or comment."""

    text: str = ""
    type: str = ""
    category: str = ""
    to_ids: bool | None = None
    deleted: bool = False

    @property
    def is_everything(self) -> bool:
        return self == Wanted(deleted=self.deleted)


class Window(msgspec.Struct):
    """Some attributes in the page's order: those of no object first, then object by object."""

    attributes: list[Attribute]
    objects: dict[int, MispObject]
    total: int


_IN_EVENT: LiteralString = """
    FROM attribute a WHERE a.event_id = %(event)s AND (a.deleted = %(deleted)s)
    AND (%(text)s = '' OR strpos(lower(a.value1), lower(%(text)s)) > 0
        OR strpos(lower(a.value2), lower(%(text)s)) > 0
        OR strpos(lower(a.comment), lower(%(text)s)) > 0
        OR strpos(a.type, lower(%(text)s)) > 0)
    AND (%(type)s = '' OR a.type = %(type)s)
    AND (%(category)s = '' OR a.category = %(category)s)
    AND (%(to_ids)s::bool IS NULL OR a.to_ids = %(to_ids)s)
"""


def window(
    session: Session, event_id: int, wanted: Wanted, *, offset: int = 0, limit: int = 100
) -> Window:
    """A window of an event's attributes, with tags and the heads of their objects."""
    params = msgspec.structs.asdict(wanted) | {
        "event": event_id, "offset": offset, "limit": limit,
    }  # fmt: skip
    rows = session.all(
        "SELECT " + attributes.COLUMNS + _IN_EVENT + " ORDER BY a.object_id, a.id"
        " LIMIT %(limit)s OFFSET %(offset)s",
        params,
    )
    total = int(session.value("SELECT count(*)" + _IN_EVENT, params))
    found = attributes.read(rows)
    attached = tags.of_attributes(session, [item.id for item in found])
    for item in found:
        item.tags = attached.get(item.id, [])
    return Window(found, objects_of(session, found), total)


def objects_of(session: Session, found: list[Attribute]) -> dict[int, MispObject]:
    """The objects of attributes, by id."""
    ids = sorted({item.object_id for item in found if item.object_id})
    if not ids:
        return {}
    rows = session.all("SELECT " + objects.COLUMNS + " FROM object o WHERE o.id = ANY (%s)", (ids,))
    return {row[0]: MispObject(*row) for row in rows}


def types_of(session: Session, event_id: int) -> list[tuple[str, int]]:
    """The types of an event's attributes, the most frequent first."""
    rows = session.all(
        "SELECT a.type, count(*) FROM attribute a WHERE a.event_id = %s AND NOT a.deleted"
        " GROUP BY a.type ORDER BY count(*) DESC, a.type",
        (event_id,),
    )
    return [(str(kind), int(count)) for kind, count in rows]


def object_counts(session: Session, event_id: int) -> tuple[int, int]:
    """How many objects and reports of an event the reader sees."""
    row = session.one(
        "SELECT (SELECT count(*) FROM object WHERE event_id = %(event)s AND NOT deleted),"
        " (SELECT count(*) FROM event_report WHERE event_id = %(event)s AND NOT deleted)",
        {"event": event_id},
    )
    return (int(row[0]), int(row[1])) if row else (0, 0)


class Effect(msgspec.Struct, frozen=True):
    """What hangs on an event: what goes with it, or is shown with it."""

    attributes: int
    objects: int
    reports: int
    sightings: int


def effect(session: Session, event_id: int) -> Effect:
    row = session.one(
        "SELECT (SELECT count(*) FROM attribute WHERE event_id = %(id)s AND NOT deleted),"
        " (SELECT count(*) FROM object WHERE event_id = %(id)s AND NOT deleted),"
        " (SELECT count(*) FROM event_report WHERE event_id = %(id)s AND NOT deleted),"
        " (SELECT count(*) FROM sighting WHERE event_id = %(id)s)",
        {"id": event_id},
    )
    return Effect(*(row or (0, 0, 0, 0)))


def history(session: Session, event_id: int) -> list[tuple[datetime, str, str]]:
    """Who did what to an event, the newest first: one's own acts, or one's organisation's."""
    rows = session.all(
        "SELECT at, action, email FROM audit WHERE model = 'Event' AND model_id = %s"
        " ORDER BY id DESC LIMIT 30",
        (event_id,),
    )
    return [(row[0], str(row[1]), str(row[2])) for row in rows]
