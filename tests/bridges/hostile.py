# SPDX-License-Identifier: EUPL-1.2
"""A client that speaks the native protocol as badly as a test wants it to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from brug.bridges import identity
from brug.bridges.native import bodies, signing
from brug.bridges.native.signing import Answer, Request
from brug.edge import outgoing
from brug.edge.outgoing import Limits
from brug.formats import json_text

PING = {"kind": "ping", "versions": [1]}
LIMITS = Limits(60.0, 2**28, ["127.0.0.0/8"])


class Message(msgspec.Struct):
    """A signed request and its body as it travels."""

    request: Request
    body: bytes


class Said(msgspec.Struct):
    """An answer, and whether it was signed by the node and for this request."""

    status: int
    document: Any
    signed: bool

    @property
    def code(self) -> str:
        return str(self.document.get("code", ""))


def key_id_of(key: Ed25519PrivateKey) -> str:
    return identity.id_of(key.public_key().public_bytes_raw())


def message(
    url: str,
    bridge: str,
    key: Ed25519PrivateKey,
    said: Any = None,
    *,
    age: timedelta = timedelta(0),
    nonce: str | None = None,
    raw: bytes | None = None,
    version: int = 1,
) -> Message:
    """A POST of one message (a ping, if nothing else), signed as it should be."""
    body = raw if raw is not None else bodies.pack(json_text.encode(PING if said is None else said))
    request = Request(
        "POST",
        f"{url}/native/v{version}/messages",
        {
            "Brug-Bridge": bridge,
            "Content-Type": "application/json",
            "Content-Encoding": "zstd",
        },
    )
    now = datetime.now(UTC) - age
    signing.sign_request(request, body, key_id_of(key), key.sign, now, nonce)
    return Message(request, body)


def sent(one: Message, keys: dict[str, identity.PublicKey] | None = None) -> Said:
    """What the node answers; `keys` are the node's, by which a signed answer is checked."""
    answer = outgoing.fetch(
        one.request.method, one.request.url, headers=one.request.headers, body=one.body,
        limits=LIMITS, follow=False,
    )  # fmt: skip
    signed, content = "signature" in answer.headers, answer.body
    if signed:
        if keys is not None:
            told = Answer(answer.status, dict(answer.headers), one.request)
            signing.verify_answer(told, content, keys)
        content = bodies.unpack(content, 2**30)
    return Said(answer.status, json_text.decode(content), signed)
