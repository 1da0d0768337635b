# SPDX-License-Identifier: EUPL-1.2
"""Taking in single items of a feed that somebody chose: an event, or values of a list."""

import hashlib
from collections.abc import Sequence
from typing import Any

from brug.bridges.feeds import fetching, sources
from brug.formats.json_text import encode
from brug.formats.misp_feed import read_event_file
from brug.intel.feed import feed_events, filling, refusing
from brug.intel.feed.feed_events import Taken
from brug.intel.feed.feeds import Feed
from brug.intel.feed.filling import Counts
from brug.intel.feed.recognising import Line
from brug.intel.intake.freetext import Recognised
from brug.model.attribute_types import Refused, check
from brug.model.errors import Invalid
from brug.model.naming import is_uuid
from brug.store.session import Session

MOST = 10_000


def take_event(session: Session, feed: Feed, uuid: str) -> Taken:
    """One event of a MISP feed. Raises Invalid, NotReached, and what storing raises."""
    if not is_uuid(uuid):
        raise Invalid("event", "the UUID of an event of the feed", uuid)
    document = sources.of_feed(session, feed).fetch(f"{uuid.lower()}.json")
    raw = read_event_file(document.content if document else b"", uuid.lower())
    with session.connection.transaction():
        taken = feed_events.take(session, feed, raw)
        inside = fetching.inside_refusals(uuid.lower(), taken.refused)
        refusing.note(session, feed.id, inside)
    return taken


def take_values(session: Session, feed: Feed, items: Sequence[Any]) -> Counts:
    """Values with their types, beside those that the list brought before. Raises Invalid."""
    if len(items) > MOST:
        raise Invalid("data", f"at most {MOST} values")
    lines = [_line(place, item) for place, item in enumerate(items, 1)]
    run = filling.last_run(session, feed)
    if run is None:
        run = filling.begin(session, feed, hashlib.sha256(encode(items)).digest())
    _, counts = filling.take(session, feed, run, lines)
    filling.finish(session, feed, run)
    return counts


def _line(place: int, item: Any) -> Line:
    if not isinstance(item, dict) or not isinstance(item.get("value"), str):
        raise Invalid("data", f"a value and its type at place {place}")
    kind = item.get("type") or item.get("default_type") or ""
    category = item.get("category") if isinstance(item.get("category"), str) else None
    try:
        found = check(str(kind), item["value"], category or None)
    except Refused as error:
        said = "; ".join(f"{field}: {' '.join(texts)}" for field, texts in error.errors.items())
        return Line(place, item["value"], None, said)
    return Line(place, item["value"], Recognised(found, item["value"]))
