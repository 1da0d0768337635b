# SPDX-License-Identifier: EUPL-1.2
"""A table that is shipped, and what a node corrects in a file of its config folder.

The file is read again when it has changed: a correction holds without a release and without a
restart. What does not fit is used nowhere.
"""

from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

import msgspec

from brug.model.errors import Invalid, Unavailable

T = TypeVar("T")
LARGEST = 1_000_000
"""Bytes of a node's own file."""


class OwnRows(msgspec.Struct, Generic[T], frozen=True):
    """The shipped file of `package` has the same `name`. `made` raises Invalid."""

    name: str
    package: str
    made: Callable[[T | None, str], T]
    """Of the shipped table, which is None where that itself is made, and the text of a file."""
    unusable: type[Unavailable]

    @property
    def shipped(self) -> T:
        return cast("T", _shipped(self))

    def of(self, config: Path | None) -> T:
        """Raises `unusable`, which names to the operator the file, the row and the field."""
        if config is None:
            return self.shipped
        path = config / self.name
        try:
            about = path.stat()
            if about.st_size > LARGEST:
                raise self.unusable(f"{self.name}: expected at most {LARGEST} bytes")
            return cast("T", _read(self, path, about.st_mtime_ns, about.st_size))
        except FileNotFoundError:
            return self.shipped
        except UnicodeDecodeError as error:
            where = f"{error.reason} at byte {error.start}"
            raise self.unusable(f"{self.name}: expected UTF-8 ({where})") from error
        except (Invalid, OSError) as error:
            raise self.unusable(str(error)) from error


# Kept without a lock, which a process that is forked meanwhile would find closed for ever.


@lru_cache
def _shipped(own: OwnRows[Any]) -> Any:
    return own.made(None, (files(own.package) / own.name).read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def _read(own: OwnRows[Any], path: Path, _changed: int, _size: int) -> Any:
    return own.made(own.shipped, path.read_text(encoding="utf-8"))
