# SPDX-License-Identifier: EUPL-1.2
"""Bytes from outside -> values, with every limit applied before anything is believed.

UTF-8, depth and integers are checked here because the decoder's own failures on them are
not its own error class; what a field then means is a table of the interface that reads it
(`brug.api.misp.fields`). Limits are settings; their errors name the setting.
"""

import zlib
from typing import Any

import msgspec

from brug.model.errors import Invalid, TooLarge

MAX_DEPTH = 64
_decoder = msgspec.json.Decoder()


def decode_json(raw: bytes) -> Any:
    """The document, or `Invalid` naming the line and column where it stops being JSON."""
    try:
        return _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("body", f"a JSON document in UTF-8{_place(raw, error)}") from error


def _place(raw: bytes, error: Exception) -> str:
    if isinstance(error, RecursionError):
        return f", nested at most {MAX_DEPTH} deep"
    position = error.start if isinstance(error, UnicodeDecodeError) else _byte_of(str(error))
    if position is None:
        return ""
    line = raw.count(b"\n", 0, position) + 1
    column = position - (raw.rfind(b"\n", 0, position) + 1) + 1
    return f" (line {line}, column {column})"


def _byte_of(message: str) -> int | None:
    _, found, tail = message.rpartition("(byte ")
    return int(tail.rstrip(")")) if found and tail.rstrip(")").isdigit() else None


def unzip(raw: bytes, limit: int) -> bytes:
    """A gzip body, decompressed up to `limit` bytes."""
    stream = zlib.decompressobj(wbits=31)
    try:
        plain = stream.decompress(raw, limit + 1)
    except zlib.error as error:
        raise Invalid("body", "gzip data, as Content-Encoding says") from error
    if len(plain) > limit:
        raise TooLarge("The decompressed body", limit, "limits.body_bytes")
    return plain
