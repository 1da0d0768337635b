# SPDX-License-Identifier: EUPL-1.2
"""Who this node is to its partners: Ed25519 keys, one after another.

The newest valid key signs. When one replaces another, the old one stays valid for an
overlap and introduces the new one with a signature, so that partners who hold the old one
can take the new one without asking a person. A revoked key introduces nothing, and nothing
that it signed since is believed; whoever knew no other key of ours has to be connected
anew, with people comparing (`brug.bridges.connecting`). Statements are canonical JSON
(RFC 8785) so that both sides sign and check the same bytes.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from brug.directory import audit, identity_keys
from brug.directory.identity_keys import PublicKey, id_of
from brug.directory.signing import (
    NoIdentity,
    Signature,
    Signer,
    database_time,
    sign,
    signer,
    signing_key,
)
from brug.formats.canonical import canonical
from brug.model.errors import Conflict, Invalid, NotFound
from brug.store.session import Session

__all__ = [
    "NoIdentity", "PublicKey", "Signature", "Signer", "id_of", "public_keys", "revoke", "rotate",
    "sign", "signer", "verify",
]  # fmt: skip

OVERLAP = timedelta(days=30)
_INTRODUCTION = "brug-key-introduction/1"


def signer_of_revocation(session: Session, key_id: str) -> Signer:
    """A revoked key, which may still say one thing: that it is revoked."""
    key = _named(session, key_id)
    if key.revoked is None:
        raise Conflict(f"key {key_id} is not revoked")
    return Signer(key.key_id, identity_keys.secret_of(session, key.key_id).sign)


def current(session: Session) -> PublicKey:
    """The key that signs now."""
    return signing_key(session)


def verify(public: bytes, signature: bytes, data: bytes) -> bool:
    """Whether that key made that signature of those bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def public_keys(session: Session) -> list[PublicKey]:
    """All that this node has ever had, the newest first."""
    return identity_keys.stored(session)


def rotate(session: Session, overlap: timedelta = OVERLAP) -> PublicKey:
    """Replaces the key that signs; the old one stays valid for the overlap."""
    if overlap < timedelta(0):
        raise Invalid("overlap", "no negative time", str(overlap))
    old = signing_key(session)
    new = identity_keys.make(session)
    introduction = identity_keys.secret_of(session, old.key_id).sign(introducing(new))
    session.execute(
        "UPDATE identity_key SET introduced_by = %s, introduction = %s WHERE key_id = %s",
        (old.key_id, introduction, new.key_id),
    )
    session.execute(
        "UPDATE identity_key SET valid_until = greatest("
        "  least(coalesce(valid_until, 'infinity'), now() + %s),"
        "  valid_from + interval '1 microsecond') WHERE key_id = %s",
        (overlap, old.key_id),
    )
    audit.record(session, "rotate", "IdentityKey", 0, f"{old.key_id} -> {new.key_id}")
    return _named(session, new.key_id)


def revoke(session: Session, key_id: str) -> PublicKey:
    """From now on nothing that this key signs is believed.

    Where no valid key is left a new one is made, which the revoked one does not introduce.
    """
    key = _named(session, key_id)
    if key.revoked is not None:
        raise Conflict(f"key {key_id} is revoked already")
    session.execute("UPDATE identity_key SET revoked = now() WHERE key_id = %s", (key.key_id,))
    if not any(one.is_valid(database_time(session)) for one in identity_keys.stored(session)):
        identity_keys.make(session)
    audit.record(session, "revoke", "IdentityKey", 0, key.key_id)
    return _named(session, key.key_id)


def introducing(key: PublicKey) -> bytes:
    """The bytes by which an older key introduces this one."""
    return canonical({"public": in_text(key.public), "statement": _INTRODUCTION})


def is_introduced(key: PublicKey, older: PublicKey) -> bool:
    """Whether the older key introduced this one."""
    return (
        key.introduced_by == older.key_id
        and key.introduction is not None
        and verify(older.public, key.introduction, introducing(key))
    )


def as_document(key: PublicKey) -> dict[str, Any]:
    """A key as it is sent and published."""
    told: dict[str, Any] = {
        "key_id": key.key_id,
        "public": in_text(key.public),
        "valid_from": moment(key.valid_from),
    }
    for name, at in (("valid_until", key.valid_until), ("revoked", key.revoked)):
        if at is not None:
            told[name] = moment(at)
    if key.introduced_by is not None and key.introduction is not None:
        told["introduced_by"] = key.introduced_by
        told["introduction"] = in_text(key.introduction)
    return told


def of_document(told: Mapping[str, Any], field: str = "key") -> PublicKey:
    """The key that a document tells of. Raises Invalid, naming the field."""
    if not isinstance(told, Mapping):
        raise Invalid(field, "an object")
    public = in_bytes(told.get("public"), f"{field}.public", 32)
    if told.get("key_id") != id_of(public):
        raise Invalid(f"{field}.key_id", "the SHA-256 of the public key in base64url")
    by = told.get("introduced_by")
    if by is not None and not isinstance(by, str):
        raise Invalid(f"{field}.introduced_by", "a key's id")
    since = read_moment(told.get("valid_from"), f"{field}.valid_from")
    until, revoked = (
        None if told.get(name) is None else read_moment(told[name], f"{field}.{name}")
        for name in ("valid_until", "revoked")
    )
    introduction = (
        None if by is None else in_bytes(told.get("introduction"), f"{field}.introduction", 64)
    )
    return PublicKey(id_of(public), public, since, until, revoked, by, introduction)


def in_text(data: bytes) -> str:
    """Bytes in a document: base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def in_bytes(text: object, field: str, length: int) -> bytes:
    """The other way, strictly: one text for any bytes. Raises Invalid."""
    expected = f"{length} bytes in base64url without padding"
    if not isinstance(text, str) or not text.isascii():
        raise Invalid(field, expected)
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise Invalid(field, expected, text) from error
    if len(data) != length or in_text(data) != text:
        raise Invalid(field, expected, text)
    return data


def moment(at: datetime) -> str:
    """A time in a document: RFC 3339, UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_moment(text: object, field: str) -> datetime:
    """The other way. Raises Invalid."""
    try:
        return datetime.strptime(str(text), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise Invalid(field, "a time like 2026-01-31T12:00:00Z", str(text)) from error


def _named(session: Session, key_id: str) -> PublicKey:
    for key in identity_keys.stored(session):
        if key.key_id == key_id:
            return key
    raise NotFound(f"no key {key_id}")
