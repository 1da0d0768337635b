# SPDX-License-Identifier: EUPL-1.2
"""The table of deadlines: the rows that we ship, and what a node corrects in them.

A node's own table has the same form. A row with an id that there is changes the fields that it
gives; another adds a row. Each says where it read what it says, and shows as the node's own.
"""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import msgspec

from brug.cases.clocks.rows import Known, Row, converted, require, share_or_period
from brug.model.errors import Invalid, NotFound

_WORDS = ("facts", "roles", "circumstances")
_OURS = frozenset({"corrected", "is_own"})


class UnknownDeadline(NotFound):
    """The table has no row of that name."""

    code = "unknown_deadline"
    public = "There is no such deadline in the table of this node."


class Table(msgspec.Struct, frozen=True):
    """Rows by id in the order of the file, and the names that they use."""

    rows: dict[str, Row]
    known: Known
    warn: dict[str, tuple[str, ...]]
    as_of: date

    def row(self, name: str) -> Row:
        """Raises UnknownDeadline."""
        found = self.rows.get(name)
        if found is None:
            raise UnknownDeadline(f"no deadline is called {name[:80]!r}: `brug clocks` lists them")
        return found

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())

    def warnings_of(self, row: Row) -> tuple[str, ...]:
        """When a row warns: as it says itself, or as the table says for its kind of period."""
        if row.warn is not None:
            return row.warn
        length = row.length()
        if length is None:
            return ("due",)
        return self.warn["hours" if length.is_hours else "days"]


def parsed(text: str, name: str) -> dict[str, Any]:
    """What a file says, in its outer form. Raises Invalid, naming the file and the line."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(name, f"TOML ({error})") from error
    for key in found:
        if key not in {"as_of", "warn", "row", *_WORDS}:
            raise Invalid(f"{name}: {key}", f"one of as_of, warn, {', '.join(_WORDS)}, row")
    rows = found.get("row", [])
    if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
        raise Invalid(f"{name}: row", "rows, each under [[row]]")
    for word in ("warn", *_WORDS):
        if not isinstance(found.get(word, {}), dict):
            raise Invalid(f"{name}: {word}", f"a table [{word}]")
    return found


def shipped(text: str) -> Table:
    """The table that we ship."""
    file = parsed(text, "deadlines.toml")
    empty = Table({}, Known({}, {}, {}), {}, file["as_of"])
    return _with(empty, file, "deadlines.toml", is_own=False)


def corrected(table: Table, text: str, name: str) -> Table:
    """The table with a node's own corrections. Raises Invalid, naming file, row and field."""
    return _with(table, parsed(text, name), name, is_own=True)


def _with(table: Table, file: Mapping[str, Any], name: str, *, is_own: bool) -> Table:
    known = Known(*(
        getattr(table.known, word) | _meanings(file.get(word, {}), f"{name}: [{word}]")
        for word in _WORDS
    ))  # fmt: skip
    warn = table.warn | _warnings(file.get("warn", {}), f"{name}: [warn]")
    rows = dict(table.rows)
    seen: set[str] = set()
    for number, raw in enumerate(file.get("row", []), 1):
        place = f"{name}: {_named(raw, number)}"
        row = _row(rows, raw, place, is_own=is_own)
        if row.id in seen:
            raise Invalid(f"{place}.id", "each row once", row.id)
        seen.add(row.id)
        rows[row.id] = row
    for row in rows.values():
        if row.id in seen:
            require(row, known, rows, f"{name}: {row.id}")
    _require_ends(rows, name)
    return Table(rows, known, warn, table.as_of)


def _row(rows: Mapping[str, Row], raw: dict[str, Any], place: str, *, is_own: bool) -> Row:
    for field in _OURS & raw.keys():
        raise Invalid(f"{place}.{field}", f"no field {field}")
    if not is_own:
        return converted(raw, place)
    where = raw.get("where")
    if not isinstance(where, str) or not where.strip():
        raise Invalid(f"{place}.where", "where the correction was read")
    before = rows.get(raw.get("id", "")) if isinstance(raw.get("id"), str) else None
    # What a node says is checked as far as the node says: what it does not say is not known.
    said = {"status": "memory"} | raw
    fields = tuple(field for field in raw if field != "id")
    if before is None:
        return msgspec.structs.replace(converted(said, place), corrected=(), is_own=True)
    whole = msgspec.to_builtins(before, builtin_types=(date,)) | said
    whole = {name: value for name, value in whole.items() if value is not None}
    return msgspec.structs.replace(converted(whole, place), corrected=fields, is_own=True)


def _named(raw: Mapping[str, Any], number: int) -> str:
    name = raw.get("id")
    return name[:80] if isinstance(name, str) and name else f"row {number}"


def _meanings(said: Mapping[str, Any], place: str) -> dict[str, str]:
    for name, meaning in said.items():
        if not name.replace("_", "").isalnum() or not name.isascii() or not name.islower():
            raise Invalid(f"{place}.{name[:80]}", "a name of lower-case letters, digits and _")
        if not isinstance(meaning, str) or not meaning.strip():
            raise Invalid(f"{place}.{name[:80]}", "what it means, as text", str(meaning))
    return dict(said)


def _warnings(said: Mapping[str, Any], place: str) -> dict[str, tuple[str, ...]]:
    for unit, marks in said.items():
        if unit not in {"hours", "days"}:
            raise Invalid(f"{place}.{unit[:80]}", "hours or days")
        if not isinstance(marks, list) or not all(isinstance(one, str) for one in marks):
            raise Invalid(f"{place}.{unit}", 'a list such as ["75%", "PT1H", "due"]', str(marks))
        for mark in marks:
            share_or_period(mark, f"{place}.{unit}")
    return {unit: tuple(marks) for unit, marks in said.items()}


def _require_ends(rows: Mapping[str, Row], name: str) -> None:
    """A row that follows another follows one whose condition the end decides, and no circle."""
    for row in rows.values():
        if row.follows and rows[row.follows].by_end is None:
            raise Invalid(f"{name}: {row.id}.follows", "a row that has by_end", row.follows)
        if row.replaces and rows[row.replaces].replaces:
            raise Invalid(f"{name}: {row.id}.replaces", "a row that replaces none", row.replaces)
