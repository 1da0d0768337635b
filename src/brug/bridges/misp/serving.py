# SPDX-License-Identifier: EUPL-1.2
"""What a MISP server gets that asks with a bridge's key: what the gate lets pass, on record.

A server that pulls lowers levels itself, so they are served as they are. What is handed out is a
crossing like any other: decided, in the ledger, marked as sent; the same version again is no new
one. What is held waits for a person and is absent until then, as is what is refused.
"""

from datetime import UTC, datetime
from typing import Any

from brug.bridges import agreements, gate, partners
from brug.bridges.crossing import arrivals, drafting, noting, reading, rows
from brug.bridges.crossing.arrivals import Arrival
from brug.bridges.gate import hop
from brug.bridges.gate.spreading import spread
from brug.bridges.misp import judging
from brug.bridges.partners import BridgeRow
from brug.bridges.terms import Kind
from brug.model.errors import Forbidden
from brug.store.session import Session

Json = dict[str, Any]


def bridge_of_key(session: Session) -> BridgeRow | None:
    """The bridge that whoever asks is bound to, in whatever state. Not for the host's users."""
    me = session.principal
    if me.is_host or me.is_site_admin:
        return None
    if me.misp_bridge is None:
        return None
    with session.as_system():
        return partners.view(session, me.misp_bridge)


def event(session: Session, bridge: BridgeRow, shown: Json) -> tuple[Json | None, bool]:
    """Of an event as it is shown, what may go; and whether that is all of it.

    What goes is on record as sent when the session's transaction commits.
    """
    lowered = hop.lowered(shown, "served", str(bridge.org_uuid))
    if lowered is None:
        return None, False
    with session.as_system():
        judged = judging.judge(session, bridge, int(shown["id"]), lowered)
        if judged.document is None:
            return None, False
        if judged.crossing is not None:
            session.execute(
                "UPDATE crossing SET attempts = attempts + 1 WHERE id = %s", (judged.crossing,)
            )
            noting.sent(session, rows.crossing(session, judged.crossing), None)
    return judged.document, not judged.reason


def head(session: Session, bridge: BridgeRow, event_id: int) -> Json | None:
    """What a list may say of an event: of the copy that may cross. Not on record: it is none."""
    document = reading.for_partner(session, event_id)
    lowered = hop.lowered(document, "served", str(bridge.org_uuid)) if document else None
    if lowered is None or bridge.state != "open":
        return None
    with session.as_system():
        decision = spread(lowered, drafting.decided(session, bridge, lowered)[0])
        if decision.outcome not in {"pass", "redact"}:
            return None
        return gate.apply(session, lowered, decision, bridge)


def withheld(session: Session, bridge: BridgeRow) -> dict[str, int]:
    """The events that do not go as they are now, with the version that was decided on."""
    with session.as_system():
        found = session.all(
            "SELECT event_uuid::text, version FROM (SELECT DISTINCT ON (event_uuid) event_uuid,"
            " version, state FROM crossing WHERE bridge_id = %s AND outward AND kind = 'event'"
            " ORDER BY event_uuid, id DESC) AS last WHERE state IN ('held', 'refused', 'recalled')",
            (bridge.id,),
        )
    return {row[0]: int(row[1]) for row in found}


def crossed(session: Session, bridge: BridgeRow, event_uuids: list[str]) -> set[str]:
    """Which of some events the partner has from here, or made itself."""
    with session.as_system():
        found = session.all(
            "SELECT DISTINCT c.event_uuid::text FROM crossing c WHERE c.bridge_id = %(bridge)s"
            " AND c.outward AND c.kind = 'event' AND c.state IN ('sent', 'received')"
            " AND c.event_uuid = ANY (%(uuids)s::uuid[])"
            " UNION SELECT e.uuid::text FROM event e WHERE e.orgc_id = %(org)s"
            " AND e.uuid = ANY (%(uuids)s::uuid[])",
            {"bridge": bridge.id, "uuids": event_uuids, "org": bridge.org_id},
        )
    return {row[0] for row in found}


def may_tell(session: Session, bridge: BridgeRow, kind: Kind, event_uuid: str, said: Json) -> bool:
    """Whether what was said of an event may go, all of it."""
    number = session.value(
        "SELECT id FROM event WHERE uuid = %s ORDER BY id LIMIT 1", (event_uuid,)
    )
    document = reading.for_partner(session, int(number)) if number is not None else None
    if document is None:
        return False
    with session.as_system():
        return judging.lets(session, bridge, kind, document, said)


def agrees(session: Session, bridge: BridgeRow, kind: Kind) -> bool:
    """Whether the agreement in force lets a kind of item go out, and the bridge is open."""
    with session.as_system():
        agreement = agreements.in_force(session, bridge.id, datetime.now(UTC))
        host, _ = agreements.host(session)
    if bridge.state != "open" or agreement is None:
        return False
    return host in agreement.terms.senders and kind in agreement.terms.kinds


def brought(session: Session, bridge: BridgeRow, shown: Json, digest: bytes) -> None:
    """Puts an event that the partner's server pushed on record; `digest` is of what it sent."""
    with session.as_system():
        agreement = agreements.in_force(session, bridge.id, datetime.now(UTC))
    message = {
        "kind": "event", "event_uuid": str(shown["uuid"]), "version": int(shown["timestamp"]),
        "agreement": agreement.version if agreement else None,
    }  # fmt: skip
    arrivals.record(session, bridge, [Arrival(message, digest, "taken")])


def require_bringing(session: Session, bridge: BridgeRow, kind: Kind) -> None:
    """Raises Forbidden where the agreement lets the partner bring nothing of a kind."""
    with session.as_system():
        agreement = agreements.in_force(session, bridge.id, datetime.now(UTC))
    if bridge.state != "open" or agreement is None:
        raise Forbidden(f"no agreement is in force on bridge {bridge.id}, which is {bridge.state}")
    terms = agreement.terms
    if str(bridge.org_uuid) not in terms.senders or kind not in terms.kinds:
        raise Forbidden(f"version {terms.version} of the agreement lets no {kind} come in")
