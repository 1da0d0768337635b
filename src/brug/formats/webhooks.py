# SPDX-License-Identifier: EUPL-1.2
"""Signatures of webhooks by Standard Webhooks 1.0 (standardwebhooks.com), symmetric.

What is signed is `ID.TIMESTAMP.BODY`; a secret is `whsec_` and the base64 of its bytes.
"""

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256

from brug.model.errors import Invalid

PREFIX = "whsec_"
SECRET_BYTES = 32
TOLERANCE_SECONDS = 300
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


def make_secret() -> str:
    return PREFIX + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers(secret: str, message: str, timestamp: int, body: bytes) -> dict[str, str]:
    """What goes along with a body."""
    return {
        ID: message,
        TIMESTAMP: str(timestamp),
        SIGNATURE: f"v1,{_signature(secret, message, str(timestamp), body)}",
    }


def is_signed(secret: str, given: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether a body came with what its receiver expects; `now` in seconds since 1970."""
    message, at = given.get(ID, ""), given.get(TIMESTAMP, "")
    if not at.isascii() or not at.isdecimal() or len(at) > 12:
        return False
    if abs(now - int(at)) > TOLERANCE_SECONDS:
        return False
    expected = _signature(secret, message, at, body).encode()
    several = (one.partition(",") for one in given.get(SIGNATURE, "").split(" "))
    return any(
        version == "v1" and hmac.compare_digest(expected, text.encode())
        for version, _, text in several
    )


def _signature(secret: str, message: str, timestamp: str, body: bytes) -> str:
    signed = f"{message}.{timestamp}.".encode() + body
    return b64encode(hmac.new(_bytes(secret), signed, sha256).digest()).decode()


def _bytes(secret: str) -> bytes:
    try:
        return b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError as error:
        raise Invalid("secret", f"{PREFIX} and base64") from error
