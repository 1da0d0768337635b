# SPDX-License-Identifier: EUPL-1.2
"""Rows with or without numbers of their own, many in one statement.

Columns and tables come from code, never from what the other side sent.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import sql

from brug.store.rows import array
from brug.store.session import Session

Columns = Mapping[str, str]  # name -> PostgreSQL type


def insert(
    session: Session, table: str, columns: Columns, rows: Sequence[Mapping[str, Any]]
) -> int:
    """Adds rows; one whose number or UUID is taken is left out. How many were added.

    A row without "id" gets a number from the database; all of them have one, or none has.
    """
    if not rows:
        return 0
    names = [name for name in columns if name in rows[0]]
    statement = sql.SQL(
        "INSERT INTO {} ({}) SELECT * FROM unnest({}) ON CONFLICT DO NOTHING"
    ).format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join(
            sql.SQL("{}::{}[]").format(sql.Placeholder(), sql.SQL(_TYPES[columns[name]]))
            for name in names
        ),
    )
    values = [array([row[name] for row in rows]) for name in names]
    return session.execute(statement, values).rowcount


_TYPES = {
    "int": "int", "bigint": "bigint", "smallint": "smallint", "bool": "bool", "text": "text",
    "uuid": "uuid", "inet": "inet", "jsonb": "jsonb", "date": "date", "timestamptz": "timestamptz",
}  # fmt: skip
