# SPDX-License-Identifier: EUPL-1.2
"""What is done with an event that came over a bridge when its time is over, and on record.

It is deleted, or personal data is taken out of it, as agreed; the sender gets a signed statement
of that. What a legal hold keeps leaves the sensors, and the sender is told that it is kept. Each
event is one transaction, in the session of whoever brought it, so a copy that somebody else
brought is never touched.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
import structlog

from brug.bridges import ledger, partners
from brug.bridges.afterwards import due, holds, stripping, telling
from brug.bridges.afterwards.due import Item
from brug.bridges.crossing import removing
from brug.bridges.partners import BridgeRow
from brug.intel.finding import Claim, claim
from brug.model.errors import BrugError, NotFound
from brug.store import audit
from brug.store.session import Database, Session

log = structlog.get_logger("brug.bridges.afterwards")

ONE_ROUND = 500


class Ended(msgspec.Struct, frozen=True):
    """What was done with one item: deleted, stripped or kept."""

    partner: str
    event_uuid: str
    info: str
    outcome: str


def end_due(database: Database, bridge: BridgeRow | None = None) -> list[Ended]:
    """Does what is due now, at most ONE_ROUND of each bridge."""
    with database.system() as session:
        several = [bridge] if bridge else partners.listed(session)
        now = datetime.now(UTC)
        waiting = [
            (one, item)
            for one in several
            for item in due.of_bridge(session, one, until=now, most=ONE_ROUND, undone=True)
        ]
    return list(_each(database, waiting))


def _each(database: Database, waiting: list[tuple[BridgeRow, Item]]) -> Iterable[Ended]:
    for bridge, item in waiting:
        try:
            outcome = _end(database, bridge, item)
        except NotFound:
            continue  # somebody was quicker
        except BrugError as error:
            # The time of all others is over as well; this one is tried in the next round.
            log.warning("time not ended", bridge=bridge.id, uuid=item.event_uuid, reason=str(error))
            continue
        if outcome:
            yield Ended(bridge.partner, item.event_uuid, item.info, outcome)


def _end(database: Database, bridge: BridgeRow, item: Item) -> str:
    with database.as_user(bridge.account_id) as session:
        held = claim(session, item.event_id)
        with session.as_system():
            # Whoever waited for the event may find that it came anew, or that a hold came.
            now = datetime.now(UTC)
            still = due.of_bridge(session, bridge, until=now, event_uuid=item.event_uuid, most=1)
            if not still or (still[0].held and still[0].told):
                return ""
            outcome = "kept" if still[0].held else _WAYS[still[0].way]
            telling.tell(session, bridge, "ended", item.event_uuid, {"ended": outcome})
            _do(session, bridge, held, outcome)
            _record(session, bridge, still[0], outcome)
    return outcome


_WAYS = {"delete": "deleted", "strip": "stripped"}


def _do(session: Session, bridge: BridgeRow, held: Claim, outcome: str) -> None:
    if outcome == "kept":
        holds.leave_sensors(session, held)
    elif outcome == "stripped":
        stripping.strip(session, bridge, held)
    else:
        removing.remove(session, held.event_id)
        session.execute(
            "UPDATE crossing SET state = 'gone' WHERE bridge_id = %s AND event_uuid = %s"
            " AND NOT outward AND kind = 'event' AND state = 'received'",
            (bridge.id, held.uuid),
        )


def _record(session: Session, bridge: BridgeRow, item: Item, outcome: str) -> None:
    session.execute(
        "INSERT INTO kept_here (bridge_id, event_uuid, ended, ended_at) VALUES (%s, %s, %s, now())"
        " ON CONFLICT (bridge_id, event_uuid) DO UPDATE SET ended = excluded.ended,"
        " ended_at = now()",
        (bridge.id, item.event_uuid, outcome),
    )
    came = item.came.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    payload = {
        "event": item.event_uuid, "outcome": outcome, "agreement": item.version, "came": came,
    }  # fmt: skip
    ledger.record(session, "retention", payload, bridge_id=bridge.id)
    change = {"retention": outcome, "partner": bridge.partner}
    audit.record(session, "retention", "Event", item.event_id, item.info, change)
