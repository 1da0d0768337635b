# SPDX-License-Identifier: EUPL-1.2
"""Pseudonyms of a bridge: the same person under the same name there, under another elsewhere.

HMAC-SHA256 with a key that only this node has, one for each bridge: who holds two bridges'
copies cannot join them, and nobody can try values without the key. Nothing of the value is
kept, no domain and no prefix: a part of it is often enough to find the rest.
"""

import hashlib
import hmac
from uuid import UUID

_KEY_BYTES = 32


class Pseudonyms:
    """Of one bridge."""

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY_BYTES:
            raise ValueError(f"a pseudonym key has {_KEY_BYTES} bytes")
        self._key = key

    def value(self, kind: str, value: str) -> str:
        """What stands for a value of a type."""
        said = f"value\0{kind}\0{value.casefold().strip()}"
        return f"pseudonym:{self._digest(said).hex()[:32]}"

    def uuid(self, original: str) -> str:
        """The UUID that stands for an attribute's."""
        return str(UUID(bytes=self._digest(f"uuid\0{original.lower()}")[:16], version=5))

    def _digest(self, said: str) -> bytes:
        return hmac.digest(self._key, said.encode("utf-8", "surrogatepass"), hashlib.sha256)
