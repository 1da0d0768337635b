# SPDX-License-Identifier: EUPL-1.2
"""What of a feed did not fit: kept once with its reason, and taken away when it fits later.

A refusal is told by what was refused, so that a feed which is fetched every hour has one row
for a bad line. Above a number (setting feeds.refusals) new ones are only counted.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, LiteralString
from uuid import UUID

import msgspec

from brug.store import settings
from brug.store.session import Session

Kind = Literal["value", "event", "attribute"]
LONGEST_ITEM = 20_000


class NewRefusal(msgspec.Struct, frozen=True):
    """One item that was not taken in; `place` is a line, or an event's UUID and a place in it."""

    kind: Kind
    place: str
    item: str
    reason: str

    @property
    def digest(self) -> UUID:
        named = f"{self.kind}\0{self.place if self.kind == 'event' else ''}\0{self.item}"
        return UUID(bytes=hashlib.sha256(named.encode("utf-8", "replace")).digest()[:16])


class Kept(msgspec.Struct, frozen=True):
    """One that is kept."""

    id: int
    feed_id: int
    kind: Kind
    place: str
    item: str
    reason: str
    first_seen: datetime
    last_seen: datetime


_SELECT: LiteralString = (
    "SELECT id, feed_id, kind, place, item, reason, first_seen, last_seen FROM feed_refusal "
)


def note(session: Session, feed_id: int, several: Sequence[NewRefusal]) -> None:
    """Keeps refusals; one that is there is of now."""
    if not several:
        return
    once = {one.digest: one for one in several}
    known = session.value("SELECT count(*) FROM feed_refusal WHERE feed_id = %s", (feed_id,))
    room = max(0, int(settings.get(session, "feeds.refusals")) - int(known))
    session.execute(
        "WITH n AS (SELECT * FROM unnest(%(kind)s::text[], %(place)s::text[], %(item)s::text[],"
        " %(digest)s::uuid[], %(reason)s::text[]) AS x (kind, place, item, digest, reason)),"
        " again AS (UPDATE feed_refusal r SET last_seen = now(), reason = n.reason,"
        "   place = n.place FROM n WHERE r.feed_id = %(feed)s AND r.digest = n.digest"
        "   RETURNING r.digest)"
        " INSERT INTO feed_refusal (feed_id, kind, place, item, digest, reason)"
        " SELECT %(feed)s, kind, place, item, digest, reason FROM n"
        " WHERE digest NOT IN (SELECT digest FROM again) LIMIT %(room)s"
        " ON CONFLICT (feed_id, digest) DO NOTHING",
        {
            "feed": feed_id,
            "kind": [one.kind for one in once.values()],
            "place": [_storable(one.place)[:200] for one in once.values()],
            "item": [_storable(one.item)[:LONGEST_ITEM] for one in once.values()],
            "digest": list(once),
            "reason": [_storable(one.reason)[:1000] for one in once.values()],
            "room": room,
        },
    )


def _storable(text: str) -> str:
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def listed(session: Session, feed_id: int, limit: int = 200, offset: int = 0) -> list[Kept]:
    """The latest first."""
    rows = session.all(
        _SELECT + "WHERE feed_id = %s ORDER BY last_seen DESC, id LIMIT %s OFFSET %s",
        (feed_id, limit, offset),
    )
    return [Kept(*row) for row in rows]


def after(session: Session, feed_id: int, last_id: int, limit: int) -> list[Kept]:
    """In the order of their ids, for who goes through all of them."""
    rows = session.all(
        _SELECT + "WHERE feed_id = %s AND id > %s ORDER BY id LIMIT %s", (feed_id, last_id, limit)
    )
    return [Kept(*row) for row in rows]


def counts(session: Session) -> dict[int, int]:
    """How many are kept of each feed."""
    return dict(session.all("SELECT feed_id, count(*) FROM feed_refusal GROUP BY feed_id"))


def settle(session: Session, ids: Iterable[int]) -> None:
    """They fit by now."""
    session.execute("DELETE FROM feed_refusal WHERE id = ANY (%s)", (list(ids),))


def settle_event(session: Session, feed_id: int, uuid: str) -> None:
    """An event that was refused before was taken in whole."""
    session.execute(
        "DELETE FROM feed_refusal WHERE feed_id = %s AND kind = 'event' AND place = %s",
        (feed_id, uuid),
    )


def settle_items(session: Session, feed_id: int, uuid: str, still: Sequence[NewRefusal]) -> None:
    """Another version of an event came: of its items only those do not fit that `still` names."""
    session.execute(
        "DELETE FROM feed_refusal WHERE feed_id = %s AND kind = 'attribute'"
        " AND left(place, 36) = %s AND digest <> ALL (%s)",
        (feed_id, uuid, [one.digest for one in still]),
    )
