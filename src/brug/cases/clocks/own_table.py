# SPDX-License-Identifier: EUPL-1.2
"""Reads the table of deadlines: the shipped one, and a node's own beside it.

The only module of clocks that reads anything. `deadlines.toml` in the node's config folder is
read again when it has changed, so a correction holds without a release and without a restart.
"""

from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from brug.cases.clocks.tables import Table, corrected, shipped
from brug.model.errors import Invalid
from brug.store.home import OWN_TABLE as NAME

_LARGEST = 1_000_000


def table(config: Path | None = None) -> Table:
    """The table, with what the node whose config folder it is corrects in it.

    Raises Invalid, naming the file, the row and the field that do not fit.
    """
    if config is None:
        return _shipped()
    path = config / NAME
    try:
        about = path.stat()
    except FileNotFoundError:
        return _shipped()
    if about.st_size > _LARGEST:
        raise Invalid(NAME, f"at most {_LARGEST} bytes")
    return _own(path, about.st_mtime_ns, about.st_size)


@cache
def _shipped() -> Table:
    return shipped((files(__package__) / NAME).read_text(encoding="utf-8"))


@lru_cache(maxsize=8)
def _own(path: Path, _changed: int, _size: int) -> Table:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(NAME, f"UTF-8 ({error.reason} at byte {error.start})") from error
    return corrected(_shipped(), text, NAME)
