# SPDX-License-Identifier: EUPL-1.2
"""MISP events in the wrappings seen in the wild, out of one document.

A bare event, `{"Event": {...}}`, `{"response": [...]}` or `{"response": {...}}`, and lists of
these. A feed's manifest is told from an event, so that a whole feed folder can be read.
"""

from collections.abc import Iterator
from typing import Any

MARKS = frozenset({"info", "Attribute", "Object", "uuid", "threat_level_id", "orgc_id", "Orgc"})


def events_in(document: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Each event with its place; None in place of what is no event."""
    if isinstance(document, list):
        for index, item in enumerate(document):
            yield from events_in(item, f"{place}[{index}]")
        return
    if not isinstance(document, dict):
        yield place, None
        return
    for wrapper in ("response", "Event"):
        if wrapper in document:
            inner = document[wrapper]
            if wrapper == "Event" and isinstance(inner, dict):
                yield f"{place}.Event", inner
            else:
                yield from events_in(inner, f"{place}.{wrapper}")
            return
    yield place, document if MARKS & document.keys() else None


def is_manifest(document: Any) -> bool:
    """Whether this is a feed's manifest: event UUIDs with what a list shows of each."""
    return (
        isinstance(document, dict)
        and bool(document)
        and all(
            len(key) == 36 and isinstance(value, dict) and "timestamp" in value
            for key, value in document.items()
        )
    )
