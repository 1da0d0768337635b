# SPDX-License-Identifier: EUPL-1.2
"""Attributes that stand alone in an event, made into an object of a template.

Each is stored anew with a UUID of its own and the old one is deleted, since whoever holds
the old one would not move it (MISP 2.5). Tags, bytes, sightings and references go along;
notes and proposals stay with what they were written about.
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from brug.intel import attributes
from brug.intel.attribute_rows import new_uuid
from brug.intel.deleting import delete_attributes
from brug.intel.extending import ObjectRefused, add_object
from brug.intel.finding import Claim
from brug.intel.vocabulary.templates import Template, offering
from brug.model.event import SHARING_GROUP, Attribute
from brug.model.new_event import GroupRef, NewAttribute, NewObject
from brug.store.session import Session

NONE_THERE = "Selected Attributes do not exist."
NOT_UNIQUE = (
    "Could not save the object as a unique relationship within the object was assigned to more"
    " than one attribute. This is only allowed if the multiple flag is set in the object template."
)


class Fit(msgspec.Struct, frozen=True):
    """How far some attributes would make an object of a template.

    `missing`: types of which one more is needed; `unknown`: types that it has no place for;
    `repeated`: types that came more often than it takes them.
    """

    template: Template
    missing: list[str]
    unknown: list[str]
    repeated: list[str]

    @property
    def rank(self) -> tuple[int, int, int, str]:
        return len(self.missing), len(self.unknown), len(self.repeated), self.template.name


def fit(template: Template, types: Sequence[str]) -> Fit:
    """Compares a template with the types of some attributes."""
    wanted = [[name] for name in template.requirements.get("required", ())]
    one_of = template.requirements.get("requiredOneOf", [])
    missing: list[str] = []
    for names in (*wanted, *([one_of] if one_of else [])):
        possible = [template.elements[n].type for n in names if n in template.elements]
        if not set(possible) & set(types):
            missing += possible
    places: dict[str, bool] = {}
    for element in template.elements.values():
        places[element.type] = places.get(element.type, False) or element.multiple
    room = Counter(element.type for element in template.elements.values())
    counted = Counter(types)
    return Fit(
        template,
        list(dict.fromkeys(missing)),
        [one for one in counted if one not in places],
        [one for one, n in counted.items() if one in places and not places[one] and n > room[one]],
    )


def alone(session: Session, event_id: int, ids: Sequence[int]) -> list[Attribute]:
    """Those of some attributes of an event that are in no object, in their order."""
    return [
        one
        for one in attributes.by_ids(session, ids)
        if one.event_id == event_id and not one.object_id and not one.deleted
    ]


def possible(session: Session, types: Iterable[str]) -> list[Fit]:
    """The active templates that could hold some of these types, the fittest first."""
    given = list(types)
    found = [fit(one, given) for one in offering(session, sorted(set(given)))]
    return sorted(found, key=lambda one: one.rank)


def gather(
    session: Session,
    held: Claim,
    template: Template,
    relations: Mapping[int, str],
    new: NewObject,
) -> int:
    """Makes an object of attributes of a claimed event, each by its relation; its id.

    `new` says the object's level and comment. Raises ObjectRefused, GroupRefused.
    """
    chosen = alone(session, held.event_id, list(relations))
    if not chosen or len(chosen) < len(relations):
        raise ObjectRefused(NONE_THERE)
    check(template, [(one.type, relations[one.id]) for one in chosen])
    new.attributes = [_anew(one, relations[one.id]) for one in chosen]
    object_id = add_object(session, held, new, template)
    uuids = [one.uuid or "" for one in new.attributes]
    made = attributes.by_uuids(session, held.event_id, uuids)
    for old, uuid in zip(chosen, uuids, strict=True):
        session.execute(
            "SELECT hand_on(%s, %s, %s, %s)",
            (held.event_id, old.id, made[uuid].id, int(time.time())),
        )
    ids = [one.id for one in chosen]
    delete_attributes(session, held, ids, hard=never_published(session, held))
    return object_id


def never_published(session: Session, held: Claim) -> bool:
    """Whether nobody else can have a claimed event, so that nobody need hear of a deletion."""
    found = session.value("SELECT publish_timestamp FROM event WHERE id = %s", (held.event_id,))
    return not found and not held.published


def check(template: Template, pairs: Iterable[tuple[str, str]]) -> None:
    """Whether the template takes each (type, relation). Raises ObjectRefused."""
    seen: set[str] = set()
    for kind, relation in pairs:
        element = template.elements.get(relation)
        if element is None or element.type != kind:
            fitting = [e.object_relation for e in template.elements.values() if e.type == kind]
            raise ObjectRefused(
                f"{relation[:60]}: no relation of the template {template.name} for an attribute"
                f" of type {kind} (those are: {', '.join(fitting) or 'none'})."
            )
        if relation in seen and not element.multiple:
            raise ObjectRefused(f"{NOT_UNIQUE} ({relation})")
        seen.add(relation)


def _anew(one: Attribute, relation: str) -> NewAttribute:
    """The attribute as it goes into the object; what hangs on it follows when it is there."""
    group = GroupRef(id=one.sharing_group_id) if one.distribution == SHARING_GROUP else None
    return NewAttribute(
        new_uuid(), one.type, one.category, one.to_ids, one.value1, one.value2,
        distribution=one.distribution, group=group, comment=one.comment,
        disable_correlation=one.disable_correlation, first_seen=one.first_seen,
        last_seen=one.last_seen, object_relation=relation, extra=one.extra,
    )  # fmt: skip
