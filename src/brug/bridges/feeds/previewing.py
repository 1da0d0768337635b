# SPDX-License-Identifier: EUPL-1.2
"""A look into a feed before anything of it is stored: fetched anew, never kept."""

from itertools import islice
from typing import Any

import msgspec

from brug.bridges.feeds import lists, sources
from brug.formats.misp_feed import MANIFEST, Entry, read_event_file, read_manifest
from brug.intel.feed import caches, feed_events
from brug.intel.feed.caches import Hit
from brug.intel.feed.feeds import Feed
from brug.intel.feed.recognising import Line
from brug.model.errors import Invalid
from brug.model.naming import is_uuid
from brug.store.session import Session

ON_A_PAGE, MOST_ON_A_PAGE = 60, 1000


class Shown(msgspec.Struct, frozen=True):
    """A value of a list, with the other feeds that hold it."""

    line: Line
    hits: list[Hit]


def manifest(session: Session, feed: Feed) -> tuple[dict[str, Any], list[Entry]]:
    """The manifest of a MISP feed as it is, and as it is read. Raises NotReached, Invalid."""
    document = sources.of_feed(session, feed).fetch(MANIFEST)
    found, entries, _ = read_manifest(document.content if document else b"{}")
    return {
        entry.uuid: found.get(entry.uuid, found.get(entry.uuid.upper())) for entry in entries
    }, entries


def event(session: Session, feed: Feed, uuid: str) -> dict[str, Any]:
    """One event of a MISP feed, as it would be stored. Raises NotReached, Invalid."""
    if not is_uuid(uuid):
        raise Invalid("event", "the UUID of an event of the feed", uuid)
    document = sources.of_feed(session, feed).fetch(f"{uuid.lower()}.json")
    raw = read_event_file(document.content if document else b"", uuid.lower())
    # What is taken from it says how it would be stored; what is left out is shown, too.
    return raw | feed_events.prepared(raw)


def values(session: Session, feed: Feed, page: int = 1, limit: int = ON_A_PAGE) -> list[Shown]:
    """A page of the values of a list. Raises NotReached, Invalid, Refused."""
    document = sources.of_feed(session, feed).fetch()
    size = min(max(limit, 1), MOST_ON_A_PAGE)
    first = (max(page, 1) - 1) * size
    understood = (
        one for one in lists.lines(feed, document.content if document else b"") if one.found
    )
    some = list(islice(understood, first, first + size))
    known = caches.hits(session, [one.found.value for one in some if one.found])
    return [
        Shown(one, [h for h in known.get(one.found.value, []) if h.feed.id != feed.id])
        for one in some
        if one.found
    ]
