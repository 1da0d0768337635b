# SPDX-License-Identifier: EUPL-1.2
"""Once a day: what senders are told of what they sent, where the agreement lets them be told.

Opened is yes or nothing, told on a later day than it was opened, with all others of that day.
Used is a number: the sightings of type 0 (seen) that organisations of this node reported on
values of the event. A file that a sensor fetched proves no use and is not counted. That number
goes where the agreement and this node's setting `bridges.tells_used` both say so.
"""

from datetime import UTC, datetime

import msgspec

from brug.bridges import agreements, partners
from brug.bridges.afterwards import telling
from brug.bridges.partners import BridgeRow
from brug.bridges.terms import Tells
from brug.store import settings
from brug.store.session import Database, Session

NOTHING = Tells()


class Reported(msgspec.Struct, frozen=True):
    """How much one partner is told."""

    partner: str
    opened: int
    used: int


def report(database: Database, bridge: BridgeRow | None = None, *, today: bool) -> list[Reported]:
    """Puts on its way what is to be told; with `today` also what was opened this day."""
    with database.system() as session:
        several = [bridge] if bridge else partners.listed(session)
        agreed = [
            (one, _agreed(session, one))
            for one in several
            if one.state != "closed" and one.transport == "native"
        ]
    found = []
    for one, tells in agreed:
        with database.system() as session:
            opened = _opened(session, one, today=today) if tells.opened else 0
            used = _used(session, one) if tells.used else 0
        if opened or used:
            found.append(Reported(one.partner, opened, used))
    return found


def _agreed(session: Session, bridge: BridgeRow) -> Tells:
    agreement = agreements.in_force(session, bridge.id, datetime.now(UTC))
    tells = agreement.terms.tells if agreement else NOTHING
    if tells.used and not settings.get(session, "bridges.tells_used"):
        return Tells(opened=tells.opened)
    return tells


def _opened(session: Session, bridge: BridgeRow, *, today: bool) -> int:
    rows = session.all(
        "UPDATE kept_here SET opened_told = true WHERE bridge_id = %s AND NOT opened_told"
        " AND opened < (now() AT TIME ZONE 'UTC')::date + %s RETURNING event_uuid::text",
        (bridge.id, int(today)),
    )
    for (event_uuid,) in sorted(rows):
        telling.tell(session, bridge, "opened", event_uuid, {"opened": True})
    return len(rows)


def _used(session: Session, bridge: BridgeRow) -> int:
    rows = session.all(
        "INSERT INTO kept_here AS k (bridge_id, event_uuid, used_told)"
        " SELECT %(bridge)s, e.uuid, count(*) FROM sighting s JOIN event e ON e.id = s.event_id"
        " JOIN organisation o ON o.id = s.org_id AND o.local"
        " WHERE s.type = 0 AND e.org_id = %(org)s AND EXISTS (SELECT 1 FROM crossing c"
        "   WHERE c.bridge_id = %(bridge)s AND c.event_uuid = e.uuid AND NOT c.outward"
        "   AND c.kind = 'event' AND c.state = 'received') GROUP BY e.uuid"
        " ON CONFLICT (bridge_id, event_uuid) DO UPDATE SET used_told = excluded.used_told"
        " WHERE k.used_told <> excluded.used_told RETURNING event_uuid::text, used_told",
        {"bridge": bridge.id, "org": bridge.org_id},
    )
    for event_uuid, count in sorted(rows):
        telling.tell(session, bridge, "used", event_uuid, {"count": count})
    return len(rows)
