# SPDX-License-Identifier: EUPL-1.2
"""Trying again what a feed had refused, after a fix here or there.

A value is read and stored anew. Of an event the file is fetched again: one that was refused
whole is taken in, of one that is held what is missing joins it, without another time of its
own, so that later versions still count as newer.
"""

from itertools import groupby

import msgspec

from brug.bridges.feeds import fetching, sources
from brug.bridges.feeds.fetching import Entered
from brug.bridges.feeds.sources import Source
from brug.edge.outgoing import NotReached
from brug.formats.misp_feed import read_event_file
from brug.intel.children import Children
from brug.intel.feed import feed_events, feeds, filling, recognising, refusing
from brug.intel.feed.feeds import Feed
from brug.intel.feed.recognising import Line
from brug.intel.feed.refusing import Kept
from brug.intel.finding import claim
from brug.model.errors import BrugError, NotFound
from brug.model.naming import is_uuid
from brug.store.session import Session

_AT_ONCE = 500


class Replayed(msgspec.Struct):
    """How many were tried, fit by now, and do not."""

    tried: int = 0
    fit: int = 0

    @property
    def left(self) -> int:
        return self.tried - self.fit


def replay(entered: Entered, feed_id: int, only: int | None = None) -> Replayed:
    """Tries all refusals of a feed, or one. Raises NotFound, NotReached."""
    with entered() as session:
        feed = feeds.view(session, feed_id)
        source = sources.of_feed(session, feed)
        if only is not None and not _chosen(session, feed_id, only):
            raise NotFound(f"feed {feed_id} has no refusal {only}")
    told = Replayed()
    last = 0 if only is None else only - 1
    while True:
        with entered() as session:
            some = refusing.after(session, feed_id, last, _AT_ONCE if only is None else 1)
        if not some:
            return told
        last = some[-1].id
        told.tried += len(some)
        told.fit += _values(entered, feed, [one for one in some if one.kind == "value"])
        others = sorted((one for one in some if one.kind != "value"), key=_uuid)
        for uuid, several in groupby(others, _uuid):
            told.fit += _event(entered, feed, source, uuid, list(several))
        if only is not None:
            return told


def _chosen(session: Session, feed_id: int, refusal_id: int) -> bool:
    return any(one.id == refusal_id for one in refusing.after(session, feed_id, refusal_id - 1, 1))


def _uuid(one: Kept) -> str:
    return one.place[:36].lower()


def _values(entered: Entered, feed: Feed, several: list[Kept]) -> int:
    lines = []
    for one in several:
        found = recognising.one_value(one.item)
        number = one.place.rpartition(" ")[2]
        lines.append(Line(int(number) if number.isdigit() else 0, one.item, found))
    known = [(one, line) for one, line in zip(several, lines, strict=True) if line.found]
    if not known:
        return 0
    with entered() as session:
        run = filling.last_run(session, feed)
        if run is None:
            return 0
        filling.forget_refused(session, feed)
        refusing.settle(session, [one.id for one, _ in known])
        _, done = filling.take(session, feed, run, [line for _, line in known])
        filling.finish(session, feed, run)
    return len(known) - done.refused


def _event(entered: Entered, feed: Feed, source: Source, uuid: str, several: list[Kept]) -> int:
    """How many of an event's refusals are gone."""
    if not is_uuid(uuid):
        return 0
    try:
        document = source.fetch(f"{uuid}.json")
        raw = read_event_file(document.content if document else b"", uuid)
        with entered() as session:
            refusing.settle(session, [one.id for one in several])
            left = _taken(session, feed, raw, uuid)
            refusing.note(session, feed.id, left)
    except NotReached:
        raise
    except BrugError:
        return 0
    return max(0, len(several) - len(left))


def _taken(
    session: Session, feed: Feed, raw: dict[str, object], uuid: str
) -> list[refusing.NewRefusal]:
    """What still does not fit."""
    held_id = session.value(
        "SELECT id FROM event WHERE uuid = %s AND NOT locked ORDER BY org_id = %s DESC LIMIT 1",
        (uuid, session.principal.org_id),
    )
    taken = feed_events.take(session, feed, raw)
    if held_id is None or taken.outcome != "unchanged":
        return fetching.inside_refusals(uuid, taken.refused)
    sent = feed_events.prepared(raw)
    held = claim(session, taken.event_id)
    children = Children(session, held)
    children.take_attributes(sent.get("Attribute"), "Attribute", 0, held.audience)
    children.take_objects(sent.get("Object"))
    children.take_reports(sent.get("EventReport"))
    children.finish()
    return fetching.inside_refusals(uuid, children.edited.refused)
