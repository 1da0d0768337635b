# SPDX-License-Identifier: EUPL-1.2
"""Bodies of the native protocol: JSON in one frame of zstd, whose header tells its size.

The size is looked at before anything is decompressed, and holds while it is: a body that
says less than it becomes, more than one frame, or half a frame is refused.
"""

from typing import Any

import zstandard

from brug.formats import json_text
from brug.model.errors import Invalid, TooLarge

MEDIA_TYPE = "application/json"
ENCODING = "zstd"
SETTING = "bridges.message_bytes"
# What a header may ask for while it is read: that of the highest usual level.
_WINDOW = 8 * 2**20
# Events are nearly as small at the quickest level as at the usual one, for half of its time.
_LEVEL = 1


def pack(content: bytes) -> bytes:
    """Compressed, with its size in front."""
    return zstandard.ZstdCompressor(level=_LEVEL, write_content_size=True).compress(content)


def unpack(raw: bytes, limit: int) -> bytes:
    """Raises Invalid, and TooLarge before anything is decompressed."""
    try:
        size = zstandard.get_frame_parameters(raw).content_size
    except zstandard.ZstdError as error:
        raise Invalid("body", "a zstd frame, as Content-Encoding says") from error
    if size in {zstandard.CONTENTSIZE_UNKNOWN, zstandard.CONTENTSIZE_ERROR}:
        raise Invalid("body", "a zstd frame whose header tells the size of its content")
    if size > limit:
        raise TooLarge("The decompressed body", limit, SETTING)
    try:
        return zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompress(
            raw, max_output_size=limit, allow_extra_data=False
        )
    except zstandard.ZstdError as error:
        raise Invalid("body", f"one whole zstd frame ({str(error)[:100]})") from error


def decode(content: bytes) -> Any:
    """The JSON of a body. Raises Invalid."""
    return json_text.decode(content)
