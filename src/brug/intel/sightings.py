# SPDX-License-Identifier: EUPL-1.2
"""Sightings: who saw a value, when; a report of a false positive; an expiry.

Which of them a reader sees is the node's policy (`sightings.policy`, 0-3), in the database.
"""

import time
from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import uuid4

import msgspec

from brug.intel.finding import find
from brug.model.errors import Forbidden, NotFound
from brug.model.event import NewSighting
from brug.model.naming import is_uuid
from brug.model.value_key import fold, key
from brug.store import audit, settings
from brug.store.session import Session


class Sighting(msgspec.Struct):
    id: int
    uuid: str
    event_id: int
    attribute_id: int
    org_id: int
    org_name: str
    org_uuid: str
    date_sighting: int
    source: str
    type: int
    attribute_uuid: str


def insert(session: Session, attribute_id: int, new: NewSighting, org_id: int) -> int:
    """Stores one sighting of an attribute that the session sees; its id.

    Those of organisations on the list of blocked reporters are left out: 0.
    """
    found = session.value(
        "INSERT INTO sighting (uuid, event_id, attribute_id, org_id, holder_id, user_id,"
        " date_sighting, source, type, audience)"
        " SELECT %s, a.event_id, a.id, %s, a.org_id, %s, %s, %s, %s, a.audience"
        " FROM attribute a JOIN organisation o ON o.id = %s"
        " WHERE a.id = %s AND NOT is_blocked('sighting', o.uuid)"
        " ON CONFLICT (uuid, holder_id) DO NOTHING RETURNING id",
        (
            new.uuid or str(uuid4()),
            org_id,
            session.principal.user_id,
            new.date_sighting or int(time.time()),
            new.source,
            new.type,
            org_id,
            attribute_id,
        ),
    )
    return int(found or 0)


class Wanted(msgspec.Struct):
    """Which attributes to report on: by id or UUID, or all that carry one of some values."""

    attribute: str | None = None
    values: list[str] = []
    types: list[str] = []
    categories: list[str] = []


def report(session: Session, wanted: Wanted, new: NewSighting) -> list[int]:
    """Adds a sighting to each attribute that is meant and seen; their ids, oldest first."""
    if not session.principal.may("sighting"):
        raise Forbidden(f"user {session.principal.user_id} may not report sightings")
    if wanted.attribute is not None:
        targets = _by_key(session, wanted.attribute)
    else:
        targets = _by_values(session, wanted)
    if not targets:
        return []
    when = new.date_sighting or int(time.time())
    rows = session.all(
        "INSERT INTO sighting (event_id, attribute_id, org_id, holder_id, user_id, date_sighting,"
        " source, type, audience)"
        " SELECT a.event_id, a.id, %s, a.org_id, %s, %s, %s, %s, a.audience"
        " FROM attribute a WHERE a.id = ANY (%s) ORDER BY a.id RETURNING id",
        (
            session.principal.org_id,
            session.principal.user_id,
            when,
            new.source,
            new.type,
            targets,
        ),
    )
    made = [int(row[0]) for row in rows]
    audit.record(session, "add", "Sighting", made[-1], f"{len(made)} sightings")
    return made


def _by_key(session: Session, key_or_uuid: str) -> list[int]:
    attribute_id = find(session, "attribute", key_or_uuid)
    rows = session.all("SELECT id FROM attribute WHERE id = %s AND NOT deleted", (attribute_id,))
    return [int(row[0]) for row in rows]


def _by_values(session: Session, wanted: Wanted) -> list[int]:
    keys = {key(fold(part)) for value in wanted.values for part in (value, *value.split("|", 1))}
    whole = {fold(value) for value in wanted.values}
    rows = session.all(
        "SELECT id, value1, value2 FROM attribute a WHERE a.key1 = ANY (%(keys)s)"
        " AND NOT a.deleted AND (%(types)s::text[] = '{}' OR a.type = ANY (%(types)s))"
        " AND (%(categories)s::text[] = '{}' OR a.category = ANY (%(categories)s))"
        " UNION SELECT id, value1, value2 FROM attribute a WHERE a.key2 = ANY (%(keys)s)"
        " AND NOT a.deleted AND (%(types)s::text[] = '{}' OR a.type = ANY (%(types)s))"
        " AND (%(categories)s::text[] = '{}' OR a.category = ANY (%(categories)s))",
        {"keys": list(keys), "types": wanted.types, "categories": wanted.categories},
    )
    return [
        int(attribute_id)
        for attribute_id, first, second in rows
        if whole & {fold(first), fold(second), fold(f"{first}|{second}")}
    ]


# The same rows for every list: whose sightings these are is told to all that see them,
# unless the node keeps reporters to themselves (`sightings.anonymise`).
_LIST: LiteralString = (
    "SELECT s.id, s.uuid::text, s.event_id, s.attribute_id,"
    " CASE WHEN %(anonymous)s AND s.org_id <> current_org_id() THEN 0 ELSE s.org_id END,"
    " CASE WHEN %(anonymous)s AND s.org_id <> current_org_id() THEN 'Others' ELSE o.name END,"
    " CASE WHEN %(anonymous)s AND s.org_id <> current_org_id() THEN '' ELSE o.uuid::text END,"
    " s.date_sighting, s.source, s.type, a.uuid::text"
    " FROM sighting s JOIN organisation o ON o.id = s.org_id"
    " JOIN attribute a ON a.id = s.attribute_id"
)


def _listed(session: Session, where: LiteralString, params: dict[str, Any]) -> list[Sighting]:
    anonymous = (
        bool(settings.get(session, "sightings.anonymise")) and not session.principal.is_site_admin
    )
    rows = session.all(_LIST + where, params | {"anonymous": anonymous})
    return [Sighting(*row) for row in rows]


def every(session: Session, org_id: int | None = None) -> list[Sighting]:
    """All that the session sees, oldest first, or those of one organisation."""
    return _listed(
        session,
        " WHERE (%(org)s::int IS NULL OR s.org_id = %(org)s) ORDER BY s.id",
        {"org": org_id},
    )


def by_ids(session: Session, ids: Sequence[int]) -> list[Sighting]:
    return _listed(session, " WHERE s.id = ANY (%(ids)s) ORDER BY s.id", {"ids": list(ids)})


def by_key(session: Session, key_or_uuid: str) -> Sighting:
    """One by number or UUID. Raises NotFound."""
    text = str(key_or_uuid)
    if text.isascii() and text.isdigit() and len(text) < 19:
        found = by_ids(session, [int(text)])
    elif is_uuid(text):
        found = _listed(session, " WHERE s.uuid = %(uuid)s ORDER BY s.id", {"uuid": text})
    else:
        found = []
    if not found:
        raise NotFound(f"no sighting {text[:60]!r}")
    return found[0]


def of_event(session: Session, event_id: int) -> list[Sighting]:
    """The sightings of an event's attributes that the session sees, oldest first."""
    return of_events(session, [event_id])


def of_events(session: Session, event_ids: Sequence[int]) -> list[Sighting]:
    """The same of several events at once."""
    return _listed(
        session, " WHERE s.event_id = ANY (%(events)s) ORDER BY s.id", {"events": list(event_ids)}
    )


def of_attributes(session: Session, attribute_ids: Sequence[int]) -> list[Sighting]:
    """The sightings of some attributes that the session sees, oldest first."""
    return _listed(
        session, " WHERE s.attribute_id = ANY (%(ids)s) ORDER BY s.id", {"ids": list(attribute_ids)}
    )
