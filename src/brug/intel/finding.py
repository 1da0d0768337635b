# SPDX-License-Identifier: EUPL-1.2
"""Which item an id or UUID names, for this reader, and whether it may change it.

Keys from outside are unique per holder, so a UUID may name several copies; the reader's
own comes first, then the oldest. Hidden and absent are one answer: NotFound.
"""

import re
from typing import Literal, LiteralString

import msgspec

from brug.model.errors import Forbidden, NotFound
from brug.store.session import Session

_NUMBER = re.compile(r"\d{1,18}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)

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


def is_number(text: str) -> bool:
    """Whether a text can be an id."""
    return _NUMBER.fullmatch(text) is not None


def is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def find(session: Session, table: Table, key: str | int) -> int:
    """The id of the item that `key` (id or UUID) names. Raises NotFound."""
    text = str(key).strip()
    found = None
    if is_number(text):
        found = session.value(_BY_ID[table], (int(text),))
    elif is_uuid(text):
        found = session.value(_BY_UUID[table], (text, session.principal.org_id))
    if found is None:
        raise NotFound(f"{table} {text[:60]!r} is absent or hidden")
    return int(found)


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


def claim(session: Session, event_id: int) -> Claim:
    """The right to write to a visible event. Raises NotFound, or Forbidden."""
    row = session.one(
        "SELECT id, uuid::text, org_id, orgc_id, audience, timestamp, published, locked"
        " FROM claim_event(%s)",
        (event_id,),
    )
    if row is None or row[0] is None:
        find(session, "event", event_id)
        raise Forbidden(f"user {session.principal.user_id} may not change event {event_id}")
    return Claim(*row)
