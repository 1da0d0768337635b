# SPDX-License-Identifier: EUPL-1.2
"""What a STIX 1.1.1 package says of an event, before it is XML or JSON.

As MISP's converter: a package an event, an incident in it; what is for detection is a related
indicator, other known types are related observables, the rest stands in the history.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from brug.formats.stix import cybox, patterns

Read = Mapping[str, Any]
TOOL = 'misp:tool="MISP-STIX-Converter"'
_PREFIX = re.compile(r"[^A-Za-z0-9_]+")
_TLP = {"tlp:white": "WHITE", "tlp:clear": "WHITE", "tlp:green": "GREEN", "tlp:amber": "AMBER",
        "tlp:amber+strict": "RED", "tlp:red": "RED"}  # fmt: skip


_STATUS = {"0": "New", "1": "Open", "2": "Closed"}
_LEVELS = {"1": "High", "2": "Medium", "3": "Low", "4": "Undefined"}


class Source(NamedTuple):
    """The node: the prefix and namespace of its ids, its name, and when it wrote."""

    prefix: str
    namespace: str
    name: str
    now: str


def source(name: str, base_url: str, now: str) -> Source:
    prefix = _PREFIX.sub("_", name).strip("_") or "MISP"
    prefix = prefix if prefix[0].isalpha() and prefix.isascii() else f"MISP_{prefix}"
    known = {one.lower() for one in cybox.NAMESPACES}
    if prefix.lower() in known or prefix.lower().startswith("xml"):
        prefix = f"MISP_{prefix}"
    return Source(prefix, base_url or "http://localhost", name or "MISP", now)


class Thing(NamedTuple):
    """The properties of a CybOX object: values by element and key, attributes, a hash."""

    shape: cybox.CyboxObject
    values: tuple[tuple[cybox.Property, str], ...]
    attributes: tuple[tuple[str, str], ...]
    hash: tuple[str, str] | None = None


_FILE = cybox.OBJECTS["filename"]
_HASHED = _FILE._replace(watchlist="File Hash Watchlist")


def thing(a: Read) -> Thing | None:
    """The object of an attribute; None where its type has none."""
    kind, value = a["type"], str(a.get("value") or "")
    parts = value.split("|", 1) if "|" in kind else [value]
    parts += [""] * (2 - len(parts))
    if found := cybox.HASHES.get(kind):
        named = parts[found.name_part - 1] if found.name_part else ""
        values = ((_FILE.properties[0], named),) if named else ()
        return Thing(_HASHED, values, (), (found.type, parts[found.part - 1]))
    shape = cybox.OBJECTS.get(kind)
    if shape is None or not value:
        return None
    attributes = shape.attributes
    if shape.name == "Address" and kind.startswith("ip-"):
        family = patterns.address_type(parts[0])
        if not family:
            return None
        attributes = (("category", family), *attributes)
    return Thing(shape, tuple((p, parts[p.part - 1]) for p in shape.properties), attributes)


def colour(tags: list[str]) -> str:
    """The strictest TLP of STIX 1, "" for none; AMBER+STRICT, which it has not, is RED."""
    found = [_TLP[tag.lower()] for tag in tags if tag.lower() in _TLP]
    return max(found, key=["WHITE", "GREEN", "AMBER", "RED"].index, default="")


def moment(seconds: Any) -> str:
    return _moment(int(seconds or 0))


# The items of an event come in the same few seconds.
@lru_cache(maxsize=1024)
def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def tags(item: Read) -> list[str]:
    return [tag["name"] for tag in item.get("Tag") or []]


def statements(names: list[str]) -> list[str]:
    """Tags that are no TLP marking."""
    return [name for name in names if name.lower() not in _TLP]


class Sorted(NamedTuple):
    """The attributes of an event, those of its objects too, by how they are written."""

    indicators: list[tuple[Read, Thing]]
    observables: list[tuple[Read, Thing]]
    history: list[Read]


def sort(event: Read) -> Sorted:
    made = Sorted([], [], [])
    objects = event.get("Object") or []
    inside = [a for o in objects for a in o.get("Attribute") or []]
    for a in [*(event.get("Attribute") or []), *inside]:
        found = thing(a)
        if found is None:
            made.history.append(a)
        else:
            (made.indicators if a.get("to_ids") else made.observables).append((a, found))
    return made


def title(a: Read) -> str:
    return f"{a['category']}: {a.get('value', '')} (MISP Attribute)"


def discovered(event: Read) -> str:
    """The event's date as a time, "" for none."""
    day = event.get("date")
    return f"{day}T00:00:00+00:00" if day else ""


def status(event: Read) -> str:
    """How far the analysis is, as STIX says what becomes of an incident."""
    return _STATUS.get(str(event.get("analysis", "")), "New")


def journal(event: Read, history: Iterable[Read]) -> list[str]:
    """What stands in the history of an incident, as MISP writes it."""
    level = _LEVELS.get(str(event.get("threat_level_id", "")), "Undefined")
    marks = [TOOL, *statements(tags(event))]
    return [
        f"Event Threat Level: {level}",
        *(f"MISP Tag: {mark}" for mark in marks),
        *(f"attribute[{a['category']}][{a['type']}]: {a.get('value', '')}" for a in history),
    ]
