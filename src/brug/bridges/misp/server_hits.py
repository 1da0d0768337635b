# SPDX-License-Identifier: EUPL-1.2
"""Which servers hold the values of an event, as far as theirs were fetched to compare.

For site admins and the people of the node's own organisation: whom the node exchanges with,
and what those have, is nobody else's business.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

from brug.model.event import Attribute
from brug.store.session import Session

MOST_EVENTS = 100  # named for each server and value
_HITS = (
    "SELECT v.hash, s.id, s.name, s.url, (array_agg(DISTINCT v.event_uuid::text))[1:%s]"
    " FROM server_value v JOIN server s ON s.id = v.server_id WHERE v.hash = ANY (%s)"
    " GROUP BY v.hash, s.id ORDER BY s.id"
)
Json = dict[str, Any]


def of_attributes(session: Session, items: Iterable[Attribute]) -> dict[int, list[Json]]:
    """The servers that hold a value, or a part of it, of each attribute; by its number."""
    me = session.principal
    if not (me.is_site_admin or me.is_host):
        return {}
    hashes = {one.id: _hashes(one) for one in items if not one.disable_correlation}
    wanted = sorted({hash_ for some in hashes.values() for hash_ in some})
    if not wanted:
        return {}
    with session.as_system():
        rows = session.all(_HITS, (MOST_EVENTS, wanted))
    found: dict[bytes, list[Json]] = {}
    for hash_, number, name, url, events in rows:
        hit = {"id": str(number), "name": name, "url": url, "event_uuids": events}
        found.setdefault(bytes(hash_), []).append(hit)
    told = {
        number: together(hit for hash_ in some for hit in found.get(hash_, []))
        for number, some in hashes.items()
    }
    return {number: hits for number, hits in told.items() if hits}


def _hashes(item: Attribute) -> list[bytes]:
    forms = [item.value1]
    if item.value2:
        forms = [f"{item.value1}|{item.value2}", item.value1, item.value2]
    either = dict.fromkeys(form for one in forms for form in (one, one.lower()))
    return [hashlib.md5(one.encode(), usedforsecurity=False).digest() for one in either]


def together(hits: Iterable[Json]) -> list[Json]:
    """Each server once, with the events of all hits."""
    found: dict[str, Json] = {}
    for hit in hits:
        known = found.setdefault(hit["id"], hit | {"event_uuids": []})
        known["event_uuids"] += [u for u in hit["event_uuids"] if u not in known["event_uuids"]]
    return [found[number] for number in sorted(found, key=int)]
