# SPDX-License-Identifier: EUPL-1.2
"""Carrying: each bridge looks at what changed, in order, and sends what may cross.

Every bridge has a place of its own in the order of changes, so that one partner's outage holds up
nobody else. A process that works on a bridge leases it; one that was killed is followed by
another when the lease ends, and whatever was sent twice by then is the same message twice. An
event that the partner does not take is tried again by itself while the others go on; a partner
that is away is waited for, ever longer, up to an hour.
"""

from collections.abc import Callable
from typing import Any

import psycopg
import structlog

from brug.bridges import partners
from brug.bridges.crossing import noting, outward, recalls, rows
from brug.bridges.crossing.messages import Message
from brug.bridges.crossing.noting import Due
from brug.bridges.crossing.outward import Change
from brug.bridges.crossing.receipts import NoReceipt
from brug.bridges.native import PartnerRefused
from brug.bridges.partners import BridgeRow
from brug.edge.border import unforeseen
from brug.model.errors import BrugError
from brug.store.session import Database, Session

log = structlog.get_logger("brug.bridges.carrying")

ONE_ROUND = 100
LEASE_SECONDS = 300
# What a partner refuses whatever the message is.
_OF_THE_BRIDGE = frozenset({"bridge_not_open", "too_many_requests", "unknown_key"})
# Hands over one message; the partner's receipt, where the way brings one back at once. What it
# raises is of the bridge, unless the partner itself refused this message.
Deliver = Callable[[Database, BridgeRow, Message], dict[str, Any] | None]


def carry(database: Database, deliver: Deliver) -> bool:
    """One round over all bridges that are open and due; whether there was anything to do."""
    with database.system() as session:
        due = [
            row[0]
            for row in session.all(
                "SELECT b.id FROM bridge b JOIN bridge_progress g ON g.bridge_id = b.id"
                " WHERE b.state = 'open' AND b.transport = 'native'"
                " AND g.next_attempt <= now() AND g.leased_until <= now()"
                " AND (EXISTS (SELECT 1 FROM event_change c WHERE c.position > g.carried)"
                "   OR EXISTS (SELECT 1 FROM crossing c WHERE c.bridge_id = b.id AND c.outward"
                "     AND (c.state = 'waiting'"
                "       OR (c.state = 'failed' AND c.next_attempt <= now())))"
                "   OR EXISTS (SELECT 1 FROM carry_again a WHERE a.bridge_id = b.id"
                "     AND a.next_attempt <= now()))"
                " ORDER BY g.last_success NULLS FIRST"
            )
        ]
    done = [one_bridge(database, bridge_id, deliver) for bridge_id in due]
    return any(done)


def one_bridge(database: Database, bridge_id: int, deliver: Deliver) -> bool:
    """A round of one bridge, whatever its state; whether there was anything to do."""
    with database.system() as session:
        leased = session.execute(
            "UPDATE bridge_progress SET leased_until = now() + interval '1 second' * %s"
            " WHERE bridge_id = %s AND leased_until <= now()",
            (LEASE_SECONDS, bridge_id),
        ).rowcount
        if not leased:
            return False
        bridge = partners.view(session, bridge_id)
        standing = outward.standing(session, bridge_id)
        due = outward.again(session, bridge_id, ONE_ROUND)
        due += outward.changes(session, bridge_id, ONE_ROUND)
    try:
        for one in standing:
            _send(database, bridge, one, deliver)
        for change in due:
            _one_change(database, bridge, change, deliver)
    except BrugError as error:
        _wait(database, bridge, str(error))
        return False
    with database.system() as session:
        session.execute(
            "UPDATE bridge_progress SET leased_until = '-infinity', attempts = 0, problem = '',"
            " last_success = now() WHERE bridge_id = %s",
            (bridge_id,),
        )
    return bool(due or standing)


def _one_change(database: Database, bridge: BridgeRow, change: Change, deliver: Deliver) -> None:
    """All that follows from a change, then the bridge's next place."""
    problem = ""
    try:
        for due in outward.look_at(database, bridge, change):
            _send(database, bridge, due, deliver)
    except (BrugError, psycopg.Error):
        raise
    except Exception as error:  # noqa: BLE001 — one event must not hold up all others
        problem = f"unforeseen {unforeseen(f'bridge {bridge.id} {change.event_uuid}', error)}"
    with database.system() as session:
        _note_again(session, bridge.id, change, problem)
        session.execute(
            "UPDATE bridge_progress SET carried = greatest(carried, %s),"
            " leased_until = now() + interval '1 second' * %s WHERE bridge_id = %s",
            (change.position, LEASE_SECONDS, bridge.id),
        )


def _send(database: Database, bridge: BridgeRow, due: Due, deliver: Deliver) -> None:
    with database.system() as session:
        # From here on the partner may have it, whatever is heard of it.
        session.execute(
            "UPDATE crossing SET attempts = attempts + 1 WHERE id = %s", (due.crossing_id,)
        )
    try:
        receipt = deliver(database, bridge, due.message)
    except (PartnerRefused, NoReceipt) as error:
        if not _is_of_the_item(error):
            raise
        log.warning("not taken", bridge=bridge.id, crossing=due.crossing_id, reason=str(error))
        with database.system() as session:
            noting.failed(session, rows.crossing(session, due.crossing_id), str(error))
        return
    with database.system() as session:
        crossing = rows.crossing(session, due.crossing_id)
        noting.sent(session, crossing, receipt)
        if crossing.kind == "recall" and receipt is not None:
            outcome = str(receipt["statement"].get("outcome"))
            recalls.followed(session, bridge.id, crossing.event_uuid, outcome)


def _note_again(session: Session, bridge_id: int, change: Change, problem: str) -> None:
    """An event that could not be looked at comes again later; one that could does not."""
    if not problem:
        session.execute(
            "DELETE FROM carry_again WHERE bridge_id = %s AND event_id = %s",
            (bridge_id, change.event_id),
        )
        return
    session.execute(
        "INSERT INTO carry_again AS a (bridge_id, event_id, event_uuid, withdrawn, next_attempt,"
        " problem) VALUES (%s, %s, %s, %s, now() + interval '1 minute', %s)"
        " ON CONFLICT (bridge_id, event_id) DO UPDATE SET problem = excluded.problem,"
        " attempts = a.attempts + 1, withdrawn = excluded.withdrawn, next_attempt = now()"
        "   + least(interval '1 minute' * 2 ^ least(a.attempts, 12), interval '1 day')",
        (bridge_id, change.event_id, change.event_uuid, change.withdrawn, problem),
    )


def _is_of_the_item(error: PartnerRefused | NoReceipt) -> bool:
    """Whether the partner itself refused this message, and would take others."""
    if isinstance(error, NoReceipt):
        return True
    return error.signed and 400 <= error.answered < 500 and error.reason not in _OF_THE_BRIDGE


def _wait(database: Database, bridge: BridgeRow, problem: str) -> None:
    log.warning("partner away", bridge=bridge.id, reason=problem)
    with database.system() as session:
        session.execute(
            "UPDATE bridge_progress SET leased_until = '-infinity', problem = %s,"
            " attempts = attempts + 1, next_attempt = now() + least("
            "   interval '5 seconds' * 2 ^ least(attempts, 12), interval '1 hour')"
            " WHERE bridge_id = %s",
            (problem[:1000], bridge.id),
        )
