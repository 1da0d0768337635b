# SPDX-License-Identifier: EUPL-1.2
"""When what came over a bridge has to go, as agreed: counted from its last arrival.

Computed, never stored: a new version of the agreement moves every date. An agreement that ended
leaves its duty behind, so where none is in force the last one that was holds on.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec

from brug.bridges import agreements, partners
from brug.bridges.partners import BridgeRow
from brug.store.session import Session

Way = Literal["delete", "strip"]


class Retention(msgspec.Struct, frozen=True):
    """How long the receiver keeps what comes, and what it does then."""

    days: int
    way: Way
    version: int


class Item(msgspec.Struct, frozen=True):
    """An event that came over a bridge and is here. `held` says that a legal hold keeps it,
    `told` that the partner knows so.
    """

    bridge_id: int
    partner: str
    event_uuid: str
    event_id: int
    info: str
    came: datetime
    goes: datetime
    way: Way
    version: int
    held: bool
    told: bool


def agreed(session: Session, bridge_id: int, at: datetime) -> Retention | None:
    """What is agreed on keeping; None where it is for ever."""
    found = agreements.in_force(session, bridge_id, at) or next(
        (
            one
            for one in agreements.history(session, bridge_id)
            if one.accepted and one.terms.valid_from <= at
        ),
        None,
    )
    if found is None or found.terms.retention_days is None:
        return None
    return Retention(found.terms.retention_days, found.terms.after_retention, found.version)


_ITEMS = (
    "SELECT uuid, id, info, came, held, told FROM (SELECT e.uuid::text, e.id, e.info, c.came,"
    " EXISTS (SELECT 1 FROM legal_hold h WHERE h.event_uuid = e.uuid)"
    "   OR EXISTS (SELECT 1 FROM recall_asked r WHERE r.event_uuid = e.uuid AND r.state = 'kept')"
    "   AS held,"
    " coalesce(k.ended = 'kept' AND k.ended_at >= c.came, false) AS told"
    " FROM (SELECT event_uuid, max(received) AS came FROM crossing WHERE bridge_id = %(bridge)s"
    "   AND NOT outward AND kind = 'event' AND state = 'received'"
    "   AND (%(uuid)s::uuid IS NULL OR event_uuid = %(uuid)s) GROUP BY event_uuid) c"
    " JOIN event e ON e.uuid = c.event_uuid AND e.org_id = %(org)s"
    " LEFT JOIN kept_here k ON k.bridge_id = %(bridge)s AND k.event_uuid = c.event_uuid"
    " WHERE c.came < %(until)s"
    " AND (k.ended_at IS NULL OR k.ended_at < c.came OR k.ended = 'kept')) AS i"
    " WHERE NOT (%(undone)s AND held AND told) ORDER BY came, id LIMIT %(most)s"
)


def of_bridge(
    session: Session,
    bridge: BridgeRow,
    *,
    until: datetime | None = None,
    event_uuid: str | None = None,
    most: int = 100,
    undone: bool = False,
) -> list[Item]:
    """What goes before `until`, the next to go first; nothing where it is kept for ever.

    `undone`: without what is held and told of, in which nothing is left to be done.
    """
    kept = agreed(session, bridge.id, datetime.now(UTC))
    if kept is None:
        return []
    time = timedelta(days=kept.days)
    latest = (until or datetime.max.replace(tzinfo=UTC)) - time
    asked: dict[str, Any] = {
        "bridge": bridge.id, "org": bridge.org_id, "uuid": event_uuid, "until": latest,
        "most": most, "undone": undone,
    }  # fmt: skip
    return [
        Item(bridge.id, bridge.partner, uuid, number, info, came, came + time, kept.way,
             kept.version, held, told)
        for uuid, number, info, came, held, told in session.all(_ITEMS, asked)
    ]  # fmt: skip


def listed(session: Session, bridge: BridgeRow | None = None, most: int = 100) -> list[Item]:
    """Of one bridge or all, the next to go first."""
    several = [bridge] if bridge else partners.listed(session)
    found = [item for one in several for item in of_bridge(session, one, most=most)]
    return sorted(found, key=lambda item: (item.goes, item.event_id))[:most]


def of_copy(session: Session, event_id: int) -> Item | None:
    """When a copy goes that its reader looks at, whoever that is; None where it stays."""
    with session.as_system():
        came = session.one(
            "SELECT c.bridge_id, c.event_uuid::text FROM crossing c"
            " JOIN bridge b ON b.id = c.bridge_id JOIN partner p ON p.id = b.partner_id"
            " JOIN event e ON e.id = c.event_id AND e.org_id = p.org_id"
            " WHERE c.event_id = %s AND NOT c.outward AND c.kind = 'event'"
            " AND c.state = 'received' ORDER BY c.id DESC LIMIT 1",
            (event_id,),
        )
        return of_event(session, came[0], came[1]) if came else None


def of_event(session: Session, bridge_id: int, event_uuid: str) -> Item | None:
    """When one event that came over a bridge goes; None where it does not."""
    found = of_bridge(session, partners.view(session, bridge_id), event_uuid=event_uuid, most=1)
    return found[0] if found else None
