# SPDX-License-Identifier: EUPL-1.2
"""What a partner says of what it was sent: gone after its time, opened, used in detection.

Only of what was sent to it, only signed by it, and only what the agreement lets it tell: who
agreed not to know does not get to know.
"""

from datetime import UTC, date, datetime
from typing import Any

from brug.bridges import agreements, partners
from brug.bridges.afterwards.telling import KINDS, WHAT
from brug.bridges.crossing import receipts
from brug.bridges.crossing.messages import Message
from brug.bridges.partners import BridgeRow
from brug.model.errors import Forbidden, Invalid
from brug.store.session import Session

__all__ = ["KINDS", "take"]
ENDS = frozenset({"deleted", "stripped", "kept"})
MOST = 2**31 - 1


def take(session: Session, bridge: BridgeRow, message: Message) -> str:
    """Keeps what is said; what became of it. Raises Invalid, Forbidden."""
    said = _statement(message, bridge)
    with session.as_system():
        now = datetime.now(UTC)
        keys = partners.keys_of(session, bridge.partner_id)
        valid = {key.key_id: key.public for key in keys if key.is_valid(now)}
        if not receipts.is_signed(message["receipt"], valid):
            raise Invalid("receipt.signature", "that of a valid key of the partner")
        sent = session.value(
            "SELECT id FROM crossing WHERE bridge_id = %s AND event_uuid = %s AND outward"
            " AND kind = 'event' AND encode(digest, 'hex') = %s AND version = %s"
            " AND (sent IS NOT NULL OR attempts > 0) ORDER BY id DESC LIMIT 1",
            (bridge.id, message["event_uuid"], str(said.get("digest")), message["version"]),
        )
        if sent is None:
            return "unknown"
        return _KEEPS[message["kind"]](session, bridge, message, said, int(sent))


def _statement(message: Message, bridge: BridgeRow) -> dict[str, Any]:
    receipt = message.get("receipt")
    said = receipt.get("statement") if isinstance(receipt, dict) else None
    if not isinstance(said, dict):
        raise Invalid("receipt.statement", "an object")
    expected = {
        "what": WHAT, "bridge": str(bridge.uuid), "event": message["event_uuid"],
        "version": message["version"],
    }  # fmt: skip
    for name, value in expected.items():
        if said.get(name) != value:
            raise Invalid(f"receipt.statement.{name}", str(value), str(said.get(name)))
    return said


def _ended(
    session: Session, bridge: BridgeRow, message: Message, said: dict[str, Any], sent: int
) -> str:
    how = said.get("ended")
    if how not in ENDS:
        raise Invalid("receipt.statement.ended", f"one of {', '.join(sorted(ENDS))}", str(how))
    session.execute(
        "INSERT INTO kept_there (bridge_id, event_uuid, ended, ended_at, ended_version)"
        " VALUES (%s, %s, %s, now(), %s) ON CONFLICT (bridge_id, event_uuid) DO UPDATE SET"
        " ended = excluded.ended, ended_at = now(), ended_version = excluded.ended_version",
        (bridge.id, message["event_uuid"], how, message["version"]),
    )
    if how == "deleted":
        session.execute(
            "UPDATE crossing SET state = 'ended' WHERE bridge_id = %s AND event_uuid = %s"
            " AND outward AND kind = 'event' AND id <= %s"
            " AND state IN ('sent', 'received', 'failed', 'replaced')",
            (bridge.id, message["event_uuid"], sent),
        )
    return str(how)


def _opened(
    session: Session, bridge: BridgeRow, message: Message, said: dict[str, Any], _: int
) -> str:
    _require(session, bridge, "opened")
    session.execute(
        "INSERT INTO kept_there AS k (bridge_id, event_uuid, opened) VALUES (%s, %s, %s)"
        " ON CONFLICT (bridge_id, event_uuid) DO UPDATE"
        " SET opened = coalesce(k.opened, excluded.opened)",
        (bridge.id, message["event_uuid"], _day(said.get("on"))),
    )
    return "opened"


def _used(
    session: Session, bridge: BridgeRow, message: Message, said: dict[str, Any], _: int
) -> str:
    _require(session, bridge, "used")
    count = said.get("count")
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= MOST:
        raise Invalid("receipt.statement.count", f"a number from 0 to {MOST}", str(count))
    session.execute(
        "INSERT INTO kept_there (bridge_id, event_uuid, used, used_at) VALUES (%s, %s, %s, now())"
        " ON CONFLICT (bridge_id, event_uuid) DO UPDATE"
        " SET used = excluded.used, used_at = excluded.used_at",
        (bridge.id, message["event_uuid"], count),
    )
    return f"used {count}"


def _require(session: Session, bridge: BridgeRow, what: str) -> None:
    agreement = agreements.in_force(session, bridge.id, datetime.now(UTC))
    if agreement is None or not getattr(agreement.terms.tells, what):
        raise Forbidden(f"no agreement in force lets bridge {bridge.uuid} tell what was {what}")


def _day(text: Any) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise Invalid("receipt.statement.on", "a day such as 2026-01-31", str(text)) from error


_KEEPS = {"ended": _ended, "opened": _opened, "used": _used}


def goes_again(session: Session, bridge_id: int, event_uuid: str, version: int) -> bool:
    """Whether a version may go to a partner: not where its time there is over, unless a person
    has sent it by hand since.
    """
    return not session.value(
        "SELECT EXISTS (SELECT 1 FROM kept_there k WHERE k.bridge_id = %(bridge)s"
        " AND k.event_uuid = %(event)s AND k.ended IN ('deleted', 'stripped')"
        " AND k.ended_version >= %(version)s AND NOT EXISTS (SELECT 1 FROM crossing_asked a"
        "   JOIN event e ON e.id = a.event_id WHERE a.bridge_id = k.bridge_id"
        "   AND e.uuid = k.event_uuid AND a.asked > k.ended_at))",
        {"bridge": bridge_id, "event": event_uuid, "version": version},
    )
