# SPDX-License-Identifier: EUPL-1.2
"""What a published feed holds: a part for each event that its search finds, and their sum."""

import hashlib
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from brug.bridges.feeds import holding
from brug.bridges.feeds.forms import MAKING, Made, Wanted
from brug.bridges.feeds.passing import Passed
from brug.bridges.feeds.published import Published
from brug.bridges.ledger import record
from brug.store.session import Session


class Found(msgspec.Struct, frozen=True):
    """An event that is in the search now."""

    event_id: int
    uuid: str
    fingerprint: str


def keep(
    session: Session, feed: Published, found: Found, passed: Passed, wanted: Wanted, *,
    held_as: int | None = None,
) -> None:  # fmt: skip
    made = MAKING[feed.format](passed.document, wanted) if passed.document is not None else None
    passes = made is not None and (feed.format == "misp" or made.attributes > 0)
    made = made if made is not None and passes else Made({}, b"", b"", 0)
    session.execute(
        "INSERT INTO published_part (feed_id, event_id, event_uuid, fingerprint, passes, head,"
        " body, digest, hashes, attributes, left_out, held_as, waiting_parts, waiting_why,"
        " waiting_since) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
        " CASE WHEN %s THEN now() END)"
        " ON CONFLICT (feed_id, event_id) DO UPDATE SET fingerprint = excluded.fingerprint,"
        " passes = excluded.passes, head = excluded.head, body = excluded.body,"
        " digest = excluded.digest, hashes = excluded.hashes, attributes = excluded.attributes,"
        " left_out = excluded.left_out, held_as = excluded.held_as,"
        " waiting_parts = excluded.waiting_parts, waiting_why = excluded.waiting_why,"
        " waiting_since = CASE WHEN excluded.waiting_parts > 0"
        "   THEN coalesce(published_part.waiting_since, excluded.waiting_since) END",
        (
            feed.id, found.event_id, found.uuid, found.fingerprint, passes, Jsonb(made.head),
            made.body, hashlib.sha256(made.body).hexdigest(), made.hashes, made.attributes,
            Jsonb(passed.left_out), held_as, passed.waiting, Jsonb(passed.why),
            passed.waiting > 0,
        ),
    )  # fmt: skip


def settle(session: Session, feed: Published, problem: str, *, looked_at: bool = True) -> None:
    """What the feed holds from now on; where that is new, the ledger has it.

    `looked_at` says that it is as it should be now, and not only without what left it.
    """
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
        "UPDATE published_feed SET version = %s,"
        " built = CASE WHEN %s THEN now() ELSE built END,"
        " building_until = CASE WHEN %s THEN NULL ELSE building_until END,"
        " events = %s, attributes = %s, left_out = %s, problem = %s,"
        " changed = CASE WHEN version = %s THEN changed ELSE now() END WHERE id = %s",
        (
            version, looked_at, looked_at, events, attributes, Jsonb(out), problem[:1000],
            version, feed.id,
        ),
    )  # fmt: skip
    if feed.bridge_id is not None:
        holding.end(session, feed.bridge_id)
    if before != version:
        entry: dict[str, Any] = {
            "feed": feed.name, "format": feed.format, "version": version, "events": int(events),
            "attributes": int(attributes), "left_out": out,
        }  # fmt: skip
        record(session, "feed", entry, feed.bridge_id)
