# SPDX-License-Identifier: EUPL-1.2
"""The node's Ed25519 keys as they are stored: made here, the secret sealed.

What they are used for, how one replaces another and how partners learn of it is in
`brug.bridges.identity`; here only because a node gets its first key when it is made.
"""

from base64 import b64decode, b64encode, urlsafe_b64encode
from datetime import datetime
from hashlib import sha256

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from brug.store.session import Session

_PURPOSE = "identity_key "


class PublicKey(msgspec.Struct, frozen=True):
    """What partners and anyone may know of a key; the times are when it may sign."""

    key_id: str
    public: bytes
    valid_from: datetime
    valid_until: datetime | None = None
    revoked: datetime | None = None
    introduced_by: str | None = None
    introduction: bytes | None = None

    def is_valid(self, at: datetime) -> bool:
        """Whether what it signs at that time is believed."""
        return (
            self.revoked is None
            and self.valid_from <= at
            and (self.valid_until is None or at < self.valid_until)
        )


def id_of(public: bytes) -> str:
    """What a public key is called: its SHA-256 in base64url, without padding."""
    return urlsafe_b64encode(sha256(public).digest()).rstrip(b"=").decode()


def make(session: Session) -> PublicKey:
    """A new key that is valid from now on; only the system and site admins may."""
    secret = Ed25519PrivateKey.generate()
    public = secret.public_key().public_bytes_raw()
    key_id = id_of(public)
    text = b64encode(secret.private_bytes_raw()).decode()
    session.execute(
        "INSERT INTO identity_key (key_id, public, sealed) VALUES (%s, %s, %s)",
        (key_id, public, session.seal.close(text, _PURPOSE + key_id)),
    )
    return next(key for key in stored(session) if key.key_id == key_id)


def stored(session: Session) -> list[PublicKey]:
    """All of them, the newest first."""
    rows = session.all(
        "SELECT key_id, public, valid_from, valid_until, revoked, introduced_by, introduction"
        " FROM identity_key ORDER BY valid_from DESC, introduced_by IS NULL, key_id"
    )
    return [PublicKey(*row) for row in rows]


def secret_of(session: Session, key_id: str) -> Ed25519PrivateKey:
    """Raises Unavailable where it cannot be unsealed."""
    sealed = session.value("SELECT sealed FROM identity_key WHERE key_id = %s", (key_id,))
    return Ed25519PrivateKey.from_private_bytes(
        b64decode(session.seal.open(sealed, _PURPOSE + key_id))
    )
