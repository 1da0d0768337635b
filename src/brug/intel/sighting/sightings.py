# SPDX-License-Identifier: EUPL-1.2
"""Sightings: who saw a value, when; a report of a false positive; an expiry.

Which of them a reader sees is the node's policy (`sightings.policy`, 0-3), in the database.
"""

import time
from collections.abc import Sequence
from typing import LiteralString

import msgspec

from brug.intel.finding import find
from brug.model.errors import Forbidden, NotFound
from brug.model.naming import is_uuid
from brug.model.new_event import NewSighting
from brug.model.value_key import fold, key
from brug.store import audit, settings
from brug.store.rows import among
from brug.store.session import Params, Session


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


class Reported(msgspec.Struct, frozen=True):
    """A sighting to store: of which attribute, and whose it is."""

    attribute_id: int
    org_id: int
    sighting: NewSighting


def store(session: Session, several: Sequence[Reported]) -> list[int]:
    """Stores sightings of attributes that the session sees; the ids of those that are new.

    Those of organisations on the list of blocked reporters are left out, and those that are
    there already.
    """
    if not several:
        return []
    now = int(time.time())
    rows = session.all(
        "INSERT INTO sighting (uuid, event_id, attribute_id, org_id, holder_id, user_id,"
        " date_sighting, source, type, audience)"
        " SELECT coalesce(n.uuid, gen_random_uuid()), a.event_id, a.id, n.org, a.org_id, %s, n.at,"
        "  n.source, n.type, a.audience"
        " FROM unnest(%s::uuid[], %s::bigint[], %s::int[], %s::bigint[], %s::text[], %s::int[])"
        " WITH ORDINALITY AS n (uuid, attribute, org, at, source, type, place)"
        " JOIN attribute a ON a.id = n.attribute"
        " JOIN organisation o ON o.id = n.org AND NOT is_blocked('sighting', o.uuid, NULL)"
        " ORDER BY n.place ON CONFLICT (uuid, holder_id) DO NOTHING RETURNING id",
        (
            session.principal.user_id,
            [one.sighting.uuid for one in several],
            [one.attribute_id for one in several],
            [one.org_id for one in several],
            [one.sighting.date_sighting or now for one in several],
            [one.sighting.source for one in several],
            [one.sighting.type for one in several],
        ),
    )
    return [int(row[0]) for row in rows]


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
    own = session.principal.org_id
    made = store(session, [Reported(target, own, new) for target in sorted(targets)])
    if made:
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


def hides_reporters(session: Session) -> bool:
    """Whether the node keeps reporters to themselves (`sightings.anonymise`)."""
    return (
        bool(settings.get(session, "sightings.anonymise")) and not session.principal.is_site_admin
    )


_NAMED: LiteralString = "s.org_id, o.name, o.uuid::text"
_HIDDEN: LiteralString = (
    "CASE WHEN s.org_id = current_org_id() THEN s.org_id ELSE 0 END,"
    " CASE WHEN s.org_id = current_org_id() THEN o.name ELSE 'Others' END,"
    " CASE WHEN s.org_id = current_org_id() THEN o.uuid::text ELSE '' END"
)


def reporter(*, hidden: bool) -> LiteralString:
    """Id, name and UUID of who reported sighting `s`, of organisation `o`, as it is told."""
    return _HIDDEN if hidden else _NAMED


# The same rows for every list: whose sightings these are is told to all that see them.
def _listed(session: Session, where: LiteralString, params: Params) -> list[Sighting]:
    told = reporter(hidden=hides_reporters(session))
    rows = session.all(
        "SELECT s.id, s.uuid::text, s.event_id, s.attribute_id, " + told + ","
        " s.date_sighting, s.source, s.type, a.uuid::text"
        " FROM sighting s JOIN organisation o ON o.id = s.org_id"
        " JOIN attribute a ON a.id = s.attribute_id" + where,
        params,
    )
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
    which, ids = among("s.event_id", event_ids)
    return _listed(session, " WHERE " + which + " ORDER BY s.id", (ids,))


def of_attributes(session: Session, attribute_ids: Sequence[int]) -> list[Sighting]:
    """The sightings of some attributes that the session sees, oldest first."""
    which, ids = among("s.attribute_id", attribute_ids)
    return _listed(session, " WHERE " + which + " ORDER BY s.id", (ids,))
