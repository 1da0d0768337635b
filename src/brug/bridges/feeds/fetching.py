# SPDX-License-Identifier: EUPL-1.2
"""Fetching a feed into events.

The order is the safety: 1. the document is asked for, with no transaction open; 2. each event,
or some hundred lines, is stored in a transaction of its own; 3. only when everything in the
document is settled is it noted as known. Whoever is killed in between asks for it again and
finds what it did: events by UUID and time, values by their hash.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import chain

import msgspec

from brug.bridges.afterwards import brought
from brug.bridges.feeds import lists, sources
from brug.bridges.feeds.sources import Document, Source
from brug.edge.outgoing import NotReached
from brug.formats import feed_rules
from brug.formats.misp_feed import MANIFEST, Entry, read_event_file, read_manifest
from brug.intel import blocklists, finding
from brug.intel.feed import feed_events, feed_jobs, feeds, filling, refusing
from brug.intel.feed.feeds import Feed
from brug.intel.feed.filling import Counts
from brug.intel.feed.recognising import Line
from brug.intel.feed.refusing import NewRefusal
from brug.model.errors import BrugError, Unavailable
from brug.model.new_event import Refusal
from brug.store.rows import array
from brug.store.session import Session

# A transaction of whoever the feed's content is stored as: a session, or a savepoint in one.
Entered = Callable[[], AbstractContextManager[Session]]
FOREVER = float("inf")
MOST_MISSES = 3
_MOST_EMPTY = 5  # batches
_RENEW_SECONDS = 60.0


class Outcome(msgspec.Struct):
    """What a fetch did; `unfinished` is left for the next time."""

    changed: bool = True
    added: int = 0
    updated: int = 0
    values: int = 0
    removed: int = 0
    refused: int = 0
    unfinished: bool = False


class EventsMissing(Unavailable):
    """Some events of a manifest could not be fetched; the others are stored."""

    code = "feed_incomplete"

    def __init__(self, missing: int, of: int, reason: str) -> None:
        super().__init__(f"{missing} of {of} events could not be fetched: {reason}")
        self.public = "Some events of the feed could not be fetched."


class NothingInIt(Unavailable):
    """A list without a value: more likely an outage than the end of all evil."""

    code = "feed_empty"
    public = "The feed holds no value; nothing was changed."


def fetch(entered: Entered, feed_id: int, seconds: float = FOREVER) -> Outcome:
    """Fetches a feed. Raises NotFound, NotReached, Invalid, TooLarge, EventsMissing."""
    with entered() as session:
        feed = feeds.view(session, feed_id)
        source = sources.of_feed(session, feed)
    until = time.monotonic() + seconds
    if feed.source_format == "misp":
        return _Events(entered, feed, source, until).fetch()
    return _fetch_list(entered, feed, source, until)


# MISP feeds -------------------------------------------------------------------------------


class _Events:
    def __init__(self, entered: Entered, feed: Feed, source: Source, until: float) -> None:
        self._entered, self._feed, self._source, self._until = entered, feed, source, until
        self._renewed = time.monotonic()
        self.outcome = Outcome()

    def fetch(self) -> Outcome:
        with self._entered() as session:
            known = sources.known_copy(session, self._feed.id, "fetch")
        document = self._source.fetch(MANIFEST, known)
        if document is None:
            return Outcome(changed=False)
        wanted = self._fresh(document)
        missing, reason = self._take(wanted)
        if missing:
            raise EventsMissing(missing, len(wanted), reason)
        if not self.outcome.unfinished:
            with self._entered() as session:
                sources.keep_copy(session, self._feed.id, "fetch", document.copy)
        return self.outcome

    def _fresh(self, document: Document) -> list[Entry]:
        """The events that are wanted and not here, or newer than what is here."""
        _, entries, unread = read_manifest(document.content)
        rules = feed_rules.read(self._feed.rules)
        wanted = [entry for entry in entries if rules.want(entry)]
        with self._entered() as session:
            bad = [NewRefusal("event", one.place, one.item, one.reason) for one in unread]
            refusing.note(session, self._feed.id, bad)
            uuids = [entry.uuid for entry in wanted]
            held = finding.known_here(session, uuids)
            over = brought.ended(session, uuids, feed_id=self._feed.id)
            refused = _refused_before(session, self._feed, wanted)
        self.outcome.refused += len(bad)
        return [
            entry
            for entry in wanted
            if entry.uuid not in refused
            and over.get(entry.uuid, -1) < entry.timestamp
            and (entry.uuid not in held or held[entry.uuid][0] < entry.timestamp)
        ]

    def _take(self, wanted: list[Entry]) -> tuple[int, str]:
        """How many events did not come, and why the last one did not."""
        missing, in_a_row, reason = 0, 0, ""
        for place, entry in enumerate(wanted):
            if time.monotonic() > self._until:
                self.outcome.unfinished = True
                break
            try:
                content = self._source.fetch(f"{entry.uuid}.json")
                in_a_row = 0
            except NotReached as error:
                missing, in_a_row, reason = missing + 1, in_a_row + 1, str(error)
                if in_a_row >= MOST_MISSES:
                    return len(wanted) - place - 1 + missing, reason
                continue
            except BrugError as error:
                self._refuse(entry, error)
                continue
            self._store(entry, content.content if content else b"")
            self._stay()
        return missing, reason

    def _store(self, entry: Entry, content: bytes) -> None:
        try:
            raw = read_event_file(content, entry.uuid)
            with self._entered() as session:
                taken = feed_events.take(session, self._feed, raw)
                inside = inside_refusals(entry.uuid, taken.refused)
                if taken.outcome != "unchanged":
                    brought.note_from_feed(session, self._feed.id, taken.event_id)
                    refusing.settle_items(session, self._feed.id, entry.uuid, inside)
                refusing.note(session, self._feed.id, inside)
                refusing.settle_event(session, self._feed.id, entry.uuid)
        except (blocklists.EventBlocked, blocklists.OrganisationBlocked):
            return
        except BrugError as error:
            self._refuse(entry, error)
            return
        self.outcome.refused += len(inside)
        self.outcome.added += taken.outcome == "added"
        self.outcome.updated += taken.outcome == "updated"

    def _refuse(self, entry: Entry, error: BrugError) -> None:
        self.outcome.refused += 1
        with self._entered() as session:
            refusing.note(session, self._feed.id, [_event_refusal(entry, error)])

    def _stay(self) -> None:
        """A long run keeps its lease."""
        if time.monotonic() - self._renewed > _RENEW_SECONDS:
            self._renewed = time.monotonic()
            with self._entered() as session:
                feed_jobs.renew(session, self._feed.id, "fetch")


def _event_refusal(entry: Entry, error: BrugError) -> NewRefusal:
    """Of this version of the event: a newer one is looked at anew."""
    item = msgspec.json.encode({"timestamp": entry.timestamp, "info": entry.info[:500]}).decode()
    return NewRefusal("event", entry.uuid, item, _why(error))


def _why(error: BrugError) -> str:
    return fields_of(error) or error.public


def fields_of(error: BrugError) -> str:
    """The fields that did not fit, where an error is of fields; "" where it is not."""
    errors = getattr(error, "errors", None)
    if not isinstance(errors, dict):
        return ""
    return "; ".join(f"{field}: {' '.join(map(str, said))}" for field, said in errors.items())


def reason(error: BrugError) -> str:
    """For those who look after feeds: what went wrong, as a log would say it."""
    return (fields_of(error) or str(error))[:1000]


def _refused_before(session: Session, feed: Feed, wanted: list[Entry]) -> set[str]:
    """The events that were refused as they are now."""
    nobody = BrugError()
    named = {_event_refusal(entry, nobody).digest: entry.uuid for entry in wanted}
    rows = session.all(
        "SELECT digest FROM feed_refusal WHERE feed_id = %s AND digest = ANY (%s::uuid[])",
        (feed.id, array([str(digest) for digest in named])),
    )
    return {named[row[0]] for row in rows}


def inside_refusals(uuid: str, refused: list[Refusal]) -> list[NewRefusal]:
    """Items of an event that did not fit, while the event did."""
    return [
        NewRefusal(
            "attribute",
            f"{uuid} {one.place}",
            msgspec.json.encode(one.item).decode("utf-8", "replace"),
            "; ".join(f"{field}: {' '.join(said)}" for field, said in one.errors.items()),
        )
        for one in refused
    ]


# Lists ------------------------------------------------------------------------------------


def _fetch_list(entered: Entered, feed: Feed, source: Source, until: float) -> Outcome:
    with entered() as session:
        known = sources.known_copy(session, feed.id, "fetch")
        if known and feed.fixed_event and not _holds_event(session, feed):
            known = None
    document = source.fetch(known=known)
    if document is None:
        return Outcome(changed=False)
    several = _with_values(lists.batches(lists.lines(feed, document.content)))
    with entered() as session:
        run = filling.begin(session, feed, document.copy.digest)
    counts = Counts()
    for batch in several:
        with entered() as session:
            run, done = filling.take(session, feed, run, batch)
            feed_jobs.renew(session, feed.id, "fetch")
        counts.add(done)
        if time.monotonic() > until:
            return Outcome(values=counts.added, refused=counts.refused, unfinished=True)
    if feed.fixed_event and feed.delta_merge:
        counts.removed = _drop_vanished(entered, feed, run)
    with entered() as session:
        filling.finish(session, feed, run)
        if not feed.fixed_event:
            brought.note_from_feed(session, feed.id, run.event_id)
        sources.keep_copy(session, feed.id, "fetch", document.copy)
    if source.is_local and feed.delete_local_file:
        source.remove()
    return Outcome(values=counts.added, removed=counts.removed, refused=counts.refused)


def _holds_event(session: Session, feed: Feed) -> bool:
    return bool(session.value("SELECT id FROM event WHERE id = %s", (feed.event_id,)))


def _with_values(several: Iterator[list[Line]]) -> Iterator[list[Line]]:
    """The batches, unless there is nothing in the first ones. Raises NothingInIt."""
    begun = []
    for batch in several:
        begun.append(batch)
        if any(line.found for line in batch):
            return chain(begun, several)
        if len(begun) == _MOST_EMPTY:
            break
    raise NothingInIt(f"it holds no value ({sum(map(len, begun))} lines were read)")


def _drop_vanished(entered: Entered, feed: Feed, run: filling.Run) -> int:
    total = 0
    while True:
        with entered() as session:
            gone = filling.drop_vanished(session, feed, run)
        total += gone
        if not gone:
            return total
