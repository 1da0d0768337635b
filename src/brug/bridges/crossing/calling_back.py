# SPDX-License-Identifier: EUPL-1.2
"""Whom an event can be called back from, and what is put on record of it.

Natively and by mail a request is carried; out of feeds for a partner, and of those for anyone, it
is gone at once, and there is nobody who could confirm it.
"""

from typing import Any

import msgspec

from brug.bridges import ledger, partners
from brug.bridges.crossing import messages, rows
from brug.bridges.feeds import leaving
from brug.bridges.partners import BridgeRow
from brug.store import audit
from brug.store.session import Session

CARRYING = frozenset({"native", "mail"})
LEFT = "feed"  # which the event leaves; nothing is sent
RECALLABLE = CARRYING | {LEFT}


class Had(msgspec.Struct, frozen=True):
    """What a partner has of an event."""

    event_id: int | None
    info: str
    version: int


def had(session: Session, bridge: BridgeRow, event_uuid: str) -> Had | None:
    """None where the partner has nothing of it, as far as the session sees."""
    if bridge.transport in CARRYING:
        crossed = rows.held_there(session, bridge.id, event_uuid)
        return Had(crossed.event_id, crossed.info, crossed.version) if crossed else None
    if bridge.transport != LEFT:
        return None
    with session.as_system():
        if not leaving.holding_it(session, event_uuid, bridge.id):
            return None
    return _seen(session, event_uuid)


def _seen(session: Session, event_uuid: str) -> Had | None:
    row = session.one(
        "SELECT id, info, timestamp FROM event WHERE uuid = %s ORDER BY timestamp DESC LIMIT 1",
        (event_uuid,),
    )
    return Had(*row) if row else None


def having(session: Session, event_uuid: str) -> list[BridgeRow]:
    """The bridges of all that have it. Feeds of an organisation are left with its other bridge."""
    several = partners.listed(session)
    found = [one for one in several
             if one.transport in CARRYING and had(session, one, event_uuid)]  # fmt: skip
    reached = {one.org_id for one in found}
    return found + [
        one for one in several
        if one.transport == LEFT and one.org_id not in reached and had(session, one, event_uuid)
    ]  # fmt: skip


def for_anyone(session: Session, event_uuid: str) -> Had | None:
    """What a feed for anyone has of it."""
    with session.as_system():
        if not leaving.for_anyone(session, event_uuid):
            return None
    return _seen(session, event_uuid)


def is_out(session: Session, event_uuid: str) -> bool:
    """Whether there is anybody from whom, or a feed out of which, it could be called back."""
    return bool(having(session, event_uuid) or for_anyone(session, event_uuid))


def note(session: Session, bridge: BridgeRow, event_uuid: str, what: Had, reason: str) -> int:
    """The number of the crossing; one out of feeds has nothing to wait for. As the system."""
    user_id = session.principal.user_id
    version = _latest(session, event_uuid, what.version)
    payload: dict[str, Any] = {"event": event_uuid, "version": version, "user": user_id}
    entry = ledger.record(session, "recall", payload, bridge_id=bridge.id)
    is_done = bridge.transport == LEFT
    return int(
        session.value(
            "INSERT INTO crossing (bridge_id, outward, kind, event_uuid, event_id, info, version,"
            " digest, outcome, state, sent, entry, judged_by, judged_because, judged)"
            " VALUES (%s, true, 'recall', %s, %s, %s, %s, %s, 'pass', %s,"
            " CASE WHEN %s THEN now() END, %s, %s, %s, now()) RETURNING id",
            (
                bridge.id, event_uuid, what.event_id, what.info, version,
                messages.digest(messages.of_recall(event_uuid, version, reason)),
                "sent" if is_done else "waiting", is_done, entry, user_id, reason,
            ),
        )
    )  # fmt: skip


def _latest(session: Session, event_uuid: str, version: int) -> int:
    """A recall is of all that there is of an event by then, though the partner have less of it."""
    held = session.value(
        "SELECT max(timestamp) FROM event WHERE uuid = %s AND NOT locked", (event_uuid,)
    )
    return max(version, held or 0)


def note_from_all(session: Session, event_uuid: str, what: Had | None, reason: str) -> None:
    """Takes it out of all feeds; `what` those for anyone have of it. As the system."""
    version = session.value("SELECT max(timestamp) FROM event WHERE uuid = %s", (event_uuid,))
    leaving.note_recall_from_all(session, event_uuid, int(version or 0))
    leaving.take_out(session, event_uuid, None)
    if what is None:
        return
    payload: dict[str, Any] = {
        "event": event_uuid, "version": what.version, "user": session.principal.user_id,
        "from": "feeds for anyone",
    }  # fmt: skip
    ledger.record(session, "recall", payload)
    change = {"because": reason, "from": "feeds for anyone"}
    audit.record(session, "recall", "Event", what.event_id or 0, what.info, change)
