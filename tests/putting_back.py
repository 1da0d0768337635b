# SPDX-License-Identifier: EUPL-1.2
"""One copy of a database for one test after another: what a test changed is put back.

To copy a database and drop it costs more than most tests do with it, and every connection to a
new one has its whole schema to learn.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from typing import Any

import psycopg
from psycopg import sql

# More rows than these are put back slower than a database is copied.
FEW = 300
# Somebody who still holds what is to be put back is not waited for longer.
PATIENCE = "1s"
NUMBERS = "a sequence: "
CHANGES = "a change of the schema"
TAB = "\t"

Row = tuple[str, str]


class Original:
    """What a database held when this was made: rows, sequences, and no change of its schema.

    It reads and writes past every policy and trigger, as superuser.
    """

    def __init__(self, dsn: str, few: int = FEW) -> None:
        self._few = few
        self._connection = psycopg.connect(dsn, autocommit=True)
        self._connection.execute(f"SET lock_timeout = '{PATIENCE}'")
        self._connection.execute("SET session_replication_role = replica")  # no triggers
        self._connection.execute("SET max_parallel_workers_per_gather = 0")  # dearer than it is
        self._notice_changes_of_the_schema()
        tables, sequences = self._names("r"), self._names("S")
        # Written out once: to put a hundred parts together takes longer than to read them.
        self._all = _reading(tables, sequences).as_bytes(self._connection)
        self._readings = {name: rows_of(name) for name in tables}
        self._readings |= {NUMBERS + name: _numbers_of(name) for name in sequences}
        self._committed = committed_by_now(self._connection)
        self._was = self._is_now()
        self._columns = columns_of(self._connection, tables)
        self._filled = {row.partition(TAB)[0] for row in self._was}

    def put_back(self) -> bool:
        """Whether everything is again what it was; if not, the database is of no more use."""
        try:
            return self._put_back()
        except psycopg.Error:
            return False

    def close(self) -> None:
        self._connection.close()

    def _put_back(self) -> bool:
        # Asked before the rows are: who commits in between has them read once more.
        committed = committed_by_now(self._connection)
        if committed == self._committed:
            return True
        is_now = self._is_now()
        gone, new = rows(self._was - is_now), rows(is_now - self._was)
        if len(gone) + len(new) > self._few or any(table == CHANGES for table, _ in new):
            return False
        if gone or new:
            with self._connection.transaction():
                self._change(by_name(gone), by_name(new))
            # No trigger fires, so that other tables are what they were, unless somebody else wrote.
            before, committed = committed, committed_by_now(self._connection)
            changed = {name for name, _ in (*gone, *new)}
            if not self._is_again_what_it_was(changed if _is_next(committed, before) else None):
                return False
        self._committed = committed
        return True

    def _change(self, gone: dict[str, list[str]], new: dict[str, list[str]]) -> None:
        """In one journey: there are dozens of tables, and few rows in each."""
        steps = [
            deleting(name, texts if name in self._filled else None)
            for name, texts in new.items()
            if not name.startswith(NUMBERS)
        ]
        for name, texts in gone.items():
            if name.startswith(NUMBERS):
                steps.append(_counting_from(name.removeprefix(NUMBERS), *json.loads(texts[0])))
            else:
                steps.append(inserting(name, self._columns[name], texts))
        self._connection.execute(sql.SQL(";").join(steps))

    def _is_again_what_it_was(self, names: set[str] | None) -> bool:
        """All of it, or what these hold."""
        if names is None:
            return self._is_now() == self._was
        was = {row for row in self._was if row.partition(TAB)[0] in names}
        query = lines_of(self._readings[name] for name in sorted(names))
        return set(lines(self._connection, query)) == was

    def _is_now(self) -> set[str]:
        return set(lines(self._connection, self._all, prepare=True))

    def _notice_changes_of_the_schema(self) -> None:
        """Somebody who makes or drops a table spoils the copy."""
        self._connection.execute(
            "CREATE SCHEMA watching;"
            "CREATE TABLE watching.changes (what text);"
            "CREATE FUNCTION watching.note() RETURNS event_trigger SECURITY DEFINER"
            " LANGUAGE plpgsql AS $$ BEGIN INSERT INTO watching.changes VALUES (tg_tag); END $$;"
            "CREATE EVENT TRIGGER watching ON ddl_command_end EXECUTE FUNCTION watching.note();"
            "ALTER EVENT TRIGGER watching ENABLE ALWAYS"
        )

    def _names(self, kind: str) -> list[str]:
        found = self._connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'brug'::regnamespace"
            " AND relkind = %s ORDER BY 1",
            (kind,),
        )
        return [name for (name,) in found]


def put_back_of(until: ExitStack, dsn: str) -> Callable[[], bool]:
    """What puts a database back to what it holds now; `dsn` is a superuser's."""
    return until.enter_context(closing(Original(dsn))).put_back


class Spare:
    """Gives out one copy again and again, with whatever goes with it, and makes another if need be.

    `make` is told where to put what is to be closed with the copy; it gives what puts it back as
    well, and says whether that was done.
    """

    def __init__(self, make: Callable[[ExitStack], tuple[Any, Callable[[], bool]]]) -> None:
        self._make = make
        self._open = ExitStack()
        self._taken: tuple[Any, Callable[[], bool]] | None = None

    def take(self) -> Any:
        if self._taken is None:
            self._taken = self._make(self._open)
        return self._taken[0]

    def give_back(self) -> None:
        if self._taken and not self._taken[1]():
            self.close()

    def close(self) -> None:
        self._taken = None
        self._open.close()


def _reading(tables: Iterable[str], sequences: Iterable[str]) -> sql.Composed:
    """Every row as JSON with its table's name, and where every sequence stands."""
    changes = sql.SQL("SELECT {}, what FROM watching.changes").format(sql.Literal(CHANGES))
    return lines_of([changes, *map(rows_of, tables), *map(_numbers_of, sequences)])


def rows_of(table: str) -> sql.Composed:
    """Every row of a table as JSON with its name."""
    query = sql.SQL("SELECT {}, to_jsonb(t)::text FROM brug.{} t")
    return query.format(sql.Literal(table), sql.Identifier(table))


def _numbers_of(sequence: str) -> sql.Composed:
    query = sql.SQL("SELECT {}, jsonb_build_array(last_value, is_called)::text FROM brug.{}")
    return query.format(sql.Literal(NUMBERS + sequence), sql.Identifier(sequence))


def lines_of(readings: Iterable[sql.Composed]) -> sql.Composed:
    """All as one text, which is taken apart sooner than so many rows are fetched: a line for each,
    the name before a tab. JSON has neither in it."""
    return sql.SQL(
        "SELECT string_agg(name || {} || held, {}) FROM ({}) AS every (name, held)"
    ).format(sql.Literal(TAB), sql.Literal("\n"), sql.SQL(" UNION ALL ").join(readings))


def lines(
    connection: psycopg.Connection[Any], query: sql.Composed | bytes, *, prepare: bool = False
) -> list[str]:
    """What `lines_of` reads."""
    found = connection.execute(query, prepare=prepare).fetchone()
    return found[0].split("\n") if found and found[0] else []


def committed_by_now(connection: psycopg.Connection[Any]) -> str:
    """Which transactions have ended by now; whoever writes, or counts on, has one."""
    found = connection.execute("SELECT pg_current_snapshot()::text", prepare=True).fetchone()
    assert found is not None
    return str(found[0])


def rows(several: Iterable[str]) -> list[Row]:
    """Names and JSON of lines."""
    return [(name, held) for name, _, held in (line.partition(TAB) for line in several)]


def _is_next(snapshot: str, before: str) -> bool:
    """Whether one transaction has ended between the two, and none is under way."""
    _, end, under_way = snapshot.split(":")
    return not under_way and int(end) == int(before.split(":")[1]) + 1


def deleting(table: str, texts: list[str] | None) -> sql.Composed:
    """What deletes the rows of a table that are these as JSON, or all."""
    query = sql.SQL("DELETE FROM brug.{} t").format(sql.Identifier(table))
    if texts is None:
        return query
    return query + sql.SQL(" WHERE to_jsonb(t)::text = ANY ({})").format(sql.Literal(texts))


def inserting(table: str, columns: Iterable[str], texts: list[str]) -> sql.Composed:
    """What adds rows to a table, given as JSON, with the numbers that they have there."""
    return sql.SQL(
        "INSERT INTO brug.{0} ({1}) OVERRIDING SYSTEM VALUE"
        " SELECT {1} FROM jsonb_populate_recordset(NULL::brug.{0}, {2}::jsonb)"
    ).format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.Literal("[" + ",".join(texts) + "]"),
    )


def delete_rows(connection: psycopg.Connection[Any], table: str, texts: list[str]) -> None:
    """Those of a table that are these as JSON."""
    connection.execute(deleting(table, texts))


def insert_rows(connection: psycopg.Connection[Any], table: str, texts: list[str]) -> None:
    """Rows of a table, given as JSON, with the numbers that they have there."""
    columns = columns_of(connection, [table])[table]
    connection.execute(inserting(table, columns, texts))


def columns_of(connection: psycopg.Connection[Any], tables: Sequence[str]) -> dict[str, list[str]]:
    """Those that are not computed."""
    found = connection.execute(
        "SELECT c.relname, array_agg(a.attname::text) FROM pg_attribute a JOIN pg_class c"
        " ON c.oid = a.attrelid WHERE c.relnamespace = 'brug'::regnamespace"
        " AND c.relname = ANY (%s) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"
        " GROUP BY 1",
        (list(tables),),
    )
    return dict(found)


def _counting_from(sequence: str, last: int, is_called: bool) -> sql.Composed:
    return sql.SQL("SELECT setval({}::regclass, {}, {})").format(
        sql.Literal(f"brug.{sequence}"), sql.Literal(last), sql.Literal(is_called)
    )


def by_name(rows: Iterable[Row]) -> dict[str, list[str]]:
    """The texts of rows by their table."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, text in rows:
        found[name].append(text)
    return found
