# SPDX-License-Identifier: EUPL-1.2
"""Parts of events that wait for a person, though the rest of the event is in a partner's feeds.

An event that is in a feed is no crossing, as nobody signs that it was fetched; so what waits of
it is counted where the feed keeps it.
"""

from datetime import datetime
from typing import Any, LiteralString

import msgspec

from brug.store.session import Session

PAGE = 100


class Waiting(msgspec.Struct, frozen=True):
    """Of one event for one partner: how many parts, why, and since when."""

    bridge_id: int
    partner: str
    event_id: int
    event_uuid: str
    info: str
    parts: int
    why: list[dict[str, Any]]
    since: datetime


_FROM: LiteralString = (
    " FROM published_part t JOIN published_feed f ON f.id = t.feed_id AND f.enabled"
    " JOIN bridge b ON b.id = f.bridge_id AND b.state = 'open'"
    " JOIN partner p ON p.id = b.partner_id JOIN event e ON e.id = t.event_id"
    " WHERE t.waiting_parts > 0"
)
COUNT: LiteralString = "SELECT count(DISTINCT (f.bridge_id, t.event_id))" + _FROM


def listed(session: Session, bridge_id: int | None = None) -> list[Waiting]:
    """Those that the session sees, the longest waiting first, at most PAGE."""
    rows = session.all(
        "SELECT f.bridge_id, p.name, t.event_id, t.event_uuid::text, e.info, max(t.waiting_parts),"
        " (array_agg(t.waiting_why ORDER BY t.waiting_parts DESC))[1], min(t.waiting_since)"
        + _FROM
        + " AND (%(bridge)s::int IS NULL OR f.bridge_id = %(bridge)s)"
        " GROUP BY f.bridge_id, p.name, t.event_id, t.event_uuid, e.info"
        " ORDER BY min(t.waiting_since), t.event_id LIMIT %(most)s",
        {"bridge": bridge_id, "most": PAGE},
    )
    return [Waiting(*row) for row in rows]
