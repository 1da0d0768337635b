# SPDX-License-Identifier: EUPL-1.2
"""The gate for letters to this node's own users of organisations that a bridge leads to.

Such an organisation reads here with its rights, and by mail only what its agreement lets
through: what leaves the node leaves under it. What the gate holds or refuses is not told; the
letter says that the event is there, and whoever may see it signs in. Levels are not lowered, as
it is still a member of this node, and what it made itself is told as it is. Organisations that
no bridge leads to, and the host, are told what their rights allow.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

from brug.bridges import agreements, gate, ledger, partners
from brug.bridges.crossing import reading
from brug.bridges.gate.spreading import spread
from brug.bridges.partners import BridgeRow
from brug.mail import telling
from brug.mail.telling import Told
from brug.model.event import Event
from brug.store import settings
from brug.store.session import Session


class Facing(msgspec.Struct, frozen=True):
    """The bridge, as far as the gate goes: letters go by mail, whatever else it carries."""

    id: int
    uuid: Any
    relation: str
    org_uuid: Any
    transport: str = "mail"


class ByAgreement:
    """What an agreement lets a letter say."""

    def __init__(self, bridge: BridgeRow, *, is_encrypted: bool) -> None:
        self._bridge, self._is_encrypted = bridge, is_encrypted
        self._decided: list[dict[str, Any]] = []

    def told(self, session: Session, event: Event) -> Told | None:
        bridge = self._bridge
        if event.orgc.uuid == str(bridge.org_uuid):
            return telling.of_event(event)
        document = reading.for_partner(session, event.head.id)
        if document is None:
            return None
        facing = Facing(bridge.id, bridge.uuid, bridge.relation, bridge.org_uuid)
        at = datetime.now(UTC)
        with session.as_system():
            found = agreements.in_force(session, bridge.id, at)
            agreement = found if bridge.state == "open" else None
            facts = gate.facts_of(session, document, facing, encrypted=self._is_encrypted)
            decision = spread(document, gate.decide(facts, agreement, at))
            copy = None
            if decision.outcome in {"pass", "redact"}:
                copy = gate.apply(session, document, decision, facing)
        self._decided.append({
            "event": event.head.uuid, "version": event.head.timestamp,
            "outcome": decision.outcome, "agreement": agreement.version if agreement else None,
            "rules": sorted({r.rule for r in decision.reasons if r.outcome == decision.outcome}),
            "attributes": decision.digest().hex(), **decision.counts(),
        })  # fmt: skip
        return None if copy is None else telling.of_document(copy)

    def note(self, session: Session) -> None:
        """One entry for each event that the letter is about; people are not named."""
        for one in self._decided:
            ledger.record(session, "letter", one, bridge_id=self._bridge.id)


def governing(session: Session, org_id: int, is_encrypted: bool) -> ByAgreement | None:
    """What has to be asked before a letter to somebody of an organisation."""
    with session.as_system():
        bridge = _bridge_of(session, org_id)
    return None if bridge is None else ByAgreement(bridge, is_encrypted=is_encrypted)


def partner_of(session: Session, org_id: int) -> str:
    """The partner whose bridge governs letters to an organisation; "" where none does."""
    with session.as_system():
        bridge = _bridge_of(session, org_id)
    return "" if bridge is None else bridge.partner


def _bridge_of(session: Session, org_id: int) -> BridgeRow | None:
    """The one by mail before others, the oldest before newer ones."""
    if org_id == settings.get(session, "node.host_org_id"):
        return None
    number = session.value(
        "SELECT b.id FROM bridge b JOIN partner p ON p.id = b.partner_id"
        " WHERE p.org_id = %s AND b.state <> 'closed'"
        " ORDER BY b.transport <> 'mail', b.id LIMIT 1",
        (org_id,),
    )
    return None if number is None else partners.view(session, int(number))
