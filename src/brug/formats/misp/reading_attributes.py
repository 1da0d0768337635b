# SPDX-License-Identifier: EUPL-1.2
"""Attributes of MISP's core format -> records about to be stored, and proposals of some."""

from typing import Any

from brug.formats.misp import bare
from brug.formats.misp import coercion as c
from brug.formats.misp.bare import Bare
from brug.formats.misp.reading_fields import (
    BAD_TIME,
    BAD_UUID,
    LEVELS,
    Fields,
    Reader,
    group_of,
    read_organisation,
    read_tags,
)
from brug.model.attribute_types import Refused, check
from brug.model.errors import Invalid
from brug.model.event import SHARING_GROUP
from brug.model.new_event import NewAttribute, NewProposal, NewSighting, Refusal

# What most attributes leave at its default, as it is when nothing of it is said or when a node
# has written it all out.
_MORE = ("comment", "deleted", "disable_correlation", "enforceWarninglist", "object_relation",
         "first_seen", "last_seen")  # fmt: skip
_AT_DEFAULT = (("", False, False, None, None, None, None), (None,) * len(_MORE))
_BESIDE = ("Tag", "tags", "Sighting", "data")


def read_attribute(raw: Any) -> NewAttribute:
    """One attribute. Raises Refused with MISP's texts by field."""
    if type(raw) is not dict:
        raise Refused({"Attribute": ["An attribute has to be an object with type and value."]})
    kind = raw.get("type")
    if not isinstance(kind, str):
        raise Refused({"type": ["No type set."]})
    value = raw.get("value")
    if value is None and "value1" in raw:
        first, second = c.text("value1", raw["value1"]), c.text("value2", raw.get("value2"))
        value = f"{first}|{second}" if second else first
    category = raw.get("category") or None
    if category is not None and not isinstance(category, str):
        category = c.start_of(category)  # no category, and refused as such
    to_ids = raw.get("to_ids")
    if to_ids is not None and type(to_ids) is not bool:
        to_ids = c.flag("to_ids", to_ids) if isinstance(to_ids, str | int) else True
    if kind == "malware-sample" and raw.get("data") and "|" not in str(value):
        value = f"{value}|{_digest(raw['data'])}"
    checked = check(kind, value, category, to_ids)
    read = Reader(raw)
    attribute = NewAttribute(
        read.get("uuid", c.uuid, BAD_UUID),
        kind,
        checked.category,
        checked.to_ids,
        checked.value1,
        checked.value2,
        read.get("timestamp", c.seconds),
        read.level(5, LEVELS),
    )
    if tuple(map(raw.get, _MORE)) not in _AT_DEFAULT:
        _read_more(read, attribute)
    if attribute.distribution == SHARING_GROUP or any(map(raw.get, _BESIDE)):
        _read_beside(read, attribute)
    read.finish()
    return attribute


def _digest(data: Any) -> str:
    from hashlib import md5  # noqa: PLC0415 — only for samples that name no digest

    return md5(c.base64("data", data) or b"", usedforsecurity=False).hexdigest()


def _read_more(read: Reader, attribute: NewAttribute) -> None:
    """The fields that most attributes leave at their defaults."""
    said = read.said
    if said("comment"):
        attribute.comment = read.get("comment", c.text) or ""
    if said("deleted"):
        attribute.deleted = bool(read.get("deleted", c.flag))
    if said("disable_correlation"):
        attribute.disable_correlation = bool(read.get("disable_correlation", c.flag))
    if said("enforceWarninglist"):
        attribute.unlisted = bool(read.get("enforceWarninglist", c.flag))
    if said("object_relation"):
        attribute.object_relation = read.get("object_relation", c.text) or None
    if said("first_seen") or said("last_seen"):
        attribute.first_seen = read.get("first_seen", c.microseconds, BAD_TIME)
        attribute.last_seen = read.get("last_seen", c.microseconds, BAD_TIME)
        _in_order(read, attribute.first_seen, attribute.last_seen)


def _read_beside(read: Reader, attribute: NewAttribute) -> None:
    """What hangs on an attribute."""
    raw = read.raw
    if attribute.distribution == SHARING_GROUP:
        attribute.group = group_of(raw)
    tags = raw.get("Tag") or raw.get("tags")
    if tags:
        attribute.tags = read_tags(tags)
    if raw.get("Sighting"):
        attribute.sightings = _sightings(raw["Sighting"])
    if raw.get("data"):
        attribute.data = read.get("data", c.base64)
        attribute.encrypt = attribute.type == "malware-sample" and bool(read.get("encrypt", c.flag))


def _in_order(read: Reader, first: int | None, last: int | None) -> None:
    if first is not None and last is not None and last < first:
        read.errors["last_seen"] = ["Last seen value should be greater than first seen value"]


def _sightings(raw: Any) -> tuple[NewSighting, ...]:
    found = []
    for item in raw if isinstance(raw, list) else []:
        if isinstance(item, dict):
            when = c.seconds("date_sighting", item.get("date_sighting"))
            kind = c.integer("type", item.get("type"), 0, 2) or 0
            source = c.text("source", item.get("source"))
            uuid = c.uuid("uuid", item.get("uuid"))
            found.append(NewSighting(uuid, when or 0, source, kind, read_organisation(item)))
    return tuple(found)


def read_attributes(raw: Any, place: str, refused: list[Refusal]) -> list[NewAttribute]:
    """All that fit; the others go to `refused` under their place."""
    if raw is None:
        return []
    taken = []
    for index, item in enumerate(raw if isinstance(raw, list) else [raw]):
        try:
            read = bare.read(item) if type(item) is Bare else None
            taken.append(read or read_attribute(bare.document(item)))
        except Invalid as error:
            errors = error.errors if isinstance(error, Refused) else {error.field: [error.public]}
            refused.append(Refusal(f"{place}[{index}]", errors, bare.document(item)))
    return taken


def read_proposals(raw: Fields, refused: list[Refusal]) -> list[NewProposal]:
    """The proposals that an event carries, on itself and on attributes, objects' too."""
    found = _proposals(raw, "", refused)
    parents = [("", raw)]
    objects = raw.get("Object")
    if isinstance(objects, list):
        parents += [(f"Object[{i}].", one) for i, one in enumerate(objects)]
    for place, parent in parents:
        items = parent.get("Attribute") if isinstance(parent, dict) else None
        for index, item in enumerate(items if isinstance(items, list) else []):
            if isinstance(item, dict) and item.get("ShadowAttribute"):
                found += _proposals(item, f"{place}Attribute[{index}].", refused)
    return found


def _proposals(parent: Fields, place: str, refused: list[Refusal]) -> list[NewProposal]:
    """Those of the event or of one attribute, whose UUID they then change."""
    several = parent.get("ShadowAttribute")
    attribute_uuid = parent.get("uuid") if place else None
    found = []
    for index, item in enumerate(several if isinstance(several, list) else []):
        try:
            made = read_proposal(item)
            if place:
                made.attribute_uuid = c.uuid("uuid", attribute_uuid)
            found.append(made)
        except Invalid as error:
            errors = error.errors if isinstance(error, Refused) else {error.field: [error.public]}
            refused.append(Refusal(f"{place}ShadowAttribute[{index}]", errors, item))
    return found


def read_proposal(raw: Any) -> NewProposal:
    """One proposal. Raises Refused, Invalid.

    A number in `old_id` says that it changes an attribute, whose UUID is then its own.
    """
    a = read_attribute(raw)
    changes = c.text("old_id", raw.get("old_id")).strip() not in {"", "0"}
    return NewProposal(
        uuid=a.uuid,
        attribute_uuid=c.uuid("old_uuid", raw.get("old_uuid")) or (a.uuid if changes else None),
        type=a.type,
        category=a.category,
        value1=a.value1,
        value2=a.value2,
        to_ids=a.to_ids,
        comment=a.comment,
        timestamp=a.timestamp,
        first_seen=a.first_seen,
        last_seen=a.last_seen,
        is_deletion=c.flag("proposal_to_delete", raw.get("proposal_to_delete")),
        disable_correlation=a.disable_correlation,
        deleted=a.deleted,
        organisation=read_organisation(raw, "Org"),
        data=a.data,
    )
