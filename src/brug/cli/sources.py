# SPDX-License-Identifier: EUPL-1.2
"""The files that `brug import` reads: paths, folders, standard input, .gz and .zip.

Archives are read member by member into memory, up to a limit of decompressed bytes; no
member's name is ever used as a path.
"""

import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from brug.cli.files import is_folder
from brug.model.errors import Invalid, TooLarge

STDIN = "-"
MEMBERS = 100_000
_SKIPPED = frozenset({"manifest.json", "hashes.csv"})  # a feed's own lists, not its events


class Source(msgspec.Struct, frozen=True):
    """One document: the name that an error gives, and its bytes (or why they can't be had)."""

    name: str
    content: bytes
    failure: str | None = None


def count(paths: Sequence[str]) -> int:
    """How many files there are to read, for the progress bar."""
    return sum(1 for path in paths for _ in _files(path))


def sources(paths: Sequence[str], limit: int) -> Iterator[Source]:
    """Every document below the paths, one at a time; `limit` is in bytes, decompressed.

    Never raises for a file: it says so.
    """
    for given in paths:
        for path in _files(given):
            try:
                yield from _read(path, limit)
            except (
                OSError, Invalid, TooLarge, zlib.error, zipfile.BadZipFile, NotImplementedError
            ) as error:  # fmt: skip
                text = getattr(error, "public", None) or str(error)
                yield Source(str(path), b"", text)


def _files(given: str) -> Iterator[Path | str]:
    path = Path(given)
    if given == STDIN:
        yield STDIN
    elif is_folder(path):
        for inner in sorted(path.rglob("*")):
            wanted = inner.suffix.lower() in {".json", ".csv", ".txt", ".gz", ".zip"}
            if inner.is_file() and wanted and inner.name not in _SKIPPED:
                yield inner
    else:
        yield path


def _read(path: Path | str, limit: int) -> Iterator[Source]:
    if isinstance(path, str):
        yield from _unpacked("standard input", sys.stdin.buffer.read(limit + 1), limit)
    elif path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            yield from _members(str(path), archive, limit)
    else:
        if path.stat().st_size > limit:
            raise TooLarge("The file", limit, "limits.import_bytes")
        yield from _unpacked(str(path), path.read_bytes(), limit)


def _unpacked(name: str, content: bytes, limit: int) -> Iterator[Source]:
    if content.startswith(b"\x1f\x8b"):
        yield Source(name.removesuffix(".gz"), _gunzip(content, limit))
    elif len(content) > limit:
        raise TooLarge("The file", limit, "limits.import_bytes")
    else:
        yield Source(name, content)


def _gunzip(content: bytes, limit: int) -> bytes:
    """All members of a gzip file, up to the limit."""
    parts, size = [], 0
    while content:
        stream = zlib.decompressobj(wbits=31)
        part = stream.decompress(content, limit - size + 1)
        size += len(part)
        if size > limit:
            raise TooLarge("The decompressed file", limit, "limits.import_bytes")
        if not stream.eof:
            raise Invalid("file", "a whole gzip file (it ends too early)")
        parts.append(part)
        content = stream.unused_data
    return b"".join(parts)


def _members(name: str, archive: zipfile.ZipFile, limit: int) -> Iterator[Source]:
    members = [m for m in archive.infolist() if not m.is_dir()]
    if len(members) > MEMBERS or sum(m.file_size for m in members) > limit:
        raise TooLarge("The archive", limit, "limits.import_bytes")
    for member in members:
        inner = f"{name}/{member.filename}"
        if member.filename.rpartition("/")[2] in _SKIPPED:
            continue
        if member.flag_bits & 1:
            yield Source(inner, b"", "The archive's member is encrypted.")
            continue
        with archive.open(member) as stream:
            content = stream.read(member.file_size + 1)
        if len(content) > member.file_size:
            raise TooLarge("The archive's member", member.file_size, "limits.import_bytes")
        yield from _unpacked(inner, content, limit)
