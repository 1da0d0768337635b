# SPDX-License-Identifier: EUPL-1.2
"""Receipts that do not come back with the answer: carried by hand, or with the next message."""

from datetime import UTC, datetime
from typing import Any

from brug.bridges import partners
from brug.bridges.crossing import noting, recalls, receipts, rows
from brug.bridges.crossing.rows import Crossing
from brug.bridges.partners import BridgeRow
from brug.model.errors import Invalid, NotFound
from brug.store.session import Database, Session


def take(database: Database, bridge: BridgeRow, receipt: dict[str, Any]) -> bool:
    """Notes that a crossing arrived; whether that is news. Raises Invalid, NotFound, NoReceipt."""
    said = receipt.get("statement")
    if not isinstance(said, dict) or said.get("bridge") != str(bridge.uuid):
        raise Invalid("statement", "that of a receipt of this bridge")
    with database.system() as session:
        now = datetime.now(UTC)
        held = partners.keys_of(session, bridge.partner_id)
        valid = {key.key_id: key.public for key in held if key.is_valid(now)}
        if not receipts.is_signed(receipt, valid):
            raise receipts.NoReceipt("the receipt is not signed by a valid key of the partner")
        crossing = handed_over(session, bridge, said.get("event"), said.get("digest"))
        if crossing.state == "sent":
            noting.sent(session, crossing, receipt)
        if crossing.kind == "recall":
            outcome = str(said.get("outcome"))
            recalls.followed(session, bridge.id, crossing.event_uuid, outcome)
        return crossing.state == "sent"


def handed_over(session: Session, bridge: BridgeRow, event_uuid: Any, digest: Any) -> Crossing:
    """The last crossing of those bytes that the partner may have. Raises NotFound."""
    number = session.value(
        "SELECT id FROM crossing WHERE bridge_id = %s AND outward AND event_uuid::text = %s"
        " AND encode(digest, 'hex') = %s AND state IN ('sent', 'received', 'replaced')"
        " ORDER BY id DESC LIMIT 1",
        (bridge.id, str(event_uuid), str(digest)),
    )
    if number is None:
        raise NotFound(f"nothing was sent that this answers ({event_uuid})")
    return rows.crossing(session, int(number))
