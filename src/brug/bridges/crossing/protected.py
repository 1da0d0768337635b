# SPDX-License-Identifier: EUPL-1.2
"""Protected events on native bridges: who may sign them crosses along, signed and checked.

The node's OpenPGP key signs the event in the message, as it signs what servers of MISP are
served. Whoever passes on somebody else's event brings the list of its signers once, with a
signature by one of them; from then on the list changes by its creator's word alone. A node
speaks for its host, and for those of which the agreement says that they use it.
"""

import base64
import binascii
import hashlib
from collections.abc import Collection
from typing import Any

from brug.bridges import agreements, node_users
from brug.bridges.crossing import messages, reading
from brug.bridges.crossing.messages import Message
from brug.bridges.gate.hop import rows
from brug.bridges.partners import BridgeRow
from brug.bridges.terms import Terms
from brug.directory import node_keys
from brug.formats import openpgp_signing as openpgp
from brug.formats.misp import coercion as c
from brug.formats.misp.reading import read_keys
from brug.intel import protecting
from brug.intel.protecting import NotSigned
from brug.model.errors import Invalid, NotFound, Unavailable
from brug.store.session import Session

KEYS = "CryptographicKey"
SIGNATURE = "pgp_signature"
MOST_KEYS = 100
# Over which the list crosses; a server of MISP is sent the event by itself (bridges.misp).
_TRANSPORTS = frozenset({"native", "file"})


# What goes out -------------------------------------------------------------------------


def signed(session: Session, bridge: BridgeRow, message: Message, terms: Terms | None) -> Message:
    """The message of an event, signed where it is protected and lists this node's key.

    Without that signature only its creator's node may say who signs it. As the system.
    """
    event = message["event"]
    if not event.get(KEYS):
        return message
    if event.get("protected") and bridge.transport in _TRANSPORTS:
        signature = _signature(session, bridge, event)
        if signature:
            return {**message, SIGNATURE: signature}
        own = agreements.host(session)[0]
        if node_users.sends_for(session, terms, own, reading.creator(event)):
            return message
    return {**message, "event": {**event, KEYS: []}}


def _signature(session: Session, bridge: BridgeRow, event: Message) -> str | None:
    try:
        own = node_keys.own(session)
    except NotFound:
        return None
    valid = {str(one.get("fingerprint")) for one in rows(event, KEYS) if not one.get("revoked")}
    if own.fingerprint not in valid:
        return None
    data = messages.encoded(event)
    digest, uuid = hashlib.sha256(data).digest(), event["uuid"]
    known = session.value(
        "SELECT signature FROM protected_crossing WHERE bridge_id = %s AND event_uuid = %s"
        " AND key = %s AND digest = %s",
        (bridge.id, uuid, own.fingerprint, digest),
    )
    if known is not None:
        return str(known)
    try:
        made = base64.b64encode(node_keys.sign(session, own, data)).decode()
    except Unavailable:
        return None
    session.execute(
        "INSERT INTO protected_crossing (bridge_id, event_uuid, key, digest, signature)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (bridge_id, event_uuid) DO UPDATE SET"
        " key = excluded.key, digest = excluded.digest, signature = excluded.signature",
        (bridge.id, uuid, own.fingerprint, digest, made),
    )
    return made


# What comes in -------------------------------------------------------------------------


def concerns(event: Message) -> bool:
    """Whether an event that came is looked at here before it is stored."""
    return bool(event.get("protected") or event.get(KEYS))


def require_signed(
    session: Session, message: Message, event_id: int | None, *, is_creators: bool
) -> None:
    """Raises NotSigned where who sends a protected event may not, Invalid where it is no such.

    `event_id` is what the partner's organisation holds of it. What it made itself it may send
    unsigned: the message says who it is. Nothing may be signed wrongly.
    """
    event, signature = message["event"], message.get(SIGNATURE)
    if signature is not None and not isinstance(signature, str):
        raise Invalid(SIGNATURE, "an OpenPGP signature in Base64")
    listed = rows(event, KEYS)
    if len(listed) > MOST_KEYS:
        raise Invalid(f"event.{KEYS}", f"at most {MOST_KEYS} keys", str(len(listed)))
    stored = _stored(session, event_id)
    brought = [one.text for one in read_keys(listed, []) if not one.revoked]
    is_protected = c.flag("event.protected", event.get("protected"))
    if is_creators:
        needs, accepted = signature is not None, [*stored, *brought]
    elif stored:
        needs, accepted = True, stored
    else:
        needs, accepted = is_protected and bool(listed), brought
    if needs:
        _require(accepted, event, signature or "")


def _stored(session: Session, event_id: int | None) -> list[str]:
    """The keys that sign an event that is protected here."""
    if event_id is None or not protecting.is_protected(session, event_id):
        return []
    return [one.key_data for one in protecting.of_event(session, event_id) if not one.revoked]


def _require(texts: Collection[str], event: Message, header: str) -> None:
    try:
        signature = base64.b64decode(header, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid(SIGNATURE, "an OpenPGP signature in Base64") from error
    data = messages.encoded(event)
    if not signature or not any(openpgp.verifies(text, data, signature) for text in texts):
        raise NotSigned("none of the event's keys signed what came")


def keep_signers(event: dict[str, Any], *, is_new: bool, is_creators: bool) -> None:
    """Takes off an event that came the keys that its bringer may not give it."""
    may_say = is_creators or is_new
    if KEYS in event and not (may_say and c.flag("event.protected", event.get("protected"))):
        event[KEYS] = []
