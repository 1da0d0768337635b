# SPDX-License-Identifier: EUPL-1.2
"""CSV as MISP writes it: its columns, texts quoted and numbers bare.

People open CSV in spreadsheets, which run a cell that starts like a formula. Such a cell
gets an apostrophe in front; so does one that starts with an apostrophe, so that taking one
away gives back what was there (docs/decisions). Programs that want values untouched take
JSON, `text` or `values`.
"""

import re
from collections.abc import Iterable

from brug.model.errors import Invalid

COLUMNS = (
    "uuid", "event_id", "category", "type", "value", "comment", "to_ids", "date",
    "object_relation", "attribute_tag", "object_uuid", "object_name", "object_meta_category",
)  # fmt: skip
CONTEXT = (
    "event_info", "event_member_org", "event_source_org", "event_distribution",
    "event_threat_level_id", "event_analysis", "event_date", "event_tag", "event_timestamp",
)  # fmt: skip
MOST_COLUMNS = 40
# Where a cell starts with one of these it is a formula, or was made no formula.
# The wide forms are read as the narrow ones where spreadsheets speak Japanese or Chinese.
LEADS = "=+-@\t\r\n'\uff1d\uff0b\uff0d\uff20"

_NAME = re.compile(r"[A-Za-z0-9_.\-]{1,64}")


def columns(requested: Iterable[str], *, context: bool) -> list[str]:
    """The columns of an export: those asked for or MISP's, and the event's with `context`."""
    wanted = [*(requested or COLUMNS), *(CONTEXT if context else ())]
    if len(wanted) > MOST_COLUMNS:
        raise Invalid("requested_attributes", f"at most {MOST_COLUMNS} columns")
    for name in wanted:
        if not _NAME.fullmatch(name) or name.startswith(("-", ".")):
            raise Invalid("requested_attributes", "names of letters, digits and _", name)
    return wanted


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return "'" + cell if cell.startswith(tuple(LEADS)) else cell


def quoted(cell: str) -> str:
    return '"' + safe(cell).replace('"', '""') + '"'
