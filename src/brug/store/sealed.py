# SPDX-License-Identifier: EUPL-1.2
"""A byte stream through zstd and age, both ways, without ever holding it whole.

age's library pulls from a reader and pushes into a writer; a pipe and a thread turn either
into a file that the caller writes or reads. Tells what is wrong with a stream, never what
was in it.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, cast

import pyrage
import zstandard

from brug.store.server_errors import BadBackup

_AGE = b"age-encryption.org/"
_ZSTD = b"\x28\xb5\x2f\xfd"
_LEVEL = 6
# A hostile header may ask for gigabytes of window.
_LARGEST_WINDOW = 128 * 1024 * 1024


class _Side:
    """A thread that works on one end of a pipe, and what went wrong in it."""

    def __init__(self, work: Callable[[], None]) -> None:
        self.error: BaseException | None = None
        self._work = work
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._work()
        except (pyrage.DecryptError, pyrage.EncryptError, OSError, ValueError) as error:
            self.error = error

    def join(self) -> None:
        self._thread.join()


@contextmanager
def writing(target: BinaryIO, recipients: Sequence[str]) -> Iterator[BinaryIO]:
    """A file whose content reaches `target` compressed, and encrypted if there are recipients."""
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    if not recipients:
        with compressor.stream_writer(target, closefd=False) as sink:
            yield cast("BinaryIO", sink)
        return
    keys = [_recipient(text) for text in recipients]
    out, into = os.pipe()

    def encrypt() -> None:
        with os.fdopen(out, "rb") as reader:
            pyrage.encrypt_io(reader, target, keys)

    side = _Side(encrypt)
    try:
        with os.fdopen(into, "wb") as pipe, compressor.stream_writer(pipe, closefd=False) as sink:
            yield cast("BinaryIO", sink)
    finally:
        side.join()
    if side.error:
        raise BadBackup(f"the backup could not be encrypted: {side.error}") from side.error


@contextmanager
def reading(source: BinaryIO, identities: Sequence[str]) -> Iterator[BinaryIO]:
    """The content of what `writing` wrote."""
    start = source.read(len(_AGE))
    source.seek(0)
    if start.startswith(_ZSTD):
        with _decompressed(source) as stream:
            yield stream
        return
    if start != _AGE:
        raise BadBackup("this is not a backup: neither age nor zstd")
    if not identities:
        raise BadBackup("this backup is encrypted; give an identity (AGE-SECRET-KEY-...)")
    keys = [_identity(text) for text in identities]
    out, into = os.pipe()

    def decrypt() -> None:
        with os.fdopen(into, "wb") as writer:
            pyrage.decrypt_io(source, writer, keys)

    side = _Side(decrypt)
    try:
        with os.fdopen(out, "rb") as pipe, _decompressed(pipe) as stream:
            yield stream
    except BadBackup as error:
        side.join()
        if isinstance(side.error, pyrage.DecryptError):
            raise BadBackup(f"the backup cannot be decrypted: {side.error}") from error
        raise
    finally:
        side.join()
    if side.error:
        raise BadBackup(f"the backup cannot be decrypted: {side.error}") from side.error


@contextmanager
def _decompressed(source: BinaryIO) -> Iterator[BinaryIO]:
    decompressor = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
    try:
        yield cast("BinaryIO", decompressor.stream_reader(source, closefd=False))
    except zstandard.ZstdError as error:
        raise BadBackup(f"the backup is damaged: {error}") from error


def _recipient(text: str) -> "pyrage.x25519.Recipient":
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as error:
        raise BadBackup(f"{text[:12]!r}... is no age recipient (age1...)") from error


def _identity(text: str) -> "pyrage.x25519.Identity":
    try:
        return pyrage.x25519.Identity.from_str(text.strip())
    except pyrage.IdentityError as error:
        raise BadBackup("what was given is no age identity (AGE-SECRET-KEY-...)") from error
