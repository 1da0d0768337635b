# SPDX-License-Identifier: EUPL-1.2
"""Keeping what a feed holds, to compare with, without importing any of it.

A MISP feed says it in hashes.csv; of one that has none, the events are read. A list is read
line by line. One transaction puts the new in the place of the old, so that whoever looks
sees one or the other.
"""

import time
from collections.abc import Iterable, Iterator
from uuid import UUID

from brug.bridges.feeds import lists, sources
from brug.bridges.feeds.fetching import FOREVER, Entered, EventsMissing
from brug.bridges.feeds.sources import Document, Source
from brug.edge.outgoing import NotReached
from brug.formats.misp_feed import (
    HASHES,
    MANIFEST,
    NO_EVENT,
    hashes_of,
    read_event_file,
    read_hashes,
    read_manifest,
)
from brug.intel.feed import caches, feeds
from brug.intel.feed.feeds import Feed
from brug.model.attribute_types.rules import COMPOSITES
from brug.model.errors import BrugError

Rows = Iterable[tuple[bytes, UUID]]


def cache(entered: Entered, feed_id: int, seconds: float = FOREVER) -> int | None:
    """How many values the feed holds; None where it is as it was. Raises as fetching does."""
    with entered() as session:
        feed = feeds.view(session, feed_id)
        source = sources.of_feed(session, feed)
        known = sources.known_copy(session, feed.id, "cache")
    document, rows = _read(feed, source, known, time.monotonic() + seconds)
    if document is None:
        return None
    with entered() as session:
        count = caches.replace(session, feed.id, rows)
        sources.keep_copy(session, feed.id, "cache", document.copy)
    return count


def _read(
    feed: Feed, source: Source, known: sources.Copy | None, until: float
) -> tuple[Document | None, Rows]:
    if feed.source_format != "misp":
        document = source.fetch(known=known)
        return document, _of_lines(feed, document) if document else ()
    try:
        document = source.fetch(HASHES, known)
    except NotReached:
        document = source.fetch(MANIFEST, known)
        return document, list(_of_events(source, document, until)) if document else ()
    return document, _of_hashes(document) if document else ()


def _of_hashes(document: Document) -> Iterator[tuple[bytes, UUID]]:
    for one in read_hashes(document.content):
        if isinstance(one, tuple):
            yield one


def _of_lines(feed: Feed, document: Document) -> Iterator[tuple[bytes, UUID]]:
    for line in lists.lines(feed, document.content):
        if line.found is not None:
            for digest in hashes_of(line.found.value, composite=bool(line.found.checked.value2)):
                yield digest, NO_EVENT


def _of_events(source: Source, document: Document, until: float) -> Iterator[tuple[bytes, UUID]]:
    """From the events themselves; those that are none are left."""
    _, entries, _ = read_manifest(document.content)
    for place, entry in enumerate(entries):
        if time.monotonic() > until:
            raise EventsMissing(len(entries) - place, len(entries), "they took too long")
        found = source.fetch(f"{entry.uuid}.json")
        try:
            event = read_event_file(found.content if found else b"", entry.uuid)
        except NotReached:
            raise
        except BrugError:
            continue
        for digest in _in_event(event):
            yield digest, UUID(entry.uuid)


def _in_event(event: dict[str, object]) -> Iterator[bytes]:
    objects = event.get("Object")
    holders = [event, *(o for o in (objects if isinstance(objects, list) else []))]
    for holder in holders:
        items = holder.get("Attribute") if isinstance(holder, dict) else None
        for item in items if isinstance(items, list) else []:
            value = item.get("value") if isinstance(item, dict) else None
            if isinstance(value, str) and value:
                yield from hashes_of(value, composite=item.get("type") in COMPOSITES)
