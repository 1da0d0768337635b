# SPDX-License-Identifier: EUPL-1.2
"""Attributes: storing many at once, changing, deleting, restoring and reading them.

Everything that writes takes a claim on the event (`brug.intel.finding`), which the
database's policies demand too.
"""

import time
from collections.abc import Iterable, Sequence
from typing import Any, LiteralString

import msgspec

from brug.intel.attribute_rows import OfEvent, Placed, inserting, parts_of
from brug.intel.finding import Claim
from brug.model.event import Attribute
from brug.model.new_event import NewAttribute
from brug.model.value_key import address, fold, key, network
from brug.store.rows import among
from brug.store.session import Session

COLUMNS: LiteralString = (
    "a.id, a.uuid::text, a.event_id, a.object_id, a.org_id, a.type, a.category, a.value1,"
    " a.value2, a.to_ids, a.timestamp, a.distribution, a.sharing_group_id, a.comment, a.deleted,"
    " a.disable_correlation, a.first_seen, a.last_seen, a.object_relation, a.extra,"
    " a.key1, a.key2"
)

Stored = list[tuple[int, Placed]]
NOT_UNIQUE = {"uuid": ["The UUID provided is not unique"]}


def insert(session: Session, several: Sequence[OfEvent]) -> list[Stored]:
    """Stores attributes of claimed events; of each event those stored with their ids, in order.

    Of a single event what has the UUID of another one that the organisation holds is left out;
    of several it fails them all.
    """
    placed = [item for _, of_event, _ in several for item in of_event]
    if not placed:
        return [[] for _ in several]
    found = session.all(*inserting(several, int(time.time())))
    ids = [int(row[0]) for row in found]
    if ids:
        note_networks(session, [item.new.value1 for item in placed if "/" in item.new.value1])
    if len(ids) == len(placed):
        numbers = iter(ids)
        return [[(next(numbers), item) for item in of_event] for _, of_event, _ in several]
    known = _stored_ones(session, ids, placed)
    return [
        [(number, item) for item in of_event if (number := known.get(id(item))) is not None]
        for _, of_event, _ in several
    ]


def _stored_ones(session: Session, ids: list[int], placed: Sequence[Placed]) -> dict[int, int]:
    """The ids of those that were stored, by which item it is."""
    stored = dict(session.all("SELECT uuid::text, id FROM attribute WHERE id = ANY (%s)", (ids,)))
    found = {}
    for item in placed:
        attribute_id = stored.pop(item.new.uuid, None) if item.new.uuid else None
        if attribute_id is not None:
            found[id(item)] = attribute_id
    # Those without a UUID of their own got one here and cannot have collided.
    rest = iter(sorted(stored.values()))
    return found | {id(item): next(rest) for item in placed if not item.new.uuid}


def note_written(session: Session, first_id: int, last_id: int) -> None:
    """Lists rows for the substring index; until it has them, a search scans them."""
    session.execute(
        "INSERT INTO value_batch (first_id, last_id) VALUES (%s, %s)", (first_id, last_id)
    )


def note_networks(session: Session, values: Iterable[str]) -> None:
    """Notes the prefix lengths of networks among values, for those who look for them."""
    lengths = sorted({(n.version, n.prefixlen) for v in values if (n := network(v)) is not None})
    if lengths:
        session.execute(
            "INSERT INTO network_length SELECT * FROM unnest(%s::int[], %s::int[])"
            " ON CONFLICT DO NOTHING",
            ([version for version, _ in lengths], [length for _, length in lengths]),
        )


def read(rows: Iterable[tuple[Any, ...]]) -> list[Attribute]:
    """Records of rows of COLUMNS."""
    return [Attribute(*row) for row in rows]


def of_event(session: Session, event_id: int, *, deleted: bool = False) -> list[Attribute]:
    """The attributes of an event that the session sees, objects' included, oldest first."""
    return of_events(session, [event_id], deleted=deleted)


def of_events(
    session: Session, event_ids: Sequence[int], *, deleted: bool = False
) -> list[Attribute]:
    """The same of several events at once."""
    which, ids = among("a.event_id", event_ids)
    return read(
        session.all(
            "SELECT " + COLUMNS + " FROM attribute a"
            " WHERE " + which + " AND (%s OR NOT a.deleted) ORDER BY a.id",
            (ids, deleted),
        )
    )


_UPDATE = """
UPDATE attribute SET type = %(type)s, category = %(category)s, value1 = %(value1)s,
    value2 = %(value2)s, key1 = %(key1)s, key2 = %(key2)s, parts = %(parts)s, ip = %(ip)s,
    to_ids = %(to_ids)s, comment = %(comment)s, distribution = %(level)s,
    sharing_group_id = %(group)s, timestamp = %(timestamp)s, deleted = %(deleted)s,
    disable_correlation = %(disable_correlation)s, first_seen = %(first_seen)s,
    last_seen = %(last_seen)s, object_relation = %(object_relation)s
WHERE id = %(id)s AND event_id = %(event)s
"""


class Change(msgspec.Struct):
    """A stored attribute, what it is to be, and at which level and group."""

    stored: Attribute
    new: NewAttribute
    level: tuple[int, int | None]


def update(session: Session, claim: Claim, changes: Sequence[Change]) -> None:
    """Stores changed attributes; their audiences follow with `reaudience_event`."""
    if not changes:
        return
    now = int(time.time())
    with session.connection.cursor() as cursor:
        cursor.executemany(_UPDATE, [_changed(claim, change, now) for change in changes])
    for change in changes:
        stored, new = change.stored, change.new
        if (stored.value1, stored.value2) != (new.value1, new.value2):
            note_written(session, stored.id, stored.id)
    note_networks(session, [c.new.value1 for c in changes if "/" in c.new.value1])


def _changed(claim: Claim, change: Change, now: int) -> dict[str, Any]:
    new = change.new
    return {
        "id": change.stored.id,
        "event": claim.event_id,
        "type": new.type,
        "category": new.category,
        "value1": new.value1,
        "value2": new.value2,
        "key1": key(fold(new.value1)),
        "key2": key(fold(new.value2)) if new.value2 else None,
        "parts": 0 if new.disable_correlation else parts_of(new.type),
        "ip": address(new.type, new.value1, new.value2),
        "to_ids": new.to_ids,
        "comment": new.comment,
        "level": change.level[0],
        "group": change.level[1],
        "timestamp": new.timestamp or now,
        "deleted": new.deleted,
        "disable_correlation": new.disable_correlation,
        "first_seen": new.first_seen,
        "last_seen": new.last_seen,
        "object_relation": new.object_relation,
    }


def by_uuids(session: Session, event_id: int, uuids: Sequence[str]) -> dict[str, Attribute]:
    """The attributes of an event that have these UUIDs, deleted ones too."""
    found = read(
        session.all(
            "SELECT " + COLUMNS + " FROM attribute a"
            " WHERE a.event_id = %s AND a.uuid = ANY (%s::uuid[])",
            (event_id, list(uuids)),
        )
    )
    return {a.uuid: a for a in found}


def of_object(session: Session, object_id: int) -> list[Attribute]:
    """The attributes of an object that the session sees, deleted ones too."""
    return read(
        session.all(
            "SELECT " + COLUMNS + " FROM attribute a WHERE a.object_id = %s ORDER BY a.id",
            (object_id,),
        )
    )


def mark_deleted(session: Session, claim: Claim, ids: Sequence[int]) -> list[int]:
    """Marks attributes of the claimed event; those that were not marked before."""
    rows = session.all(
        "UPDATE attribute SET deleted = true, timestamp = %s"
        " WHERE id = ANY (%s) AND event_id = %s AND NOT deleted RETURNING id",
        (int(time.time()), list(ids), claim.event_id),
    )
    return [int(row[0]) for row in rows]


def remove(session: Session, claim: Claim, ids: Sequence[int]) -> list[int]:
    """Removes attributes of the claimed event with what hangs on them; those removed."""
    rows = session.all(
        "DELETE FROM attribute WHERE id = ANY (%s) AND event_id = %s RETURNING id",
        (list(ids), claim.event_id),
    )
    return [int(row[0]) for row in rows]


Likeness = tuple[str, str, str, str]


def likeness(item: NewAttribute | Attribute) -> Likeness:
    """What two attributes of an event may not have in common, outside objects."""
    return item.type, item.category, item.value1, item.value2


def alike(
    session: Session, event_id: int, wanted: Sequence[NewAttribute]
) -> dict[Likeness, Attribute]:
    """The attributes of an event, outside objects, that are like one of `wanted`."""
    which, keys = among("a.key1", [key(fold(new.value1)) for new in wanted])
    found = read(
        session.all(
            "SELECT " + COLUMNS + " FROM attribute a WHERE a.event_id = %s AND a.object_id = 0"
            " AND NOT a.deleted AND " + which,
            (event_id, keys),
        )
    )
    return {likeness(a): a for a in found}


def by_ids(session: Session, ids: Sequence[int]) -> list[Attribute]:
    which, numbers = among("a.id", ids)
    return read(
        session.all(
            "SELECT " + COLUMNS + " FROM attribute a WHERE " + which + " ORDER BY a.id",
            (numbers,),
        )
    )
