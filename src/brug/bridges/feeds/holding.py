# SPDX-License-Identifier: EUPL-1.2
"""What the gate holds for a partner's feed comes before a person, as on any bridge.

The event is put on record as a crossing that is held, whole, as the partner may see it: what a
person releases is that version, whatever a feed's search takes of it, and it is in the feeds of
that bridge from the next look on. What is held for anyone is not: there is nobody who could be
told who released it to whom, and whoever may mark it TLP:CLEAR does so.
"""

from datetime import datetime

from brug.bridges import agreements
from brug.bridges.crossing import drafting, messages, noting, rows
from brug.bridges.crossing.drafting import Now
from brug.bridges.crossing.rows import Crossing
from brug.bridges.feeds.passing import Document
from brug.bridges.gate import hop
from brug.bridges.partners import BridgeRow
from brug.store.session import Session

_OUT = frozenset({"waiting", "failed", "sent", "received"})


def judged(
    session: Session, bridge: BridgeRow, event_id: int, whole: Document, at: datetime
) -> Crossing | None:
    """The crossing of an event that is held, put on record if this version is not yet.

    None where the gate says something else of the whole of it.
    """
    lowered = hop.lowered(whole, bridge.transport, str(bridge.org_uuid))
    if lowered is None:
        return None
    # Two feeds of a bridge may look at an event at once; it waits for people once.
    session.execute("SELECT 1 FROM bridge_progress WHERE bridge_id = %s FOR UPDATE", (bridge.id,))
    now = Now(bridge, agreements.in_force(session, bridge.id, at), at)
    draft = drafting.of_event(session, now, lowered)
    if draft.decision.outcome != "hold":
        return None
    noting.note(session, bridge, event_id, draft)
    last = rows.last(session, bridge.id, draft.event_uuid, "event")
    same = last is not None and last.digest == messages.digest(draft.message)
    return last if same else None


def is_out(crossing: Crossing | None) -> bool:
    """Whether people let it go."""
    return crossing is not None and crossing.state in _OUT


def given_out(session: Session, crossing: Crossing) -> None:
    """The feed has it from now on: it is sent, as nobody signs that it was fetched."""
    if crossing.state in {"waiting", "failed"}:
        noting.sent(session, crossing, None)


def judged_since(session: Session, feed_id: int) -> list[int]:
    """The events that were held in a feed and are not any more."""
    return [
        row[0]
        for row in session.all(
            "SELECT p.event_id FROM published_part p JOIN crossing c ON c.id = p.held_as"
            " WHERE p.feed_id = %s AND c.state <> 'held'",
            (feed_id,),
        )
    ]


def end(session: Session, bridge_id: int) -> None:
    """What no feed of the bridge would have, once released, waits for nobody."""
    session.execute(
        "UPDATE crossing c SET state = 'replaced' FROM bridge b WHERE b.id = c.bridge_id"
        " AND b.transport = 'feed' AND c.bridge_id = %s AND c.outward AND c.kind = 'event'"
        " AND c.state IN ('held', 'waiting') AND NOT EXISTS (SELECT 1 FROM published_part p"
        "   JOIN published_feed f ON f.id = p.feed_id"
        "   WHERE f.bridge_id = c.bridge_id AND f.enabled AND p.held_as = c.id)",
        (bridge_id,),
    )
