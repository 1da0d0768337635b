# SPDX-License-Identifier: EUPL-1.2
"""Signatures on messages of the native protocol: RFC 9421 with Ed25519, both ways.

A request is signed over its method and target as the receiver is known by (`node.url`, so
that a proxy in front changes nothing), the bridge, and its body through Content-Digest
(RFC 9530, over the bytes as they travel: it is checked before anything is decompressed).
An answer is signed over its status and body, and over the signature of the request that it
answers, so that no other answer fits. Asks no database; docs/reference/native-protocol.md.
"""

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature as NotSigned
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
)
from http_message_signatures.algorithms import ED25519

from brug.bridges.identity import PublicKey
from brug.model.errors import BrugError

BRIDGE = "Brug-Bridge"
LABEL = "brug"
REQUEST_TAG, ANSWER_TAG = "brug-native", "brug-native-answer"
AGE = timedelta(minutes=5)
SKEW = timedelta(seconds=30)
_REQUEST = (
    "@method", "@target-uri", "brug-bridge", "content-digest", "content-type", "content-encoding",
)  # fmt: skip
_ANSWER = (
    "@status", "brug-bridge", "content-digest", "content-type", "content-encoding",
    '"@method";req', '"@target-uri";req', f'"signature";req;key="{LABEL}"',
)  # fmt: skip

# A signature base -> 64 bytes.
Sign = Callable[[bytes], bytes]


class BadMessageSignature(BrugError):
    """A message whose signature is missing, too old, or does not fit."""

    code = "bad_signature"
    status = 401

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.public = f"signature: expected one of this message by its key ({why[:300]})"


class Request(msgspec.Struct):
    """A request as both sides know it; `url` is the receiver's public address of it."""

    method: str
    url: str
    headers: dict[str, str]


class Answer(msgspec.Struct):
    """An answer and the request that it is to."""

    status_code: int
    headers: dict[str, str]
    request: Request


class Signed(msgspec.Struct, frozen=True):
    """What a good signature says of itself."""

    key: PublicKey
    nonce: str
    created: datetime


def sign_request(
    message: Request, body: bytes, key_id: str, sign: Sign, now: datetime, nonce: str | None = None
) -> None:
    """Adds Content-Digest, Signature-Input and Signature."""
    _signed(message, body, _REQUEST, key_id, sign, now, REQUEST_TAG, nonce or new_nonce())


def sign_answer(message: Answer, body: bytes, key_id: str, sign: Sign, now: datetime) -> None:
    """The same for an answer; the request's nonce makes it one of its kind."""
    _signed(message, body, _ANSWER, key_id, sign, now, ANSWER_TAG, None)


def _signed(
    message: Request | Answer,
    body: bytes,
    covered: tuple[str, ...],
    key_id: str,
    sign: Sign,
    now: datetime,
    tag: str,
    nonce: str | None,
) -> None:
    signer = HTTPMessageSigner(signature_algorithm=ED25519)
    prepared = signer.prepare(
        message, key_id=key_id, created=now, expires=now + AGE, nonce=nonce, label=LABEL,
        tag=tag, include_alg=True, covered_component_ids=covered, body=body,
    )  # fmt: skip
    signer.apply(message, prepared, sign(prepared.signature_base))


def verify_request(message: Request, body: bytes, keys: Mapping[str, PublicKey]) -> Signed:
    """Who signed it. Raises BadMessageSignature; whether the key is valid is not asked."""
    return _verified(message, body, _REQUEST, keys, REQUEST_TAG)


def verify_answer(message: Answer, body: bytes, keys: Mapping[str, PublicKey]) -> Signed:
    """The same for an answer."""
    return _verified(message, body, _ANSWER, keys, ANSWER_TAG)


def _verified(
    message: Request | Answer,
    body: bytes,
    covered: tuple[str, ...],
    keys: Mapping[str, PublicKey],
    tag: str,
) -> Signed:
    verifier = HTTPMessageVerifier(signature_algorithm=ED25519, key_resolver=_Keys(keys))
    verifier.max_clock_skew = SKEW
    try:
        (result,) = verifier.verify(
            message, max_age=AGE, expect_tag=tag, require_components=covered, body=body
        )
    except HTTPMessageSignaturesException as error:
        raise BadMessageSignature(_why(error)) from error
    except ValueError as error:  # several signatures, or a header that is none
        raise BadMessageSignature("one signature with this tag") from error
    told = result.parameters
    if tag == REQUEST_TAG and not 16 <= len(result.nonce or "") <= 100:
        raise BadMessageSignature("a nonce of 16 to 100 characters is missing")
    if "expires" not in told:
        raise BadMessageSignature('"expires" is missing')
    created = datetime.fromtimestamp(int(told["created"]), UTC)
    return Signed(keys[str(told["keyid"])], result.nonce or "", created)


def _why(error: HTTPMessageSignaturesException) -> str:
    if isinstance(error.__cause__, NotSigned):
        return "it is not the signature of what came"
    if any(word in str(error) for word in ("age exceeds", "a time in the")):
        return f"{error}; do the clocks of both nodes agree?"
    return str(error) or "it does not fit"


def key_id_of(headers: Mapping[str, str]) -> str | None:
    """The id of the key that a message says it was signed with; nothing is checked."""
    found: list[str] = []

    class Asked(HTTPSignatureKeyResolver):
        def resolve_public_key(self, key_id: str) -> None:
            found.append(key_id)

    class AtAnyTime(HTTPMessageVerifier):
        def validate_created_and_expires(self, *_: Any, **__: Any) -> None:
            pass

    verifier = AtAnyTime(signature_algorithm=ED25519, key_resolver=Asked())
    message = Request("GET", "http://unknown.invalid/", dict(headers))
    with suppress(HTTPMessageSignaturesException, ValueError):
        verifier.verify(message, max_age=None, expect_tag=REQUEST_TAG)
    return found[0] if found else None


def new_nonce() -> str:
    return secrets.token_urlsafe(18)


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, keys: Mapping[str, PublicKey]) -> None:
        self._keys = keys

    def resolve_public_key(self, key_id: str) -> Any:
        key = self._keys.get(key_id)
        return None if key is None else Ed25519PublicKey.from_public_bytes(key.public)
