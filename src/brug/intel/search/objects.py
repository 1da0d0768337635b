# SPDX-License-Identifier: EUPL-1.2
"""Objects by filters."""

from typing import LiteralString

from brug.intel import objects
from brug.intel.search import conditions
from brug.intel.search.attributes import order_by
from brug.intel.search.filters import Filters
from brug.model.event import MispObject
from brug.store.session import Session

_SELECT: LiteralString = (
    "SELECT " + objects.COLUMNS + " FROM object o JOIN event e ON e.id = o.event_id WHERE "
)
ORDERS: dict[str, LiteralString] = {
    "id": "o.id", "uuid": "o.uuid", "event_id": "o.event_id", "timestamp": "o.timestamp",
    "name": "o.name",
}  # fmt: skip


def find(session: Session, filters: Filters) -> tuple[list[MispObject], bool]:
    """The objects of a page without what is in them, and whether there are more behind it."""
    condition = conditions.objects(session, filters)
    text = _SELECT + condition.text + order_by(filters.order, ORDERS, "object")
    params = condition.params
    if filters.limit is not None:
        text += " LIMIT %s OFFSET %s"
        params = (*params, filters.limit + 1, filters.offset)
    rows = session.all(text, params)
    more = filters.limit is not None and len(rows) > filters.limit
    return [MispObject(*row) for row in (rows[: filters.limit] if more else rows)], more
