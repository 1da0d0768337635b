# SPDX-License-Identifier: EUPL-1.2
"""Which files are pictures: those that are called one and begin as one does.

Nothing here looks further into them.
"""

_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "gif": (b"GIF87a", b"GIF89a"),
}


def is_called_picture(name: str) -> bool:
    """Whether a file's name ends as a picture's does."""
    return name.rpartition(".")[2].lower() in _BEGINNINGS


def is_picture(name: str, data: bytes) -> bool:
    """Whether a file is one by its name and by its first bytes."""
    beginnings = _BEGINNINGS.get(name.rpartition(".")[2].lower())
    return beginnings is not None and data.startswith(beginnings)
