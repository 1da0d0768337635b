# SPDX-License-Identifier: EUPL-1.2
"""What people leaf through: events by what their heads say.

Lists that pages show: one screen of rows, and a count that stops at COUNTED. Programs
search with `brug.intel.search`.
"""

from collections.abc import Mapping
from typing import LiteralString

import msgspec

from brug.intel.label import tags
from brug.model.event import Tag
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
