# SPDX-License-Identifier: EUPL-1.2
"""When an event counts as changed, and when it is published or a draft again.

Whatever belongs to what an event says makes it a draft again; a tag on an attribute, a
sighting or a local tag does not (MISP 2.5).
"""

import time
from collections.abc import Sequence

from brug.intel.finding import Claim, claim, find
from brug.model.errors import Forbidden
from brug.store import audit, outbox
from brug.store.rows import array
from brug.store.session import Session


def touch(
    session: Session, held: Claim, *, unpublish: bool = True, added: Sequence[int] = ()
) -> None:
    """Notes that something changed below a claimed event.

    `added` are attributes that are new and not counted yet; what is deleted counts itself.
    """
    session.execute(
        "SELECT touch_event(%s, %s, %s, %s::bigint[])",
        (held.event_id, int(time.time()), unpublish, array(added)),
    )


def reaudience(session: Session, held: Claim) -> Claim:
    """Recomputes who sees what of a claimed event, after a level or group changed."""
    session.execute("SELECT reaudience_event(%s)", (held.event_id,))
    return claim(session, held.event_id)


def publish(session: Session, key: str | int) -> int:
    """Publishes an event; its id. Raises NotFound, Forbidden."""
    return _set(session, key, published=True)


def alert(session: Session, key: str | int) -> int:
    """Publishes an event and has those told who asked to be; its id."""
    event_id = publish(session, key)
    outbox.put(session, "alert", event_id=event_id)
    return event_id


def unpublish(session: Session, key: str | int) -> int:
    """Makes an event a draft again; its id. Raises NotFound, Forbidden.

    Partners who have it over a bridge hear of it, which an edit alone does not tell them.
    """
    event_id = _set(session, key, published=False)
    session.execute("SELECT note_withdrawal(%s)", (event_id,))
    return event_id


def _set(session: Session, key: str | int, *, published: bool) -> int:
    event_id = find(session, "event", key)
    if published and not session.principal.may("publish"):
        raise Forbidden(f"user {session.principal.user_id} may not publish")
    held = claim(session, event_id)
    session.execute(
        "UPDATE event SET published = %(published)s, publish_timestamp ="
        " CASE WHEN %(published)s THEN %(now)s ELSE publish_timestamp END WHERE id = %(id)s",
        {"published": published, "now": int(time.time()), "id": event_id},
    )
    if held.published != published:
        reaudience(session, held)
    audit.record(session, "publish" if published else "unpublish", "Event", event_id)
    if published:
        push_event(session, held.uuid)
    return event_id


def push_event(session: Session, uuid: str) -> None:
    """Has an event that was just published pushed to the servers that want it.

    Not called by what brings events in without publishing them: imports, moves and pulls.
    """
    session.execute("SELECT queue_server_push('event', %s)", (uuid,))
