# SPDX-License-Identifier: EUPL-1.2
"""The normal form of an event, which two installations have in common if they hold the same.

Canonical JSON in the manner of RFC 8785 (sorted names, no spaces, UTF-8) over the fields
below, lists sorted; its SHA-256 is the event's digest. Described in docs/reference/moving.md.
Left out is what belongs to an installation: numbers of links, texts that are derived,
relations, warnings. Pure: no database, no network.
"""

import hashlib
from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from brug.formats.misp import coercion as c
from brug.model.errors import Invalid

Fields = Mapping[str, Callable[[Any], Any]]
Groups = Mapping[str, str]  # number of a sharing group there -> UUID


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _uuid(value: Any) -> str:
    return _text(value).lower()


def _number(value: Any) -> int | str:
    try:
        return int(value or 0)
    except (TypeError, ValueError):
        return str(value)


def _flag(value: Any) -> bool | str:
    try:
        return c.flag("flag", value)
    except Invalid:
        return str(value)


def _moment(value: Any) -> int | None:
    try:
        return c.microseconds("moment", value)
    except Invalid:
        return None


def _optional(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


_EVENT: Fields = {
    "uuid": _uuid, "date": _text, "info": _text, "threat_level_id": _number, "analysis": _number,
    "distribution": _number, "published": _flag, "timestamp": _number,
    "publish_timestamp": _number, "disable_correlation": _flag, "extends_uuid": _uuid,
    "locked": _flag, "protected": _flag,
}  # fmt: skip
_ATTRIBUTE: Fields = {
    "uuid": _uuid, "type": _text, "category": _text, "value": _text, "to_ids": _flag,
    "comment": _text, "distribution": _number, "timestamp": _number, "deleted": _flag,
    "disable_correlation": _flag, "object_relation": _optional, "first_seen": _moment,
    "last_seen": _moment,
}  # fmt: skip
_OBJECT: Fields = {
    "uuid": _uuid, "name": _text, "meta-category": _text, "description": _text,
    "template_uuid": _text, "template_version": _text, "distribution": _number,
    "timestamp": _number, "comment": _text, "deleted": _flag, "first_seen": _moment,
    "last_seen": _moment,
}  # fmt: skip
_REFERENCE: Fields = {
    "uuid": _uuid, "source_uuid": _uuid, "referenced_uuid": _uuid, "relationship_type": _text,
    "comment": _text, "timestamp": _number, "deleted": _flag,
}  # fmt: skip
_REPORT: Fields = {
    "uuid": _uuid, "name": _text, "content": _text, "distribution": _number,
    "timestamp": _number, "deleted": _flag,
}  # fmt: skip
_SIGHTING: Fields = {"uuid": _uuid, "date_sighting": _number, "source": _text, "type": _number}


class Normaliser:
    """Makes normal forms of one installation's answers."""

    def __init__(self, groups: Groups, *, numbers: bool) -> None:
        """`numbers`: the numbers of events, attributes, objects and reports have to agree."""
        self._groups = groups
        self._numbers = numbers

    def event(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """An event as `events/view` answers it, deleted items included."""
        made = self._item(_EVENT, raw)
        made["org"], made["orgc"] = _organisation(raw, "Org"), _organisation(raw, "Orgc")
        made["tags"] = _tags(raw)
        made["attributes"] = _sorted(self._attribute(a) for a in _list(raw, "Attribute"))
        made["objects"] = _sorted(self._object(o) for o in _list(raw, "Object"))
        made["reports"] = _sorted(self._item(_REPORT, r) for r in _list(raw, "EventReport"))
        return made

    def _item(self, fields: Fields, raw: Mapping[str, Any]) -> dict[str, Any]:
        made = {name: read(raw.get(name)) for name, read in fields.items()}
        if made.get("distribution") == 4:
            made["group"] = self._groups.get(str(raw.get("sharing_group_id")), "")
        if self._numbers and "id" in raw:
            made["id"] = _number(raw["id"])
        return made

    def _attribute(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        made = self._item(_ATTRIBUTE, raw)
        made["tags"] = _tags(raw)
        made["sightings"] = _sorted(
            {name: read(s.get(name)) for name, read in _SIGHTING.items()}
            | {"org": _organisation(s, "Organisation")}
            for s in _list(raw, "Sighting")
        )
        if raw.get("data"):
            made["data"] = hashlib.sha256(_bytes(raw["data"])).hexdigest()
        return made

    def _object(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        made = self._item(_OBJECT, raw)
        made["attributes"] = _sorted(self._attribute(a) for a in _list(raw, "Attribute"))
        made["references"] = _sorted(
            {name: read(r.get(name)) for name, read in _REFERENCE.items()}
            for r in _list(raw, "ObjectReference")
        )
        return made


def digest(normal: Mapping[str, Any]) -> bytes:
    """SHA-256 of the canonical JSON of a normal form."""
    return hashlib.sha256(msgspec.json.encode(normal, order="sorted")).digest()


def differences(there: Any, here: Any, path: str = "") -> list[str]:
    """Where two normal forms differ, as paths with UUIDs, at most twenty."""
    found: list[str] = []
    if isinstance(there, dict) and isinstance(here, dict):
        for name in sorted(there.keys() | here.keys()):
            inner = f"{path}.{name}".removeprefix(".")
            found += differences(there.get(name), here.get(name), inner)
    elif isinstance(there, list) and isinstance(here, list):
        one, two = _by_name(there), _by_name(here)
        for name in sorted(one.keys() | two.keys()):
            if name not in two:
                found.append(f"{path}[{name}]: missing here")
            elif name not in one:
                found.append(f"{path}[{name}]: only here")
            else:
                found += differences(one[name], two[name], f"{path}[{name}]")
    elif there != here:
        found.append(f"{path}: {str(there)[:60]!r} there, {str(here)[:60]!r} here")
    return found[:20]


def _by_name(items: list[Any]) -> dict[str, Any]:
    return {str(i.get("uuid") if isinstance(i, dict) else i): i for i in items}


def _organisation(raw: Mapping[str, Any], name: str) -> str:
    found = raw.get(name)
    return _uuid(found.get("uuid")) if isinstance(found, dict) else ""


def _tags(raw: Mapping[str, Any]) -> list[Any]:
    return sorted(
        [_text(t.get("name")), _flag(t.get("local")), _text(t.get("relationship_type") or "")]
        for t in _list(raw, "Tag")
    )


def _list(raw: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = raw.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _sorted(items: Any) -> list[Any]:
    return sorted(items, key=lambda item: (str(item["uuid"]), str(item)))


def _bytes(data: Any) -> bytes:
    try:
        return b64decode(str(data))
    except (BadBase64, ValueError):
        return str(data).encode()
