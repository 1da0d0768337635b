# SPDX-License-Identifier: EUPL-1.2
"""The tar archive inside a backup: what may be in it, and nothing else.

Written by us, read as if by an enemy: plain files only, names from a short list, no links,
no absolute or climbing paths, no extension headers (which tar readers take into memory),
nothing twice, sizes bounded before a byte is read, and a last member without which the
archive is not whole.
"""

import hashlib
import io
import re
import tarfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, BinaryIO, Self, cast

from brug.store.server_errors import BadBackup

PART = 8 * 1024 * 1024
LAST = "complete"
_MEGABYTE = 1024 * 1024
_LARGEST = {
    "database": PART, "keys": _MEGABYTE, "config": _MEGABYTE, LAST: 64, "node.json": 64 * 1024,
}  # fmt: skip
_FILE = 8 * 1024**3 - 1  # what the plain format can say
_NAME = re.compile(
    rf"{LAST}|node\.json|manifest\.json|database/[0-9]{{8}}|config/(?:deadlines|authorities)\.toml"
    r"|(?:keys|files)(?:/[A-Za-z0-9._@+=-]+)+"
)


class _Header(tarfile.TarInfo):
    """A header that is refused before anything is done about it."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        header = super().frombuf(buf, encoding, errors)
        if header.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
            raise BadBackup(f"the archive holds something that is not a file: {header.name!r}")
        if not is_allowed(header.name):
            raise BadBackup(f"the archive names a place that it may not write: {header.name!r}")
        limit = _LARGEST.get(header.name.partition("/")[0], _FILE)
        if not 0 <= header.size <= limit:
            raise BadBackup(f"{header.name!r} says it has {header.size} bytes")
        return header


def is_allowed(name: str) -> bool:
    """Whether a backup may hold something of this name."""
    parts = PurePosixPath(name).parts
    return _NAME.fullmatch(name) is not None and not {".", ".."} & {*parts, *name.split("/")}


class Writer:
    """Puts members into an archive; `finish` makes it whole."""

    def __init__(self, target: BinaryIO) -> None:
        self._tar = tarfile.TarFile(mode="w", fileobj=target, format=tarfile.USTAR_FORMAT)
        self._digest = hashlib.sha256()

    def add(self, name: str, source: BinaryIO, size: int) -> None:
        """Add `size` bytes."""
        header = tarfile.TarInfo(name)
        header.size, header.mode = size, 0o600
        if not is_allowed(name):
            raise BadBackup(f"{name!r} cannot be backed up under this name")
        self._digest.update(f"{name}\0{size}\0".encode())
        try:
            self._tar.addfile(header, _Digesting(source, self._digest))
        except (ValueError, OSError) as error:
            raise BadBackup(f"{name!r} cannot be backed up: {error}") from error

    def add_bytes(self, name: str, content: bytes) -> None:
        self.add(name, io.BytesIO(content), len(content))

    def finish(self) -> None:
        digest = self._digest.hexdigest().encode()
        self.add_bytes(LAST, digest)
        self._tar.close()


class _Digesting(io.RawIOBase):
    """Passes reads through and keeps their digest."""

    def __init__(self, source: IO[bytes], digest: "hashlib._Hash") -> None:
        self._source = source
        self._digest = digest

    def read(self, size: int = -1) -> bytes:
        piece = self._source.read(size)
        self._digest.update(piece)
        return piece


def members(source: BinaryIO, room: int) -> Iterator[tuple[str, BinaryIO]]:
    """Name and content of each member; raises at the end unless the archive was whole.

    `room` is how many bytes all of it may have.
    """
    digest, seen = hashlib.sha256(), set[str]()
    try:
        with tarfile.open(fileobj=source, mode="r|", tarinfo=_Header) as tar:
            for header in tar:
                room -= header.size
                if header.name in seen or LAST in seen or room < 0:
                    raise BadBackup(f"{header.name!r} comes twice, too late, or has no room")
                seen.add(header.name)
                content = tar.extractfile(header)
                if content is None:
                    raise BadBackup(f"{header.name!r} has no content")
                if header.name == LAST:
                    if content.read() != digest.hexdigest().encode():
                        raise BadBackup("the archive was changed: its digest differs")
                    continue
                digest.update(f"{header.name}\0{header.size}\0".encode())
                yield header.name, cast("BinaryIO", _Exact(content, digest))
    except (tarfile.TarError, EOFError) as error:
        raise BadBackup(f"the archive cannot be read: {error}") from error
    if LAST not in seen:
        raise BadBackup("the archive ends before its end")


class _Exact(_Digesting):
    """A member's content; ending early is an error, not an end."""

    def read(self, size: int = -1) -> bytes:
        try:
            return super().read(size)
        except tarfile.TarError as error:
            raise BadBackup("the archive ends before its end") from error
