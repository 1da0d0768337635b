# SPDX-License-Identifier: EUPL-1.2
"""Who is editing an event now, so that people do not write over one another.

A lock is a notice: it stops nobody, and ends after fifteen minutes (MISP 2.5). Whom it
shows: people of one's own organisation by their address, others by their organisation.
"""

from datetime import datetime

import msgspec

from brug.intel.finding import Claim
from brug.store.session import Session

LASTS = 900  # seconds
# A tool that takes a new lock with each call and gives none back keeps no more than these.
MOST = 20


class Editor(msgspec.Struct, frozen=True):
    """Somebody else who is editing an event, as the reader may know them, and since when."""

    who: str
    since: datetime


def take(session: Session, held: Claim) -> int:
    """Notes that the user edits a claimed event; the lock's number.

    Whoever holds one already is editing since that one.
    """
    session.execute(
        "DELETE FROM event_lock WHERE user_id = %(user)s AND (until <= clock_timestamp()"
        " OR id IN (SELECT id FROM event_lock WHERE user_id = %(user)s ORDER BY id DESC"
        "   OFFSET %(most)s))",
        {"user": session.principal.user_id, "most": MOST - 1},
    )
    found = session.value(
        "INSERT INTO event_lock (event_id, user_id, org_id, since, until)"
        " SELECT %(event)s, %(user)s, %(org)s, coalesce(min(since), clock_timestamp()),"
        "   clock_timestamp() + make_interval(secs => %(lasts)s)"
        " FROM event_lock WHERE event_id = %(event)s AND user_id = %(user)s RETURNING id",
        {
            "event": held.event_id,
            "user": session.principal.user_id,
            "org": session.principal.org_id,
            "lasts": LASTS,
        },
    )
    return int(found)


def give_back(session: Session, event_id: int, lock_id: int) -> bool:
    """Takes an own lock away; False where there was none that still held."""
    until = session.value(
        "DELETE FROM event_lock WHERE id = %s AND event_id = %s AND user_id = %s"
        " RETURNING until > clock_timestamp()",
        (lock_id, event_id, session.principal.user_id),
    )
    return bool(until)


def editors(session: Session, event_id: int) -> list[Editor]:
    """Who else is editing a visible event, each once, the first comer first."""
    rows = session.all(
        "SELECT coalesce(creator_email(l.user_id), o.name) AS who, min(l.since)"
        " FROM event_lock l JOIN organisation o ON o.id = l.org_id"
        " WHERE l.event_id = %s AND l.until > clock_timestamp() AND l.user_id <> %s"
        " GROUP BY who ORDER BY 2, 1",
        (event_id, session.principal.user_id),
    )
    return [Editor(str(who), since) for who, since in rows]
