# SPDX-License-Identifier: EUPL-1.2
"""Compressed bodies of requests and answers, up to a limit."""

import io
import zipfile
import zlib

from brug.model.errors import Invalid, TooLarge

_PIECE = 2**18
_NO_ZIP = (
    zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, RuntimeError, OverflowError,
)  # fmt: skip
_MOST_MEMBERS = 10_000  # as each takes its time, whatever is in it


def unzip(raw: bytes, limit: int, setting: str = "limits.body_bytes") -> bytes:
    """A gzip body, decompressed up to `limit` bytes (`setting`): all its members (RFC 1952, 2.2).

    Nothing is nothing, as an answer without a body may still name an encoding. What was cut off
    is refused, as half a list would pass for one from which the rest has gone.
    """
    whole, at, size = memoryview(raw), 0, 0
    parts: list[bytes] = []
    for _ in range(_MOST_MEMBERS):
        if at == len(raw):
            return b"".join(parts)
        stream = zlib.decompressobj(wbits=31)
        while not stream.eof:
            if at == len(raw):
                raise Invalid("body", "gzip data to its end")
            try:
                parts.append(stream.decompress(whole[at : at + _PIECE], limit + 1 - size))
            except zlib.error as error:
                raise Invalid("body", "gzip data, as Content-Encoding says") from error
            at = min(at + _PIECE, len(raw))
            size += len(parts[-1])
            if size > limit:
                raise TooLarge("The decompressed body", limit, setting)
        at -= len(stream.unused_data)
    raise Invalid("body", f"gzip data of at most {_MOST_MEMBERS} members")


def only_file(raw: bytes, limit: int, setting: str = "limits.body_bytes") -> bytes:
    """The one file of a zip archive, of at most `limit` bytes, whatever the archive says of it."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            files = [one for one in archive.infolist() if not one.is_dir()]
            if len(files) != 1:
                raise Invalid("body", "a zip archive with one file in it", str(len(files)))
            with archive.open(files[0]) as member:
                content = member.read(limit + 1)
    except _NO_ZIP as error:
        raise Invalid("body", "a zip archive that can be read, and is not encrypted") from error
    if len(content) > limit:
        raise TooLarge("The file in the archive", limit, setting)
    return content
