# SPDX-License-Identifier: EUPL-1.2
"""Many rows in one statement, under row-level security.

COPY FROM is refused on tables with policies, and psycopg dumps lists item by item; an
array literal made here and `unnest` in the statement took 2 of the 16 ms that 1,000
attributes need, and stands at half the speed of COPY.
"""

from collections.abc import Sequence
from typing import Any, LiteralString, NamedTuple

Cell = str | int | bool | None
_NUMBERS = ({int}, {bool}, {int, type(None)})


def array(values: Sequence[Cell]) -> str:
    """A PostgreSQL array literal; the statement casts it (`%s::text[]`)."""
    kinds = set(map(type, values))
    if kinds in _NUMBERS:
        # As Python writes a list, PostgreSQL reads it, but for the name of nothing.
        return "{" + str(list(values))[1:-1].replace("None", "NULL") + "}"
    if kinds == {str}:
        joined = '","'.join(values)  # type: ignore[arg-type]
        if "\\" not in joined and joined.count('"') == 2 * (len(values) - 1):
            return '{"' + joined + '"}'
    return "{" + ",".join(map(_cell, values)) + "}"


class Column(NamedTuple):
    """A column of rows to be stored; `often_same`: for many rows there is one value."""

    name: LiteralString
    type: LiteralString
    often_same: bool = False


def selected(
    columns: Sequence[Column], values: Sequence[Sequence[Cell]]
) -> tuple[LiteralString, list[Cell]]:
    """`SELECT ...` of rows, given as their columns, and its parameters.

    A column that is often the same, and is it here, travels once: an array costs a pass over
    all rows on either side. Others never do, so that there are few statements to prepare.
    Arrays are taken apart where they are selected: in FROM the server writes each down whole
    before it reads the first row, for a tenth of the time that storing them takes.
    """
    shown, cells_of = list[LiteralString](), list[Cell]()
    for column, cells in zip(columns, values, strict=True):
        if column.often_same and cells.count(cells[0]) == len(cells):
            shown.append("%s::" + column.type)
            cells_of.append(cells[0])
        else:
            shown.append("unnest(%s::" + column.type + "[])")
            cells_of.append(array(cells))
    return "SELECT " + ", ".join(shown), cells_of


def among(column: LiteralString, ids: Sequence[int]) -> tuple[LiteralString, Any]:
    """The condition that a column is one of some numbers, and its parameter.

    A single one is compared by `=`, which the server plans once for a connection. An array
    it plans anew each time, because it takes an unknown one for ten; with what hangs on an
    event that is a seventh of the database's time for showing it.
    """
    if len(ids) == 1:
        return column + " = %s", ids[0]
    return column + " = ANY (%s)", list(ids)


def _cell(value: Cell) -> str:
    if value is None:
        return "NULL"
    if value is True:
        return "t"
    if value is False:
        return "f"
    if type(value) is int:
        return str(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
