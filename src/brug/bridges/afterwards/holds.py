# SPDX-License-Identifier: EUPL-1.2
"""Legal holds: what is kept for a legal reason, whatever retention or a partner asks for.

A hold is put on an event by a person, with the reason; so is one that a person chose when a
partner recalled it. What is held when it should have gone leaves the sensors.
"""

from datetime import datetime

import msgspec

from brug.bridges.crossing import removing
from brug.bridges.feeds import leaving
from brug.intel.finding import Claim, claim_named, find
from brug.intel.label import tags
from brug.model.errors import Conflict, Forbidden, Invalid, NotFound
from brug.model.marking import KEPT
from brug.model.new_event import NewTag
from brug.store import audit
from brug.store.session import Session

WHY = 2000


class Hold(msgspec.Struct, frozen=True):
    """A hold on an event that the session sees."""

    event_uuid: str
    event_id: int
    info: str
    because: str
    placed: datetime


class AlreadyHeld(Conflict):
    """One hold is enough."""

    code = "already_held"
    public = "This event is under a legal hold already."


def listed(session: Session) -> list[Hold]:
    """The oldest first; of several on one event the one that a person put there."""
    rows = session.all(
        "SELECT DISTINCT ON (h.event_uuid) h.event_uuid::text, e.id, e.info, h.because, h.placed"
        " FROM (SELECT event_uuid, because, placed, 0 AS turn FROM legal_hold UNION ALL"
        " SELECT event_uuid, coalesce(nullif(judged_because, ''), because),"
        " coalesce(judged, came), 1 FROM recall_asked WHERE state = 'kept') h"
        " JOIN event e ON e.uuid = h.event_uuid ORDER BY h.event_uuid, h.turn, h.placed, e.id"
    )
    return sorted((Hold(*row) for row in rows), key=lambda one: (one.placed, one.event_uuid))


def place(session: Session, event: str, because: str) -> Hold:
    """Keeps an event for a legal reason. Raises NotFound, Invalid, AlreadyHeld, Forbidden."""
    _require(session)
    reason = because.strip()
    if not reason or len(reason) > WHY or "\0" in reason:
        raise Invalid("because", f"the reason, in at most {WHY} characters", reason)
    uuid, event_id, info = _named(session, event)
    with session.as_system():
        done = session.execute(
            "INSERT INTO legal_hold (event_uuid, because, placed_by) VALUES (%s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            (uuid, reason, session.principal.user_id),
        ).rowcount
    if not done:
        raise AlreadyHeld(f"event {uuid} is held")
    audit.record(session, "hold", "Event", event_id, info, {"because": reason})
    return next(one for one in listed(session) if one.event_uuid == uuid)


def lift(session: Session, event: str) -> None:
    """Ends a hold: what should have gone by its time goes now, and what a partner took back or
    recalled waits for a person again. Raises NotFound, Forbidden.
    """
    _require(session)
    uuid, event_id, info = _named(session, event)
    with session.as_system():
        done = session.execute("DELETE FROM legal_hold WHERE event_uuid = %s", (uuid,)).rowcount
        done += session.execute(
            "UPDATE recall_asked SET state = 'asked' WHERE event_uuid = %s AND state = 'kept'",
            (uuid,),
        ).rowcount
    if not done:
        raise NotFound(f"no hold on event {uuid}")
    audit.record(session, "unhold", "Event", event_id, info)


def is_held(session: Session, event_uuid: str) -> bool:
    """By a person's word, or because a recall of it was answered so. As the system."""
    return bool(
        session.value(
            "SELECT EXISTS (SELECT 1 FROM legal_hold WHERE event_uuid = %(uuid)s) OR EXISTS"
            " (SELECT 1 FROM recall_asked WHERE event_uuid = %(uuid)s AND state = 'kept')",
            {"uuid": event_uuid},
        )
    )


def remove(session: Session, bridge_id: int, event_uuid: str, version: int, because: str) -> bool:
    """Removes the copy that a partner takes back; whether it did. In the partner's session.

    What a hold keeps leaves the sensors and stays, and waits for a person once the hold ends.
    Raises NotFound, also where the copy that is here came from another partner.
    """
    with session.as_system():
        held = is_held(session, event_uuid)
        theirs = session.value(
            "SELECT EXISTS (SELECT 1 FROM event WHERE uuid = %s AND org_id = %s)",
            (event_uuid, session.principal.org_id),
        )
        if theirs:
            leaving.take_out(session, event_uuid, None)
    if not theirs:
        raise NotFound(f"no copy of {event_uuid} is of this partner")
    if not held:
        removing.remove(session, event_uuid)
        return True
    claimed = claim_named(session, event_uuid)
    with session.as_system():
        leave_sensors(session, claimed)
        session.execute(
            "INSERT INTO recall_asked (bridge_id, event_uuid, version, because, state)"
            " VALUES (%s, %s, %s, %s, 'kept') ON CONFLICT (bridge_id, event_uuid, version)"
            " DO UPDATE SET state = 'kept'",
            (bridge_id, event_uuid, version, because),
        )
    return False


def leave_sensors(session: Session, held: Claim) -> None:
    """What is kept for the law alone is no indicator any more. As the system."""
    tags.attach_to_event(session, held, [NewTag(KEPT, local=True)])


def _named(session: Session, event: str) -> tuple[str, int, str]:
    row = session.one(
        "SELECT uuid::text, id, info FROM event WHERE id = %s", (find(session, "event", event),)
    )
    if row is None:
        raise NotFound(f"event {event[:60]!r} is absent or hidden")
    return str(row[0]), int(row[1]), str(row[2])


def _require(session: Session) -> None:
    me = session.principal
    if not (me.is_site_admin or session.value("SELECT host_has_right('recall')")):
        raise Forbidden(f"{me.email} may not keep things for a legal reason")
