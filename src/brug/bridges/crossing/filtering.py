# SPDX-License-Identifier: EUPL-1.2
"""What of the events that could cross is wanted: by tag, organisation, attribute type and age.

A name with "!" before it is not wanted; where names without it are given, one of them must be
there. A filter narrows what crosses; it is not what protects anything, which is the gate's work.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Any

from brug.model.attribute_types import TYPES
from brug.model.errors import Invalid

Document = dict[str, Any]
LISTS = ("tags", "orgs", "types")
DAY = 86_400
_TYPES = frozenset(name.lower() for name in TYPES)


def checked(given: Any) -> dict[str, Any]:
    """The filters of a bridge as they are stored. Raises Invalid."""
    if not isinstance(given, Mapping):
        raise Invalid("filters", "an object with tags, orgs, types or days", str(given))
    unknown = sorted(set(given) - {*LISTS, "days"})
    if unknown:
        raise Invalid(f"filters.{unknown[0]}", "one of tags, orgs, types, days")
    found: dict[str, Any] = {}
    for name in LISTS:
        names = given.get(name) or []
        fine = isinstance(names, list) and all(isinstance(n, str) and n.strip("! ") for n in names)
        if not fine:
            raise Invalid(f"filters.{name}", "a list of names", str(names))
        if names:
            found[name] = [n.strip() for n in names]
    for name in found.get("types", []):
        if name.removeprefix("!").strip().lower() not in _TYPES:
            raise Invalid("filters.types", "types of attributes", name)
    days = given.get("days")
    if days is not None:
        if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= 36_500:
            raise Invalid("filters.days", "a number of days from 1 to 36500", str(days))
        found["days"] = days
    return found


def wanted(document: Document, filters: Mapping[str, Any]) -> Document | None:
    """The event without the types that are not wanted, or None where it is not wanted itself."""
    days = filters.get("days")
    if days and int(document.get("timestamp") or 0) < time.time() - days * DAY:
        return None
    tags = [str(tag.get("name")) for tag in document.get("Tag") or []]
    org = document.get("Orgc") or {}
    if not _passes(tags, filters.get("tags")):
        return None
    if not _passes([str(org.get("name")), str(org.get("uuid"))], filters.get("orgs")):
        return None
    types = filters.get("types")
    return _of_types(document, types) if types else document


def _passes(found: Iterable[str], names: list[str] | None) -> bool:
    have = {name.lower() for name in found}
    never = {n[1:].strip().lower() for n in names or [] if n.startswith("!")}
    some = {n.lower() for n in names or [] if not n.startswith("!")}
    return not (have & never) and (not some or bool(have & some))


def _of_types(document: Document, types: list[str]) -> Document | None:
    """None where nothing is left of the event but its title."""
    objects = [
        {**one, "Attribute": _kept(one.get("Attribute"), types)}
        for one in document.get("Object") or []
    ]
    kept = {
        "Attribute": _kept(document.get("Attribute"), types),
        "Object": [one for one in objects if one["Attribute"]],
    }
    had_any = document.get("Attribute") or document.get("Object")
    return None if had_any and not any(kept.values()) else {**document, **kept}


def _kept(attributes: list[Document] | None, types: list[str]) -> list[Document]:
    return [a for a in attributes or [] if _passes([str(a.get("type"))], types)]
