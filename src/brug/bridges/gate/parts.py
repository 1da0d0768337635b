# SPDX-License-Identifier: EUPL-1.2
"""The parts of an event in MISP's core format that are decided one by one, and their names.

Whatever form a document has, it has parts: what is no list of objects has none in it, what
has no UUID cannot be named and so never crosses.
"""

from collections.abc import Iterator
from typing import Any

from brug.bridges.gate import fields
from brug.bridges.gate.alike import alike
from brug.bridges.gate.hop import notes, rows

Document = dict[str, Any]
# Texts that people write beside a value, by what they stand on.
_TEXTS = {
    "attribute": ("comment",),
    "event": ("info",),
    "object": ("comment", "description"),
    "report": ("name", "content"),
    "proposal": ("comment",),
    "sighting": ("source",),
    "note": ("note", "comment", "authors", "relationship_type"),
}


def uuid_of(item: Document) -> str:
    """The UUID of an item as decisions name it; "" where it has none."""
    found = item.get("uuid")
    return found.lower() if isinstance(found, str) else ""


def key_of(kind: str, item: Document) -> str:
    """How decisions name what is no attribute."""
    return f"{kind}:{uuid_of(item)}"


def value_of(item: Document) -> str:
    """A value as a text."""
    found = item.get("value")
    return found if isinstance(found, str) else "" if found is None else str(found)


def values_of(attribute: Document) -> list[tuple[str, str]]:
    """The UUID and value of an attribute, or of all that it stands for."""
    several = alike(attribute)
    if several is None:
        return [(uuid_of(attribute), value_of(attribute))]
    return [(one.uuid, one.value) for one in several]


def texts_of(kind: str, item: Document) -> Iterator[str]:
    """What people wrote beside a value; of a cluster all that it says."""
    if kind == "cluster":
        yield from _strings(item)
        return
    for name in _TEXTS[kind]:
        found = item.get(name)
        if isinstance(found, str) and found:
            yield found


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name not in fields.CODES:
                yield from _strings(one)


def tag_names(item: Document) -> tuple[str, ...]:
    found = item.get("Tag")
    if not found:
        return ()
    return tuple(str(tag.get("name", "")) for tag in rows(item, "Tag"))


def is_public(cluster: Document) -> bool:
    """A cluster of the published galaxies, which everybody has."""
    return cluster.get("default") is True or str(cluster.get("default")) == "1"


def has_hanging(item: Document) -> bool:
    """Whether `beside` may say anything; of nearly all attributes it does not."""
    named = item.get
    return bool(
        named("Galaxy") or named("ShadowAttribute") or named("Sighting")
        or named("Note") or named("Opinion") or named("Relationship")
    )  # fmt: skip


def beside(item: Document) -> Iterator[tuple[str, Document]]:
    """What hangs on an item, with its kind; notes on notes as well."""
    for one in rows(item, "Sighting"):
        yield "sighting", one
    for one in rows(item, "ShadowAttribute"):
        yield "proposal", one
    for galaxy in rows(item, "Galaxy"):
        for cluster in rows(galaxy, "GalaxyCluster"):
            if not is_public(cluster):
                yield "cluster", cluster
    for _, one in notes(item):
        yield "note", one
