# SPDX-License-Identifier: EUPL-1.2
"""Attributes by filters, with what a list shows of their events."""

from collections.abc import Iterator, Sequence
from typing import LiteralString

import msgspec

from brug.intel.search import conditions
from brug.intel.search.filters import Filters
from brug.intel.search.fragments import Fragment
from brug.intel.search.terms import is_pattern
from brug.model.value_key import fold
from brug.store.session import Session


class Found(msgspec.Struct, gc=False):
    """One hit, in the order of the columns below."""

    id: int
    event_id: int
    object_id: int
    object_relation: str | None
    category: str
    type: str
    to_ids: bool
    uuid: str
    timestamp: int
    distribution: int
    sharing_group_id: int | None
    comment: str
    deleted: bool
    disable_correlation: bool
    first_seen: int | None
    last_seen: int | None
    value1: str
    value2: str
    event_uuid: str
    event_info: str
    event_org_id: int
    event_orgc_id: int
    event_distribution: int
    event_publish_timestamp: int

    @property
    def value(self) -> str:
        return f"{self.value1}|{self.value2}" if self.value2 else self.value1


_SELECT: LiteralString = (
    "SELECT a.id, a.event_id, a.object_id, a.object_relation, a.category, a.type, a.to_ids,"
    " a.uuid::text, a.timestamp, a.distribution, a.sharing_group_id, a.comment, a.deleted,"
    " a.disable_correlation, a.first_seen, a.last_seen, a.value1, a.value2, e.uuid::text, e.info,"
    " e.org_id, e.orgc_id, e.distribution, e.publish_timestamp"
    " FROM "
)
_WITH_EVENT: LiteralString = " AS a JOIN event e ON e.id = a.event_id WHERE "
ORDERS: dict[str, LiteralString] = {
    "id": "a.id", "uuid": "a.uuid", "event_id": "a.event_id", "timestamp": "a.timestamp",
    "type": "a.type", "category": "a.category", "value": "a.value1", "value1": "a.value1",
    "value2": "a.value2", "to_ids": "a.to_ids", "comment": "a.comment",
    "first_seen": "a.first_seen", "last_seen": "a.last_seen", "object_id": "a.object_id",
}  # fmt: skip
# Where a value was asked for: an order that no index has, or the planner walks the whole table
# in the order of ids in the hope of filling a page soon.
ORDERS_OF_FEW = ORDERS | {"id": "a.id + 0"}


def order_by(asked: str, orders: dict[str, LiteralString], model: str) -> LiteralString:
    """An ORDER BY clause from an allow-list; an unknown order is the order of ids."""
    words = asked.split()
    name = words[0] if words else ""
    owner, dot, column = name.partition(".")
    if dot and owner.lower() == model:
        name = column
    found = orders.get(name.lower())
    by_id = orders["id"]
    if found is None:
        return " ORDER BY " + by_id
    way: LiteralString = " DESC" if len(words) > 1 and words[1].lower() == "desc" else " ASC"
    if found == by_id:
        return " ORDER BY " + by_id + way
    return " ORDER BY " + found + way + ", " + by_id + way


def statement(session: Session, filters: Filters, one_more: int = 1) -> Fragment:
    """The search with its order and page; one row more than the page, to tell that there are."""
    start, condition = conditions.attributes(session, filters)
    text = _SELECT + start.text + _WITH_EVENT + condition.text
    text += order_by(filters.order, ORDERS_OF_FEW if filters.value else ORDERS, "attribute")
    params = (*start.params, *condition.params)
    if filters.limit is None:
        return Fragment(text, params)
    page = (filters.limit + one_more, filters.offset)
    return Fragment(text + " LIMIT %s OFFSET %s", (*params, *page))


def find(session: Session, filters: Filters) -> tuple[list[Found], bool]:
    """The hits of a page, and whether there are more behind it."""
    rows = session.all(*statement(session, filters))
    more = filters.limit is not None and len(rows) > filters.limit
    found = [Found(*row) for row in (rows[: filters.limit] if more else rows)]
    return really(filters, found), more


def where(session: Session, condition: Fragment, limit: int) -> list[Found]:
    """The first hits of a condition on `a` and `e`."""
    text = _SELECT + "attribute" + _WITH_EVENT + condition.text + " ORDER BY a.id + 0 LIMIT %s"
    return [Found(*row) for row in session.all(text, (*condition.params, limit))]


def stream(session: Session, filters: Filters, size: int) -> Iterator[list[Found]]:
    """All hits in batches of `size`, never all in memory."""
    with session.connection.cursor(name="search") as cursor:
        asked = statement(session, filters, one_more=0)
        cursor.execute(asked.text, asked.params)
        while rows := cursor.fetchmany(size):
            yield really(filters, [Found(*row) for row in rows])


def really(filters: Filters, found: list[Found]) -> list[Found]:
    """Without values that share nothing with the terms but their hash."""
    terms = filters.value
    if not terms.any or any(is_pattern(term) for term in terms.any):
        return found
    wanted = {fold(term.strip()) for term in terms.any}
    return [a for a in found if fold(a.value1) in wanted or fold(a.value2) in wanted]


def count(session: Session, filters: Filters) -> int:
    """How many there are, on all pages."""
    start, condition = conditions.attributes(session, filters)
    text = "SELECT count(*) FROM " + start.text + _WITH_EVENT + condition.text
    return int(session.value(text, (*start.params, *condition.params)))


class FoundTag(msgspec.Struct, gc=False):
    """A tag as search results show it."""

    id: int
    name: str
    colour: str
    numerical_value: int | None
    is_galaxy: bool
    local: bool


_TAG: LiteralString = "t.id, t.name, t.colour, t.numerical_value, t.is_galaxy"


def tags_of(session: Session, attribute_ids: Sequence[int]) -> dict[int, list[FoundTag]]:
    """The tags of some attributes that may leave, in the order in which they were attached."""
    found: dict[int, list[FoundTag]] = {}
    for owner, *tag in session.all(
        "SELECT x.attribute_id, " + _TAG + ", x.local FROM attribute_tag x"
        " JOIN tag t ON t.id = x.tag_id AND t.exportable"
        " WHERE x.attribute_id = ANY (%s) ORDER BY x.id",
        (list(attribute_ids),),
    ):
        found.setdefault(owner, []).append(FoundTag(*tag))
    return found


def tags_of_events(session: Session, event_ids: Sequence[int]) -> dict[int, list[FoundTag]]:
    """The tags of some events that may leave, in the order in which they were attached."""
    found: dict[int, list[FoundTag]] = {}
    for owner, *tag in session.all(
        "SELECT x.event_id, " + _TAG + ", x.local FROM event_tag x"
        " JOIN tag t ON t.id = x.tag_id AND t.exportable"
        " WHERE x.event_id = ANY (%s) ORDER BY x.id",
        (list(event_ids),),
    ):
        found.setdefault(owner, []).append(FoundTag(*tag))
    return found
