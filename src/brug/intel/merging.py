# SPDX-License-Identifier: EUPL-1.2
"""Copying what one event says into another: what the reader sees of it, nothing else.

Copies get UUIDs of their own, keep their times, and stand at their level within the event
that takes them. What that event has already is not added again.
"""

from brug.intel import attachments, attributes, loading
from brug.intel.attribute_rows import new_uuid
from brug.intel.attributes import likeness
from brug.intel.extending import add_attributes
from brug.intel.finding import Claim
from brug.intel.levels import Narrowing
from brug.intel.publishing import touch
from brug.intel.storing import Batch, attach_tags
from brug.model.event import SHARING_GROUP, Attribute, Event, MispObject, Tag
from brug.model.new_event import GroupRef, NewAttribute, NewObject, NewReference, NewTag, Refusal
from brug.store import audit, settings
from brug.store.session import Session


def merge(session: Session, held: Claim, source_id: int) -> int:
    """Copies a visible event into a claimed one; how many attributes and objects came.

    Raises NotFound.
    """
    source = loading.event(session, source_id)
    loose = [_copy(session, one) for one in source.attributes]
    known = attributes.alike(session, held.event_id, loose)
    fresh = [(i, new) for i, new in enumerate(loose) if likeness(new) not in known]
    stored = add_attributes(session, held, fresh, []).stored
    objects, inside = _copy_objects(session, held, source)
    attach_tags(session, [(held, [_tag(tag) for tag in source.tags if not tag.local])])
    touch(session, held, added=inside)
    audit.record(
        session, "merge", "Event", held.event_id, source.head.info[:200], {"from": source_id}
    )
    return len(stored) + objects


def _copy(session: Session, one: Attribute) -> NewAttribute:
    new = NewAttribute(None, one.type, one.category, one.to_ids, one.value1, one.value2)
    new.timestamp, new.comment = one.timestamp, one.comment
    new.disable_correlation = one.disable_correlation
    new.first_seen, new.last_seen = one.first_seen, one.last_seen
    new.object_relation, new.distribution = one.object_relation, one.distribution
    new.group = _group(one)
    new.tags = tuple(_tag(tag) for tag in one.tags if not tag.local)
    if one.type in attachments.TYPES:
        new.data = attachments.get(session, one.id)
    return new


def _group(one: Attribute | MispObject) -> GroupRef | None:
    return GroupRef(id=one.sharing_group_id) if one.distribution == SHARING_GROUP else None


def _tag(tag: Tag) -> NewTag:
    return NewTag(name=tag.name, colour=tag.colour, relationship_type=tag.relationship_type)


def _copy_objects(session: Session, held: Claim, source: Event) -> tuple[int, list[int]]:
    """Objects whose values the event does not hold in an object of the same kind.

    How many, and their attributes.
    """
    present = {_values(one) for one in loading.event(session, held.event_id).objects}
    wanted = [one for one in source.objects if _values(one) not in present]
    if not wanted:
        return 0, []
    uuids = {uuid: new_uuid() for uuid in _uuids(wanted)}
    new = []
    for one in wanted:
        copy = NewObject(
            uuids[one.uuid], one.name, one.meta_category, one.description, one.template_uuid,
            one.template_version, one.timestamp, one.distribution, _group(one), one.comment,
            first_seen=one.first_seen, last_seen=one.last_seen,
        )  # fmt: skip
        copy.attributes = [_copy(session, a) for a in one.attributes]
        for made, a in zip(copy.attributes, one.attributes, strict=True):
            made.uuid = uuids[a.uuid]
        copy.references = [
            NewReference(None, uuids[r.referenced_uuid], r.relationship_type, r.comment)
            for r in one.references
            if r.referenced_uuid in uuids
        ]
        new.append(copy)
    default = int(settings.get(session, "events.default_attribute_distribution"))
    refused: list[Refusal] = []
    narrowing = Narrowing(session, held.org_id, default)
    batch = Batch(session, held, narrowing, refused, lambda _: "Object")
    stored = batch.store_objects(new)
    batch.link(stored)
    return len(stored), batch.added


def _values(one: MispObject) -> tuple[str, frozenset[tuple[str | None, str, str]]]:
    return one.name, frozenset((a.object_relation, a.value1, a.value2) for a in one.attributes)


def _uuids(several: list[MispObject]) -> list[str]:
    return [u for one in several for u in (one.uuid, *(a.uuid for a in one.attributes))]
