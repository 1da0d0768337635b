# SPDX-License-Identifier: EUPL-1.2
"""Files that verbs read and write: what cannot be is said by the option that named it.

`-` is standard input, or output.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from brug.cli.output import raw
from brug.model.errors import Invalid
from brug.store.durable import replacing

_PIECE = 2**20


def is_there(path: Path) -> bool:
    """Whether there is such a file; of a name that no file can have there is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """The same of a folder."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_standard(path: Path | None) -> bool:
    return str(path) == "-"


@contextmanager
def written(path: Path, option: str, *, fresh: bool = False) -> Iterator[BinaryIO]:
    """A file that is there whole when the block ends well, or as it was; with `fresh` it may not
    be there before. Raises Invalid.
    """
    if is_standard(path):
        with tempfile.TemporaryFile() as whole:
            yield whole
            whole.seek(0)
            while piece := whole.read(_PIECE):
                raw(piece)
        return
    if not path.name:
        raise Invalid(option, "the name of a file", str(path))
    if fresh and os.path.lexists(path):
        raise Invalid(option, "a file that is not there yet", str(path))
    try:
        with replacing(path) as file:
            yield file
    except OSError as error:
        expected = f"a file that can be written ({error.strerror})"
        raise Invalid(option, expected, str(path)) from error


def content(path: Path, option: str, limit: int = -1) -> bytes:
    """What stands in a file, or on standard input for `-`; no more than a limit. Raises Invalid."""
    try:
        if is_standard(path):
            return sys.stdin.buffer.read(limit)
        with path.open("rb") as file:
            return file.read(limit)
    except OSError as error:
        expected = f"a file that can be read ({error.strerror})"
        raise Invalid(option, expected, str(path)) from error


def text(path: Path, option: str) -> str:
    """The same as text. Raises Invalid for what is none."""
    try:
        return content(path, option).decode()
    except UnicodeDecodeError as error:
        raise Invalid(option, "a text in UTF-8", str(path)) from error
