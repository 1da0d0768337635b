# SPDX-License-Identifier: EUPL-1.2
"""Which feeds hold the values of an event: on each attribute, and on the event together."""

from collections.abc import Iterable
from typing import Any

from brug.intel.feed import caches
from brug.intel.feed.caches import Hit
from brug.model.event import Attribute
from brug.store.session import Session


def of_attributes(session: Session, items: Iterable[Attribute]) -> dict[int, list[Hit]]:
    """The feeds that hold a value, or a part of it, of each attribute; by its number."""
    forms = {item.id: _forms(item) for item in items if not item.disable_correlation}
    found = caches.hits(session, {form for some in forms.values() for form in some})
    if not found:
        return {}
    told = {}
    for number, some in forms.items():
        hits = [hit for form in some for hit in found.get(form, [])]
        if hits:
            told[number] = together(hits)
    return told


def _forms(item: Attribute) -> list[str]:
    if not item.value2:
        return [item.value1]
    return [f"{item.value1}|{item.value2}", item.value1, item.value2]


def together(hits: Iterable[Hit]) -> list[Hit]:
    """Each feed once, with the events of all hits."""
    found: dict[int, Hit] = {}
    for hit in hits:
        known = found.setdefault(hit.feed.id, Hit(hit.feed, []))
        known.events += [uuid for uuid in hit.events if uuid not in known.events]
    return [found[number] for number in sorted(found)]


def as_misp(hit: Hit) -> dict[str, Any]:
    """A hit as an event or attribute carries it in MISP's JSON."""
    feed = hit.feed
    made: dict[str, Any] = {
        "id": str(feed.id), "name": feed.name, "url": feed.url, "provider": feed.provider,
        "source_format": feed.source_format, "lookup_visible": feed.lookup_visible,
    }  # fmt: skip
    return made | {"event_uuids": hit.events} if feed.source_format == "misp" else made
