# SPDX-License-Identifier: EUPL-1.2
"""The list of what is in an archive, signed by the node that made it; and the archive's seal.

The signature is over the canonical JSON of the list, so it holds for the files wherever they are
unpacked. The seal is the archive's comment, and is over every byte before it.
"""

import re
from base64 import b64decode, b64encode

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from brug.cases.entries import Author
from brug.cases.exporting.document import FORM, Key, Node
from brug.directory.identity_keys import id_of

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig.json"
CASE, PAGES, README = "case.json", "case.pdf", "README.txt"
DOCUMENTS, PROOFS = "documents/", "ledger/"
PROOF_ENDING = ".tlog-proof"
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,150}(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,150})?")

_KEY_ID, _SIGNED = 43, 88  # base64 of 32 bytes without padding, of 64 bytes with it
SEAL_BYTES = len(FORM) + 1 + _KEY_ID + 1 + _SIGNED


class Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the archive."""

    name: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that is in the archive but this list and its signature.

    `keys` are those of the exporting node, of which one signs this and others may have signed
    checkpoints; `pending` are entries that no checkpoint covered yet.
    """

    form: str = FORM
    case: str
    number: str
    exported: str
    by: Author
    node: Node
    keys: list[Key]
    files: list[Listed]
    pending: list[str] = []


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of the manifest; base64."""

    key_id: str
    signature: str


def seal(key_id: str, signature: bytes) -> bytes:
    """The archive's comment."""
    return f"{FORM} {key_id} {b64encode(signature).decode()}".encode()


def read_seal(comment: bytes) -> Signature | None:
    """Strictly: one text for a key and a signature."""
    try:
        form, key_id, signature = comment.decode("ascii").split(" ")
    except ValueError:
        return None
    fits = form == FORM and len(key_id) == _KEY_ID and of_base64(signature, 64) is not None
    return Signature(key_id, signature) if fits else None


def of_base64(text: str, length: int) -> bytes | None:
    """So many bytes in their one form, or none."""
    try:
        found = b64decode(text, validate=True)
    except ValueError:
        return None
    return found if len(found) == length and b64encode(found).decode() == text else None


def is_signed(public: bytes, signature: str, data: bytes) -> bool:
    raw = of_base64(signature, 64)
    if raw is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(raw, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def public_of(key: Key) -> bytes | None:
    """The key's bytes, if it is called by what it is."""
    public = of_base64(key.public, 32)
    return public if public is not None and id_of(public) == key.key_id else None
