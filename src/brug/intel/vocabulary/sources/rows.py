# SPDX-License-Identifier: EUPL-1.2
"""Writing many rows at once: COPY, and what an earlier installation left.

Only for the owner of the tables: COPY does not work under row-level security.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg import sql

Connection = psycopg.Connection[Any]


def copy(
    connection: Connection,
    table: LiteralString,
    columns: Sequence[LiteralString],
    rows: Iterable[Sequence[Any]],
) -> int:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    count = 0
    with connection.cursor() as cursor, cursor.copy(statement) as writer:
        for row in rows:
            writer.write_row(row)
            count += 1
    return count


@contextmanager
def checked_at_the_end(connection: Connection, table: LiteralString) -> Iterator[None]:
    """What a table's rows point to is looked up for all that a block writes together, not for each
    row as it comes, which takes as long as to write them.

    Only where there was none, as on a new node: the table is locked until the transaction ends.
    """
    name = sql.Identifier(table)
    if connection.execute(sql.SQL("SELECT FROM {} LIMIT 1").format(name)).fetchone():
        yield
        return
    keys = connection.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype = 'f' ORDER BY conname",
        [table],
    ).fetchall()
    for key, _ in keys:
        statement = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
        connection.execute(statement.format(name, sql.Identifier(key)))
    yield
    for key, definition in keys:
        statement = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}")
        connection.execute(statement.format(name, sql.Identifier(key), sql.SQL(definition)))
