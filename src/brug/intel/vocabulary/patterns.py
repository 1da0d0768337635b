# SPDX-License-Identifier: EUPL-1.2
"""Regular expressions of warninglists, in the form that PostgreSQL runs.

Published ones are Perl's, between delimiters. They run in the database: its engine takes
linear time for what has no back reference, where Python's can be made to take for ever;
so back references are refused here, and the database refuses what it cannot compile.
"""

import re
from collections.abc import Iterable

from psycopg import errors

from brug.intel.vocabulary.sources.rows import Connection

_CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}
_BACK_REFERENCE = re.compile(r"(?<!\\)(?:\\\\)*\\(?:[1-9]|[gk][{<'\d])")
LONGEST = 1000


def parse(entry: str) -> tuple[str, bool] | None:
    """(pattern, whether case is ignored); None if Brug does not run it."""
    if not entry or entry[0].isalnum() or entry[0] in "\\ ":
        return None
    body, closing, flags = entry[1:].rpartition(_CLOSING.get(entry[0], entry[0]))
    if not closing or not body or len(body) > LONGEST or not set(flags) <= set("gimsuD"):
        return None
    return None if _BACK_REFERENCE.search(body) else (body, "i" in flags)


def runnable(connection: Connection, entry: str) -> tuple[str, bool] | None:
    """`parse`, and the database compiles it."""
    parsed = parse(entry)
    if parsed is None:
        return None
    try:
        with connection.transaction():
            connection.execute("SELECT '' ~ %s", [parsed[0]])
    except errors.InvalidRegularExpression:
        return None
    return parsed


def compiled(connection: Connection, entries: Iterable[str]) -> list[tuple[int, str, str, bool]]:
    """(position, entry, pattern, whether case is ignored) of those that run."""
    return [
        (position, entry, *parsed)
        for position, entry in enumerate(entries)
        if (parsed := runnable(connection, entry))
    ]
