# SPDX-License-Identifier: EUPL-1.2
"""An archive as a file: opened, its members read, and whatever no export has refused.

Nothing is unpacked to the disk, and what is compressed is refused, so that nothing grows.
"""

import hashlib
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from brug.cases.exporting import manifest
from brug.cases.exporting.manifest import Listed
from brug.model.errors import BrugError

MOST_FILES = 200_000
_PIECE = 2**20
_UNREADABLE = (zipfile.BadZipFile, OSError, ValueError, EOFError, RuntimeError, OverflowError)


class NoArchive(BrugError):
    """The file is no archive of a case, so there is nothing that could hold."""

    code = "no_archive"
    status = 400
    exit_code = 2

    def __init__(self, why: str) -> None:
        self.public = f"This is no archive of a case: {why}."
        super().__init__(self.public)


def opened(file: BinaryIO) -> zipfile.ZipFile:
    """Raises NoArchive for whatever no export has."""
    try:
        archive = zipfile.ZipFile(file)
    except _UNREADABLE as error:
        raise NoArchive("it cannot be read as ZIP") from error
    members = archive.infolist()
    if len(members) > MOST_FILES:
        raise NoArchive(f"it holds more than {MOST_FILES} files")
    if len({one.filename for one in members}) < len(members):
        raise NoArchive("it holds two files of one name")
    for one in members:
        if not manifest.NAME.fullmatch(one.orig_filename):
            raise NoArchive(f"no export has a file called {one.orig_filename[:80]!r}")
        if one.compress_type != zipfile.ZIP_STORED or one.file_size != one.compress_size:
            raise NoArchive(f"{one.filename} is compressed, which no export is")
        if one.flag_bits & 0x1:
            raise NoArchive(f"{one.filename} is encrypted")
    return archive


def read(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Raises NoArchive."""
    try:
        about = archive.getinfo(name)
        if about.file_size > most:
            raise NoArchive(f"{name} has more than {most} bytes")
        with archive.open(about) as member:
            return member.read(most + 1)
    except KeyError as error:
        raise NoArchive(f"it has no {name}") from error
    except _UNREADABLE as error:
        raise NoArchive(f"{name} cannot be read: {error}") from error


def is_as_listed(archive: zipfile.ZipFile, one: Listed) -> bool:
    """Whether a member has the size and digest that the list says."""
    digest, size = hashlib.sha256(), 0
    try:
        for piece in _pieces(archive, one.name):
            digest.update(piece)
            size += len(piece)
    except _UNREADABLE:
        return False
    return (size, digest.hexdigest()) == (one.size, one.sha256)


def _pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as member:
        while piece := member.read(_PIECE):
            yield piece
