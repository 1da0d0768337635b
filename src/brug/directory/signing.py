# SPDX-License-Identifier: EUPL-1.2
"""Signing as the node, with its newest valid Ed25519 key."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from brug.directory import identity_keys
from brug.directory.identity_keys import PublicKey
from brug.model.errors import Unavailable
from brug.store.session import Session


class NoIdentity(Unavailable):
    """The node has no key that may sign now."""

    code = "no_identity"
    public = "This node has no valid key to sign with."


class Signer(msgspec.Struct, frozen=True):
    """A key that may sign now, and signing with it; needs no session any more."""

    key_id: str
    sign: Callable[[bytes], bytes]


class Signature(msgspec.Struct, frozen=True):
    """Which key signed, and its 64 bytes."""

    key_id: str
    signature: bytes


def sign(session: Session, data: bytes, key_id: str | None = None) -> Signature:
    """By the newest valid key, or the one that is named while it is valid.

    Raises NoIdentity where there is none. The system makes a first key where it is missing.
    """
    by = signer(session, key_id)
    return Signature(by.key_id, by.sign(data))


def signer(session: Session, key_id: str | None = None) -> Signer:
    """The key that signs, or the one that is named while it is valid. Raises NoIdentity."""
    key = signing_key(session, key_id)
    return Signer(key.key_id, identity_keys.secret_of(session, key.key_id).sign)


def signing_key(session: Session, key_id: str | None = None) -> PublicKey:
    """The same, of which anyone may know. Raises NoIdentity."""
    now = database_time(session)
    keys = identity_keys.stored(session)
    for key in keys:
        if key.is_valid(now) and key_id in {None, key.key_id}:
            return key
    if not keys and key_id is None and session.principal.is_site_admin:
        return identity_keys.make(session)
    raise NoIdentity(f"no valid key to sign with ({key_id or 'any'})")


def database_time(session: Session) -> datetime:
    """By which keys were made: in this transaction that is its start."""
    at: datetime = session.value("SELECT now()")
    return at
