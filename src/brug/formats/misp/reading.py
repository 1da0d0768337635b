# SPDX-License-Identifier: EUPL-1.2
"""Decoded JSON of MISP's core format -> records about to be stored.

Lenient as MISP is (`coercion`), and complete where MISP is not: an attribute that does not
fit never costs its event; it comes back in `refused` with its place, what was wrong with
which field, and the item as it was sent, so that it can be replayed.
"""

from collections.abc import Callable
from typing import Any

from brug.formats.misp import coercion as c
from brug.formats.misp.analyst_inside import inside, name_carriers
from brug.formats.misp.bearing import bearing
from brug.formats.openpgp_signing import read_signer
from brug.model.attribute_types import Refused, check
from brug.model.errors import Invalid
from brug.model.event import (
    SHARING_GROUP,
    GroupRef,
    NewAttribute,
    NewEvent,
    NewKey,
    NewObject,
    NewProposal,
    NewReference,
    NewReport,
    NewSighting,
    NewTag,
    OrganisationRef,
    Refusal,
)

_LEVELS = "Your organisation only, This community only, Connected communities, All communities"
EVENT_LEVELS = f"Options : {_LEVELS}"
LEVELS = f"Options: {_LEVELS}, Sharing group, Inherit event"
THREAT_LEVELS = "Options : 1, 2, 3, 4 (for High, Medium, Low, Undefined)"
ANALYSES = "Options : 0, 1, 2 (for Initial, Ongoing, Completed)"
BAD_UUID = "Please provide a valid RFC 4122 UUID"
BAD_TIME = "Invalid ISO 8601 format"

Fields = dict[str, Any]


class _Reader:
    """Reads fields of one item, and gathers what is wrong with them by MISP's texts."""

    __slots__ = ("errors", "raw")

    def __init__(self, raw: Fields) -> None:
        self.raw = raw
        self.errors: dict[str, list[str]] = {}

    def get(self, name: str, how: Callable[[str, Any], Any], refusal: str | None = None) -> Any:
        value = self.raw.get(name)
        if value is None:
            return None
        try:
            return how(name, value)
        except Invalid as error:
            self.errors.setdefault(name, []).append(refusal or error.public)
            return None

    def level(self, highest: int, options: str) -> int | None:
        said = self.raw.get("distribution")
        if type(said) is int and 0 <= said <= highest:
            return said
        return self.get(  # type: ignore[no-any-return]
            "distribution", lambda f, v: c.integer(f, v, 0, highest), options
        )

    def said(self, name: str) -> bool:
        """Whether a field says something else than no."""
        value = self.raw.get(name)
        return value is not None and value is not False and value != ""

    def finish(self) -> None:
        if self.errors:
            raise Refused(self.errors)


def group_of(raw: Fields) -> GroupRef | None:
    """The sharing group that an item names, embedded or by number."""
    embedded = raw.get("SharingGroup")
    if isinstance(embedded, dict) and isinstance(embedded.get("uuid"), str):
        uuid = c.uuid("SharingGroup.uuid", embedded["uuid"])
        return GroupRef(uuid=uuid, name=c.text("name", embedded.get("name")))
    value = raw.get("sharing_group_id")
    if value in {None, "", 0, "0"} if not isinstance(value, list | dict) else True:
        return None
    if isinstance(value, str) and len(value) == 36:
        return GroupRef(uuid=c.uuid("sharing_group_id", value))
    return GroupRef(id=c.integer("sharing_group_id", value))


def read_tags(raw: Any) -> tuple[NewTag, ...]:
    """Tags as MISP sends them: names, objects, `{"Tag": {...}}`; unreadable ones are left."""
    if isinstance(raw, dict):
        raw = [raw]
    if not isinstance(raw, list):
        return ()
    tags = []
    for item in raw:
        found = item.get("Tag", item) if isinstance(item, dict) else {"name": item}
        if isinstance(found, dict) and isinstance(found.get("name"), str) and found["name"].strip():
            tags.append(_tag(found))
    return tuple(tags)


def _tag(raw: Fields) -> NewTag:
    return NewTag(
        name=c.text("name", raw["name"])[:255],
        colour=colour if isinstance(colour := raw.get("colour"), str) else None,
        local=c.flag("local", raw.get("local")),
        relationship_type=c.text("relationship_type", raw.get("relationship_type")) or None,
        exportable=c.flag("exportable", raw.get("exportable"), default=True),
        numerical_value=c.integer("numerical_value", raw.get("numerical_value"), -(2**31)),
    )


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
    read = _Reader(raw)
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


def _read_more(read: _Reader, attribute: NewAttribute) -> None:
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


def _read_beside(read: _Reader, attribute: NewAttribute) -> None:
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


def _in_order(read: _Reader, first: int | None, last: int | None) -> None:
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


def read_organisation(raw: Fields, *names: str) -> OrganisationRef | None:
    """The organisation embedded under one of the names, if it has a UUID and a name."""
    for name in names or ("Organisation", "Orgc", "Org"):
        found = raw.get(name)
        if isinstance(found, dict) and found.get("uuid") and found.get("name"):
            uuid = c.uuid(f"{name}.uuid", found["uuid"])
            return OrganisationRef(0, c.text("name", found["name"])[:255], uuid or "")
    return None


def read_attributes(raw: Any, place: str, refused: list[Refusal]) -> list[NewAttribute]:
    """All that fit; the others go to `refused` under their place."""
    if raw is None:
        return []
    taken = []
    for index, item in enumerate(raw if isinstance(raw, list) else [raw]):
        try:
            taken.append(read_attribute(item))
        except Refused as error:
            refused.append(Refusal(f"{place}[{index}]", error.errors, item))
        except Invalid as error:
            refused.append(Refusal(f"{place}[{index}]", {error.field: [error.public]}, item))
    return taken


def read_object(raw: Any, place: str, refused: list[Refusal]) -> NewObject:
    """One object with its attributes and references. Raises Refused for the object itself."""
    if not isinstance(raw, dict):
        raise Refused({"Object": ["An object has to be a JSON object."]})
    read = _Reader(raw)
    name = read.get("name", c.text)
    if not name:
        read.errors.setdefault("name", ["Name cannot be empty."])
    made = NewObject(
        uuid=read.get("uuid", c.uuid, BAD_UUID),
        name=name or "",
        meta_category=read.get("meta-category", c.text) or "",
        description=read.get("description", c.text) or "",
        template_uuid=read.get("template_uuid", c.text) or "",
        template_version=read.get("template_version", c.text) or "0",
        timestamp=read.get("timestamp", c.seconds),
        distribution=read.level(5, LEVELS),
        group=group_of(raw),
        comment=read.get("comment", c.text) or "",
        deleted=bool(read.get("deleted", c.flag)),
        first_seen=read.get("first_seen", c.microseconds, BAD_TIME),
        last_seen=read.get("last_seen", c.microseconds, BAD_TIME),
        unlike_others=bool(read.get("breakOnDuplicate", c.flag)),
    )
    read.finish()
    made.attributes = read_attributes(raw.get("Attribute"), f"{place}.Attribute", refused)
    made.references = _references(raw.get("ObjectReference"), f"{place}.ObjectReference", refused)
    return made


def _references(raw: Any, place: str, refused: list[Refusal]) -> list[NewReference]:
    found = []
    for index, item in enumerate(raw if isinstance(raw, list) else []):
        try:
            found.append(_reference(item))
        except Invalid as error:
            refused.append(Refusal(f"{place}[{index}]", {error.field: [error.public]}, item))
    return found


def _reference(raw: Any) -> NewReference:
    if not isinstance(raw, dict):
        raise Invalid("ObjectReference", "an object", c.start_of(raw))
    target = c.uuid("referenced_uuid", raw.get("referenced_uuid"))
    if target is None:
        raise Invalid("referenced_uuid", "the UUID of an object or attribute of the event")
    return NewReference(
        uuid=c.uuid("uuid", raw.get("uuid")),
        referenced_uuid=target,
        relationship_type=c.text("relationship_type", raw.get("relationship_type")),
        comment=c.text("comment", raw.get("comment")),
        timestamp=c.seconds("timestamp", raw.get("timestamp")),
        deleted=c.flag("deleted", raw.get("deleted")),
    )


def _objects(raw: Any, refused: list[Refusal]) -> list[NewObject]:
    found = []
    for index, item in enumerate(raw if isinstance(raw, list) else []):
        place = f"Object[{index}]"
        try:
            found.append(read_object(item, place, refused))
        except Refused as error:
            refused.append(Refusal(place, error.errors, item))
        except Invalid as error:
            refused.append(Refusal(place, {error.field: [error.public]}, item))
    return found


def read_report(raw: Any) -> NewReport:
    """One report. Raises Refused."""
    if not isinstance(raw, dict):
        raise Refused({"EventReport": ["A report has to be a JSON object."]})
    read = _Reader(raw)
    name = read.get("name", c.text)
    if not name:
        read.errors.setdefault("name", ["Name cannot be empty."])
    made = NewReport(
        uuid=read.get("uuid", c.uuid, BAD_UUID),
        name=name or "",
        content=read.get("content", c.text) or "",
        distribution=read.level(5, LEVELS),
        group=group_of(raw),
        timestamp=read.get("timestamp", c.seconds),
        deleted=bool(read.get("deleted", c.flag)),
    )
    read.finish()
    return made


def _reports(raw: Any, refused: list[Refusal]) -> list[NewReport]:
    found = []
    for index, item in enumerate(raw if isinstance(raw, list) else []):
        try:
            found.append(read_report(item))
        except Refused as error:
            refused.append(Refusal(f"EventReport[{index}]", error.errors, item))
    return found


def read_keys(raw: Any, refused: list[Refusal]) -> list[NewKey]:
    """The keys that sign a protected event."""
    found = []
    for index, item in enumerate(raw if isinstance(raw, list) else []):
        try:
            sent = item if isinstance(item, dict) else {}
            signer = read_signer(c.text("key_data", sent.get("key_data")))
            uuid = c.uuid("uuid", sent.get("uuid"))
            revoked = c.flag("revoked", sent.get("revoked"))
            found.append(NewKey(uuid, signer.text, signer.fingerprint, revoked))
        except Invalid as error:
            errors = {error.field: [error.public]}
            refused.append(Refusal(f"CryptographicKey[{index}]", errors, item))
    return found


def read_event(raw: Fields, *, partial: bool = False) -> NewEvent:
    """An event and all that fits of what hangs on it.

    Raises Refused for the event's own fields; `partial` allows an edit without `info`.
    """
    bearers = bearing(raw)
    name_carriers(bearers)
    read = _Reader(bearers)
    info = read.get("info", c.text)
    if not (info or "").strip() and not (partial and "info" not in raw):
        read.errors.setdefault("info", ["Info cannot be empty."])
    event = NewEvent(
        uuid=read.get("uuid", c.uuid, BAD_UUID),
        info=info or "",
        date=read.get("date", c.day, "Expected date format: YYYY-MM-DD"),
        threat_level_id=read.get("threat_level_id", _choice(1, 4), THREAT_LEVELS),
        analysis=read.get("analysis", _choice(0, 2), ANALYSES),
        distribution=read.level(4, EVENT_LEVELS),
        group=group_of(raw),
        published=read.get("published", c.flag),
        timestamp=read.get("timestamp", c.seconds),
        publish_timestamp=read.get("publish_timestamp", c.seconds),
        extends_uuid=_extends(read),
        disable_correlation=read.get("disable_correlation", c.flag),
        protected=read.get("protected", c.flag),
        orgc=read_organisation(raw, "Orgc"),
        locked=read.get("locked", c.flag),
    )
    read.finish()
    event.tags = list(read_tags(raw.get("Tag") or raw.get("EventTag")))
    event.attributes = read_attributes(raw.get("Attribute"), "Attribute", event.refused)
    event.objects = _objects(raw.get("Object"), event.refused)
    event.reports = _reports(raw.get("EventReport"), event.refused)
    event.analyst = inside(bearers)
    event.keys = read_keys(raw.get("CryptographicKey"), event.refused)
    event.proposals = read_proposals(raw, event.refused)
    return event


def _extends(read: _Reader) -> str | None:
    """An empty text clears it; a number is resolved by whoever has the database."""
    return read.get("extends_uuid", c.uuid, "Please provide a valid UUID") or None


def _choice(low: int, high: int) -> Callable[[str, Any], int | None]:
    return lambda field, value: c.integer(field, value, low, high)
