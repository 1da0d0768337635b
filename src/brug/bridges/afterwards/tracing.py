# SPDX-License-Identifier: EUPL-1.2
"""What became of an event on each bridge that it went over, as its sender knows it."""

from datetime import date, datetime

import msgspec

from brug.store.session import Session


class Trace(msgspec.Struct, frozen=True):
    """One event on one bridge, outward. What is None did not happen, or nobody told.

    `opened` is the day on which it was told; `used` the number of detections that the partner
    shares; `recall` what the partner answered: asked (it waits for a person there), recalled,
    kept or unknown.
    """

    bridge_id: int
    partner: str
    state: str
    held: datetime | None
    sent: datetime | None
    received: datetime | None
    opened: date | None
    used: int | None
    recalled: datetime | None
    recall: str | None
    recall_confirmed: datetime | None
    taken_back: datetime | None
    ended: str | None
    ended_at: datetime | None


_TRACES = """
SELECT b.id, p.name,
    (array_agg(c.state ORDER BY c.id DESC) FILTER (WHERE c.kind = 'event'))[1],
    max(c.decided) FILTER (WHERE c.kind = 'event' AND (c.state = 'held' OR c.judged IS NOT NULL)),
    max(c.sent) FILTER (WHERE c.kind = 'event'),
    max(c.received) FILTER (WHERE c.kind = 'event'),
    k.opened, k.used,
    max(c.decided) FILTER (WHERE c.kind = 'recall'),
    coalesce(
        (SELECT f.receipt #>> '{statement,outcome}' FROM crossing f WHERE f.bridge_id = b.id
            AND f.event_uuid = %(event)s AND NOT f.outward AND f.kind = 'recall_followed'
            AND f.receipt #>> '{statement,outcome}' IN ('recalled', 'kept')
            ORDER BY f.id DESC LIMIT 1),
        (array_agg(c.receipt #>> '{statement,outcome}' ORDER BY c.id DESC)
            FILTER (WHERE c.kind = 'recall' AND c.receipt IS NOT NULL))[1]),
    coalesce(
        (SELECT max(f.received) FROM crossing f WHERE f.bridge_id = b.id
            AND f.event_uuid = %(event)s AND NOT f.outward AND f.kind = 'recall_followed'
            AND f.receipt #>> '{statement,outcome}' IN ('recalled', 'kept')),
        max(c.received) FILTER (WHERE c.kind = 'recall'
            AND c.receipt #>> '{statement,outcome}' <> 'asked')),
    max(c.received) FILTER (WHERE c.kind = 'withdrawal'),
    k.ended, k.ended_at
FROM crossing c JOIN bridge b ON b.id = c.bridge_id JOIN partner p ON p.id = b.partner_id
LEFT JOIN kept_there k ON k.bridge_id = b.id AND k.event_uuid = c.event_uuid
WHERE c.event_uuid = %(event)s AND c.outward AND (%(bridge)s::int IS NULL OR b.id = %(bridge)s)
GROUP BY b.id, p.name, k.opened, k.used, k.ended, k.ended_at
HAVING count(*) FILTER (WHERE c.kind = 'event') > 0
ORDER BY lower(p.name), b.id
"""


def of_event(session: Session, event_uuid: str, bridge_id: int | None = None) -> list[Trace]:
    """By the partner's name, as far as the session sees the crossings."""
    rows = session.all(_TRACES, {"event": event_uuid, "bridge": bridge_id})
    return [Trace(*row) for row in rows]
