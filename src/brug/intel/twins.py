# SPDX-License-Identifier: EUPL-1.2
"""Objects that say what another one in their event says: left out where a sender asks for it.

Two are twins where they are of one template and hold the same values in the same roles; what
they are called, when they were seen and who sees them makes no difference (MISP 2.5).
"""

from collections import Counter
from collections.abc import Sequence

from brug.intel import attributes, objects
from brug.intel.finding import Claim
from brug.model.event import Attribute, MispObject
from brug.model.new_event import NewAttribute, NewObject
from brug.store.session import Session

Content = tuple[str, frozenset[tuple[tuple[str, ...], int]]]
FOUND = (
    "Duplicate object found (id: {}, uuid: {}). Since breakOnDuplicate is set the object will"
    " not be added."
)


def content(one: NewObject | MispObject) -> Content:
    """What makes two objects the same."""
    items: list[tuple[str, ...]] = [_value(item) for item in one.attributes if not item.deleted]
    return one.template_uuid.lower(), frozenset(Counter(items).items())


def _value(item: NewAttribute | Attribute) -> tuple[str, ...]:
    return (
        item.object_relation or "", item.category, item.type, item.value1, item.value2,
    )  # fmt: skip


def of_new(session: Session, held: Claim, new: Sequence[NewObject]) -> list[tuple[int, str]]:
    """The places of those that are not to be added, each with the reason.

    Looked for are those alone that are marked; they are compared with what the event holds
    and with what comes along before them.
    """
    if not any(one.unlike_others for one in new):
        return []
    known = {content(one): (str(one.id), one.uuid) for one in _stored(session, held)}
    found = []
    for place, one in enumerate(new):
        mark = content(one)
        if one.unlike_others and mark in known:
            found.append((place, FOUND.format(*known[mark])))
        known.setdefault(mark, ("new", one.uuid or "new"))
    return found


def _stored(session: Session, held: Claim) -> list[MispObject]:
    """The objects of the claimed event that are not marked as deleted."""
    alive = objects.of_events(session, [held.event_id])
    inside: dict[int, list[Attribute]] = {}
    for item in attributes.of_event(session, held.event_id):
        inside.setdefault(item.object_id, []).append(item)
    for one in alive:
        one.attributes = inside.get(one.id, [])
    return alive
