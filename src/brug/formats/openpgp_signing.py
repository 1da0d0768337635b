# SPDX-License-Identifier: EUPL-1.2
"""OpenPGP keys that sign, and detached signatures; bytes in, bytes out. Encrypts nothing.

What stock MISP servers sign of a protected event is its JSON without any whitespace, that
inside texts included (seen on the wire of MISP 2.5.1), so that formatting may differ.
"""

import msgspec
from pysequoia import ArmorKind, Cert, Sig, SignatureMode, Tsk, armor, sign, verify

from brug.formats.openpgp_making import transferable_secret_key
from brug.model.errors import Invalid

LONGEST = 100_000
_WHITESPACE = b" \t\n\r\x0b\x0c"


class Signer(msgspec.Struct, frozen=True):
    """A public key: its fingerprint in upper case, and its armour."""

    fingerprint: str
    text: str


def new_key(user_id: str) -> tuple[bytes, Signer]:
    """A secret key that signs with its primary key, and what of it is public."""
    secret = Tsk.from_bytes(transferable_secret_key(user_id))
    cert = secret.extract_certificate()
    text = armor(bytes(cert), ArmorKind.PublicKey)
    return bytes(secret), Signer(cert.fingerprint.upper(), text)


def read_signer(text: str) -> Signer:
    """Checks an armoured public key. Raises Invalid; a secret key is refused as well."""
    if len(text) > LONGEST or "PRIVATE KEY" in text:
        raise Invalid("key_data", "an OpenPGP public key")
    try:
        found = Cert.from_bytes(text.strip().encode())
    except (RuntimeError, ValueError) as error:
        raise Invalid("key_data", "an OpenPGP public key", text[:40]) from error
    return Signer(found.fingerprint.upper(), text)


def sign_detached(secret: bytes, data: bytes) -> bytes:
    """A binary detached signature."""
    signer = Tsk.from_bytes(secret).signer()
    return sign(signer, data, mode=SignatureMode.DETACHED, armor=False)


def armoured_signature(signature: bytes) -> str:
    return armor(signature, ArmorKind.Signature)


def verifies(public: str, data: bytes, signature: bytes) -> bool:
    """Whether a key, valid now, made a detached signature over the data."""
    try:
        cert = Cert.from_bytes(public.strip().encode())
        read = Sig.from_bytes(signature)
        checked = verify(bytes=data, store=lambda _: [cert], signature=read)
    except (RuntimeError, ValueError):
        return False
    return any(one.certificate == cert.fingerprint for one in checked.valid_sigs)


def without_whitespace(body: bytes) -> bytes:
    """The part of a document that MISP signs."""
    return body.translate(None, _WHITESPACE)
