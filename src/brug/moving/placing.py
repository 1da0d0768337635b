# SPDX-License-Identifier: EUPL-1.2
"""Putting an item of the directory in its place: under its own number where numbers are kept.

Whoever has that number already, made with the node, gets one behind all others.
"""

from collections.abc import Mapping
from typing import Any, LiteralString

import msgspec

from brug.directory import fields, second_factor
from brug.model.errors import Invalid
from brug.moving.numbers import Move, note
from brug.store.session import Session

Row = dict[str, Any]

_IDS: Mapping[str, LiteralString] = {
    "organisation": "SELECT 1 FROM organisation WHERE id = %s",
    "role": "SELECT 1 FROM role WHERE id = %s",
    "account": "SELECT 1 FROM account WHERE id = %s",
    "sharing_group": "SELECT 1 FROM sharing_group WHERE id = %s",
    "tag": "SELECT 1 FROM tag WHERE id = %s",
}
_HIGHEST: Mapping[str, LiteralString] = {
    "organisation": "SELECT max(id) FROM organisation",
    "role": "SELECT max(id) FROM role",
    "account": "SELECT max(id) FROM account",
    "sharing_group": "SELECT max(id) FROM sharing_group",
    "tag": "SELECT max(id) FROM tag",
}


class Place(msgspec.Struct):
    """Where items of one kind go."""

    session: Session
    move: Move
    table: str
    highest: int  # of all numbers that come along
    remarks: list[str]

    def put(self, remote: int, row: Row, found: int | None, *, keep: frozenset[str]) -> int:
        """Adds a row or changes the one found; its number. `keep`: fields of a found row."""
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
        uuid = row.get("uuid")
        note(self.session, self.move, self.table, remote, placed, uuid=uuid)
        return placed

    def _free(self, number: int) -> None:
        if self.session.value(_IDS[self.table], (number,)):
            behind = max(int(self.session.value(_HIGHEST[self.table])), self.highest) + 1
            self._renumber(number, behind)
            self.session.execute("SELECT number_behind(%s, %s)", (self.table, behind))

    def _renumber(self, old: int, new: int) -> None:
        self.session.execute("SELECT renumber(%s, %s, %s)", (self.table, old, new))
        self.session.settings = None
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
