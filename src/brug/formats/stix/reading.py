# SPDX-License-Identifier: EUPL-1.2
"""A STIX 2.0 or 2.1 bundle -> an event of MISP's core format, and what that cannot carry.

Indicators and observables become attributes and objects, reports and groupings the event
and its reports, markings and labels tags. The document itself is kept beside the event by
the caller, byte for byte; what was not taken over is named, never dropped in silence.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from brug.formats.stix.pattern_reading import comparisons, type_of
from brug.model.errors import Invalid

Json = dict[str, Any]
MOST_OBJECTS = 100_000
FILE_TEMPLATE = "688c46fb-5edb-40a3-8273-1af7923e2215"
_UUID = re.compile(r"--([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$", re.IGNORECASE)
# Languages of detection rules that are attribute types of their own.
_RULES = {"yara": "yara", "sigma": "sigma", "snort": "snort", "suricata": "snort", "pcre": "text"}
_OBSERVED = {
    "ipv4-addr", "ipv6-addr", "domain-name", "url", "email-addr", "file", "mutex",
    "windows-registry-key", "autonomous-system", "mac-addr", "x509-certificate",
    "email-message",
}  # fmt: skip
# Named things that an event can name too; their descriptions and relations stay behind.
_NAMED = {
    "vulnerability": "vulnerability", "campaign": "campaign-name", "threat-actor": "threat-actor",
    "intrusion-set": "threat-actor",
}  # fmt: skip
_CARRIED = {"report", "grouping", "marking-definition", "identity", "note", "observed-data"}


class Reading(msgspec.Struct):
    """`event` in MISP's JSON; `lost` says what of the document it does not hold."""

    event: Json
    version: str
    lost: list[str]


def read_bundle(document: Any) -> Reading:
    """Raises Invalid for what is no bundle."""
    if not isinstance(document, dict) or document.get("type") != "bundle":
        raise Invalid("type", "a STIX bundle")
    objects = document.get("objects")
    if not isinstance(objects, list) or not objects:
        raise Invalid("objects", "a list of STIX objects")
    if len(objects) > MOST_OBJECTS:
        raise Invalid("objects", f"at most {MOST_OBJECTS} objects")
    several = [one for one in objects if isinstance(one, dict)]
    return _Bundle(document, several).read()


class _Bundle:
    """One bundle on its way."""

    def __init__(self, document: Json, objects: list[Json]) -> None:
        self._document, self._objects = document, objects
        self._by_id = {str(one.get("id")): one for one in objects}
        self._lost: Counter[str] = Counter()
        self._event: Json = {"Attribute": [], "Object": [], "EventReport": [], "Tag": []}
        self._taken: set[str] = set()

    def read(self) -> Reading:
        version = "2.1" if any("spec_version" in one for one in self._objects) else "2.0"
        self._head(version)
        for one in self._objects:
            self._one(one)
        self._event["Tag"] = [{"name": name} for name in dict.fromkeys(self._event["Tag"])]
        lost = [f"{count} x {what}" for what, count in sorted(self._lost.items())]
        return Reading(self._event, version, lost)

    def _head(self, version: str) -> None:
        heads = [one for one in self._objects if one.get("type") in {"report", "grouping"}]
        bundle = str(self._document.get("id") or "")
        self._event["info"] = (
            f"STIX {version} Bundle ({bundle}) and converted with the MISP-STIX import feature."
        )
        uuid = _uuid(bundle)
        if len(heads) == 1:
            head = heads[0]
            self._event["info"] = _text(head.get("name")) or self._event["info"]
            uuid = _uuid(head.get("id")) or uuid
            day = _text(head.get("published") or head.get("created"))[:10]
            if re.fullmatch(r"\d{4}-\d\d-\d\d", day):
                self._event["date"] = day
        if uuid:
            self._event["uuid"] = uuid

    def _one(self, one: Json) -> None:
        kind = str(one.get("type"))
        if kind == "indicator":
            self._indicator(one)
        elif kind == "observed-data":
            self._observed(one)
        elif kind in _OBSERVED:
            self._observable(one, {}, kept_id=True)
        elif kind in {"report", "grouping"}:
            self._report(one, one.get("description"))
            self._event["Tag"] += self._tags(one)
        elif kind == "note":
            self._report(one, one.get("content"), one.get("abstract"))
        elif kind in _NAMED and _text(one.get("name")):
            self._attribute(_NAMED[kind], _text(one["name"]), one, to_ids=False)
            self._lost[f"description and relations of {kind}"] += 1
        elif kind not in _CARRIED:
            self._lost[kind[:60]] += 1

    def _report(self, one: Json, content: Any, name: Any = None) -> None:
        if _text(content):
            title = _text(name) or _text(one.get("name")) or str(one.get("type"))
            self._event["EventReport"].append(
                {"name": title[:255], "content": _text(content), "distribution": 5}
            )

    def _indicator(self, one: Json) -> None:
        pattern, language = _text(one.get("pattern")), one.get("pattern_type", "stix")
        if language != "stix":
            kind = _RULES.get(str(language))
            if kind:
                self._attribute(kind, pattern, one, to_ids=True)
            else:
                self._lost[f"indicator in {str(language)[:40]}"] += 1
            return
        found = [(type_of(p, v), p, v) for p, v in comparisons(pattern)]
        if not found or any(kind is None for kind, _, _ in found):
            self._attribute("stix2-pattern", pattern, one, to_ids=True)
            return
        values = [(str(kind), value) for kind, _, value in found]
        about_files = all(path.startswith("file:") for _, path, _ in found)
        if about_files and len(values) > 1 and " OR " not in pattern:
            self._file(values, one, to_ids=True)
        else:
            for kind, value in values:
                self._attribute(kind, value, one, to_ids=True, kept_id=len(values) == 1)

    def _observed(self, one: Json) -> None:
        if isinstance(one.get("objects"), Mapping):  # STIX 2.0
            for inner in one["objects"].values():
                if isinstance(inner, dict) and inner.get("type") in _OBSERVED:
                    self._observable(inner, one, kept_id=False)
                elif isinstance(inner, dict):
                    self._lost[f"observed {str(inner.get('type'))[:40]}"] += 1
        for ref in one.get("object_refs") or []:
            inner = self._by_id.get(str(ref))
            if inner is not None and inner.get("type") in _OBSERVED:
                self._observable(inner, one, kept_id=True)

    def _observable(self, inner: Json, about: Json, *, kept_id: bool) -> None:
        """An observable once, with the times of what observed it where that came first."""
        identity = str(inner.get("id") or "")
        if kept_id and identity in self._taken:
            return
        if kept_id:
            self._taken.add(identity)
        kind = str(inner["type"])
        values = list(_values(kind, inner))
        source = {**about, "id": identity} if kept_id else {**about, "id": ""}
        if not values:
            self._lost[f"{kind} without a value"] += 1
        elif kind == "file" and len(values) > 1:
            self._file(values, source, to_ids=False)
        else:
            for name, value in values:
                self._attribute(name, value, source, to_ids=False, kept_id=len(values) == 1)

    def _attribute(
        self, kind: str, value: str, about: Json, *, to_ids: bool, kept_id: bool = True
    ) -> None:
        made = {"type": kind, "value": value, "to_ids": to_ids} | _times(about)
        names = (_text(about.get("name")), _text(about.get("description")))
        made["comment"] = next((t for t in names if t and t != value), "")[:2000]
        if kept_id and (uuid := _uuid(about.get("id"))):
            made["uuid"] = uuid
        made["Tag"] = [{"name": name} for name in self._tags(about)]
        self._event["Attribute"].append(made)

    def _file(self, values: Iterable[tuple[str, str]], about: Json, *, to_ids: bool) -> None:
        # An object has no tags of its own: its attributes bear what the whole is marked with.
        tags = [{"name": name} for name in self._tags(about)]
        inner = [
            {"type": kind, "object_relation": kind, "value": value, "Tag": tags,
             "to_ids": to_ids and kind not in {"filename", "size-in-bytes", "mime-type"}}
            for kind, value in values
        ]  # fmt: skip
        made: Json = {
            "name": "file", "meta-category": "file", "template_uuid": FILE_TEMPLATE,
            "description": "File object describing a file with meta-information",
            "template_version": "24", "comment": _text(about.get("name"))[:2000],
            "Attribute": inner, "distribution": 5,
        }  # fmt: skip
        if uuid := _uuid(about.get("id")):
            made["uuid"] = uuid
        self._event["Object"].append(made | _times(about))

    def _tags(self, one: Json) -> list[str]:
        """Markings by name, and labels."""
        names = [label for label in one.get("labels") or [] if isinstance(label, str)]
        for ref in one.get("object_marking_refs") or []:
            marking = self._by_id.get(str(ref)) or {}
            definition = marking.get("definition")
            said = definition.get("tlp") if isinstance(definition, dict) else None
            name = f"tlp:{said}" if said else _text(marking.get("name"))
            if str(ref) in TLP:
                names.append(TLP[str(ref)])
            elif name.lower().startswith("tlp:"):
                names.append(name.lower())
            else:
                self._lost["marking"] += 1
        return [name[:255] for name in names]


# The identifiers that the standard fixes (STIX 2.1, 7.2.1.4; FIRST's TLP 2.0 extension).
TLP = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "tlp:white",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "tlp:green",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "tlp:amber",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "tlp:red",
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "tlp:clear",
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "tlp:green",
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "tlp:amber",
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "tlp:amber+strict",
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "tlp:red",
}


def _values(kind: str, inner: Json) -> Iterable[tuple[str, str]]:
    """Attribute types and values of an observable object."""
    hashes = inner.get("hashes")
    for name, value in hashes.items() if isinstance(hashes, dict) else ():
        found = type_of(f"{kind}:hashes.'{name}'", str(value))
        if found:
            yield found, str(value)
    for field in ("value", "name", "key", "number", "subject", "message_id", "size"):
        value = inner.get(field)
        found = type_of(f"{kind}:{field}", str(value)) if isinstance(value, str | int) else None
        if found:
            yield found, f"AS{value}" if found == "AS" else str(value)


def _times(one: Json) -> Json:
    """When something was seen or holds, and when it was last changed."""
    found: Json = {}
    changed = _moment(one.get("modified") or one.get("created"))
    if changed:
        found["timestamp"] = int(changed.timestamp())
    first = one.get("first_observed") or one.get("valid_from")
    last = one.get("last_observed") or one.get("valid_until")
    began = _moment(first)
    created = _moment(one.get("created"))
    if began and began != created:  # else it says no more than when it was written
        found["first_seen"] = first
    ended = _moment(last)
    if ended and not (began and ended < began):
        found["last_seen"] = last
    return found


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found and found.tzinfo and 1970 <= found.year < 9999 else None


def _uuid(identity: Any) -> str | None:
    found = _UUID.search(identity) if isinstance(identity, str) else None
    return found[1].lower() if found else None


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
