# SPDX-License-Identifier: EUPL-1.2
"""Whose a message is: the bridge it names, the key that signed it, and that it is new.

The order is the security: the bridge and its partner's keys, the signature with the digest
of the body as it came, whether that key is valid, the version that was agreed, and that the
nonce was not there before, which is stored for good before anything is done. A bridge that
is not there, one of another transport and a key that is not the partner's are one answer.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from brug.bridges import channel, identity, partners
from brug.bridges.channel import Channel
from brug.bridges.identity import PublicKey, Signer
from brug.bridges.native import signing, versions
from brug.bridges.native.signing import Request
from brug.bridges.partners import BridgeRow
from brug.model.errors import (
    BrugError,
    Conflict,
    NotFound,
    TooManyRequests,
    Unauthenticated,
)
from brug.store.session import Session

# A nonce is kept for longer than its signature can be good.
KEPT = 2 * signing.AGE
MOST = 50_000  # messages of a bridge in that time
# How far a partner's clock may be behind when we hold a key of ours for valid already.
_CLOCK = timedelta(minutes=5)


class UnknownKey(Unauthenticated):
    """No bridge is named, none that is there, or its partner has no such key."""

    code = "unknown_key"
    status = 401
    public = (
        "signature: expected Brug-Bridge to name a bridge, and keyid to name a key that this "
        "node holds of its partner"
    )


class KeyNotValid(Unauthenticated):
    """The key is the partner's, but may not sign now."""

    code = "key_not_valid"
    status = 401

    def __init__(self, key: PublicKey) -> None:
        ended = "revoked" if key.revoked else "not valid at this time"
        super().__init__(f"key {key.key_id} is {ended}")
        self.public = f"signature: expected a valid key (this one is {ended})"


class Replayed(Conflict):
    """The same message came before."""

    code = "replayed"
    public = "nonce: expected one that has not been used before"


class Authentic(msgspec.Struct, frozen=True):
    """Whose a message is, and who signs the answer."""

    bridge: BridgeRow
    channel: Channel
    signer: Signer


def bridge_named(session: Session, name: str | None) -> BridgeRow:
    """The native bridge of that UUID. Raises UnknownKey."""
    try:
        found = partners.view(session, UUID(name or ""))
    except (NotFound, ValueError) as error:
        raise UnknownKey("no such bridge") from error
    if found.transport != "native":
        raise UnknownKey("a bridge of another transport")
    return found


def is_known(session: Session, bridge: str | None, key_id: str | None) -> bool:
    """Whether a key is one of that bridge's partner: asked before a large body is read."""
    try:
        found = bridge_named(session, bridge)
    except BrugError:
        return False
    return any(key.key_id == key_id for key in partners.keys_of(session, found.partner_id))


def authenticate(session: Session, request: Request, body: bytes, version: int) -> Authentic:
    """Whose it is. Raises UnknownKey, BadMessageSignature, KeyNotValid, Downgrade, Replayed."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    bridge = bridge_named(session, headers.get("brug-bridge"))
    held = {key.key_id: key for key in partners.keys_of(session, bridge.partner_id)}
    if signing.key_id_of(headers) not in held:
        raise UnknownKey(f"a key that is not held of {bridge.partner}")
    signed = signing.verify_request(request, body, held)
    require_valid(signed.key)
    known = channel.of(session, bridge.id)
    if version < known.version:
        raise versions.Downgrade(known.version, version)
    _remember(session, bridge.id, signed.nonce, signed.created)
    channel.heard(session, bridge.id)
    return Authentic(bridge, known, own_signer(session, known))


def require_valid(key: PublicKey) -> None:
    """Raises KeyNotValid where the key may not sign now."""
    now = datetime.now(UTC)
    if not (key.is_valid(now) or key.is_valid(now + _CLOCK)) or key.revoked:
        raise KeyNotValid(key)


def own_signer(session: Session, known: Channel) -> Signer:
    """The newest of our keys that the partner holds, while it is valid."""
    try:
        return identity.signer(session, known.told_key)
    except identity.NoIdentity:
        return identity.signer(session)


def _remember(session: Session, bridge_id: int, nonce: str, created: datetime) -> None:
    """For good, and for all processes. Raises Replayed, TooManyRequests."""
    session.execute(
        "DELETE FROM message_nonce WHERE bridge_id = %s AND expires < now()", (bridge_id,)
    )
    if session.value(
        "SELECT true FROM message_nonce WHERE bridge_id = %s OFFSET %s LIMIT 1", (bridge_id, MOST)
    ):
        raise TooManyRequests(f"more than {MOST} messages over bridge {bridge_id} within {KEPT}")
    added = session.execute(
        "INSERT INTO message_nonce VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (bridge_id, nonce, created + KEPT),
    )
    if added.rowcount != 1:
        raise Replayed(f"nonce {nonce[:40]} came before over bridge {bridge_id}")
