# SPDX-License-Identifier: EUPL-1.2
"""Reads the table of deadlines: the shipped one, and a node's own beside it.

The only module of clocks that reads anything: `deadlines.toml` in the node's config folder.
"""

from pathlib import Path

from brug.cases.clocks.tables import Table, corrected, shipped
from brug.cases.own_rows import OwnRows
from brug.model.errors import Unavailable
from brug.store.home import OWN_TABLE as NAME


class UnusableTable(Unavailable):
    """The node's own table does not fit. No clock is shown then: it might be by the wrong law."""

    code = "unusable_table"
    public = "Deadlines cannot be computed: the node's own table of them has an error."
    exit_code = 2


def table(config: Path | None = None) -> Table:
    """The table, with what the node whose config folder it is corrects in it.

    Raises UnusableTable, which names to the operator the file, the row and the field.
    """
    return _OWN.of(config)


def _made(before: Table | None, text: str) -> Table:
    return shipped(text) if before is None else corrected(before, text, NAME)


_OWN = OwnRows(NAME, "brug.cases.clocks", _made, UnusableTable)
