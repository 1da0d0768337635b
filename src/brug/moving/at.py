# SPDX-License-Identifier: EUPL-1.2
"""Where an item of a list is taken in, and under which number."""

from typing import Any

import msgspec
from psycopg import sql

from brug.directory import fields
from brug.moving.numbers import Numbers, note
from brug.moving.taking import Source
from brug.store.session import Session

Raw = dict[str, Any]


class At(msgspec.Struct):
    """Where an item is taken in."""

    source: Source
    session: Session
    numbers: Numbers


def number_in(at: At, kind: str, value: Any) -> int:
    return at.numbers.of(kind, value) or 0


def is_here(at: At, kind: str, raw: Raw) -> bool:
    """Whether a former run took it."""
    return bool(
        at.session.value(
            "SELECT 1 FROM moved WHERE moving_id = %s AND kind = %s AND remote = %s",
            (at.source.move.id, kind, str(raw.get("id"))),
        )
    )


def placed(at: At, kind: str, raw: Raw, row: Raw) -> int:
    """Under its own number where numbers are kept and nobody has it."""
    number = int(str(raw.get("id")))
    taken = sql.SQL("SELECT 1 FROM {} WHERE id = %s").format(sql.Identifier(kind))
    if at.source.move.keeps_ids and not at.session.value(taken, (number,)):
        row = {"id": number} | row
        at.session.execute("SELECT number_behind(%s, %s)", (kind, number))
    added = fields.insert(at.session, kind, row)
    note(at.session, at.source.move, kind, number, added)
    return added
