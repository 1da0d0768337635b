# SPDX-License-Identifier: EUPL-1.2
"""Attributes whose value contains a text, as people look for them."""

import re
from typing import LiteralString

import msgspec

from brug.intel.search.values import require_trigrams
from brug.model.errors import Invalid
from brug.model.value_key import fold
from brug.store.session import Session


class ValueHit(msgspec.Struct, frozen=True):
    """An attribute that a search found, with what a list shows of its event."""

    id: int
    type: str
    category: str
    value1: str
    value2: str
    to_ids: bool
    event_id: int
    info: str
    orgc: str
    date: str


_HIT: LiteralString = (
    "SELECT a.id, a.type, a.category, a.value1, a.value2, a.to_ids, e.id, e.info, c.name,"
    " e.date::text FROM attribute a JOIN event e ON e.id = a.event_id"
    " JOIN organisation c ON c.id = e.orgc_id"
)


def containing(session: Session, part: str, limit: int) -> list[ValueHit]:
    """Attributes whose value contains a text, newest first; none where no index narrows it."""
    pattern = f"%{_ESCAPED.sub(_escape, fold(part))}%"
    try:
        require_trigrams("text", [pattern])
    except Invalid:
        return []
    rows = session.all(
        "SELECT attribute_id FROM search_values(%s, %s) ORDER BY attribute_id DESC LIMIT %s",
        ([pattern], session.principal.is_site_admin, limit),
    )
    ids = [int(row[0]) for row in rows]
    found = session.all(
        _HIT + " WHERE a.id = ANY (%s) AND NOT a.deleted ORDER BY a.id DESC", (ids,)
    )
    return [ValueHit(*row) for row in found]


_ESCAPED = re.compile(r"[\\%_]")


def _escape(found: re.Match[str]) -> str:
    return "\\" + found[0]
