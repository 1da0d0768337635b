# SPDX-License-Identifier: EUPL-1.2
"""Taking back: marked as deleted, so that partners hear of it, or removed for good."""

import time
from collections.abc import Sequence

from brug.intel import attributes, objects
from brug.intel.finding import Claim, claim_named, claim_parent, find
from brug.intel.publishing import touch
from brug.model.errors import Conflict, Forbidden, NotFound
from brug.store import audit
from brug.store.session import Session


class UnderHold(Conflict):
    """It is kept for a legal reason, whatever anybody asks for."""

    code = "under_hold"
    public = "This event is kept for a legal reason. The hold has to end first."


def delete_event(session: Session, key: str | int) -> int:
    """Removes an event and all below it; the id that it had.

    Raises NotFound, Forbidden, UnderHold.
    """
    event_id = claim_named(session, key).event_id
    title = session.value("SELECT info FROM event WHERE id = %s", (event_id,))
    remove_claimed(session, event_id)
    audit.record(session, "delete", "Event", event_id, title or "")
    return event_id


def remove_claimed(session: Session, event_id: int) -> None:
    """Removes an event that is claimed, without a word of it. Raises UnderHold."""
    if not session.value("SELECT delete_event(%s)", (event_id,)):
        raise UnderHold(f"event {event_id} is under a legal hold")


def delete_attribute(session: Session, key: str | int, *, hard: bool) -> Claim:
    """Deletes an attribute; one marked already can only be removed. Raises NotFound, Forbidden."""
    attribute_id = find(session, "attribute", key)
    stored = attributes.by_ids(session, [attribute_id])[0]
    held = claim_parent(session, "attribute", attribute_id)
    if stored.deleted and not hard:
        raise NotFound(f"attribute {attribute_id} is deleted")
    delete_attributes(session, held, [attribute_id], hard=hard)
    return held


def delete_attributes(
    session: Session, held: Claim, ids: Sequence[int], *, hard: bool
) -> list[int]:
    """Deletes those of some attributes that belong to a claimed event; their ids."""
    if hard:
        gone = attributes.remove(session, held, ids)
    else:
        gone = attributes.mark_deleted(session, held, ids)
    if gone:
        touch(session, held)
        verb = "delete" if hard else "soft-delete"
        audit.record(session, verb, "Attribute", gone[0], change={"attributes": gone[:100]})
    return gone


def restore_attribute(session: Session, key: str | int) -> int:
    """Takes a deletion back; the attribute's id. Raises NotFound, Forbidden."""
    attribute_id = find(session, "attribute", key)
    held = claim_parent(session, "attribute", attribute_id)
    session.execute(
        "UPDATE attribute SET deleted = false, timestamp = %s WHERE id = %s AND event_id = %s",
        (int(time.time()), attribute_id, held.event_id),
    )
    touch(session, held)
    audit.record(session, "restore", "Attribute", attribute_id)
    return attribute_id


def delete_object(session: Session, key: str | int, *, hard: bool) -> Claim:
    """Deletes an object with its attributes and references. Raises NotFound, Forbidden."""
    object_id = find(session, "object", key)
    held = claim_parent(session, "object", object_id)
    objects.delete(session, held, object_id, hard=hard)
    touch(session, held)
    audit.record(session, "delete" if hard else "soft-delete", "Object", object_id)
    return held


def delete_reference(session: Session, key: str | int, *, hard: bool) -> int:
    """Deletes a reference; its id. Raises NotFound, Forbidden."""
    reference_id = find(session, "object_reference", key)
    held = claim_parent(session, "object_reference", reference_id)
    if hard:
        session.execute(
            "DELETE FROM object_reference WHERE id = %s AND event_id = %s",
            (reference_id, held.event_id),
        )
    else:
        session.execute(
            "UPDATE object_reference SET deleted = true, timestamp = %s"
            " WHERE id = %s AND event_id = %s",
            (int(time.time()), reference_id, held.event_id),
        )
    touch(session, held)
    audit.record(session, "delete" if hard else "soft-delete", "ObjectReference", reference_id)
    return reference_id


def delete_report(session: Session, key: str | int, *, hard: bool) -> int:
    """Deletes a report; its id. Raises NotFound, Forbidden."""
    report_id = find(session, "event_report", key)
    held = claim_parent(session, "event_report", report_id)
    if hard:
        session.execute(
            "DELETE FROM event_report WHERE id = %s AND event_id = %s", (report_id, held.event_id)
        )
    else:
        _mark_report(session, held, report_id, deleted=True)
    touch(session, held)
    audit.record(session, "delete" if hard else "soft-delete", "EventReport", report_id)
    return report_id


def restore_report(session: Session, key: str | int) -> int:
    """Takes a deletion back; the report's id. Raises NotFound, Forbidden."""
    report_id = find(session, "event_report", key)
    held = claim_parent(session, "event_report", report_id)
    _mark_report(session, held, report_id, deleted=False)
    touch(session, held)
    audit.record(session, "restore", "EventReport", report_id)
    return report_id


def _mark_report(session: Session, held: Claim, report_id: int, *, deleted: bool) -> None:
    session.execute(
        "UPDATE event_report SET deleted = %s, timestamp = %s WHERE id = %s AND event_id = %s",
        (deleted, int(time.time()), report_id, held.event_id),
    )


def delete_sighting(session: Session, key: str | int) -> int:
    """Removes a sighting of one's own organisation; its id. Raises NotFound, Forbidden."""
    sighting_id = find(session, "sighting", key)
    reporter = session.value("SELECT org_id FROM sighting WHERE id = %s", (sighting_id,))
    principal = session.principal
    if reporter != principal.org_id and not principal.is_site_admin:
        raise Forbidden(f"sighting {sighting_id} was reported by organisation {reporter}")
    session.execute("DELETE FROM sighting WHERE id = %s", (sighting_id,))
    audit.record(session, "delete", "Sighting", sighting_id)
    return sighting_id
