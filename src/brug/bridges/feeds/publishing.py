# SPDX-License-Identifier: EUPL-1.2
"""Keeping published feeds as they should be now, event by event.

What a feed holds is compared, never counted on: the rows that its account sees, each with the
transaction that last wrote it, against those that each part was made of. So a change that
commits late, a group that changes, a draft that was public before are all found, and only
their parts are made anew; a poll in between costs one row. Anything that the gate looks at
beside the event (warninglists, decay, the end of an embargo) is looked at again every hour.
"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from brug.bridges import agreements, partners
from brug.bridges.feeds import passing, published
from brug.bridges.feeds.forms import MAKING, Made, Wanted
from brug.bridges.feeds.passing import Document, Reader
from brug.bridges.feeds.published import Published
from brug.bridges.ledger import record
from brug.directory.accounts import acting_for_host
from brug.intel import loading
from brug.intel.leaving import for_servers, left_out
from brug.intel.search import attributes as search_attributes
from brug.intel.search import events as search_events
from brug.intel.search.filters import Filters
from brug.intel.search.terms import Terms
from brug.model.errors import BrugError
from brug.store import settings
from brug.store.session import Database, Session

BUILDING_SECONDS = 600
_LOOKED_AT_AGAIN = 3600
_EVENTS_AT_ONCE = 20
_IDS_AT_ONCE = 1000
# Of formats that are lists of values, what is in one is chosen attribute by attribute.
LISTS = frozenset({"csv", "values", "rpz"})

_FINGERPRINTS = """
SELECT e.id, e.uuid::text, md5(concat_ws('|', e.xmin,
    (SELECT md5(string_agg(a.id || ':' || a.xmin, ',' ORDER BY a.id))
     FROM attribute a WHERE a.event_id = e.id),
    (SELECT md5(string_agg(o.id || ':' || o.xmin, ',' ORDER BY o.id))
     FROM object o WHERE o.event_id = e.id),
    (SELECT md5(string_agg(r.id || ':' || r.xmin, ',' ORDER BY r.id))
     FROM event_report r WHERE r.event_id = e.id),
    (SELECT md5(string_agg(x.id || ':' || x.xmin || ':' || t.xmin, ',' ORDER BY x.id))
     FROM event_tag x JOIN tag t ON t.id = x.tag_id WHERE x.event_id = e.id),
    (SELECT md5(string_agg(x.id || ':' || x.xmin || ':' || t.xmin, ',' ORDER BY x.id))
     FROM attribute a JOIN attribute_tag x ON x.attribute_id = a.id
     JOIN tag t ON t.id = x.tag_id WHERE a.event_id = e.id)))
FROM event e WHERE e.id = ANY (%s) AND e.published
"""


class Found(msgspec.Struct, frozen=True):
    """An event that is in the search now."""

    event_id: int
    uuid: str
    fingerprint: str


def refreshed(database: Database, feed: Published, *, now: bool = False) -> Published:
    """The feed as it should be, looked at if that is due (or `now`); another worker that is at
    it already is not waited for, unless there is nothing to give out yet.
    """
    with database.system() as session:
        if not now and not _is_due(session, feed):
            return feed
        if not _lease(session, feed):
            return published.view(session, feed.id)
    try:
        _build(database, feed)
    except BrugError as error:
        with database.system() as session:
            # Better nothing than what should not be there any more.
            _settle(session, feed, str(error))
    with database.system() as session:
        return published.view(session, feed.id)


def _is_due(session: Session, feed: Published) -> bool:
    seconds = int(settings.get(session, "feeds.published_seconds"))
    return feed.built is None or (datetime.now(UTC) - feed.built).total_seconds() >= seconds


def _lease(session: Session, feed: Published) -> bool:
    row = session.one(
        "UPDATE published_feed SET building_until = now() + make_interval(secs => %s)"
        " WHERE id = %s AND coalesce(building_until < now(), true) RETURNING 1",
        (BUILDING_SECONDS, feed.id),
    )
    return row is not None


def reader_of(session: Session, feed: Published, at: datetime) -> Reader:
    """Who reads it, under the terms that hold at that time."""
    if feed.bridge_id is None:
        return passing.anyone(session)
    bridge = partners.view(session, feed.bridge_id)
    return passing.partner(bridge, agreements.in_force(session, bridge.id, at))


def _build(database: Database, feed: Published) -> None:
    at = datetime.now(UTC)
    of_events, of_attributes = published.search_of(feed.format, feed.filters)
    of_events.published = True
    with database.system() as session:
        reader, account = reader_of(session, feed, at), _account_of(session, feed)
        known = dict(
            session.all(
                "SELECT event_id, fingerprint FROM published_part WHERE feed_id = %s", (feed.id,)
            )
        )
    with database.as_user(account) as session:
        found = list(_found(session, of_events, _salt(feed, reader)))
    ids = {one.event_id for one in found}
    changed = [one for one in found if known.get(one.event_id) != one.fingerprint]
    with database.system() as session:
        gone = [number for number in known if number not in ids]
        session.execute(
            "DELETE FROM published_part WHERE feed_id = %s AND event_id = ANY (%s)",
            (feed.id, gone),
        )
    work = _Work(feed, account, reader, of_events, of_attributes, at)
    for start in range(0, len(changed), _EVENTS_AT_ONCE):
        _make(database, work, changed[start : start + _EVENTS_AT_ONCE])
    with database.system() as session:
        _settle(session, feed, "")


def _salt(feed: Published, reader: Reader) -> str:
    """What every part hangs on beside its event: the form, the search, the terms, the hour."""
    said = msgspec.json.encode(
        [feed.format, feed.filters, reader.version, reader.terms is not None, reader.relation,
         int(time.time()) // _LOOKED_AT_AGAIN],
    )  # fmt: skip
    return hashlib.sha256(said).hexdigest()[:16]


def _found(session: Session, filters: Filters, salt: str) -> Iterator[Found]:
    ids = search_events.find(session, filters).ids
    for start in range(0, len(ids), _IDS_AT_ONCE):
        rows = session.all(_FINGERPRINTS, (ids[start : start + _IDS_AT_ONCE],))
        for event_id, uuid, fingerprint in rows:
            yield Found(event_id, uuid, f"{salt}{fingerprint}")


class _Work(msgspec.Struct, frozen=True):
    """What the parts of a feed are made by."""

    feed: Published
    account: int
    reader: Reader
    of_events: Filters
    of_attributes: Filters
    at: datetime


def _account_of(session: Session, feed: Published) -> int:
    """In whose session the feed is read: the bridge's, or of whoever published it for all.

    If that one is gone, the host's first site admin: for all goes only what is for all.
    """
    if feed.bridge_id is not None:
        return partners.view(session, feed.bridge_id).account_id
    found = session.value(
        "SELECT id FROM account WHERE id = %s AND NOT disabled"
        " AND coalesce(expiration > now(), true)",
        (feed.account_id,),
    )
    return int(found) if found is not None else acting_for_host(session)


def _make(database: Database, work: _Work, some: Sequence[Found]) -> None:
    """The parts of some events: read in the account's session, decided and kept by the system."""
    feed = work.feed
    with database.as_user(work.account) as session:
        documents = list(_documents(session, some, work.of_events))
        wanted = _wanted(session, feed, some, work.of_attributes)
    by_uuid = {one.uuid: one for one in some}
    with database.system() as session:
        for document in documents:
            passed = passing.passed(session, document, work.reader, work.at)
            made = None
            if passed.document is not None:
                made = MAKING[feed.format](passed.document, wanted)
            _keep(session, feed, by_uuid.pop(document["uuid"]), made, passed.left_out)
        for lost in by_uuid.values():  # went away between two looks
            session.execute(
                "DELETE FROM published_part WHERE feed_id = %s AND event_id = %s",
                (feed.id, lost.event_id),
            )


def _documents(session: Session, some: Sequence[Found], filters: Filters) -> Iterator[Document]:
    heads = loading.heads(session, [one.event_id for one in some])
    events = [one for one in heads.values() if one.head.published]
    loading.fill(session, *events)
    left_out.thin_out(session, events, filters)
    for event in events:
        yield for_servers.document_of(session, event)


def _wanted(session: Session, feed: Published, some: Sequence[Found], filters: Filters) -> Wanted:
    """Which attributes of these events a list is to have."""
    if feed.format not in LISTS:
        return lambda _: True
    ids = Terms(any=tuple(str(one.event_id) for one in some))
    asked = msgspec.structs.replace(filters, eventid=ids, limit=None)
    found, _ = search_attributes.find(session, asked)
    uuids = {one.uuid for one in found}
    return lambda item: item["uuid"] in uuids


def _keep(
    session: Session, feed: Published, found: Found, made: Made | None, out: dict[str, int]
) -> None:
    passes = made is not None and (feed.format == "misp" or made.attributes > 0)
    made = made if made is not None and passes else Made({}, b"", b"", 0)
    session.execute(
        "INSERT INTO published_part (feed_id, event_id, event_uuid, fingerprint, passes, head,"
        " body, digest, hashes, attributes, left_out)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (feed_id, event_id) DO UPDATE SET fingerprint = excluded.fingerprint,"
        " passes = excluded.passes, head = excluded.head, body = excluded.body,"
        " digest = excluded.digest, hashes = excluded.hashes, attributes = excluded.attributes,"
        " left_out = excluded.left_out",
        (
            feed.id, found.event_id, found.uuid, found.fingerprint, passes, Jsonb(made.head),
            made.body, hashlib.sha256(made.body).hexdigest(), made.hashes, made.attributes,
            Jsonb(out),
        ),
    )  # fmt: skip


def _settle(session: Session, feed: Published, problem: str) -> None:
    """What the feed holds from now on; where that is new, the ledger has it."""
    if problem:
        session.execute("DELETE FROM published_part WHERE feed_id = %s", (feed.id,))
    row = session.one(
        "SELECT coalesce(encode(sha256(convert_to(string_agg(event_uuid || digest, ','"
        " ORDER BY event_uuid), 'UTF8')), 'hex'), 'empty'), count(*), coalesce(sum(attributes), 0)"
        " FROM published_part WHERE feed_id = %s AND passes",
        (feed.id,),
    )
    version, events, attributes = row or ("empty", 0, 0)
    out: dict[str, int] = {}
    for (said,) in session.all(
        "SELECT left_out FROM published_part WHERE feed_id = %s AND left_out <> '{}'", (feed.id,)
    ):
        for reason, number in said.items():
            out[reason] = out.get(reason, 0) + int(number)
    before = session.value(
        "SELECT version FROM published_feed WHERE id = %s FOR UPDATE", (feed.id,)
    )
    session.execute(
        "UPDATE published_feed SET version = %s, built = now(), building_until = NULL,"
        " events = %s, attributes = %s, left_out = %s, problem = %s,"
        " changed = CASE WHEN version = %s THEN changed ELSE now() END WHERE id = %s",
        (version, events, attributes, Jsonb(out), problem[:1000], version, feed.id),
    )
    if before != version:
        entry: dict[str, Any] = {
            "feed": feed.name, "format": feed.format, "version": version, "events": int(events),
            "attributes": int(attributes), "left_out": out,
        }  # fmt: skip
        record(session, "feed", entry, feed.bridge_id)


def note_reader(session: Session, feed: Published) -> None:
    """When the feed was last fetched; not more often than once a minute."""
    if feed.asked is None or (datetime.now(UTC) - feed.asked).total_seconds() > 60:
        session.execute("UPDATE published_feed SET asked = now() WHERE id = %s", (feed.id,))
