# SPDX-License-Identifier: EUPL-1.2
"""What `events/view` of a MISP answers -> rows as they are stored here.

Unlike an import, nothing is validated anew, normalised or given a default: a house is moved
with its furniture. What the database could not hold, or what names a sharing group that did
not come along, is refused by name. Pure: the numbers of other items are given.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from brug.formats.misp import coercion as c
from brug.formats.misp.reading_fields import read_tags
from brug.intel.attribute_rows import parts_of
from brug.model.attribute_types import TYPES
from brug.model.errors import Invalid
from brug.model.event import INHERIT, OWN_ORGANISATION, SHARING_GROUP
from brug.model.new_event import NewTag
from brug.model.value_key import address, fold, key

Raw = Mapping[str, Any]
Row = dict[str, Any]
BIG = 2**62
_KNOWN = frozenset(TYPES)


class Refusal(msgspec.Struct):
    """An item that could not be taken over: which one, and why."""

    item: str
    reason: str


class Rows(msgspec.Struct):
    """All rows of one event; rows of links name their item by UUID."""

    event: Row
    objects: list[Row] = []
    attributes: list[Row] = []
    references: list[Row] = []
    reports: list[Row] = []
    sightings: list[Row] = []
    keys: list[Row] = []  # that sign a protected event
    tags: tuple[NewTag, ...] = ()
    attribute_tags: list[tuple[str, NewTag]] = []
    data: dict[str, bytes] = {}
    refused: list[Refusal] = []


class Names(msgspec.Struct, frozen=True):
    """How to find the numbers here of what an event names."""

    organisation: Callable[[Raw], int | None]  # {"id", "uuid"} -> number
    group: Callable[[Any], int | None]
    user: Callable[[str], int]
    keeps_ids: bool


def rows_of(raw: Raw, listed: Raw, names: Names) -> Rows:
    """`listed` is the event's row in the index. Raises Invalid for the event itself."""
    return _Reader(names).read(raw, listed)


class _Reader:
    def __init__(self, names: Names) -> None:
        self._names = names
        self._rows = Rows({})

    def read(self, raw: Raw, listed: Raw) -> Rows:
        self._rows.event = self._event(raw, listed)
        self._rows.tags = read_tags(raw.get("Tag"))
        for item in _list(raw, "Attribute"):
            self._guarded("Attribute", item, lambda i: self._attribute(i, None))
        for item in _list(raw, "Object"):
            self._guarded("Object", item, self._object)
        for item in _list(raw, "EventReport"):
            self._guarded("EventReport", item, self._report)
        for item in _list(raw, "CryptographicKey"):
            self._guarded("CryptographicKey", item, self._key)
        return self._rows

    def _guarded(self, kind: str, item: Raw, read: Callable[[Raw], None]) -> None:
        try:
            read(item)
        except Invalid as error:
            name = f"{kind} {c.start_of(item.get('uuid') or item.get('id') or '?')}"
            self._rows.refused.append(Refusal(name, error.public))

    def _event(self, raw: Raw, listed: Raw) -> Row:
        level = level_of(raw, 4)
        row = {
            "uuid": _uuid(raw),
            "org_id": self._organisation(raw, "Org"),
            "orgc_id": self._organisation(raw, "Orgc"),
            "user_id": self._names.user(c.text("email", raw.get("event_creator_email"))),
            "date": c.day("date", raw.get("date")) or "1970-01-01",
            "info": c.text("info", raw.get("info")),
            "threat_level_id": c.integer("threat_level_id", raw.get("threat_level_id")) or 4,
            "analysis": c.integer("analysis", raw.get("analysis")) or 0,
            "distribution": level,
            "sharing_group_id": self._group(level, raw),
            "published": c.flag("published", raw.get("published")),
            "timestamp": _time(raw, "timestamp"),
            "publish_timestamp": _time(raw, "publish_timestamp"),
            "sighting_timestamp": _time(listed, "sighting_timestamp"),
            "extends_uuid": c.uuid("extends_uuid", raw.get("extends_uuid")),
            "locked": c.flag("locked", raw.get("locked")),
            "proposal_email_lock": c.flag("lock", raw.get("proposal_email_lock")),
            "disable_correlation": c.flag("flag", raw.get("disable_correlation")),
            "protected": None
            if raw.get("protected") is None
            else c.flag("protected", raw["protected"]),
        }
        return self._numbered(row, raw)

    def _organisation(self, raw: Raw, name: str) -> int:
        named = raw.get(name)
        found = self._names.organisation(named) if isinstance(named, dict) else None
        if found is None:
            raise Invalid(name, "an organisation that came along", c.start_of(named))
        return found

    def _group(self, level: int, raw: Raw) -> int | None:
        if level != SHARING_GROUP:
            return None
        found = self._names.group(raw.get("sharing_group_id"))
        if found is None:
            # At any other level it would be seen by others than before.
            raise Invalid(
                "sharing_group_id", "a sharing group that came along",
                c.start_of(raw.get("sharing_group_id")),
            )  # fmt: skip
        return found

    def _numbered(self, row: Row, raw: Raw) -> Row:
        if not self._names.keeps_ids:
            return row
        number = c.integer("id", raw.get("id"), 1, BIG)
        if number is None:
            raise Invalid("id", "a number")
        return {"id": number} | row

    def _common(self, raw: Raw) -> Row:
        level = level_of(raw, INHERIT)
        return {
            "uuid": _uuid(raw),
            "distribution": level,
            "sharing_group_id": self._group(level, raw),
            "timestamp": _time(raw, "timestamp"),
            "deleted": c.flag("deleted", raw.get("deleted")),
        }

    def _attribute(self, raw: Raw, object_uuid: str | None) -> None:
        kind = c.text("type", raw.get("type"))
        if not kind:
            raise Invalid("type", "a type")
        first, second = parts(kind, c.text("value", raw.get("value")))
        quiet = c.flag("disable_correlation", raw.get("disable_correlation"))
        row = self._common(raw) | {
            "object": object_uuid,
            "type": kind,
            "category": c.text("category", raw.get("category")),
            "value1": first,
            "value2": second,
            "key1": key(fold(first)),
            "key2": key(fold(second)) if second else None,
            "parts": 0 if quiet else parts_of(kind) if kind in _KNOWN else 1,
            "ip": address(kind, first, second),
            "to_ids": c.flag("to_ids", raw.get("to_ids")),
            "disable_correlation": quiet,
            "object_relation": c.text("object_relation", raw.get("object_relation")) or None,
            "comment": c.text("comment", raw.get("comment")),
            "first_seen": c.microseconds("first_seen", raw.get("first_seen")),
            "last_seen": c.microseconds("last_seen", raw.get("last_seen")),
        }
        uuid = row["uuid"]
        if raw.get("data"):
            self._rows.data[uuid] = c.base64("data", raw["data"]) or b""
        self._rows.attributes.append(self._numbered(row, raw))
        self._rows.attribute_tags += [(uuid, tag) for tag in read_tags(raw.get("Tag"))]
        for item in _list(raw, "Sighting"):
            self._guarded("Sighting", item, lambda s: self._sighting(s, uuid))

    def _object(self, raw: Raw) -> None:
        row = self._common(raw) | {
            "name": c.text("name", raw.get("name")),
            "meta_category": c.text("meta-category", raw.get("meta-category")),
            "description": c.text("description", raw.get("description")),
            "template_uuid": c.text("template_uuid", raw.get("template_uuid")),
            "template_version": c.text("template_version", raw.get("template_version")),
            "comment": c.text("comment", raw.get("comment")),
            "first_seen": c.microseconds("first_seen", raw.get("first_seen")),
            "last_seen": c.microseconds("last_seen", raw.get("last_seen")),
        }
        uuid = row["uuid"]
        self._rows.objects.append(self._numbered(row, raw))
        for item in _list(raw, "Attribute"):
            self._guarded("Attribute", item, lambda i: self._attribute(i, uuid))
        for item in _list(raw, "ObjectReference"):
            self._guarded("ObjectReference", item, lambda r: self._reference(r, uuid))

    def _reference(self, raw: Raw, object_uuid: str) -> None:
        target = c.uuid("referenced_uuid", raw.get("referenced_uuid"))
        if target is None:
            raise Invalid("referenced_uuid", "the UUID of an object or attribute")
        row = {
            "uuid": _uuid(raw),
            "object": object_uuid,
            "source_uuid": object_uuid,
            "referenced_uuid": target,
            "referenced_type": c.integer("type", raw.get("referenced_type"), 0, 1) or 0,
            "relationship_type": c.text("relationship_type", raw.get("relationship_type")),
            "comment": c.text("comment", raw.get("comment")),
            "timestamp": _time(raw, "timestamp"),
            "deleted": c.flag("deleted", raw.get("deleted")),
        }
        self._rows.references.append(self._numbered(row, raw))

    def _report(self, raw: Raw) -> None:
        row = self._common(raw) | {
            "name": c.text("name", raw.get("name")),
            "content": c.text("content", raw.get("content")),
        }
        self._rows.reports.append(self._numbered(row, raw))

    def _key(self, raw: Raw) -> None:
        row = {
            "uuid": _uuid(raw),
            "key_data": c.text("key_data", raw.get("key_data")),
            "fingerprint": c.text("fingerprint", raw.get("fingerprint")),
            "revoked": c.flag("revoked", raw.get("revoked")),
            "timestamp": _time(raw, "timestamp"),
        }
        self._rows.keys.append(row)

    def _sighting(self, raw: Raw, attribute_uuid: str) -> None:
        named = raw.get("Organisation")
        reporter = self._names.organisation(named) if isinstance(named, dict) else None
        row = {
            "uuid": _uuid(raw),
            "attribute": attribute_uuid,
            "org_id": reporter or self._rows.event["org_id"],
            "date_sighting": _time(raw, "date_sighting"),
            "source": c.text("source", raw.get("source")),
            "type": c.integer("type", raw.get("type"), 0, 2) or 0,
        }
        self._rows.sightings.append(self._numbered(row, raw))


def parts(kind: str, value: str) -> tuple[str, str]:
    """The parts of a composite, as MISP keeps them in two columns."""
    if "|" in kind or kind == "malware-sample":
        first, _, second = value.partition("|")
        return first, second
    return value, ""


def _uuid(raw: Raw) -> str:
    found = c.uuid("uuid", raw.get("uuid"))
    if found is None:
        raise Invalid("uuid", "a UUID")
    return found


def _time(raw: Raw, name: str) -> int:
    return c.seconds(name, raw.get(name)) or 0


def level_of(raw: Raw, highest: int) -> int:
    """A level that there is; a stock MISP stores others, which here are the narrowest."""
    try:
        return c.integer("distribution", raw.get("distribution"), 0, highest) or 0
    except Invalid:
        return OWN_ORGANISATION


def _list(raw: Raw, name: str) -> list[Raw]:
    found = raw.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
