# SPDX-License-Identifier: EUPL-1.2
"""Compressed bodies of requests, up to a limit."""

import zlib

from brug.model.errors import Invalid, TooLarge


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
