# SPDX-License-Identifier: EUPL-1.2
"""The attributes of found objects, in one statement for all of them."""

from collections.abc import Sequence

from brug.intel import attributes
from brug.intel.label import tags
from brug.intel.leaving import left_out
from brug.intel.search.filters import Filters
from brug.model.event import MispObject
from brug.store.session import Session


def fill(session: Session, found: Sequence[MispObject], filters: Filters) -> None:
    """Gives each object its attributes with their tags, as far as the session sees them."""
    by_id = {one.id: one for one in found}
    for one in found:
        one.attributes = []
    rows = session.all(
        "SELECT " + attributes.COLUMNS + " FROM attribute a WHERE a.object_id = ANY (%s)"
        " AND a.object_id <> 0 AND (%s OR NOT a.deleted) ORDER BY a.id",
        (list(by_id), filters.deleted is not None),
    )
    items = attributes.read(rows)
    items = left_out.kept(session, items, filters)
    attached = tags.of_attributes(session, [a.id for a in items])
    for item in items:
        item.tags = attached.get(item.id, [])
        by_id[item.object_id].attributes.append(item)
