# SPDX-License-Identifier: EUPL-1.2
"""Secrets that the node must be able to read again, sealed before they reach the database.

AES-256-GCM under a key in the node's folder `keys`, which no dump of the database holds.
Each purpose and holder is bound into the seal: one moved to another row does not open.
What cannot be opened raises; it is never taken for empty. Opening never makes a key: a node
whose key was lost says so, instead of sealing the next secret with another one beside it.
"""

import hmac
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from brug.model.errors import Unavailable

FILE = "sealing.key"
VARIABLE = "BRUG_KEYS"  # the folder, for the workers of the web server
_KEY_BYTES, _NONCE_BYTES = 32, 12


class NotSealed(Unavailable):
    """A sealed secret cannot be opened, or there is no key to seal with."""

    code = "not_sealed"


class Seal:
    """The key of a node, read when it is first needed, made when something is first sealed."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._key = b""
        self._cipher: AESGCM | None = None
        self._marking: bytes | None = None

    def close(self, secret: str, purpose: str) -> bytes:
        """The sealed text."""
        return self.close_bytes(secret.encode(), purpose)

    def close_bytes(self, content: bytes, purpose: str) -> bytes:
        """The same of what is no text."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._aead(make=True).encrypt(nonce, content, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> str:
        """What was sealed for this purpose; raises NotSealed."""
        return self.open_bytes(sealed, purpose).decode()

    def open_bytes(self, sealed: bytes, purpose: str) -> bytes:
        """The same of what is no text."""
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._aead(make=False).decrypt(nonce, rest, purpose.encode())
        except (InvalidTag, ValueError) as error:
            raise NotSealed(f"the secret for {purpose} was sealed with another key") from error

    def marks(self, words: Iterable[str], purpose: str) -> list[int]:
        """Numbers by which sealed words are found again, and are not read.

        Whoever has the database alone learns which words are the same, and not which they are.
        """
        if self._marking is None:
            self._aead(make=True)
            self._marking = hmac.digest(self._key, b"marks", "sha256")
        key = hmac.digest(self._marking, purpose.encode(), "sha256")
        return [
            int.from_bytes(hmac.digest(key, word.encode(), "sha256")[:8], "big", signed=True)
            for word in words
        ]

    def _aead(self, *, make: bool) -> AESGCM:
        if self._cipher is None:
            if self.folder is None:
                raise NotSealed("this process knows no folder of keys")
            path = self.folder / FILE
            if not make and not path.exists():
                raise NotSealed(f"{path} is missing; a backup of the node holds it")
            self._key = _key(path)
            self._cipher = AESGCM(self._key)
        return self._cipher


def of_environment() -> Path | None:
    """The folder that whoever started this process named."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


def _key(path: Path) -> bytes:
    with suppress(FileNotFoundError):
        return _checked(path, path.read_bytes())
    # Whole under another name first: whoever comes second reads all of it or makes none.
    fresh = path.with_name(f"{FILE}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(_KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        path.hardlink_to(fresh)
    fresh.unlink()
    return _checked(path, path.read_bytes())


def _checked(path: Path, key: bytes) -> bytes:
    if len(key) != _KEY_BYTES:
        raise NotSealed(f"{path} is no key")
    return key
