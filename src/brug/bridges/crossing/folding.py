# SPDX-License-Identifier: EUPL-1.2
"""Events with those of their attributes that are alike in one, and messages with them apart again.

Taken together are attributes of the event itself on which nothing hangs: no tag, sighting,
proposal or note, no group, no bytes. The message is the same as if each had been looked at by
itself (tests/bridges/crossing/test_folding.py).
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from operator import attrgetter, itemgetter
from typing import Any

import msgspec

from brug.bridges.gate.alike import ALIKE, One, alike
from brug.formats.misp.bare import Bare
from brug.formats.misp.shapes import Surroundings
from brug.formats.misp.writing import attribute_json, joined
from brug.model.event import SHARING_GROUP, Attribute, Event

Document = dict[str, Any]
# What those that are taken together have in common, as it is stored.
_shared = attrgetter(
    "type", "category", "to_ids", "distribution", "comment", "deleted", "disable_correlation",
    "object_relation", "first_seen", "last_seen", "sharing_group_id",
)  # fmt: skip
_OWN = ("id", "uuid", "timestamp", "value")


def fold(event: Event, beside: Surroundings) -> list[Document]:
    """Takes off an event the attributes that need not stand in its document one by one.

    They, as they stand in it.
    """
    if any(one.references for one in event.objects):
        return []  # which say something of the attribute that they point to
    numbers = {
        *beside.sightings, *beside.data, *beside.related_attributes, *beside.warnings,
        *(one.attribute_id for one in event.proposals),
    }  # fmt: skip
    uuids = {uuid for _, uuid in beside.analyst}
    groups: defaultdict[Any, list[Attribute]] = defaultdict(list)
    rest: list[Attribute] = []
    for one in event.attributes:
        hung_on = one.tags or one.id in numbers or one.uuid in uuids
        if hung_on or one.distribution == SHARING_GROUP:
            rest.append(one)
        else:
            groups[_shared(one)].append(one)
    event.attributes = rest
    return [_together(several) for several in groups.values()]


def _together(several: list[Attribute]) -> Document:
    shown: Document = msgspec.to_builtins(attribute_json(several[0]))
    for name in _OWN:
        del shown[name]
    shown[ALIKE] = [One(a.id, a.uuid, str(a.timestamp), joined(a)) for a in several]
    return shown


_FIELDS = Bare.__struct_fields__
_before = itemgetter(*_FIELDS[: _FIELDS.index("timestamp")])


def unfold(copy: Document, lowered: Document) -> Document:
    """A copy that crosses whole, with its attributes apart and in the order of their numbers.

    `lowered` is what it is a copy of.
    """
    if not any(ALIKE in one for one in copy["Attribute"]):
        return copy
    numbers = {one["uuid"]: int(one["id"]) for one in lowered["Attribute"] if ALIKE not in one}
    placed: list[tuple[int, Any]] = []
    for one in copy["Attribute"]:
        several = alike(one)
        placed += [(numbers[one["uuid"]], one)] if several is None else _apart(one, several)
    placed.sort(key=itemgetter(0))
    return {**copy, "Attribute": [one for _, one in placed]}


def _apart(shared: Document, several: Sequence[One]) -> list[tuple[int, Bare]]:
    made: Callable[..., Bare] = Bare
    before, to_ids, kind = _before(shared), shared["to_ids"], shared["type"]
    return [
        (one.number, made(*before, one.timestamp, to_ids, kind, one.uuid, one.value))
        for one in several
    ]
