# SPDX-License-Identifier: EUPL-1.2
"""Which item an id or UUID names, for this reader, and whether it may change it.

Keys from outside are unique per holder, so a UUID may name several copies; the reader's
own comes first, then the oldest. Hidden and absent are one answer: NotFound.
"""

from collections.abc import Sequence
from typing import Literal, LiteralString

import msgspec

from brug.model.errors import Forbidden, NotFound
from brug.model.naming import is_uuid, number_in
from brug.store.planning import planned_once
from brug.store.session import Session

Table = Literal["event", "attribute", "object", "event_report", "sighting", "object_reference"]

_BY_ID: dict[Table, LiteralString] = {
    "event": "SELECT id FROM event WHERE id = %s",
    "attribute": "SELECT id FROM attribute WHERE id = %s",
    "object": "SELECT id FROM object WHERE id = %s",
    "event_report": "SELECT id FROM event_report WHERE id = %s",
    "sighting": "SELECT id FROM sighting WHERE id = %s",
    "object_reference": "SELECT id FROM object_reference WHERE id = %s",
}
_BY_UUID: dict[Table, LiteralString] = {
    "event": "SELECT id FROM event WHERE uuid = %s ORDER BY org_id = %s DESC, id LIMIT 1",
    "attribute": "SELECT id FROM attribute WHERE uuid = %s ORDER BY org_id = %s DESC, id LIMIT 1",
    "object": "SELECT id FROM object WHERE uuid = %s ORDER BY org_id = %s DESC, id LIMIT 1",
    "event_report": "SELECT id FROM event_report WHERE uuid = %s"
    " ORDER BY org_id = %s DESC, id LIMIT 1",
    "sighting": "SELECT id FROM sighting WHERE uuid = %s ORDER BY org_id = %s DESC, id LIMIT 1",
    "object_reference": "SELECT id FROM object_reference WHERE uuid = %s"
    " ORDER BY org_id = %s DESC, id LIMIT 1",
}


def find(session: Session, table: Table, key: str | int) -> int:
    """The id of the item that `key` (id or UUID) names. Raises NotFound."""
    text = str(key).strip()
    found = None
    number = number_in(text)
    if number is not None:
        found = session.value(_BY_ID[table], (number,))
    elif is_uuid(text):
        found = session.value(_BY_UUID[table], (text, session.principal.org_id))
    if found is None:
        raise NotFound(f"{table} {text[:60]!r} is absent or hidden")
    return int(found)


_UUID_OF: dict[Table, LiteralString] = {
    "event": "SELECT uuid::text FROM event WHERE id = %s",
    "attribute": "SELECT uuid::text FROM attribute WHERE id = %s",
    "object": "SELECT uuid::text FROM object WHERE id = %s",
    "event_report": "SELECT uuid::text FROM event_report WHERE id = %s",
}


def uuid_of(session: Session, table: Table, item_id: int) -> str:
    """The UUID of an item by its id. Raises NotFound."""
    found = session.value(_UUID_OF[table], (item_id,))
    if found is None:
        raise NotFound(f"{table} {item_id} is absent or hidden")
    return str(found)


_OF_UUIDS: dict[Table, LiteralString] = {
    "event": "SELECT DISTINCT ON (uuid) uuid::text, id FROM event WHERE uuid = ANY (%s::uuid[])"
    " ORDER BY uuid, org_id = %s DESC, id",
    "attribute": "SELECT DISTINCT ON (uuid) uuid::text, id FROM attribute"
    " WHERE uuid = ANY (%s::uuid[]) ORDER BY uuid, org_id = %s DESC, id",
    "object": "SELECT DISTINCT ON (uuid) uuid::text, id FROM object WHERE uuid = ANY (%s::uuid[])"
    " ORDER BY uuid, org_id = %s DESC, id",
    "event_report": "SELECT DISTINCT ON (uuid) uuid::text, id FROM event_report"
    " WHERE uuid = ANY (%s::uuid[]) ORDER BY uuid, org_id = %s DESC, id",
}


def find_several(session: Session, table: Table, uuids: Sequence[str]) -> dict[str, int]:
    """The ids of the items that UUIDs name; those that name nothing are left out."""
    if not uuids:
        return {}
    rows = session.all(_OF_UUIDS[table], (planned_once(uuids), session.principal.org_id))
    return {str(uuid): int(item_id) for uuid, item_id in rows}


Child = Literal["attribute", "object", "event_report", "object_reference"]

_EVENT_OF: dict[Child, LiteralString] = {
    "attribute": "SELECT event_id FROM attribute WHERE id = %s",
    "object": "SELECT event_id FROM object WHERE id = %s",
    "event_report": "SELECT event_id FROM event_report WHERE id = %s",
    "object_reference": "SELECT event_id FROM object_reference WHERE id = %s",
}


def claim_parent(session: Session, table: Child, item_id: int) -> "Claim":
    """The right to write to the event of a visible item. Raises NotFound, or Forbidden."""
    event_id = session.value(_EVENT_OF[table], (item_id,))
    if event_id is None:
        raise NotFound(f"{table} {item_id} is absent or hidden")
    return claim(session, int(event_id))


class Claim(msgspec.Struct, frozen=True):
    """An event that this transaction may write to, locked until it ends."""

    event_id: int
    uuid: str
    org_id: int
    orgc_id: int
    audience: int
    timestamp: int
    published: bool
    locked: bool


_CLAIMED: LiteralString = (
    "c.id, c.uuid::text, c.org_id, c.orgc_id, c.audience, c.timestamp, c.published, c.locked"
)


def claim(session: Session, event_id: int) -> Claim:
    """The right to write to a visible event. Raises NotFound, or Forbidden."""
    return claim_all(session, [event_id])[0]


def claim_all(session: Session, event_ids: Sequence[int]) -> list[Claim]:
    """The same of several events, which the transaction may then write to all."""
    rows = session.all("SELECT " + _CLAIMED + " FROM claim_events(%s) AS c", (list(event_ids),))
    claimed = {row[0]: Claim(*row) for row in rows}
    for event_id in event_ids:
        if event_id not in claimed:
            find(session, "event", event_id)
            raise Forbidden(f"user {session.principal.user_id} may not change event {event_id}")
    return [claimed[event_id] for event_id in event_ids]


def claim_named(session: Session, key: str | int) -> Claim:
    """The same for the event that `key` (id or UUID) names."""
    number = number_in(str(key).strip())
    if number is None:
        return claim(session, find(session, "event", key))
    row = session.one(
        "SELECT " + _CLAIMED + " FROM event e LEFT JOIN LATERAL claim_events(ARRAY[e.id]) AS c"
        " ON true WHERE e.id = %s",
        (number,),
    )
    if row is None:
        raise NotFound(f"event {number} is absent or hidden")
    if row[0] is None:
        raise Forbidden(f"user {session.principal.user_id} may not change event {number}")
    return Claim(*row)


def attributes_named(session: Session, event_id: int, keys: Sequence[str]) -> list[int]:
    """Which attributes of an event some ids and UUIDs name; others name nothing."""
    rows = session.all(
        "SELECT id FROM attribute WHERE event_id = %s"
        " AND (id = ANY (%s) OR uuid = ANY (%s::uuid[])) ORDER BY id",
        (
            event_id,
            [number for key in keys if (number := number_in(key)) is not None],
            [key for key in keys if is_uuid(key)],
        ),
    )
    return [int(row[0]) for row in rows]


def known_here(session: Session, uuids: Sequence[str]) -> dict[str, tuple[int, bool]]:
    """(time, whether it came from elsewhere) of those of some events that the session sees."""
    rows = session.all(
        "SELECT uuid::text, max(timestamp), bool_and(locked) FROM event"
        " WHERE uuid = ANY (%s::uuid[]) GROUP BY uuid",
        (list(uuids),),
    )
    return {uuid: (timestamp, locked) for uuid, timestamp, locked in rows}
