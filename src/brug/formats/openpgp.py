# SPDX-License-Identifier: EUPL-1.2
"""Public keys that people give, and encryption to them (RFC 9580, by Sequoia).

A key is taken only where something can be encrypted to it now: no secret keys, none that
is revoked or expired. Whatever Sequoia finds wrong with a key is a RuntimeError.
"""

from datetime import UTC, datetime

import msgspec
from pysequoia import Cert, Tsk, encrypt

from brug.model.errors import Invalid

LARGEST = 65_535


class PublicKey(msgspec.Struct, frozen=True):
    """What is known of a usable key."""

    fingerprint: str
    user_ids: list[str]
    expires: datetime | None


def _cert(text: str) -> Cert:
    if len(text) > LARGEST or not text.strip().startswith("-----BEGIN PGP PUBLIC KEY BLOCK-----"):
        raise Invalid("gpgkey", "an OpenPGP public key, armoured")
    try:
        return Cert.from_bytes(text.strip().encode())
    except RuntimeError as error:
        raise Invalid("gpgkey", "an OpenPGP public key that can be read") from error


def read(text: str) -> PublicKey:
    """Raises Invalid where nothing could be encrypted to the key."""
    cert = _cert(text)
    if _holds_secrets(text):
        raise Invalid("gpgkey", "a public key alone: this holds a secret one")
    encrypted(b"", text)
    return PublicKey(cert.fingerprint, [str(one) for one in cert.user_ids], cert.expiration)


def is_ended(text: str, known: str) -> bool:
    """Whether a text is a key that is known, and ends it: revoked, or expired."""
    try:
        cert, before = _cert(text), _cert(known)
    except Invalid:
        return False
    is_it = cert.fingerprint == before.fingerprint and not _holds_secrets(text)
    return is_it and (cert.is_revoked or _has_expired(cert))


def _has_expired(cert: Cert) -> bool:
    return cert.expiration is not None and cert.expiration < datetime.now(UTC)


def _holds_secrets(text: str) -> bool:
    try:
        Tsk.from_bytes(text.strip().encode()).certifier()
    except RuntimeError:
        return False
    return True


def encrypted(content: bytes, key: str) -> bytes:
    """Armoured. Raises Invalid where the key does not take it, or not any more: whoever has a
    revoked one may be anybody.
    """
    cert = _cert(key)
    if cert.is_revoked:
        raise Invalid("gpgkey", "a key that is not revoked")
    if _has_expired(cert):
        raise Invalid("gpgkey", "a key that has not expired")
    try:
        return bytes(encrypt(recipients=[cert], bytes=content))
    except RuntimeError as error:
        raise Invalid("gpgkey", "a key with a part that encrypts") from error
