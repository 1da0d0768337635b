# SPDX-License-Identifier: EUPL-1.2
"""All that a node stores, read past every policy, to see what a request changed."""

from collections.abc import Iterable
from typing import Any

import msgspec
import psycopg
from psycopg import sql
from tests.putting_back import (
    by_name,
    committed_by_now,
    delete_rows,
    insert_rows,
    lines,
    lines_of,
    rows,
    rows_of,
)
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

# By table and key. Nobody may change a row: what was read again and is the same is the same row.
Rows = dict[tuple[str, str], dict[str, Any]]

# Rows by the line that they are read as, with their keys.
Known = dict[str, tuple[tuple[str, str], dict[str, Any]]]
# More rows than these are put back slower than a database is copied.
FEW = 500


class Reader:
    """Reads databases of one schema; keeps a connection to the last, whose caches are warm.

    Most rows are what they were when somebody looked last, so a row is decoded once; and where
    no transaction has committed since, they are not even read.
    """

    def __init__(self, dsn: str) -> None:
        self._tables = _tables(dsn)
        self._dsn = ""
        self._connection: psycopg.Connection[Any] | None = None
        self._queries = {
            "rows": _reading(self._tables.keys() - BOOKKEEPING).as_bytes(),
            "bookkeeping": _reading(self._tables.keys() & BOOKKEEPING).as_bytes(),
        }
        self._known: dict[str, Known] = {name: {} for name in self._queries}
        self._first = self._known
        # What was committed when they were read, of the database that is read now.
        self._snapshots: dict[str, str] = {}

    def rows(self, dsn: str) -> Rows:
        """Every row of every table, by table and key, without what each request bookkeeps."""
        return self._read(dsn, "rows")

    def bookkeeping(self, dsn: str) -> Rows:
        """What `rows` leaves out, but for when somebody was here last."""
        return self._read(dsn, "bookkeeping")

    def remember(self) -> None:
        """What was read last is what `put_back` makes of each database."""
        self._first = dict(self._known)

    def put_back(self, dsn: str) -> bool:
        """Makes of all rows what they were at first; whether that was done.

        Sequences stay where they are.
        """
        is_now = {line for which in self._queries for line in self._current(dsn, which)}
        was = {line for known in self._first.values() for line in known}
        gone, new = rows(was - is_now), rows(is_now - was)
        if len(gone) + len(new) > FEW:
            return False
        changed = by_name(new).keys() | by_name(gone).keys()
        connection = self._connected(dsn)
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")  # no triggers
            for table, texts in by_name(new).items():
                delete_rows(connection, table, texts)
            for table, texts in by_name(gone).items():
                insert_rows(connection, table, texts)
        committed = committed_by_now(connection)
        before = {row for row in rows(was) if row[0] in changed}
        if set(rows(lines(connection, _reading(changed)))) != before:
            return False
        self._known, self._snapshots = dict(self._first), dict.fromkeys(self._queries, committed)
        return True

    def _read(self, dsn: str, which: str) -> Rows:
        return dict(self._current(dsn, which).values())

    def _current(self, dsn: str, which: str) -> Known:
        connection = self._connected(dsn)
        # Asked before the rows are: who commits in between has them read once more.
        committed = committed_by_now(connection)
        if self._snapshots.get(which) != committed:
            known, seen = self._known[which], Known()
            for line in lines(connection, self._queries[which], prepare=True):
                seen[line] = known.get(line) or self._decoded(*rows([line])[0])
            self._known[which] = seen
            self._snapshots[which] = committed
        return self._known[which]

    def _decoded(self, table: str, text: str) -> tuple[tuple[str, str], dict[str, Any]]:
        row = msgspec.json.decode(text)
        kept = {k: v for k, v in row.items() if k not in USE.get(table, ())}
        key = self._tables[table] or sorted(kept)
        return (table, str([row[name] for name in key])), kept

    def _connected(self, dsn: str) -> psycopg.Connection[Any]:
        if self._connection is None or self._dsn != dsn:
            self.close()
            self._connection = psycopg.connect(dsn, autocommit=True)
            self._connection.execute("SET max_parallel_workers_per_gather = 0")
            self._dsn = dsn
            self._snapshots = {}
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


def _reading(tables: Iterable[str]) -> sql.Composed:
    return lines_of(rows_of(table) for table in sorted(tables))


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
