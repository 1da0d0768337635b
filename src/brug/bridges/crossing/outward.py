# SPDX-License-Identifier: EUPL-1.2
"""Outward: what a change means for one bridge, decided and put on record before anything leaves.

In this order: what the partner may read (its own session), what is wanted (the bridge's filters),
which level it leaves with (the hop rule), what the agreement allows (the gate). The decision, the
crossing and the ledger's entry are one transaction; only then is it sent.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from brug.bridges import agreements, gate
from brug.bridges.afterwards import telling
from brug.bridges.crossing import drafting, filtering, messages, noting, reading, recalls, rows
from brug.bridges.crossing.drafting import Draft, Now
from brug.bridges.crossing.messages import Message
from brug.bridges.crossing.noting import Due
from brug.bridges.gate import hop
from brug.bridges.partners import BridgeRow
from brug.store.session import Database, Session


class Change(msgspec.Struct, frozen=True):
    """An event to look at; `withdrawn` says that it was deleted or made a draft by hand."""

    position: int
    event_id: int
    event_uuid: str
    withdrawn: bool


def changes(session: Session, bridge_id: int, most: int) -> list[Change]:
    """What the bridge has not looked at yet, oldest first."""
    found = session.all(
        "SELECT c.position, c.event_id, c.event_uuid::text, c.withdrawn FROM event_change c"
        " JOIN bridge_progress g ON g.bridge_id = %s AND c.position > g.carried"
        " ORDER BY c.position LIMIT %s",
        (bridge_id, most),
    )
    return [Change(*row) for row in found]


def again(session: Session, bridge_id: int, most: int) -> list[Change]:
    """Events whose crossing was not finished, failed or has been released, and is due now."""
    found = session.all(
        "SELECT 0, c.event_id, c.event_uuid::text, c.kind = 'withdrawal' FROM crossing c"
        " WHERE c.bridge_id = %(bridge)s AND c.outward"
        " AND c.kind IN ('event', 'withdrawal', 'reactions') AND (c.state = 'waiting'"
        " OR (c.state = 'failed' AND c.next_attempt <= now()))"
        " UNION SELECT 0, a.event_id, a.event_uuid::text, a.withdrawn FROM carry_again a"
        " WHERE a.bridge_id = %(bridge)s AND a.next_attempt <= now() ORDER BY 3 LIMIT %(most)s",
        {"bridge": bridge_id, "most": most},
    )
    return [Change(*row) for row in found]


def standing(session: Session, bridge_id: int) -> list[Due]:
    """What no event's content decides: recalls, answers to them, and what is told of what came."""
    found = session.all(
        "SELECT id FROM crossing WHERE bridge_id = %s AND outward"
        " AND kind IN ('recall', 'recall_followed', 'ended', 'opened', 'used')"
        " AND (state = 'waiting' OR (state = 'failed' AND next_attempt <= now()))"
        " ORDER BY id LIMIT 500",
        (bridge_id,),
    )
    several = [rows.crossing(session, row[0]) for row in found]
    return [
        Due(
            one.id,
            telling.message_of(session, one) if one.kind in telling.KINDS
            else recalls.message_of(one),
        )
        for one in several
    ]  # fmt: skip


def look_at(database: Database, bridge: BridgeRow, several: Sequence[Change]) -> list[Due]:
    """Decides what of some events crosses now, notes it, and gives back what has to be sent.

    What the partner may read is read in its session, all of it as of one moment.
    """
    with database.as_user(bridge.account_id) as session:
        read = [
            None if change.withdrawn else reading.for_partner(session, change.event_id)
            for change in several
        ]
    found: list[Due] = []
    with database.system() as session:
        at = datetime.now(UTC)
        now = Now(bridge, agreements.in_force(session, bridge.id, at), at)
        for change, document in zip(several, read, strict=True):
            drafts = _drafts(session, now, change, document)
            noted = [noting.note(session, bridge, change.event_id, draft) for draft in drafts]
            due = [one for one in noted if one is not None]
            noting.end_others(session, bridge, change.event_uuid, due)
            found += due
    return found


def _drafts(session: Session, now: Now, change: Change, document: Message | None) -> list[Draft]:
    bridge = now.bridge
    if document is None:
        return _withdrawals(session, bridge, change)
    if _is_theirs(session, bridge, document):
        draft = drafting.of_reactions(session, now, document)
        return [] if draft is None else [draft]
    filters = bridge.filters
    if filters and _is_asked_for(session, bridge, change):
        filters = {}
    kept = filtering.wanted(document, filters)
    if kept is None and bridge.transport == "mail":
        # What was wanted and grew old was read long ago: a letter to take it back helps nobody.
        noting.end_waiting(session, bridge, change.event_uuid)
        return []
    partner_org = str(bridge.org_uuid)
    lowered = hop.lowered(kept, bridge.transport, partner_org) if kept is not None else None
    if lowered is None:
        return _withdrawals(session, bridge, change)
    return _event(session, now, change, lowered)


def _is_asked_for(session: Session, bridge: BridgeRow, change: Change) -> bool:
    """Whether a person sent it by hand, whatever the filters say."""
    return bool(
        session.value(
            "SELECT EXISTS (SELECT 1 FROM crossing_asked WHERE bridge_id = %s AND event_id = %s)",
            (bridge.id, change.event_id),
        )
    )


def _is_theirs(session: Session, bridge: BridgeRow, document: Message) -> bool:
    """Whether the partner made the event, or brought it here."""
    return reading.creator(document) == str(bridge.org_uuid) or bool(
        session.value(
            "SELECT EXISTS (SELECT 1 FROM crossing WHERE bridge_id = %s AND event_uuid = %s"
            " AND NOT outward AND kind = 'event' AND state = 'received')",
            (bridge.id, document["uuid"]),
        )
    )


def _event(session: Session, now: Now, change: Change, lowered: Message) -> list[Draft]:
    """The copy that may cross; where it is refused, what the partner has of it is taken back."""
    draft = drafting.of_event(session, now, lowered)
    refused = draft.decision.outcome == "refuse"
    return [*(_withdrawals(session, now.bridge, change) if refused else ()), draft]


def _withdrawals(session: Session, bridge: BridgeRow, change: Change) -> list[Draft]:
    """What crossed and is not for the partner any more is taken back; what waits is ended."""
    noting.end_waiting(session, bridge, change.event_uuid)
    had = rows.held_there(session, bridge.id, change.event_uuid)
    if had is None:
        return []
    message = messages.of_withdrawal(change.event_uuid, had.version)
    return [Draft("withdrawal", change.event_uuid, message, had.info, gate.PASS, None, gate.PASS)]
