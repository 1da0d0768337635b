# SPDX-License-Identifier: EUPL-1.2
"""Deadlines for machines: as the table has them, and what one came to."""

from datetime import datetime
from typing import Any

from brug.cases.clocks import Clock, Row, titles
from brug.cases.clocks.ending import RULES
from brug.mail.speaking import say_in


def row(one: Row, language: str) -> dict[str, Any]:
    """Nothing that is empty; what it and its law are called, in a language."""
    said = {name: getattr(one, name) for name in one.__struct_fields__}
    said["title"] = titles.title_of(one, language)
    said["instrument"] = titles.law_of(one, language)
    said["soft"] = titles.soft_of(one, language)
    return {name: value for name, value in said.items() if value not in (None, "", (), False)}


def computed(found: Clock, now: datetime, language: str) -> dict[str, Any]:
    """As of a time."""
    return {
        "row": row(found.row, language), "status": found.status, "now": now, "zone": found.zone,
        "started_by": found.started_by, "started": found.started,
        "strict": found.strict, "legal": found.legal, "met": found.met,
        "rule": RULES[found.row.rule], "is_verified": found.is_verified,
        "warns": [{"mark": mark, "at": at} for mark, at in found.warns],
        "remarks": [
            {"code": one.code, "text": one.said(say_in(language))} for one in found.remarks
        ],
    }  # fmt: skip
