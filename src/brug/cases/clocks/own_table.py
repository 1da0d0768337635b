# SPDX-License-Identifier: EUPL-1.2
"""Reads the table of deadlines: the shipped one, and a node's own beside it.

The only module of clocks that reads anything. `deadlines.toml` in the node's config folder is
read again when it has changed, so a correction holds without a release and without a restart.
"""

from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from brug.cases.clocks.tables import Table, corrected, shipped
from brug.model.errors import Invalid, Unavailable
from brug.store.home import OWN_TABLE as NAME

_LARGEST = 1_000_000


class UnusableTable(Unavailable):
    """The node's own table does not fit. No clock is shown then: it might be by the wrong law."""

    code = "unusable_table"
    public = "Deadlines cannot be computed: the node's own table of them has an error."
    exit_code = 2


def table(config: Path | None = None) -> Table:
    """The table, with what the node whose config folder it is corrects in it.

    Raises UnusableTable, which names to the operator the file, the row and the field.
    """
    if config is None:
        return _shipped()
    path = config / NAME
    try:
        about = path.stat()
    except FileNotFoundError:
        return _shipped()
    if about.st_size > _LARGEST:
        raise UnusableTable(f"{NAME}: expected at most {_LARGEST} bytes")
    return _own(path, about.st_mtime_ns, about.st_size)


@cache
def _shipped() -> Table:
    return shipped((files(__package__) / NAME).read_text(encoding="utf-8"))


@lru_cache(maxsize=8)
def _own(path: Path, _changed: int, _size: int) -> Table:
    try:
        return corrected(_shipped(), path.read_text(encoding="utf-8"), NAME)
    except UnicodeDecodeError as error:
        where = f"{error.reason} at byte {error.start}"
        raise UnusableTable(f"{NAME}: expected UTF-8 ({where})") from error
    except (Invalid, OSError) as error:
        raise UnusableTable(str(error)) from error
