# SPDX-License-Identifier: EUPL-1.2
"""Messages about the bridge itself: whether the other side is there, keys, agreements, proof."""

from typing import Any

from brug.bridges import channel, identity, partners
from brug.bridges.identity import PublicKey
from brug.bridges.ledger import exchanging
from brug.bridges.native import agreeing, receiving, versions
from brug.bridges.native.handling import OWN
from brug.bridges.partners import BridgeRow
from brug.directory import audit
from brug.model.errors import BrugError, Invalid
from brug.store.session import Session

MOST_KEYS = 20


def ping(session: Session, bridge: BridgeRow, message: dict[str, Any]) -> dict[str, Any]:
    """Answers, and agrees on the highest version that both speak."""
    theirs = message.get("versions")
    if not isinstance(theirs, list) or not all(isinstance(n, int) for n in theirs):
        raise Invalid("versions", "a list of version numbers", str(theirs))
    known = channel.of(session, bridge.id)
    version = versions.agree(versions.SPOKEN, theirs, known.version)
    channel.agreed(session, bridge.id, version)
    return {"kind": "ping", "versions": list(versions.SPOKEN), "state": bridge.state}


def keys(session: Session, bridge: BridgeRow, message: dict[str, Any]) -> dict[str, Any]:
    """Takes what a partner tells of its keys; answers which of them are held as valid now.

    A key that is new is taken only where one that is held, valid and not revoked by this very
    message introduces it. Of a key that is held the validity can only shrink.
    """
    told = message.get("keys")
    if not isinstance(told, list) or not 0 < len(told) <= MOST_KEYS:
        raise Invalid("keys", f"1 to {MOST_KEYS} keys")
    named = [identity.of_document(key, f"keys[{n}]") for n, key in enumerate(told)]
    held = {key.key_id: key for key in partners.keys_of(session, bridge.partner_id)}
    before = _state(held)
    for key in (key for key in named if key.key_id in held):
        partners.hold_key(session, bridge.partner_id, key)
    held = {key.key_id: key for key in partners.keys_of(session, bridge.partner_id)}
    # One may introduce the next; they come in any order.
    while new := [key for key in named if _is_taken(key, held)]:
        for key in new:
            partners.hold_key(session, bridge.partner_id, key)
            held[key.key_id] = key
    held = {key.key_id: key for key in partners.keys_of(session, bridge.partner_id)}
    if _state(held) != before:
        audit.record(
            session, "keys", "Bridge", bridge.id, bridge.partner,
            {"keys": [identity.as_document(key) for key in held.values()]},
        )  # fmt: skip
    return {"kind": "keys", "held": [one.key_id for one in held.values() if _may_introduce(one)]}


def _is_taken(key: PublicKey, held: dict[str, PublicKey]) -> bool:
    """Whether it is new and introduced by one that is held. Raises Invalid for a wrong word."""
    older = held.get(key.introduced_by or "")
    if key.key_id in held or older is None or not _may_introduce(older):
        return False
    if not identity.is_introduced(key, older):
        raise Invalid("keys", f"an introduction that key {older.key_id} signed")
    return True


def _may_introduce(key: PublicKey) -> bool:
    try:
        receiving.require_valid(key)
    except BrugError:
        return False
    return True


def _state(held: dict[str, PublicKey]) -> list[dict[str, Any]]:
    return [identity.as_document(key) for _, key in sorted(held.items())]


def register() -> None:
    """Makes these the handlers of their kinds."""
    OWN.update(
        {"ping": ping, "keys": keys, "agreement": agreeing.taken, "checkpoint": exchanging.answer}
    )
