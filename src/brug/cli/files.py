# SPDX-License-Identifier: EUPL-1.2
"""Files that verbs read and write: what cannot be is said by the option that named it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from brug.model.errors import Invalid
from brug.store.durable import replacing


@contextmanager
def written(path: Path, option: str) -> Iterator[BinaryIO]:
    """A file that is there whole when the block ends well, or as it was. Raises Invalid."""
    try:
        with replacing(path) as file:
            yield file
    except OSError as error:
        expected = f"a file that can be written ({error.strerror})"
        raise Invalid(option, expected, str(path)) from error


def content(path: Path, option: str, limit: int = -1) -> bytes:
    """What stands in a file, or on standard input for `-`; no more than a limit. Raises Invalid."""
    try:
        if str(path) == "-":
            return sys.stdin.buffer.read(limit)
        with path.open("rb") as file:
            return file.read(limit)
    except OSError as error:
        expected = f"a file that can be read ({error.strerror})"
        raise Invalid(option, expected, str(path)) from error
