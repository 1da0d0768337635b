# SPDX-License-Identifier: EUPL-1.2
"""Putting an item of the directory in its place: under its own number where numbers are kept.

Whoever has that number already, made with the node, gets one behind all others. In a node
that is in use, what was here before the move stays as it is.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from psycopg import sql

from brug.directory import fields, second_factor
from brug.model.errors import Invalid
from brug.moving.numbers import Move, note
from brug.store.session import Session

Row = dict[str, Any]
_FOUND = 1  # the stamp of an item that was here before; 0: the move added it


class Place(msgspec.Struct):
    """Where items of one kind go."""

    session: Session
    move: Move
    table: str
    highest: int  # of all numbers that come along
    remarks: list[str]

    def came(self, remote: int) -> bool:
        """Whether a former run of this move added it."""
        return bool(
            self.session.value(
                "SELECT 1 FROM moved WHERE moving_id = %s AND kind = %s AND remote = %s"
                " AND stamp <> %s",
                (self.move.id, self.table, str(remote), _FOUND),
            )
        )

    def follows(self, remote: int, found: int | None) -> bool:
        """Whether the other side decides on it."""
        return found is None or self.move.keeps_ids or self.came(remote)

    def put(
        self, remote: int, row: Row, found: int | None, keep: frozenset[str] = frozenset()
    ) -> int:
        """Adds a row or changes the one found; its number. `keep`: fields of a found row."""
        stamp = 0 if found is None or self.came(remote) else _FOUND
        uuid = row.get("uuid")
        if found is not None and not self.follows(remote, found):
            note(self.session, self.move, self.table, remote, found, uuid=uuid, stamp=stamp)
            return found
        if found is None:
            if self.move.keeps_ids:
                self._free(remote)
                row = {"id": remote} | row
            placed = fields.insert(self.session, self.table, row)
        else:
            placed = found
            if self.move.keeps_ids and found != remote:
                self._free(remote)
                self._renumber(found, remote)
                placed = remote
            changed = {name: value for name, value in row.items() if name not in keep}
            fields.update(self.session, self.table, placed, changed)
        if self.move.keeps_ids:
            self.session.execute("SELECT number_behind(%s, %s)", (self.table, self.highest))
        note(self.session, self.move, self.table, remote, placed, uuid=uuid, stamp=stamp)
        return placed

    def _free(self, number: int) -> None:
        taken = sql.SQL("SELECT max(id) FROM {0} HAVING bool_or(id = %s)")
        last = self.session.value(taken.format(sql.Identifier(self.table)), (number,))
        if last is not None:
            behind = max(int(last), self.highest) + 1
            self._renumber(number, behind)
            self.session.execute("SELECT number_behind(%s, %s)", (self.table, behind))

    def _renumber(self, old: int, new: int) -> None:
        self.session.execute("SELECT renumber(%s, %s, %s)", (self.table, old, new))
        self.session.forget_settings()
        if self.table == "account":
            second_factor.renumbered(self.session, old, new)


def number(raw: Mapping[str, Any], name: str = "id") -> int:
    """A number that the other side gave. Raises Invalid."""
    try:
        found = int(raw[name])
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(name, "a number") from error
    if not 0 < found < 2**31:
        raise Invalid(name, "a number above 0")
    return found
