# SPDX-License-Identifier: EUPL-1.2
"""Signed statements: a JSON object, the key that signed it, and the signature.

    {"signed": {"statement": "brug-node/1", ...}, "key_id": "...", "signature": "..."}

The signature is over the canonical bytes (RFC 8785) of what stands under `signed`, so that
it survives whatever formats the document anew. `statement` says what it is for, so that a
signature under one kind of statement is none under another.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec

from brug.bridges import identity
from brug.bridges.identity import PublicKey
from brug.formats import json_text
from brug.formats.canonical import canonical
from brug.model.errors import Invalid
from brug.store.session import Session


class BadSignature(Invalid):
    """A signature that does not fit what it stands under."""

    code = "bad_signature"


class Statement(msgspec.Struct, frozen=True):
    """A statement whose form is right; `verified_by` asks for the signature."""

    said: dict[str, Any]
    key_id: str
    signature: bytes

    @property
    def digest(self) -> str:
        """The SHA-256 of what was signed, in base64url."""
        return digest(self.said)

    def verified_by(self, key: PublicKey) -> "Statement":
        """Itself. Raises BadSignature unless that key signed it."""
        if self.key_id != key.key_id or not identity.verify(
            key.public, self.signature, canonical(self.said)
        ):
            raise BadSignature("signature", f"one of this statement by key {key.key_id}")
        return self


def make(session: Session, said: dict[str, Any], key_id: str | None = None) -> bytes:
    """The signed statement as canonical JSON."""
    signature = identity.sign(session, canonical(said), key_id)
    return canonical({
        "signed": said,
        "key_id": signature.key_id,
        "signature": identity.in_text(signature.signature),
    })  # fmt: skip


def read(raw: bytes | str, kind: str) -> Statement:
    """A statement of one kind. Raises Invalid, naming the field."""
    found = json_text.decode(raw.encode() if isinstance(raw, str) else raw)
    return of_value(found, kind)


def of_value(found: Any, kind: str) -> Statement:
    """The same, from a value that was decoded."""
    if not isinstance(found, Mapping) or not isinstance(found.get("signed"), dict):
        raise Invalid("signed", "an object with what was signed")
    said = found["signed"]
    if said.get("statement") != kind:
        raise Invalid("signed.statement", kind, str(said.get("statement")))
    key_id = found.get("key_id")
    if not isinstance(key_id, str):
        raise Invalid("key_id", "the id of the key that signed")
    return Statement(said, key_id, identity.in_bytes(found.get("signature"), "signature", 64))


def digest(said: Mapping[str, Any]) -> str:
    """What a statement is called in another: the SHA-256 of its canonical bytes."""
    return identity.in_text(sha256(canonical(said)).digest())


def text(said: Mapping[str, Any], field: str, limit: int = 1000) -> str:
    """A text of a statement. Raises Invalid."""
    value = said.get(field)
    if not isinstance(value, str) or not value or len(value) > limit:
        raise Invalid(field, f"a text of at most {limit} characters", str(value))
    return value
