# SPDX-License-Identifier: EUPL-1.2
"""Rows of some tables out of what mysqldump and mariadb-dump write; pure, line by line.

Read is no SQL but that output: `CREATE TABLE` with a column a line, `INSERT INTO` with or
without names of columns, one or many rows in it, on one line or on one line each. Line ends
inside texts are escaped there, so a line is never part of a text. Nothing is executed, and
of tables that nobody wants nothing is kept. Format: MySQL 8.4 Reference Manual, 6.5.4
"mysqldump", and 11.1 "Literal Values".
"""

import re
from collections.abc import Collection, Iterable, Iterator

from brug.model.errors import Invalid

Row = dict[str, str | None]

_CREATE = re.compile(rb"CREATE TABLE (?:IF NOT EXISTS )?`([^`]+)`", re.IGNORECASE)
_COLUMN = re.compile(rb"\s*`([^`]+)`\s")
_INSERT = re.compile(
    rb"(?:INSERT (?:IGNORE )?|REPLACE )INTO `([^`]+)`\s*(\((?:`[^`]+`[,\s]*)+\))?\s*VALUES\s*",
    re.IGNORECASE,
)
_NAME = re.compile(rb"`([^`]+)`")
_ROW = re.compile(rb"\s*,?\s*\(")
_VALUE = re.compile(
    rb"\s*(?:(NULL)|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![xX])|0x([0-9A-Fa-f]*)"
    rb"|(?:_[A-Za-z0-9]+\s*)?'((?:[^'\\]+|\\.|'')*)')\s*([,)])",
    re.DOTALL | re.IGNORECASE,
)
_ESCAPE = re.compile(rb"\\(.)|''", re.DOTALL)
_MEANT = {b"0": b"\0", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"Z": b"\x1a"}


def rows(lines: Iterable[bytes], wanted: Collection[str]) -> Iterator[tuple[str, Row]]:
    """(table, row) of the wanted tables; raises Invalid for a row that cannot be read."""
    reader = _Reader(wanted)
    for number, line in enumerate(lines, 1):
        yield from reader.line(number, line)


class _Reader:
    def __init__(self, wanted: Collection[str]) -> None:
        self._wanted = {name.encode() for name in wanted}
        self._columns: dict[bytes, list[str]] = {}
        self._creating: bytes | None = None
        self._table: bytes | None = None  # whose rows come
        self._names: list[str] = []

    def line(self, number: int, line: bytes) -> Iterator[tuple[str, Row]]:
        if self._creating is not None:
            self._define(line)
        elif self._table is not None:
            yield from self._values(number, line, 0)
        elif found := _CREATE.match(line):
            self._creating = found[1]
            self._columns[found[1]] = []
        elif (found := _INSERT.match(line)) and found[1] in self._wanted:
            self._table = found[1]
            named = _NAME.findall(found[2] or b"")
            self._names = [n.decode() for n in named] or self._columns.get(found[1], [])
            yield from self._values(number, line, found.end())

    def _define(self, line: bytes) -> None:
        assert self._creating is not None  # noqa: S101 - asked for only there
        if found := _COLUMN.match(line):
            self._columns[self._creating].append(found[1].decode())
        elif line.lstrip().startswith(b")"):
            self._creating = None

    def _values(self, number: int, line: bytes, at: int) -> Iterator[tuple[str, Row]]:
        assert self._table is not None  # noqa: S101 - asked for only there
        table = self._table.decode()
        while found := _ROW.match(line, at):
            values, at = _row(number, line, found.end())
            if len(values) != len(self._names):
                raise Invalid(f"line {number}", f"{len(self._names)} columns of table {table}")
            yield table, dict(zip(self._names, values, strict=True))
        rest = line[at:].strip()
        if rest.startswith(b";"):
            self._table = None
        elif rest not in {b"", b","}:
            raise Invalid(f"line {number}", f"a row of table {table}", _shown(rest))


def _row(number: int, line: bytes, at: int) -> tuple[list[str | None], int]:
    values: list[str | None] = []
    while True:
        found = _VALUE.match(line, at)
        if found is None:
            # What stands there may be a secret: only where, never what.
            raise Invalid(f"line {number}", f"a value at column {at + 1}")
        values.append(_value(found))
        at = found.end()
        if found[5] == b")":
            return values, at


def _value(found: re.Match[bytes]) -> str | None:
    if found[1] is not None:
        return None
    if found[2] is not None:
        return found[2].decode()
    if found[3] is not None:
        return bytes.fromhex(found[3].decode()).decode("utf-8", "replace")
    return _ESCAPE.sub(_meant, found[4]).decode("utf-8", "replace")


def _meant(found: re.Match[bytes]) -> bytes:
    return b"'" if found[1] is None else _MEANT.get(found[1], found[1])


def _shown(rest: bytes) -> str:
    return f"{len(rest)} other bytes"
