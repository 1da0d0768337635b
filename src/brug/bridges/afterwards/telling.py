# SPDX-License-Identifier: EUPL-1.2
"""Telling a sender what became of what it sent: a statement about it, signed, as a message.

A statement names the item as the first receipt did (bridge, event, version, digest), and holds on
its own. It says what happened and never who did it; its time is the day.
"""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any, Literal

from psycopg.types.json import Jsonb

from brug.bridges import identity, ledger
from brug.bridges.crossing import messages
from brug.bridges.crossing.messages import Message
from brug.bridges.crossing.rows import Crossing
from brug.bridges.partners import BridgeRow
from brug.formats.canonical import canonical
from brug.store.session import Session

Told = Literal["ended", "opened", "used"]
KINDS: tuple[Told, ...] = ("ended", "opened", "used")
WHAT = "brug-afterwards/1"


def tell(
    session: Session, bridge: BridgeRow, kind: Told, event_uuid: str, said: dict[str, Any]
) -> bool:
    """Puts a statement on its way, with its entry; whether it goes: only natively, and only of
    what came.

    The session is the system's, or acts as it.
    """
    came = session.one(
        "SELECT version, encode(digest, 'hex'), info, event_id FROM crossing WHERE bridge_id = %s"
        " AND event_uuid = %s AND NOT outward AND kind = 'event' ORDER BY id DESC LIMIT 1",
        (bridge.id, event_uuid),
    )
    if came is None or bridge.state == "closed" or bridge.transport != "native":
        return False
    version, digest, info, event_id = came
    statement = {
        "what": WHAT, "bridge": str(bridge.uuid), "event": event_uuid, "version": version,
        "digest": digest, "on": f"{datetime.now(UTC):%Y-%m-%d}", **said,
    }  # fmt: skip
    message = _message(session, kind, event_uuid, version, statement)
    entry = ledger.record(session, kind, {"told": True, **statement}, bridge_id=bridge.id)
    session.execute(
        "UPDATE crossing SET state = 'replaced' WHERE bridge_id = %s AND event_uuid = %s"
        " AND outward AND kind = %s AND state IN ('waiting', 'failed')",
        (bridge.id, event_uuid, kind),
    )
    session.execute(
        "INSERT INTO crossing (bridge_id, outward, kind, event_uuid, event_id, info, version,"
        " digest, outcome, state, entry, said)"
        " VALUES (%s, true, %s, %s, %s, %s, %s, %s, 'pass', 'waiting', %s, %s)",
        (
            bridge.id, kind, event_uuid, event_id, info, version, messages.digest(message), entry,
            Jsonb(statement),
        ),
    )  # fmt: skip
    return True


def message_of(session: Session, crossing: Crossing) -> Message:
    """As it travels: signed when it leaves, by a key that is valid then."""
    said = session.value("SELECT said FROM crossing WHERE id = %s", (crossing.id,))
    return _message(session, crossing.kind, crossing.event_uuid, crossing.version, said)


def _message(
    session: Session, kind: str, event_uuid: str, version: int, statement: dict[str, Any]
) -> Message:
    signed = identity.sign(session, canonical(statement))
    return {
        "kind": kind,
        "event_uuid": event_uuid,
        "version": version,
        "receipt": {
            "statement": statement,
            "key": signed.key_id,
            "signature": b64encode(signed.signature).decode(),
        },
    }
