# SPDX-License-Identifier: EUPL-1.2
"""Which rows of the table of deadlines are looked at in cases of a kind."""

from collections.abc import Iterable

from brug.cases.case import Kind
from brug.cases.clocks import Row, Table


def rows_of(kind: Kind, table: Table) -> tuple[str, ...]:
    """Those that the kind names, and each that the node added of which a case of the kind can
    record every fact: what nobody can say starts nothing, and is never met.

    A kind that names none has no deadlines.
    """
    if not kind.clocks:
        return ()
    fitting = (row.id for row in _added(table) if _fits(kind, row))
    return tuple(dict.fromkeys((*kind.clocks, *fitting)))


def idle(table: Table, kinds: Iterable[Kind]) -> list[Row]:
    """Rows that the node added and no case of any kind has."""
    having = [kind for kind in kinds if kind.clocks]
    return [row for row in _added(table) if not any(_fits(kind, row) for kind in having)]


def _added(table: Table) -> list[Row]:
    return [row for row in table if row.is_own and not row.corrected]


def _fits(kind: Kind, row: Row) -> bool:
    return {one.key for one in kind.facts}.issuperset(row.facts().values())
