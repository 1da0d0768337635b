# SPDX-License-Identifier: EUPL-1.2
"""Where notes, opinions and relationships hang in the document of an event.

They hang on the event, its attributes, objects, reports, and on one another. What is said
of an item without a UUID needs one, so such items are given theirs before they are read.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from brug.model.analyst import KIND_NAMES

Json = dict[str, Any]
# (place in the document, kind, what it is about as type and UUID, the item)
Hanging = tuple[str, int, tuple[str, Any], Json]
DEEPEST = 20
_CARRIERS = ("Attribute", "Object", "EventReport")


def _hangs_on(raw: Json) -> bool:
    return any(raw.get(name) for name in KIND_NAMES)


def _carriers(raw: Json) -> Iterator[tuple[str, Json]]:
    """The items of an event's document, with what they are called."""
    yield "Event", raw
    for name in _CARRIERS:
        for item in _dicts(raw.get(name)):
            yield name, item
            if name == "Object":
                yield from (("Attribute", inner) for inner in _dicts(item.get("Attribute")))


def _dicts(raw: Any) -> list[Json]:
    several = raw if isinstance(raw, list) else [raw]
    return [item for item in several if isinstance(item, dict)]


def name_carriers(raw: Json) -> None:
    """Gives what analyst data hangs on a UUID, where the sender left that to the node."""
    for _, item in _carriers(raw):
        if _hangs_on(item) and not item.get("uuid"):
            item["uuid"] = str(uuid4())


def inside(raw: Json) -> list[Hanging]:
    """What hangs in an event's document: (place, kind, what it is about, item), outer first."""
    found: list[Hanging] = []
    for name, item in _carriers(raw):
        if _hangs_on(item):
            _nested(item, (name, item.get("uuid")), name, found, 0)
    return found


def below(kind: int, raw: Json) -> list[Hanging]:
    """What is nested in one item, outer first."""
    found: list[Hanging] = []
    name = KIND_NAMES[kind]
    _nested(raw, (name, raw.get("uuid")), name, found, 0)
    return found


def _nested(
    item: Json,
    about: tuple[str, Any],
    place: str,
    found: list[Hanging],
    depth: int,
) -> None:
    if depth >= DEEPEST:
        return
    for kind, name in enumerate(KIND_NAMES):
        for index, inner in enumerate(_dicts(item.get(name))):
            inner.setdefault("uuid", str(uuid4()))
            where = f"{place}.{name}[{index}]"
            # PyMISP keeps what is nested beside its parent; the item itself knows better.
            own = (str(inner.get("object_type") or ""), inner.get("object_uuid"))
            found.append((where, kind, own if all(own) else about, inner))
            _nested(inner, (name, inner["uuid"]), where, found, depth + 1)
