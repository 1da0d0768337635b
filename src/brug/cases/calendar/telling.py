# SPDX-License-Identifier: EUPL-1.2
"""What ends, for machines."""

from typing import Any

from brug.cases.calendar.items import Item
from brug.cases.clocks import titles
from brug.model.languages import DEFAULT


def told(one: Item, language: str = DEFAULT) -> dict[str, Any]:
    """`rule` and `source` are of deadlines alone."""
    row = one.row
    return {
        "what": one.what,
        "at": one.at,
        "case": one.number,
        "uuid": one.case,
        "title": one.title,
        "rule": row.id if row else "",
        "source": titles.source_of(row, language) if row else "",
        "is_verified": one.is_verified,
        "whose": one.whose,
        "is_mine": one.is_mine,
        "says": one.says,
        "uid": one.uid,
        "sequence": one.sequence,
    }
