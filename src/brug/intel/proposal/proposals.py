# SPDX-License-Identifier: EUPL-1.2
"""Proposals as they are read: of an event, of some attributes, one, or all that a session sees.

Those of a deleted attribute are not shown: there is nothing left to change. Making them is
`proposing`, settling `settling`, bringing them from elsewhere `bringing_proposals`.
"""

from collections.abc import Sequence
from typing import Any, LiteralString

import msgspec

from brug.model.errors import NotFound
from brug.model.event import OrganisationRef, Proposal
from brug.model.naming import is_uuid, number_in
from brug.store.session import Session

_SELECT: LiteralString = (
    "SELECT p.id, p.uuid::text, p.event_id, e.uuid::text, coalesce(p.attribute_id, 0),"
    " e.org_id, e.orgc_id, o.id, o.name, o.uuid::text, o.local, p.brought_by, p.type, p.category,"
    " p.value1, p.value2, p.to_ids, p.comment, p.timestamp, p.first_seen, p.last_seen,"
    " p.is_deletion, p.disable_correlation, p.deleted,"
    " CASE WHEN %(data)s THEN p.data END"
    " FROM proposal p JOIN event e ON e.id = p.event_id JOIN organisation o ON o.id = p.org_id"
    " WHERE (p.attribute_id IS NULL OR EXISTS ("
    "   SELECT 1 FROM attribute a WHERE a.id = p.attribute_id AND NOT a.deleted))"
)


def _read(session: Session, condition: LiteralString, params: dict[str, Any]) -> list[Proposal]:
    rows = session.all(_SELECT + condition, {"data": False} | params)
    return [Proposal(*(*row[:7], OrganisationRef(*row[7:11]), *row[11:])) for row in rows]


def of_event(session: Session, event_id: int) -> list[Proposal]:
    """The open proposals on an event and its attributes, oldest first, with their bytes."""
    return of_events(session, [event_id]).get(event_id, [])


def of_events(session: Session, event_ids: Sequence[int]) -> dict[int, list[Proposal]]:
    """The same of several events at once, by event."""
    found: dict[int, list[Proposal]] = {}
    for one in _read(
        session,
        " AND p.event_id = ANY (%(events)s) AND NOT p.deleted ORDER BY p.id",
        {"events": list(event_ids), "data": True},
    ):
        found.setdefault(one.event_id, []).append(one)
    return found


def of_attributes(session: Session, attribute_ids: Sequence[int]) -> dict[int, list[Proposal]]:
    """The open proposals to change some attributes, by attribute."""
    found: dict[int, list[Proposal]] = {}
    for one in _read(
        session,
        " AND p.attribute_id = ANY (%(ids)s) AND NOT p.deleted ORDER BY p.id",
        {"ids": list(attribute_ids)},
    ):
        found.setdefault(one.attribute_id, []).append(one)
    return found


class Listed(msgspec.Struct, frozen=True):
    """Which proposals a list asks for; None: all."""

    event_id: int | None = None
    since: int | None = None  # changed at that second or later
    deleted: frozenset[bool] = frozenset({True, False})
    limit: int | None = None
    offset: int = 0


def listed(session: Session, asked: Listed) -> list[Proposal]:
    """By event, the newest first, and by type."""
    return _read(
        session,
        " AND (%(event)s::bigint IS NULL OR p.event_id = %(event)s)"
        " AND (%(since)s::bigint IS NULL OR p.timestamp >= %(since)s)"
        " AND p.deleted = ANY (%(deleted)s)"
        " ORDER BY p.event_id DESC, p.type, p.id LIMIT %(limit)s OFFSET %(offset)s",
        {
            "event": asked.event_id,
            "since": asked.since,
            "deleted": sorted(asked.deleted),
            "limit": asked.limit,
            "offset": asked.offset,
        },
    )


def one(session: Session, key: str | int, *, data: bool = False) -> Proposal:
    """A proposal by id, or by UUID where it alone is open under that. Raises NotFound."""
    text = str(key).strip()
    found: list[Proposal] = []
    if (number := number_in(text)) is not None:
        found = _read(session, " AND p.id = %(id)s", {"id": number, "data": data})
    elif is_uuid(text):
        found = _read(
            session,
            " AND p.uuid = %(uuid)s AND NOT p.deleted ORDER BY p.id LIMIT 2",
            {"uuid": text, "data": data},
        )
    if len(found) != 1:
        raise NotFound(f"proposal {text[:60]!r} is absent, hidden or not the only one")
    return found[0]
