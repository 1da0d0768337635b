# SPDX-License-Identifier: EUPL-1.2
"""Asking those who made an event about it, by mail."""

from typing import Any

from brug.directory import fields
from brug.intel.finding import find
from brug.store import audit, outbox
from brug.store.session import Session

LONGEST = 65_535


def contact(session: Session, key: str | int, message: Any, *, person: bool) -> tuple[int, bool]:
    """(the event's id, whether mail is set up); raises NotFound, Refused.

    `person`: whoever made the event alone. The answer never says whether anyone gets it.
    """
    event_id = find(session, "event", key)
    text = fields.text(LONGEST, empty=False)("message", message)
    mine = session.principal
    details = {
        "message": text, "person": person, "email": mine.email, "organisation": mine.org_name
    }  # fmt: skip
    noted = outbox.put(session, "contact", event_id=event_id, details=details)
    if noted:
        audit.record(session, "contact", "Event", event_id)
    return event_id, noted
