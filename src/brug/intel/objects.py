# SPDX-License-Identifier: EUPL-1.2
"""Objects and their references: storing several at once, and reading them."""

import time
from collections.abc import Iterable, Sequence
from typing import Any, LiteralString
from uuid import uuid4

import msgspec

from brug.intel.finding import Claim
from brug.intel.levels import Narrowing
from brug.model.event import MispObject, ObjectReference
from brug.model.new_event import NewObject, NewReference
from brug.store.rows import among, array
from brug.store.session import Session

COLUMNS: LiteralString = (
    "o.id, o.uuid::text, o.event_id, o.org_id, o.name, o.meta_category, o.description,"
    " o.template_uuid, o.template_version, o.timestamp, o.distribution, o.sharing_group_id,"
    " o.comment, o.deleted, o.first_seen, o.last_seen, o.extra"
)
REFERENCE_COLUMNS: LiteralString = (
    "r.id, r.uuid::text, r.event_id, r.object_id, r.timestamp, r.source_uuid::text,"
    " r.referenced_uuid::text, r.referenced_id, r.referenced_type, r.relationship_type, r.comment,"
    " r.deleted"
)

_INSERT = """
INSERT INTO object (uuid, event_id, org_id, name, meta_category, description, template_uuid,
    template_version, timestamp, distribution, sharing_group_id, comment, deleted, first_seen,
    last_seen, extra, audience)
SELECT u, %s, %s, n, m, d, tu, tv, t, l, g, c, de, f, la, ex, au
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[],
    %s::smallint[], %s::int[], %s::text[], %s::bool[], %s::bigint[], %s::bigint[], %s::jsonb[],
    %s::int[])
  AS n (u, n, m, d, tu, tv, t, l, g, c, de, f, la, ex, au)
ON CONFLICT (uuid, org_id) DO NOTHING
RETURNING id, uuid::text, audience
"""

# MISP's own default for an object that says no level is the narrowest.
DEFAULT_LEVEL = 0


class StoredObject(msgspec.Struct):
    """A new object where it stands now."""

    id: int
    audience: int
    new: NewObject


def insert(
    session: Session, claim: Claim, new: Sequence[NewObject], narrowing: Narrowing
) -> list[StoredObject]:
    """Stores objects without their attributes; those stored, in order.

    Left out is what has the UUID of another one that the organisation holds.
    """
    if not new:
        return []
    now = int(time.time())
    for item in new:
        item.uuid = item.uuid or str(uuid4())
    by_uuid = {item.uuid: item for item in reversed(new)}
    rows = [_row(item, claim, narrowing, now) for item in new]
    columns = [array(column) for column in zip(*rows, strict=True)]
    found = session.all(_INSERT, (claim.event_id, claim.org_id, *columns))
    return [StoredObject(int(i), int(audience), by_uuid[uuid]) for i, uuid, audience in found]


def _row(new: NewObject, claim: Claim, narrowing: Narrowing, now: int) -> tuple[Any, ...]:
    level = DEFAULT_LEVEL if new.distribution is None else new.distribution
    level, group = narrowing.level(level, new.group)
    return (
        new.uuid,
        new.name,
        new.meta_category,
        new.description,
        new.template_uuid,
        new.template_version,
        new.timestamp or now,
        level,
        group,
        new.comment,
        new.deleted,
        new.first_seen,
        new.last_seen,
        None if new.extra is None else msgspec.json.encode(new.extra).decode(),
        narrowing.audience(claim.audience, level, group),
    )


def insert_references(
    session: Session, claim: Claim, placed: Iterable[tuple[int, NewReference]]
) -> list[int | None]:
    """Stores references of objects of the claimed event; ids in order, None for a known UUID.

    A target is looked up among what the session sees of the same event; an unknown one is
    kept by its UUID alone, as an event may arrive in parts.
    """
    now = int(time.time())
    found = [
        session.value(
            "INSERT INTO object_reference (uuid, event_id, object_id, org_id, timestamp,"
            " source_uuid, referenced_uuid, referenced_id, referenced_type, relationship_type,"
            " comment, deleted, audience)"
            " SELECT %(uuid)s, o.event_id, o.id, o.org_id, %(timestamp)s, o.uuid, %(target)s,"
            "   coalesce(t.id, a.id, 0), CASE WHEN t.id IS NULL THEN 0 ELSE 1 END,"
            "   %(kind)s, %(comment)s, %(deleted)s, o.audience"
            " FROM object o"
            " LEFT JOIN object t ON t.uuid = %(target)s AND t.event_id = o.event_id"
            " LEFT JOIN attribute a ON a.uuid = %(target)s AND a.event_id = o.event_id"
            " WHERE o.id = %(object)s AND o.event_id = %(event)s"
            " LIMIT 1 ON CONFLICT (uuid, org_id) DO NOTHING RETURNING id",
            {
                "uuid": new.uuid or str(uuid4()),
                "timestamp": new.timestamp or now,
                "target": new.referenced_uuid,
                "kind": new.relationship_type,
                "comment": new.comment,
                "deleted": new.deleted,
                "object": object_id,
                "event": claim.event_id,
            },
        )
        for object_id, new in placed
    ]
    return [None if one is None else int(one) for one in found]


def update(
    session: Session,
    claim: Claim,
    object_id: int,
    new: NewObject,
    level: tuple[int, int | None],
) -> None:
    """Stores a changed object; its audience follows with `reaudience_event`."""
    session.execute(
        "UPDATE object SET name = %s, meta_category = %s, description = %s, template_uuid = %s,"
        " template_version = %s, timestamp = %s, distribution = %s, sharing_group_id = %s,"
        " comment = %s, deleted = %s, first_seen = %s, last_seen = %s"
        " WHERE id = %s AND event_id = %s",
        (
            new.name,
            new.meta_category,
            new.description,
            new.template_uuid,
            new.template_version,
            new.timestamp or int(time.time()),
            *level,
            new.comment,
            new.deleted,
            new.first_seen,
            new.last_seen,
            object_id,
            claim.event_id,
        ),
    )


def delete(session: Session, claim: Claim, object_id: int, *, hard: bool) -> None:
    """Removes an object with all that hangs on it, or marks it and its attributes deleted."""
    session.execute(
        "SELECT delete_object(%s, %s, %s, %s)",
        (claim.event_id, object_id, hard, int(time.time())),
    )


def by_ids(session: Session, ids: Sequence[int]) -> dict[int, MispObject]:
    """Objects that the session sees, deleted ones too, without what belongs to them."""
    rows = session.all(
        "SELECT " + COLUMNS + " FROM object o WHERE o.id = ANY (%s) ORDER BY o.id", (list(ids),)
    )
    return {row[0]: MispObject(*row) for row in rows}


def by_uuids(session: Session, event_id: int, uuids: Sequence[str]) -> dict[str, MispObject]:
    """The objects of an event that have these UUIDs."""
    rows = session.all(
        "SELECT " + COLUMNS + " FROM object o WHERE o.event_id = %s AND o.uuid = ANY (%s::uuid[])",
        (event_id, list(uuids)),
    )
    return {row[1]: MispObject(*row) for row in rows}


def references_by_ids(session: Session, ids: Sequence[int]) -> dict[int, ObjectReference]:
    """References that the session sees, deleted ones too, by id."""
    rows = session.all(
        "SELECT " + REFERENCE_COLUMNS + " FROM object_reference r WHERE r.id = ANY (%s)",
        (list(ids),),
    )
    return {row[0]: ObjectReference(*row) for row in rows}


def of_events(
    session: Session, event_ids: Sequence[int], *, deleted: bool = False
) -> list[MispObject]:
    """The objects of events that the session sees, without attributes and references."""
    which, ids = among("o.event_id", event_ids)
    return [
        MispObject(*row)
        for row in session.all(
            "SELECT " + COLUMNS + " FROM object o"
            " WHERE " + which + " AND (%s OR NOT o.deleted) ORDER BY o.id",
            (ids, deleted),
        )
    ]


def references_of_event(session: Session, event_id: int) -> list[ObjectReference]:
    """References whose source the session sees; those to a hidden target are left out."""
    return references_of_events(session, [event_id])


def references_of_events(
    session: Session, event_ids: Sequence[int], *, deleted: bool = False
) -> list[ObjectReference]:
    """The same of several events at once."""
    return [
        ObjectReference(*row)
        for row in session.all(
            "SELECT " + REFERENCE_COLUMNS + " FROM object_reference r"
            " WHERE r.event_id = ANY (%s) AND (%s OR NOT r.deleted) AND (r.referenced_id = 0"
            "   OR (r.referenced_type = 1"
            "       AND EXISTS (SELECT 1 FROM object t WHERE t.id = r.referenced_id))"
            "   OR (r.referenced_type = 0"
            "       AND EXISTS (SELECT 1 FROM attribute t WHERE t.id = r.referenced_id)))"
            " ORDER BY r.id",
            (list(event_ids), deleted),
        )
    ]


def sees_target(session: Session, reference: ObjectReference) -> bool:
    """Whether a reference points to something that the session sees, or to nothing known."""
    if reference.referenced_id == 0:
        return True
    return bool(
        session.value(
            "SELECT CASE WHEN %(kind)s = 1"
            " THEN EXISTS (SELECT 1 FROM object WHERE id = %(id)s)"
            " ELSE EXISTS (SELECT 1 FROM attribute WHERE id = %(id)s) END",
            {"kind": reference.referenced_type, "id": reference.referenced_id},
        )
    )
