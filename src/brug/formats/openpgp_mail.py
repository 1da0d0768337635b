# SPDX-License-Identifier: EUPL-1.2
"""OpenPGP keys for the mail that a node gets (RFC 9580, by Sequoia), and where they are looked up.

Autocrypt is level 1 of its specification, the Web Key Directory draft-koch-openpgp-webkey-service.
Nothing is decrypted here: what comes from strangers is opened in a process of its own
(`brug.mail.inbound.opening`).
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha1

import msgspec
from pysequoia import ArmorKind, Cert, Tsk, armor

from brug.model.errors import Invalid

_Z_BASE_32 = "ybndrfg8ejkmcpqxot1uwisza345h769"
_LINE = 72
_NOT_IN_NAMES = re.compile(r'[<>(),;:@\\"\[\]\x00-\x1f\x7f]+')


class MailKey(msgspec.Struct, frozen=True):
    """What of a key is public: its fingerprint in upper case, and its armour."""

    fingerprint: str
    text: str


def new_key(name: str, addresses: Sequence[str], seconds: int) -> tuple[bytes, MailKey]:
    """A secret key that mail to these addresses is encrypted to, and what of it is public."""
    said = _NOT_IN_NAMES.sub(" ", name).strip()[:100]
    secret = Tsk.generate(
        user_ids=[f"{said} <{one}>".strip() for one in addresses], validity_seconds=seconds
    )
    cert = secret.extract_certificate()
    text = armor(bytes(cert), ArmorKind.PublicKey)
    return bytes(secret), MailKey(cert.fingerprint.upper(), text)


def binary(text: str) -> bytes:
    """A public key without its armour."""
    try:
        return bytes(Cert.from_bytes(text.strip().encode()))
    except (RuntimeError, ValueError) as error:
        raise Invalid("key", "an OpenPGP public key") from error


def autocrypt(address: str, text: str) -> str:
    """The value of the header by which mail programs learn a key."""
    data = b64encode(binary(text)).decode()
    lines = " ".join(data[at : at + _LINE] for at in range(0, len(data), _LINE))
    return f"addr={address}; prefer-encrypt=mutual; keydata= {lines}"


def directory_name(local_part: str) -> str:
    """What the part of an address before the @ is called in a Web Key Directory (3.1)."""
    digest = int.from_bytes(sha1(local_part.lower().encode(), usedforsecurity=False).digest())
    return "".join(_Z_BASE_32[digest >> shift & 31] for shift in range(155, -1, -5))
