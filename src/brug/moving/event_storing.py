# SPDX-License-Identifier: EUPL-1.2
"""Storing the rows of one event that is taken over, in the transaction of the caller.

The session is a site admin's. Audiences follow from the levels in the database itself
(`reaudience_event`), numbers given later lie behind those that were kept.
"""

from collections.abc import Sequence

from psycopg import sql

from brug.intel import attributes
from brug.intel.deleting import remove_claimed
from brug.intel.finding import Claim, claim
from brug.intel.label import tags
from brug.model.errors import Conflict
from brug.model.new_event import NewTag
from brug.moving.event_rows import Refusal, Row, Rows
from brug.moving.rows import Columns, insert
from brug.store.session import Session

_EVENT: Columns = {
    "id": "bigint", "uuid": "uuid", "org_id": "int", "orgc_id": "int", "user_id": "int",
    "date": "date", "info": "text", "threat_level_id": "smallint", "analysis": "smallint",
    "distribution": "smallint", "sharing_group_id": "int", "published": "bool",
    "timestamp": "bigint", "publish_timestamp": "bigint", "sighting_timestamp": "bigint",
    "extends_uuid": "uuid", "locked": "bool", "proposal_email_lock": "bool",
    "disable_correlation": "bool", "protected": "bool", "audience": "int",
}  # fmt: skip
_COMMON: Columns = {
    "id": "bigint", "uuid": "uuid", "event_id": "bigint", "org_id": "int", "audience": "int",
    "distribution": "smallint", "sharing_group_id": "int", "timestamp": "bigint",
    "deleted": "bool",
}  # fmt: skip
_OBJECT: Columns = {
    **_COMMON, "name": "text", "meta_category": "text", "description": "text",
    "template_uuid": "text", "template_version": "text", "comment": "text",
    "first_seen": "bigint", "last_seen": "bigint",
}  # fmt: skip
_ATTRIBUTE: Columns = {
    **_COMMON, "object_id": "bigint", "type": "text", "category": "text", "value1": "text",
    "value2": "text", "key1": "bigint", "key2": "bigint", "parts": "smallint", "ip": "inet",
    "to_ids": "bool", "disable_correlation": "bool", "object_relation": "text",
    "comment": "text", "first_seen": "bigint", "last_seen": "bigint",
}  # fmt: skip
_REFERENCE: Columns = {
    "id": "bigint", "uuid": "uuid", "event_id": "bigint", "object_id": "bigint",
    "org_id": "int", "audience": "int", "source_uuid": "uuid", "referenced_uuid": "uuid",
    "referenced_type": "smallint", "relationship_type": "text", "comment": "text",
    "timestamp": "bigint", "deleted": "bool",
}  # fmt: skip
_REPORT: Columns = {**_COMMON, "name": "text", "content": "text"}
_SIGHTING: Columns = {
    "id": "bigint", "uuid": "uuid", "event_id": "bigint", "attribute_id": "bigint",
    "org_id": "int", "holder_id": "int", "audience": "int", "date_sighting": "bigint",
    "source": "text", "type": "smallint",
}  # fmt: skip
_KEY: Columns = {
    "uuid": "uuid", "event_id": "bigint", "key_data": "text", "fingerprint": "text",
    "revoked": "bool", "timestamp": "bigint",
}  # fmt: skip


class Taken(Conflict):
    """An event of this UUID or number is here already, and was not moved here."""

    code = "event_taken"


def store(session: Session, rows: Rows) -> int:
    """Stores an event with all that hangs on it; its number. What did not fit joins `refused`."""
    # Moving shares nothing: no bridge carries what only changed its house.
    session.execute("SELECT set_config('brug.not_shared', 'on', true)")
    held = _head(session, rows.event)
    common = {"event_id": held.event_id, "org_id": held.org_id, "audience": held.audience}
    objects = _children(session, "object", _OBJECT, [r | common for r in rows.objects], rows)
    placed = [
        r | common | {"object_id": objects.get(r["object"], 0)}
        for r in rows.attributes
        if r["object"] is None or r["object"] in objects
    ]
    stored = _children(session, "attribute", _ATTRIBUTE, placed, rows)
    if stored:
        attributes.note_written(session, min(stored.values()), max(stored.values()))
        attributes.note_networks(session, [r["value1"] for r in placed if "/" in r["value1"]])
    linked = [
        r | common | {"object_id": objects[r["object"]]}
        for r in rows.references
        if r["object"] in objects
    ]
    _children(session, "object_reference", _REFERENCE, linked, rows)
    _children(session, "event_report", _REPORT, [r | common for r in rows.reports], rows)
    seen = [
        r | common
        | {"attribute_id": stored[r["attribute"]], "holder_id": held.org_id, "org_id": r["org_id"]}
        for r in rows.sightings
        if r["attribute"] in stored
    ]  # fmt: skip
    _add(session, "sighting", _SIGHTING, seen)
    insert(session, "cryptographic_key", _KEY, [r | common for r in rows.keys])
    _attach_tags(session, held, rows.tags)
    tags.attach_to_attributes(
        session, [held], [(stored[u], tag) for u, tag in rows.attribute_tags if u in stored]
    )
    for uuid, data in rows.data.items():
        if uuid in stored:
            session.execute(
                "INSERT INTO attachment (attribute_id, event_id, audience, data)"
                " VALUES (%s, %s, %s, %s)",
                (stored[uuid], held.event_id, held.audience, data),
            )
    session.execute("SELECT reaudience_event(%s)", (held.event_id,))
    return held.event_id


def _head(session: Session, row: Row) -> Claim:
    audience = session.value(
        "SELECT event_audience(%s, %s, %s, %s)",
        (row["org_id"], row["distribution"], row["sharing_group_id"], row["published"]),
    )
    if not insert(session, "event", _EVENT, [row | {"audience": audience}]):
        raise Taken(f"event {row['uuid']}: its UUID or number is in use here")
    if "id" in row:
        session.execute("SELECT number_behind('event', %s)", (row["id"],))
    event_id = session.value(
        "SELECT id FROM event WHERE uuid = %s AND org_id = %s", (row["uuid"], row["org_id"])
    )
    return claim(session, int(event_id))


def _add(session: Session, table: str, columns: Columns, rows: Sequence[Row]) -> int:
    added = insert(session, table, columns, rows)
    if rows and "id" in rows[0]:
        session.execute("SELECT number_behind(%s, %s)", (table, max(r["id"] for r in rows)))
    return added


def _children(
    session: Session, table: str, columns: Columns, placed: Sequence[Row], rows: Rows
) -> dict[str, int]:
    """Stores children; the numbers of those stored, by UUID."""
    added = _add(session, table, columns, placed)
    if not placed:
        return {}
    found: dict[str, int] = dict(
        session.all(
            sql.SQL("SELECT uuid::text, id FROM {} WHERE event_id = %s").format(
                sql.Identifier(table)
            ),
            (placed[0]["event_id"],),
        )
    )
    if added < len(placed):
        seen: set[str] = set()
        for row in placed:
            if row["uuid"] not in found or row["uuid"] in seen:
                reason = "its UUID or number is in use by another item"
                rows.refused.append(Refusal(f"{table} {row['uuid']}", reason))
            seen.add(row["uuid"])
    return found


def _attach_tags(session: Session, held: Claim, wanted: Sequence[NewTag]) -> None:
    if wanted:
        tags.attach_to_event(session, held, wanted)


def remove(session: Session, event_id: int) -> None:
    """Removes the copy that a former run made, to take the newer one over."""
    held = claim(session, event_id)
    remove_claimed(session, event_id)
    # Whoever deletes an event does not want it back; this one comes back at once.
    session.execute("DELETE FROM blocked WHERE list = 'event' AND uuid = %s", (held.uuid,))


def is_stored(session: Session, event_id: int) -> bool:
    return bool(session.value("SELECT 1 FROM event WHERE id = %s", (event_id,)))
