# SPDX-License-Identifier: EUPL-1.2
"""Certificates and their keys in PEM (RFC 7468): read, matched and described.

A file may hold a chain and its key together, in any order, as many tools write it. What is
said of a certificate never holds anything of its key.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

SOON = timedelta(days=14)
Trouble = Literal["expired", "early", "soon", "purpose"]
Key = (
    rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    | ed448.Ed448PrivateKey
)  # fmt: skip
_PRIVATE = re.compile(
    r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?-----END \1-----[ \t\r]*\n?", re.DOTALL
)
# What cryptography raises for bytes that are no certificate or no key.
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm)


class Unreadable(ValueError):
    """No certificate, or no key, as the text says."""


class Encrypted(Unreadable):
    """A key under a password, which nobody could type when it is needed."""


class Described(msgspec.Struct, frozen=True):
    """What people recognise a certificate by; `kind` and `bits` are of its public key."""

    subject: str
    issuer: str
    serial: str
    valid_from: datetime
    valid_until: datetime
    fingerprint: str
    kind: str
    bits: int
    signature: str
    for_clients: bool

    def trouble(self, now: datetime | None = None) -> Trouble | None:
        """What is wrong with it at a time, if anything."""
        now = now or datetime.now(UTC)
        if self.valid_until < now:
            return "expired"
        if self.valid_from > now:
            return "early"
        if not self.for_clients:
            return "purpose"
        return "soon" if self.valid_until < now + SOON else None


def has_key(pem: str) -> bool:
    """Whether a text holds a private key."""
    return _PRIVATE.search(pem) is not None or "PRIVATE KEY-----" in pem


def parted(pem: str) -> tuple[str, str]:
    """What a text holds of certificates, and the first private key in it ("" for none)."""
    found = _PRIVATE.search(pem)
    return _PRIVATE.sub("", pem).strip(), found.group(0).strip() if found else ""


def read(pem: str) -> list[x509.Certificate]:
    """The certificates of a text, at least one. Raises Unreadable."""
    try:
        found = x509.load_pem_x509_certificates(pem.encode())
        for one in found:
            _ = described(one)
    except _UNREADABLE as error:
        raise Unreadable("no certificate in PEM") from error
    return found


def first(pem: str) -> Described:
    """What the first certificate of a text says of itself. Raises Unreadable."""
    return described(read(pem)[0])


def read_key(pem: str) -> Key:
    """A private key that TLS can show. Raises Encrypted, Unreadable."""
    try:
        found = serialization.load_pem_private_key(pem.encode(), password=None)
    except TypeError as error:
        raise Encrypted("the key is under a password") from error
    except _UNREADABLE as error:
        raise Unreadable("no private key in PEM") from error
    if not isinstance(found, Key):
        raise Unreadable("no key of RSA, of a curve, Ed25519 or Ed448")
    return found


def chain_of(certificates: Sequence[x509.Certificate], key: Key) -> str | None:
    """The certificates in PEM with that of the key first; None where the key fits none."""
    wanted = _public(key.public_key())
    own = [one for one in certificates if _public(one.public_key()) == wanted]
    if not own:
        return None
    rest = [one for one in certificates if one is not own[0]]
    return "".join(one.public_bytes(serialization.Encoding.PEM).decode() for one in (own[0], *rest))


def key_text(key: Key) -> str:
    """The key in PEM (PKCS #8), in the clear."""
    return _written(key, serialization.NoEncryption())


def locked_key(pem: str, password: bytes) -> str:
    """The same under a password, for a file that others might come across."""
    return _written(read_key(pem), serialization.BestAvailableEncryption(password))


def _written(key: Key, how: serialization.KeySerializationEncryption) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how
    ).decode()


def _public(key: object) -> bytes:
    written: bytes = key.public_bytes(  # type: ignore[attr-defined]
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return written


def described(one: x509.Certificate) -> Described:
    """What a certificate says of itself."""
    kind, bits = _kind(one.public_key())
    return Described(
        _name(one.subject), _name(one.issuer), f"{one.serial_number:X}",
        one.not_valid_before_utc, one.not_valid_after_utc,
        one.fingerprint(hashes.SHA256()).hex(), kind, bits,
        getattr(one.signature_algorithm_oid, "_name", ""), _is_for_clients(one),
    )  # fmt: skip


def _name(name: x509.Name) -> str:
    """In the order of the certificate, as `CN=...`."""
    return ", ".join(f"{one.rfc4514_attribute_name}={one.value!s}" for one in name)


def _kind(key: object) -> tuple[str, int]:
    match key:
        case rsa.RSAPublicKey():
            return "RSA", key.key_size
        case dsa.DSAPublicKey():
            return "DSA", key.key_size
        case ec.EllipticCurvePublicKey():
            return f"EC ({key.curve.name})", key.key_size
        case _:
            return type(key).__name__.removesuffix("PublicKey").strip("_"), 256


def _is_for_clients(one: x509.Certificate) -> bool:
    """Whether its extended key usage, if it has one, lets a client show it (RFC 5280, 4.2.1.12)."""
    try:
        usage = one.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, *_UNREADABLE):
        return True
    return bool(
        {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE} & set(usage)
    )
