# SPDX-License-Identifier: EUPL-1.2
"""The server's log: one file of ours, kept small, read for its last words.

The server writes to a descriptor that we opened for appending, so the file can be cut
while it runs.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_NAME = "postgresql.log"
_LARGEST = 8 * 1024 * 1024
_LINES = 12


@contextmanager
def opened(folder: Path) -> Iterator[BinaryIO]:
    """The log, open for appending and cut if it had grown large."""
    trim(folder)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
    with os.fdopen(os.open(folder / _NAME, flags, 0o600), "ab") as log:
        log.seek(0, os.SEEK_END)
        yield log


def trim(folder: Path) -> None:
    """Keep what is large as the one earlier log, and begin anew."""
    path = folder / _NAME
    if path.is_file() and path.stat().st_size > _LARGEST:
        shutil.copyfile(path, folder / f"{_NAME}.1")
        os.truncate(path, 0)


def tail(folder: Path, start: int) -> str:
    """The last lines written after a position in bytes."""
    try:
        with (folder / _NAME).open("rb") as log:
            log.seek(max(start, log.seek(0, os.SEEK_END) - 64 * 1024))
            lines = log.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(lines[-_LINES:])


def last_line(folder: Path, start: int) -> str:
    """The last line written after a position in bytes."""
    return tail(folder, start).rpartition("\n")[2]
