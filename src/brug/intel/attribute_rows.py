# SPDX-License-Identifier: EUPL-1.2
"""New attributes as the columns of the statement that stores them, many events' at once.

What hangs together is made together, a column at a time: there are a hundred attributes for
each event, and whatever is done for one of them alone is what adding costs.
"""

from collections.abc import Iterator, Sequence
from os import urandom
from typing import LiteralString

import msgspec

from brug.intel.finding import Claim
from brug.intel.levels import Narrowing
from brug.model.attribute_types import correlating_parts
from brug.model.new_event import GroupRef, NewAttribute
from brug.model.value_key import WITH_ADDRESS, address, keys
from brug.store.rows import Cell, Column, selected

COLUMNS = (
    Column("uuid", "uuid"),
    Column("event_id", "bigint"),
    Column("org_id", "int", often_same=True),
    Column("object_id", "bigint", often_same=True),
    Column("audience", "int", often_same=True),
    Column("key1", "bigint"),
    Column("key2", "bigint"),
    Column("parts", "smallint"),
    Column("timestamp", "bigint"),
    Column("first_seen", "bigint", often_same=True),
    Column("last_seen", "bigint", often_same=True),
    Column("distribution", "smallint", often_same=True),
    Column("sharing_group_id", "int", often_same=True),
    Column("to_ids", "bool"),
    Column("deleted", "bool", often_same=True),
    Column("disable_correlation", "bool", often_same=True),
    Column("type", "text"),
    Column("category", "text"),
    Column("value1", "text"),
    Column("value2", "text"),
    Column("object_relation", "text", often_same=True),
    Column("comment", "text"),
    Column("ip", "inet"),
    Column("extra", "jsonb", often_same=True),
)
_INTO: LiteralString = (
    "WITH stored AS (INSERT INTO attribute (" + ", ".join(c.name for c in COLUMNS) + ") "
)  # fmt: skip
# What is stored is listed for the substring index as well; until it has them, a search scans
# those rows.
_LISTED: LiteralString = (
    " RETURNING id), listed AS (INSERT INTO value_batch (first_id, last_id)"
    " SELECT min(id), max(id) FROM stored HAVING count(*) > 0) SELECT id FROM stored"
)
_UNLESS_HELD: LiteralString = " ON CONFLICT (uuid, org_id) DO NOTHING"
_PARTS: dict[str, int] = {}


class Placed(msgspec.Struct, gc=False):
    """A new attribute with where it goes: the object (0: none) and its parent's audience."""

    new: NewAttribute
    object_id: int
    parent_audience: int


OfEvent = tuple[Claim, Sequence[Placed], Narrowing]


def parts_of(kind: str) -> int:
    """Which parts of a value of this type correlate: 1 first, 2 second, 3 both."""
    if kind not in _PARTS:
        first, second = correlating_parts(kind)
        _PARTS[kind] = first + 2 * second
    return _PARTS[kind]


def new_uuid() -> str:
    """A random UUID (version 4, RFC 9562); the library's object takes five times as long."""
    h = urandom(16).hex()
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-{_VARIANT[h[16]]}{h[17:20]}-{h[20:]}"


_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def inserting(several: Sequence[OfEvent], now: int) -> tuple[LiteralString, list[Cell]]:
    """The statement that stores attributes of claimed events, in order, and its parameters.

    Of several events each attribute has to be new, else the statement fails: whoever stores
    them together goes on one by one. Of a single one those are left out whose UUID the
    organisation holds already; to look before writing costs a seventh of the time.
    """
    query, cells = selected(COLUMNS, _columns(several, now))
    return _INTO + query + (_UNLESS_HELD if len(several) == 1 else "") + _LISTED, cells


def _columns(several: Sequence[OfEvent], now: int) -> list[list[Cell]]:
    placed = [item for _, of_event, _ in several for item in of_event]
    news = [item.new for item in placed]
    holders = [claim for claim, of_event, _ in several for _ in of_event]
    shared = [one for _, of_event, narrowing in several for one in _levels(of_event, narrowing)]
    second = iter(keys([new.value2 for new in news if new.value2]))
    return [
        [new.uuid or new_uuid() for new in news],
        [claim.event_id for claim in holders],
        [claim.org_id for claim in holders],
        [item.object_id for item in placed],
        [audience for _, _, audience in shared],
        list[Cell](keys([new.value1 for new in news])),
        [next(second) if new.value2 else None for new in news],
        [0 if new.disable_correlation else parts_of(new.type) for new in news],
        [new.timestamp or now for new in news],
        [new.first_seen for new in news],
        [new.last_seen for new in news],
        [level for level, _, _ in shared],
        [group for _, group, _ in shared],
        [new.to_ids for new in news],
        [new.deleted for new in news],
        [new.disable_correlation for new in news],
        [new.type for new in news],
        [new.category for new in news],
        [new.value1 for new in news],
        [new.value2 for new in news],
        [new.object_relation for new in news],
        [new.comment for new in news],
        [
            address(new.type, new.value1, new.value2) if new.type in WITH_ADDRESS else None
            for new in news
        ],
        [None if new.extra is None else msgspec.json.encode(new.extra).decode() for new in news],
    ]


def _levels(
    of_event: Sequence[Placed], narrowing: Narrowing
) -> Iterator[tuple[int, int | None, int]]:
    """Level, group and audience of each; nearly all of an event have the same."""
    known: dict[tuple[int | None, GroupRef | None, int], tuple[int, int | None, int]] = {}
    for item in of_event:
        new, parent = item.new, item.parent_audience
        key = new.distribution, new.group, parent
        found = known.get(key)
        if found is None:
            level, group = narrowing.level(new.distribution, new.group)
            found = known[key] = level, group, narrowing.audience(parent, level, group)
        yield found
