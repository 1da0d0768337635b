# SPDX-License-Identifier: EUPL-1.2
"""What people leaf through: events by what their heads say, an event's attributes by windows.

Lists that pages show: one screen of rows, and a count that stops at COUNTED. Programs
search with `brug.intel.search`.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, LiteralString

import msgspec

from brug.intel import attributes, objects, tags
from brug.intel.search.values import require_trigrams
from brug.model.errors import Invalid
from brug.model.event import Attribute, MispObject, Tag
from brug.model.value_key import fold
from brug.store import settings
from brug.store.session import Session

COUNTED = 10_001


class EventFilter(msgspec.Struct, frozen=True):
    """Empty fields do not filter. `text`: a part of the title, an id or a UUID."""

    text: str = ""
    organisation: str = ""
    tag: str = ""
    published: bool | None = None
    level: int | None = None
    threat: int | None = None
    since: str | None = None
    until: str | None = None
    mine: bool = False


class EventRow(msgspec.Struct):
    """What a list says of an event."""

    id: int
    uuid: str
    info: str
    date: str
    org: str
    orgc: str
    orgc_id: int
    threat_level_id: int
    analysis: int
    distribution: int
    published: bool
    timestamp: int
    publish_timestamp: int
    attributes: int = 0
    tags: list[Tag] = []


_WHERE: LiteralString = """
    (%(text)s = '' OR strpos(lower(e.info), lower(%(text)s)) > 0 OR e.uuid::text = lower(%(text)s)
        OR e.id::text = %(text)s)
    AND (%(organisation)s = '' OR lower(c.name) = lower(%(organisation)s)
        OR c.id::text = %(organisation)s)
    AND (%(tag)s = '' OR EXISTS (SELECT 1 FROM event_tag et JOIN tag t ON t.id = et.tag_id
        WHERE et.event_id = e.id AND lower(t.name) = lower(%(tag)s)))
    AND (%(published)s::bool IS NULL OR e.published = %(published)s)
    AND (%(level)s::int IS NULL OR e.distribution = %(level)s)
    AND (%(threat)s::int IS NULL OR e.threat_level_id = %(threat)s)
    AND (%(since)s::date IS NULL OR e.date >= %(since)s)
    AND (%(until)s::date IS NULL OR e.date <= %(until)s)
    AND (NOT %(mine)s OR e.orgc_id = %(own)s)
"""
_FROM: LiteralString = (
    " FROM event e JOIN organisation o ON o.id = e.org_id"
    " JOIN organisation c ON c.id = e.orgc_id WHERE " + _WHERE
)
_ROW: LiteralString = (
    "SELECT e.id, e.uuid::text, e.info, e.date::text, o.name, c.name, c.id, e.threat_level_id,"
    " e.analysis, e.distribution, e.published, e.timestamp, e.publish_timestamp"
)
_ORDERS: Mapping[str, tuple[LiteralString, LiteralString]] = {
    "changed": (" ORDER BY e.timestamp, e.id", " ORDER BY e.timestamp DESC, e.id DESC"),
    "date": (" ORDER BY e.date, e.id", " ORDER BY e.date DESC, e.id DESC"),
    "id": (" ORDER BY e.id", " ORDER BY e.id DESC"),
    "info": (" ORDER BY lower(e.info), e.id", " ORDER BY lower(e.info) DESC, e.id DESC"),
    "organisation": (" ORDER BY lower(c.name), e.id", " ORDER BY lower(c.name) DESC, e.id DESC"),
}
SORTS = tuple(_ORDERS)


def events(
    session: Session,
    wanted: EventFilter,
    *,
    sort: str = "changed",
    descending: bool = True,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[EventRow], int]:
    """One screen of events with their tags, and how many there are (COUNTED: more)."""
    params = msgspec.structs.asdict(wanted) | {
        "own": session.principal.org_id, "offset": offset, "limit": limit, "counted": COUNTED,
    }  # fmt: skip
    order = _ORDERS.get(sort, _ORDERS["changed"])[descending]
    rows = session.all(_ROW + _FROM + order + " LIMIT %(limit)s OFFSET %(offset)s", params)
    found = [EventRow(*row) for row in rows]
    ids = [event.id for event in found]
    attached, counts = tags.of_events(session, ids), attribute_counts(session, ids)
    for event in found:
        event.tags = attached.get(event.id, [])
        event.attributes = counts.get(event.id, 0)
    if offset == 0 and len(found) < limit:
        return found, len(found)
    total = session.value(
        "SELECT count(*) FROM (SELECT 1" + _FROM + " LIMIT %(counted)s) AS counted", params
    )
    return found, int(total)


def attribute_counts(session: Session, event_ids: list[int], limit: int = 1001) -> dict[int, int]:
    """How many attributes of each event the reader sees, counted up to a limit.

    An event's own `attribute_count` counts hidden ones too, and is for programs that expect
    MISP's number.
    """
    rows = session.all(
        "SELECT e.id, (SELECT count(*) FROM (SELECT 1 FROM attribute a WHERE a.event_id = e.id"
        " AND NOT a.deleted LIMIT %s) AS counted) FROM unnest(%s::bigint[]) AS e (id)",
        (limit, event_ids),
    )
    return {int(event): int(count) for event, count in rows}


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


class SeenValue(msgspec.Struct, frozen=True):
    """A sighting with the value that was seen."""

    attribute_id: int
    attribute_type: str
    value1: str
    value2: str
    organisation: str
    date_sighting: int
    source: str
    type: int


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


def sighting_counts(session: Session, attribute_ids: list[int]) -> dict[int, tuple[int, int, int]]:
    """Sightings, false positives and expiries of attributes, as far as the policy shows."""
    rows = session.all(
        "SELECT attribute_id, count(*) FILTER (WHERE type = 0), count(*) FILTER (WHERE type = 1),"
        " count(*) FILTER (WHERE type = 2) FROM sighting WHERE attribute_id = ANY (%s)"
        " GROUP BY attribute_id",
        (attribute_ids,),
    )
    return {int(row[0]): (int(row[1]), int(row[2]), int(row[3])) for row in rows}


# Reporters are named to themselves alone where the node says so (`sightings.anonymise`).
_SEEN: LiteralString = (
    "SELECT s.attribute_id, a.type, a.value1, a.value2,"
    " CASE WHEN %(anonymous)s AND s.org_id <> current_org_id() THEN '' ELSE o.name END,"
    " s.date_sighting, s.source, s.type FROM sighting s"
    " JOIN attribute a ON a.id = s.attribute_id JOIN organisation o ON o.id = s.org_id"
)


def _anonymous(session: Session) -> bool:
    return bool(settings.get(session, "sightings.anonymise")) and not (
        session.principal.is_site_admin
    )


def recent_sightings(session: Session, event_id: int, limit: int) -> list[SeenValue]:
    """The newest sightings of an event's attributes, as far as the policy shows them."""
    rows = session.all(
        _SEEN + " WHERE s.event_id = %(event)s"
        " ORDER BY s.date_sighting DESC, s.id DESC LIMIT %(limit)s",
        {"event": event_id, "limit": limit, "anonymous": _anonymous(session)},
    )
    return _once(rows)


def _once(rows: list[tuple[Any, ...]]) -> list[SeenValue]:
    """A report of a value stands on every attribute that holds it; people read it once."""
    found = {row[2:]: SeenValue(*row) for row in rows}
    return list(found.values())


def history(session: Session, event_id: int) -> list[tuple[datetime, str, str]]:
    """Who did what to an event, the newest first: one's own acts, or one's organisation's."""
    rows = session.all(
        "SELECT at, action, email FROM audit WHERE model = 'Event' AND model_id = %s"
        " ORDER BY id DESC LIMIT 30",
        (event_id,),
    )
    return [(row[0], str(row[1]), str(row[2])) for row in rows]


class Touching(msgspec.Struct, frozen=True):
    """An event of others that holds values which one's own organisation has too."""

    id: int
    info: str
    orgc: str
    timestamp: int
    values: int


def sharing_with(session: Session, org_id: int, limit: int) -> list[Touching]:
    """Recent events of others that share values with what an organisation created.

    Looks at the newest 40 events of others and at most 200 values of each, so that its
    cost does not grow with the node.
    """
    rows = session.all(
        """
        WITH recent AS (
            SELECT e.id, e.info, e.orgc_id, e.timestamp FROM event e
            WHERE e.orgc_id <> %(org)s ORDER BY e.timestamp DESC LIMIT 40
        ), theirs AS (
            SELECT r.id, a.key1 FROM recent r CROSS JOIN LATERAL (
                SELECT key1 FROM attribute a WHERE a.event_id = r.id AND NOT a.deleted
                AND a.parts & 1 <> 0 LIMIT 200) AS a
        ), shared AS (
            SELECT t.id, count(DISTINCT t.key1) AS values FROM theirs t
            WHERE EXISTS (SELECT 1 FROM attribute m JOIN event o ON o.id = m.event_id
                WHERE m.key1 = t.key1 AND m.parts & 1 <> 0 AND NOT m.deleted
                AND o.orgc_id = %(org)s)
            GROUP BY t.id
        )
        SELECT r.id, r.info, c.name, r.timestamp, s.values FROM shared s
        JOIN recent r ON r.id = s.id JOIN organisation c ON c.id = r.orgc_id
        ORDER BY r.timestamp DESC LIMIT %(limit)s
        """,
        {"org": org_id, "limit": limit},
    )
    return [Touching(*row) for row in rows]


def sightings_of_own(session: Session, limit: int) -> list[SeenValue]:
    """What others have seen of one's own values, as far as the policy shows it."""
    rows = session.all(
        _SEEN + " WHERE s.holder_id = %(org)s AND s.org_id <> %(org)s"
        " ORDER BY s.date_sighting DESC, s.id DESC LIMIT %(limit)s",
        {
            "org": session.principal.org_id,
            "limit": limit,
            "anonymous": _anonymous(session),
        },
    )
    return _once(rows)


class ValueHit(msgspec.Struct, frozen=True):
    """An attribute that a search found, with what a list shows of its event."""

    id: int
    type: str
    category: str
    value1: str
    value2: str
    to_ids: bool
    event_id: int
    info: str
    orgc: str
    date: str


_HIT: LiteralString = (
    "SELECT a.id, a.type, a.category, a.value1, a.value2, a.to_ids, e.id, e.info, c.name,"
    " e.date::text FROM attribute a JOIN event e ON e.id = a.event_id"
    " JOIN organisation c ON c.id = e.orgc_id"
)


def containing(session: Session, part: str, limit: int) -> list[ValueHit]:
    """Attributes whose value contains a text, newest first; none where no index narrows it."""
    pattern = f"%{_ESCAPED.sub(_escape, fold(part))}%"
    try:
        require_trigrams("text", [pattern])
    except Invalid:
        return []
    rows = session.all(
        "SELECT attribute_id FROM search_values(%s, %s) ORDER BY attribute_id DESC LIMIT %s",
        ([pattern], session.principal.is_site_admin, limit),
    )
    ids = [int(row[0]) for row in rows]
    found = session.all(
        _HIT + " WHERE a.id = ANY (%s) AND NOT a.deleted ORDER BY a.id DESC", (ids,)
    )
    return [ValueHit(*row) for row in found]


_ESCAPED = re.compile(r"[\\%_]")


def _escape(found: re.Match[str]) -> str:
    return "\\" + found[0]


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
