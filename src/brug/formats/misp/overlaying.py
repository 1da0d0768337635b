# SPDX-License-Identifier: EUPL-1.2
"""Edits: what was sent, laid over what is stored, and read again as a whole.

MISP's clients send the fields that they change. The result is checked like something new,
so that no sequence of edits stores what could not have been added.
"""

from typing import Any

from brug.formats.misp import coercion as c
from brug.formats.misp.reading import read_event, read_report
from brug.formats.misp.reading import read_object as read_new_object
from brug.formats.misp.reading_attributes import read_attribute
from brug.formats.misp.reading_fields import Fields
from brug.formats.misp.writing import joined, moment
from brug.model.analyst import KIND_NAMES
from brug.model.attribute_types import COMPOSITES, Refused
from brug.model.errors import Invalid
from brug.model.event import SHARING_GROUP, Attribute, EventReport, MispObject
from brug.model.new_event import GroupRef, NewAttribute, NewEvent, NewObject, NewReport

CHILDREN = frozenset(
    {"Attribute", "Object", "EventReport", "Tag", "EventTag", "ShadowAttribute", *KIND_NAMES}
)
_NO_GROUP = (None, "", "0", 0)
_VALUES = frozenset({"value", "value1", "value2"})


def head_of(raw: Fields) -> NewEvent:
    """The event's own fields that an edit names. Raises Refused."""
    return read_event({k: v for k, v in raw.items() if k not in CHILDREN}, partial=True)


def timestamp_of(raw: Any) -> int | None:
    """When the sender last changed an item, if it says so. Raises Refused."""
    if not isinstance(raw, dict):
        return None
    try:
        return c.seconds("timestamp", raw.get("timestamp"))
    except Invalid as error:
        raise Refused({"timestamp": [error.public]}) from error


def uuid_of(raw: Any) -> str | None:
    """The UUID of an item, where it has a readable one."""
    if not isinstance(raw, dict):
        return None
    try:
        return c.uuid("uuid", raw.get("uuid"))
    except Invalid:
        return None


def is_deletion(raw: Any) -> bool:
    """Whether an item is sent to be deleted."""
    try:
        return isinstance(raw, dict) and c.flag("deleted", raw.get("deleted"))
    except Invalid:
        return False


def _level(stored: Any) -> Fields:
    return {"distribution": stored.distribution, "sharing_group_id": stored.sharing_group_id}


def _laid_over(base: Fields, raw: Fields) -> Fields:
    """`raw` on `base`, but for what an edit cannot change."""
    fixed = {"id", "uuid", "event_id", "object_id", "org_id", "orgc_id"}
    sent = {k: v for k, v in raw.items() if k not in fixed}
    if "SharingGroup" not in sent and sent.get("sharing_group_id") in _NO_GROUP:
        # Naming level 4 again without its group keeps the group.
        sent.pop("sharing_group_id", None)
    return base | sent


def _seen(stored: Attribute | MispObject) -> Fields:
    return {"first_seen": moment(stored.first_seen), "last_seen": moment(stored.last_seen)}


def attribute_over(stored: Attribute, raw: Any) -> NewAttribute:
    """The attribute as it is to be after an edit. Raises Refused."""
    if not isinstance(raw, dict):
        raise Refused({"Attribute": ["An attribute has to be an object with type and value."]})
    value = joined(stored)
    if stored.type in COMPOSITES and "|" not in value:
        value += "|"
    base: Fields = {
        "type": stored.type,
        "category": stored.category,
        "value": value,
        "to_ids": stored.to_ids,
        "comment": stored.comment,
        "deleted": stored.deleted,
        "disable_correlation": stored.disable_correlation,
        "object_relation": stored.object_relation,
        "distribution": stored.distribution,
        "sharing_group_id": stored.sharing_group_id,
        **_seen(stored),
    }
    sent = raw
    if "value" not in raw and _VALUES & raw.keys():
        base.pop("value")
        base |= {"value1": stored.value1, "value2": stored.value2}
    elif "value" in raw:
        sent = {k: v for k, v in raw.items() if k not in {"value1", "value2"}}
    return read_attribute(_laid_over(base, sent))


def object_over(stored: MispObject, raw: Fields) -> NewObject:
    """The object, without attributes and references, as it is to be. Raises Refused."""
    base: Fields = {
        "name": stored.name,
        "meta-category": stored.meta_category,
        "description": stored.description,
        "template_uuid": stored.template_uuid,
        "template_version": stored.template_version,
        "comment": stored.comment,
        "deleted": stored.deleted,
        **_level(stored),
        **_seen(stored),
    }
    changeable = {"comment", "deleted", "distribution", "sharing_group_id", "SharingGroup",
                  "first_seen", "last_seen", "timestamp", "template_version"}  # fmt: skip
    return read_new_object(
        _laid_over(base, {k: v for k, v in raw.items() if k in changeable}), "Object", []
    )


def report_over(stored: EventReport, raw: Fields) -> NewReport:
    """The report as it is to be after an edit. Raises Refused."""
    base: Fields = {
        "name": stored.name,
        "content": stored.content,
        "deleted": stored.deleted,
        **_level(stored),
    }
    return read_report(_laid_over(base, raw))


def keeps_group(stored: Any, new: NewAttribute | NewObject | NewReport) -> bool:
    """Whether an edit leaves level and group as they are, whoever may name that group."""
    if new.distribution != stored.distribution:
        return False
    return new.distribution != SHARING_GROUP or new.group == GroupRef(id=stored.sharing_group_id)
