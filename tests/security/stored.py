# SPDX-License-Identifier: EUPL-1.2
"""All that a node stores, read past every policy, to see what a request changed."""

from collections.abc import Iterable
from typing import Any

import msgspec
import psycopg
from psycopg import sql
from psycopg.types.json import set_json_loads
from tests.security.kinds import FIRST_ID, SEQUENCES, TABLES

# Tables whose rows bookkeep and say nothing of an item.
BOOKKEEPING = {
    "principal_state",
    "audience_state",
    "audience_set",
    "audience",
    "value_batch",
    "sign_in_failure",
}
# What a request changes of its own accord, whatever it asks.
USE = {"auth_key": {"last_used", "unique_ips"}, "account": {"last_api_access"}}

Rows = dict[tuple[str, str], dict[str, Any]]


class Reader:
    """Reads databases of one schema; keeps a connection to the last, whose caches are warm."""

    def __init__(self, dsn: str) -> None:
        self._tables = _tables(dsn)
        self._dsn = ""
        self._connection: psycopg.Connection[Any] | None = None
        self._every = _union(self._tables.keys() - BOOKKEEPING)
        self._bookkeeping = _union(self._tables.keys() & BOOKKEEPING)

    def rows(self, dsn: str) -> Rows:
        """Every row of every table, by table and key, without what each request bookkeeps."""
        return self._read(dsn, self._every)

    def bookkeeping(self, dsn: str) -> Rows:
        """What `rows` leaves out, but for when somebody was here last."""
        return self._read(dsn, self._bookkeeping)

    def _read(self, dsn: str, query: sql.Composed) -> Rows:
        found: Rows = {}
        for table, row in self._connected(dsn).execute(query):
            kept = {k: v for k, v in row.items() if k not in USE.get(table, ())}
            key = self._tables[table] or sorted(kept)
            found[table, str([row[name] for name in key])] = kept
        return found

    def _connected(self, dsn: str) -> psycopg.Connection[Any]:
        if self._connection is None or self._dsn != dsn:
            self.close()
            self._connection = psycopg.connect(dsn, autocommit=True)
            set_json_loads(msgspec.json.decode, self._connection)
            self._dsn = dsn
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _tables(dsn: str) -> dict[str, list[str]]:
    """The tables with their primary keys."""
    with psycopg.connect(dsn) as owner:
        found = owner.execute(
            "SELECT c.relname, coalesce((SELECT array_agg(a.attname) FROM pg_index i"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)"
            " WHERE i.indrelid = c.oid AND i.indisprimary), '{}')::text[]"
            " FROM pg_class c WHERE c.relnamespace = 'brug'::regnamespace"
            " AND c.relkind IN ('r', 'p') ORDER BY 1"
        ).fetchall()
    return dict(found)


def _union(tables: Iterable[str]) -> sql.Composed:
    """The rows of these tables as JSON, each with its table's name."""
    return sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {}, to_jsonb(t) FROM brug.{} t").format(
            sql.Literal(table), sql.Identifier(table)
        )
        for table in sorted(tables)
    )


def columns(dsn: str) -> frozenset[str]:
    """The columns of all tables."""
    with psycopg.connect(dsn) as owner:
        found = owner.execute(
            "SELECT DISTINCT column_name::text FROM information_schema.columns"
            " WHERE table_schema = 'brug'"
        )
        return frozenset(name for (name,) in found)


def spread_ids(dsn: str) -> None:
    """No two tables hold the same id, so that an id names one item or none."""
    table_ids = sql.SQL("ALTER TABLE brug.{} ALTER COLUMN id RESTART WITH {}")
    numbers = sql.SQL("ALTER SEQUENCE brug.{} RESTART WITH {}")
    identities = [table for table in TABLES if table != "analyst_data"]
    with psycopg.connect(dsn, autocommit=True) as owner:
        for place, name in enumerate((*identities, *SEQUENCES), start=1):
            statement = numbers if name in SEQUENCES else table_ids
            start = sql.Literal(FIRST_ID * place)
            owner.execute(statement.format(sql.Identifier(name), start))
