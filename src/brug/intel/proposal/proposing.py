# SPDX-License-Identifier: EUPL-1.2
"""Proposing: a new attribute, another value for one, or that one be deleted.

Everybody who sees the item and may add events proposes, the event's owner too. It changes
nothing of the event: neither its time nor whether it is published (MISP 2.5).
"""

import time

from brug.formats.misp.reading_attributes import read_attribute
from brug.formats.misp.reading_fields import Fields
from brug.intel import attachments, attributes
from brug.intel.attribute_rows import new_uuid
from brug.intel.finding import find
from brug.intel.patterns.applying import admit, changed
from brug.model.attribute_types import Refused
from brug.model.errors import Forbidden, NotFound, TooLarge
from brug.model.event import Attribute
from brug.model.new_event import NewAttribute
from brug.store import audit, outbox, settings
from brug.store.session import Session

NOTHING_SAID = "No value provided."
# What a proposal can say; all else in an edit is the owner's business.
CHANGEABLE = frozenset(
    {"type", "category", "value", "value1", "value2", "to_ids", "comment", "first_seen",
     "last_seen", "disable_correlation", "data"}
)  # fmt: skip

_INSERT = """
INSERT INTO proposal (uuid, event_id, attribute_id, holder_id, org_id, brought_by, user_id,
    audience, timestamp, first_seen, last_seen, to_ids, is_deletion, disable_correlation, type,
    category, value1, value2, comment, data)
SELECT %(uuid)s, parent.event_id, parent.attribute_id, parent.holder_id, %(org)s, %(org)s,
    %(user)s, parent.audience, %(now)s, %(first_seen)s, %(last_seen)s, %(to_ids)s,
    %(is_deletion)s, %(disable_correlation)s, %(type)s, %(category)s, %(value1)s, %(value2)s,
    %(comment)s, %(data)s
FROM (
    SELECT id AS event_id, NULL::bigint AS attribute_id, org_id AS holder_id, audience
        FROM event WHERE id = %(event)s AND %(attribute)s::bigint IS NULL
    UNION ALL
    SELECT event_id, id, org_id, audience FROM attribute WHERE id = %(attribute)s
) AS parent
RETURNING id
"""


def propose_attribute(session: Session, event_key: str | int, raw: Fields) -> int:
    """Proposes a new attribute of an event; the proposal's id. Raises NotFound, Refused."""
    event_id = find(session, "event", event_key)
    new = _checked({k: v for k, v in raw.items() if k in CHANGEABLE})
    admit(session, new)
    return store(session, event_id, None, new)


def propose_change(session: Session, attribute_key: str | int, raw: Fields) -> int:
    """Proposes other fields for an attribute; the proposal's id. Raises NotFound, Refused."""
    stored = shown(session, attribute_key)
    sent = {k: v for k, v in raw.items() if k in CHANGEABLE}
    new = changed(session, stored, sent)
    return store(session, stored.event_id, stored, new)


def propose_deletion(session: Session, attribute_key: str | int) -> int:
    """Proposes to delete an attribute; the proposal's id. Raises NotFound."""
    stored = shown(session, attribute_key)
    new = NewAttribute(
        None, stored.type, stored.category, stored.to_ids, stored.value1, stored.value2
    )
    return store(session, stored.event_id, stored, new, is_deletion=True)


def shown(session: Session, key: str | int) -> Attribute:
    """An attribute to which something may be proposed. Raises NotFound."""
    attribute_id = find(session, "attribute", key)
    stored = attributes.by_ids(session, [attribute_id])[0]
    if stored.deleted:
        raise NotFound(f"attribute {attribute_id} is deleted")
    return stored


def _checked(raw: Fields) -> NewAttribute:
    if not raw.get("type"):
        raise Refused({"type": [NOTHING_SAID]})
    return read_attribute(raw)


def check_size(session: Session, data: bytes | None) -> None:
    """Raises TooLarge."""
    limit = int(settings.get(session, "limits.attachment_bytes"))
    if data is not None and len(data) > limit:
        raise TooLarge("The attachment", limit, "limits.attachment_bytes")


def store(
    session: Session,
    event_id: int,
    stored: Attribute | None,
    new: NewAttribute,
    *,
    is_deletion: bool = False,
) -> int:
    """Stores a proposal of a new attribute, or to change a stored one; its id."""
    if not session.principal.may("add"):
        raise Forbidden(f"user {session.principal.user_id} may not propose")
    check_size(session, new.data)
    made = session.value(
        _INSERT,
        {
            "uuid": stored.uuid if stored else new_uuid(),
            "event": event_id,
            "attribute": stored.id if stored else None,
            "org": session.principal.org_id,
            "user": session.principal.user_id,
            "now": int(time.time()),
            "first_seen": new.first_seen,
            "last_seen": new.last_seen,
            "to_ids": new.to_ids,
            "is_deletion": is_deletion,
            "disable_correlation": new.disable_correlation,
            "type": new.type,
            "category": new.category,
            "value1": new.value1,
            "value2": new.value2,
            "comment": new.comment,
            "data": new.data if new.type in attachments.TYPES else None,
        },
    )
    audit.record(session, "add", "ShadowAttribute", int(made), new.value1[:200])
    tell_owner(session, event_id)
    return int(made)


def tell_owner(session: Session, event_id: int) -> None:
    """Notes mail to the event's organisation, once until a proposal has been settled there."""
    if session.value("SELECT lock_proposal_mail(%s)", (event_id,)):
        outbox.put(session, "proposal", event_id=event_id)
