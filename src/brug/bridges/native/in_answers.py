# SPDX-License-Identifier: EUPL-1.2
"""What concerns the bridge itself, for a partner that fetches: in our answers, not by itself.

It is what `client.tell_keys` and `agreeing.carry` tell a partner that can be reached. What the
partner says to it comes with its next question.
"""

from typing import Any

from brug.bridges import channel, identity
from brug.bridges.native import agreeing, handling
from brug.bridges.partners import BridgeRow
from brug.model.errors import BrugError, Invalid
from brug.store.session import Database, Session

Message = dict[str, Any]
MOST = 50


def due(session: Session, bridge: BridgeRow) -> list[Message]:
    """What the partner has to be told."""
    found: list[Message] = []
    if channel.of(session, bridge.id).told != channel.what_is_told(session):
        keys = [identity.as_document(key) for key in identity.public_keys(session)]
        found.append({"kind": "keys", "keys": keys})
    return found + agreeing.due(session, bridge)[:MOST]


def take(database: Database, bridge: BridgeRow, told: list[Any]) -> list[Message]:
    """What we say to each of some that the partner told us."""
    return [_taken(database, bridge, one) for one in told[:MOST]]


def _taken(database: Database, bridge: BridgeRow, told: Any) -> Message:
    kind = told.get("kind") if isinstance(told, dict) else None
    try:
        if kind not in {"keys", agreeing.KIND}:
            raise Invalid("kind", f"keys or {agreeing.KIND}", str(kind))
        return handling.handle_one(database, bridge, told)
    except BrugError as error:
        return {"kind": str(kind), "error": handling.said(error)}


def heard(session: Session, bridge: BridgeRow, said: Any) -> None:
    """What the partner says to one of them. Raises Invalid."""
    if not isinstance(said, dict):
        raise Invalid("told", "a list of objects")
    if said.get("kind") == agreeing.KIND:
        agreeing.heard(session, bridge, said)
    elif said.get("kind") == "keys" and isinstance(held := said.get("held"), list):
        current = identity.current(session).key_id
        if current in held:
            channel.was_told(session, bridge.id, channel.what_is_told(session), current)
