# SPDX-License-Identifier: EUPL-1.2
"""Attributes that are alike in all but number, UUID, time and value stand in a document once.

A large event has thousands of attributes and a handful of kinds of them: what the hop rule, the
gate's rules and the copy ask of a type, a level or a comment is asked of each kind. Such a
document is never sent as it is: the sign that stands for the several is no text, so JSON cannot
hold it, and whoever does not know it finds an attribute without a UUID, which does not cross.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

Document = dict[str, Any]


class _Sign:
    def __repr__(self) -> str:
        return "ALIKE"


# The field of an attribute that lists those that it stands for.
ALIKE: Final[Any] = _Sign()


class One(msgspec.Struct, frozen=True, gc=False):
    """What is an attribute's own; `number` is its place among those of the node."""

    number: int
    uuid: str
    timestamp: str
    value: str


def alike(attribute: Document) -> Sequence[One] | None:
    """Those that an attribute stands for, or None where it is one itself."""
    found: Sequence[One] | None = attribute.get(ALIKE)
    return found


def apart(attribute: Document) -> Iterator[Document]:
    """Each as a document of its own."""
    several = alike(attribute)
    if several is None:
        yield attribute
        return
    shared = {name: value for name, value in attribute.items() if name is not ALIKE}
    for one in several:
        yield shared | {
            "id": str(one.number), "uuid": one.uuid, "timestamp": one.timestamp, "value": one.value,
        }  # fmt: skip


def unfolded(event: Document) -> Document:
    """The event with each attribute as a document, in the order of their numbers."""
    attributes = event.get("Attribute") or ()
    if not any(ALIKE in one for one in attributes):
        return event
    every = [each for one in attributes for each in apart(one)]
    return {**event, "Attribute": sorted(every, key=_number)}


def _number(attribute: Document) -> int:
    return int(attribute["id"])
