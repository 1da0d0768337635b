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

import msgspec

from brug.bridges import agreements, partners
from brug.bridges.crossing import rows
from brug.bridges.feeds import holding, leaving, parts, passing, published
from brug.bridges.feeds.forms import Wanted
from brug.bridges.feeds.parts import Found
from brug.bridges.feeds.passing import Document, Passed, Reader
from brug.bridges.feeds.published import Published
from brug.bridges.partners import BridgeRow
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

_RECALLED = Passed(None, {"recalled": 1})

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
            parts.settle(session, feed, str(error))
    with database.system() as session:
        return published.view(session, feed.id)


def _is_due(session: Session, feed: Published) -> bool:
    seconds = int(settings.get(session, "feeds.published_seconds"))
    if feed.built is None or (datetime.now(UTC) - feed.built).total_seconds() >= seconds:
        return True
    # What a person has released is waited for.
    return feed.bridge_id is not None and bool(holding.judged_since(session, feed.id))


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
        known |= dict.fromkeys(holding.judged_since(session, feed.id), "")
        bridge = None if feed.bridge_id is None else partners.view(session, feed.bridge_id)
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
    work = _Work(feed, account, reader, bridge, of_events, of_attributes, at)
    for start in range(0, len(changed), _EVENTS_AT_ONCE):
        _make(database, work, changed[start : start + _EVENTS_AT_ONCE])
    with database.system() as session:
        parts.settle(session, feed, "")


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
        some = session.all(_FINGERPRINTS, (ids[start : start + _IDS_AT_ONCE],))
        for event_id, uuid, fingerprint in some:
            yield Found(event_id, uuid, f"{salt}{fingerprint}")


class _Work(msgspec.Struct, frozen=True):
    """What the parts of a feed are made by."""

    feed: Published
    account: int
    reader: Reader
    bridge: BridgeRow | None
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
    held: list[Document] = []
    with database.system() as session:
        out = leaving.staying_out(session, feed, documents)
        for document in documents:
            if document["uuid"] in out:
                parts.keep(session, feed, by_uuid[document["uuid"]], _RECALLED, wanted)
                continue
            passed = passing.passed(session, document, work.reader, work.at)
            if passed.held and work.bridge is not None and work.bridge.transport == "feed":
                held.append(document)
            else:
                parts.keep(session, feed, by_uuid[document["uuid"]], passed, wanted)
        for uuid in by_uuid.keys() - {one["uuid"] for one in documents}:
            session.execute(  # it went away between two looks
                "DELETE FROM published_part WHERE feed_id = %s AND event_id = %s",
                (feed.id, by_uuid[uuid].event_id),
            )
    if held and work.bridge is not None:
        _hold(database, work, work.bridge, [(by_uuid[d["uuid"]], d) for d in held], wanted)


def _hold(
    database: Database, work: _Work, bridge: BridgeRow, held: Sequence[tuple[Found, Document]],
    wanted: Wanted,
) -> None:  # fmt: skip
    """What is held is put on record, and is in the feed where people have released it."""
    with database.as_user(work.account) as session:
        whole = {one["uuid"]: one for one in _documents(session, [f for f, _ in held], None)}
    with database.system() as session:
        rows.one_by_one(session, bridge.id)
        stays = leaving.staying_out(session, work.feed, [document for _, document in held])
        for found, document in held:
            if document["uuid"] in stays:
                parts.keep(session, work.feed, found, _RECALLED, wanted)
                continue
            crossing = None
            if found.uuid in whole:
                crossing = holding.judged(
                    session, bridge, found.event_id, whole[found.uuid], work.at
                )
            out = holding.is_out(crossing)
            passed = passing.passed(session, document, work.reader, work.at, released=out)
            waits = crossing is not None and crossing.state == "held"
            parts.keep(session, work.feed, found, passed, wanted,
                  held_as=crossing.id if crossing and waits else None)  # fmt: skip
            if crossing and out and passed.document is not None:
                holding.given_out(session, crossing)


def _documents(
    session: Session, some: Sequence[Found], filters: Filters | None
) -> Iterator[Document]:
    """As the search gives them out, or whole."""
    heads = loading.heads(session, [one.event_id for one in some])
    events = [one for one in heads.values() if one.head.published]
    loading.fill(session, *events)
    if filters is not None:
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


def note_reader(session: Session, feed: Published) -> None:
    """When the feed was last fetched; not more often than once a minute."""
    if feed.asked is None or (datetime.now(UTC) - feed.asked).total_seconds() > 60:
        session.execute("UPDATE published_feed SET asked = now() WHERE id = %s", (feed.id,))
