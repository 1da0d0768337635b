# SPDX-License-Identifier: EUPL-1.2
"""Which events filters find: ids of a page, and how many there are on all pages."""

from typing import LiteralString, NamedTuple

from brug.intel.search import conditions
from brug.intel.search.attributes import order_by
from brug.intel.search.filters import Filters
from brug.intel.search.fragments import Fragment
from brug.store.session import Session

ORDERS: dict[str, LiteralString] = {
    "id": "e.id", "uuid": "e.uuid", "date": "e.date", "timestamp": "e.timestamp",
    "publish_timestamp": "e.publish_timestamp", "info": "e.info", "published": "e.published",
    "threat_level_id": "e.threat_level_id", "analysis": "e.analysis",
    "distribution": "e.distribution",
    "org_id": "e.org_id", "orgc_id": "e.orgc_id",
}  # fmt: skip


class FoundEvents(NamedTuple):
    """The events of a page, and the number of all."""

    ids: list[int]
    total: int


def selected(session: Session, filters: Filters) -> Fragment:
    """The ids of the page's events, as a statement."""
    condition = conditions.events(session, filters)
    text: LiteralString = "SELECT e.id FROM event e WHERE " + condition.text
    text += order_by(filters.order, ORDERS, "event")
    if filters.limit is None:
        return Fragment(text, condition.params)
    return Fragment(
        text + " LIMIT %s OFFSET %s", (*condition.params, filters.limit, filters.offset)
    )


def find(session: Session, filters: Filters) -> FoundEvents:
    """The ids of a page in order, and how many events match."""
    page = selected(session, filters)
    ids = [int(row[0]) for row in session.all(page.text, page.params)]
    if filters.limit is None or (filters.page == 1 and len(ids) < filters.limit):
        return FoundEvents(ids, len(ids))
    return FoundEvents(ids, count(session, filters))


def count(session: Session, filters: Filters) -> int:
    """How many events match, on all pages."""
    condition = conditions.events(session, filters)
    text: LiteralString = "SELECT count(*) FROM event e WHERE "
    return int(session.value(text + condition.text, condition.params))
