# SPDX-License-Identifier: EUPL-1.2
"""Large content in a folder of its own: pieces, each sealed under the node's key.

No piece is in the clear on the disk, whatever its size. The seal holds each to its place, to
whether it is the last, and to what the content is for; that they belong together is for
whoever reads them to check, by the digest that it knows.
"""

import errno
import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from brug.model.errors import Unavailable
from brug.store.durable import sync_folder, write_durably
from brug.store.failing import NoRoom
from brug.store.home import PRIVATE
from brug.store.sealing import NotSealed, Seal

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
# Base64 makes a mebibyte of it, which is what a message carries.
PIECE = 3 * 2**18


class Damaged(Unavailable):
    """What lies on the disk is not what was put there."""

    code = "damaged"
    public = "This was changed or lost on the node's disk, and is not served. A backup may hold it."


class Written(msgspec.Struct, frozen=True):
    """How much was written, and its SHA-256."""

    size: int
    sha256: str


def count(size: int) -> int:
    """How many pieces so many bytes have; nothing is one, too."""
    return max(1, -(-size // PIECE))


def length(size: int, place: int) -> int:
    """Of one of them, from 0."""
    return min(PIECE, size - place * PIECE)


class Pieces:
    """A folder of pieces; making the object touches nothing. `purpose` is bound into each."""

    def __init__(self, folder: Path, seal: Seal, purpose: str) -> None:
        self.folder, self._seal, self._purpose = folder, seal, purpose

    def exists(self) -> bool:
        return self.folder.is_dir()

    def holds(self, place: int) -> bool:
        """Whether a piece is there, which says nothing of what is in it."""
        return self._path(place).is_file()

    def put(self, place: int, content: bytes, *, last: bool) -> None:
        """Writes one piece, durably. Raises NoRoom."""
        sealed = self._seal.close_bytes(content, self._bound(place, last))
        try:
            self.folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            for left in self.folder.glob(f".{place:06}.*"):  # of a process that was killed
                left.unlink(missing_ok=True)
            write_durably(self._path(place), sealed)
        except OSError as error:
            if error.errno in _FULL:
                raise NoRoom(f"no room for piece {place} of {self.folder}") from error
            raise

    def get(self, place: int, *, last: bool) -> bytes:
        """Raises Damaged."""
        try:
            return self._seal.open_bytes(self._path(place).read_bytes(), self._bound(place, last))
        except (OSError, NotSealed) as error:
            where = f"piece {place} of {self.folder}"
            raise Damaged(f"{where} was changed or lost; not served") from error

    def fill(self, read: Callable[[int], bytes]) -> Written:
        """Writes all that there is to read; `read` says when it is too much."""
        digest, size, place = hashlib.sha256(), 0, 0
        piece = read(PIECE)
        while True:
            following = read(PIECE) if piece else b""
            self.put(place, piece, last=not following)
            digest.update(piece)
            size += len(piece)
            if not following:
                return Written(size, digest.hexdigest())
            piece, place = following, place + 1

    def read(self, size: int) -> Iterator[bytes]:
        """All of it. Raises Damaged in the middle: `verify` first."""
        last = count(size) - 1
        for place in range(last + 1):
            yield self.get(place, last=place == last)

    def verify(self, size: int, sha256: str) -> None:
        """Raises Damaged unless all of it is there and is what it was."""
        digest, found = hashlib.sha256(), 0
        for piece in self.read(size):
            digest.update(piece)
            found += len(piece)
        if found != size or digest.hexdigest() != sha256:
            raise Damaged(f"{self.folder} has other content than was put there; not served")

    def move_to(self, folder: Path) -> None:
        """Has the whole take its place."""
        self.folder.rename(folder)
        sync_folder(folder.parent)
        self.folder = folder

    def discard(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, place: int) -> Path:
        return self.folder / f"{place:06}"

    def _bound(self, place: int, last: bool) -> str:
        return f"{self._purpose} {place}{' last' if last else ''}"
