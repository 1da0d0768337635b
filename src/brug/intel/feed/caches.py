# SPDX-License-Identifier: EUPL-1.2
"""Values that feeds hold, kept as MD5 to compare with: look-ups, overlaps, coverage.

Nothing of a cached feed is imported. Who may look (right view_feed_correlations) sees the
feeds that are open for it, which the database's policies decide.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

import msgspec

from brug.formats.misp_feed import NO_EVENT
from brug.intel.feed import feeds
from brug.intel.feed.feeds import Feed
from brug.store.rows import array
from brug.store.session import Session

# How many events of one feed are named for one value.
MOST_EVENTS = 50
_BATCH = 10_000


def md5(value: str) -> UUID:
    """What a value is found by."""
    digest = hashlib.md5(value.encode("utf-8", "replace"), usedforsecurity=False).digest()
    return UUID(bytes=digest)


def replace(session: Session, feed_id: int, rows: Iterable[tuple[bytes, UUID]]) -> int:
    """What a feed holds from now on, instead of what it held; how many values."""
    session.execute("DELETE FROM feed_value WHERE feed_id = %s", (feed_id,))
    several = iter(rows)
    while some := list(islice(several, _BATCH)):
        session.execute(
            "INSERT INTO feed_value (feed_id, hash, event_uuid)"
            " SELECT %s, h, e FROM unnest(%s::uuid[], %s::uuid[]) AS n (h, e)",
            (
                feed_id,
                array([digest.hex() for digest, _ in some]),
                array([event.hex for _, event in some]),
            ),
        )
    found = session.value(
        "SELECT count(DISTINCT hash) FROM feed_value WHERE feed_id = %s", (feed_id,)
    )
    return int(found)


class Hit(msgspec.Struct):
    """A feed that holds a value, with the events that hold it there."""

    feed: Feed
    events: list[str]


def may_look(session: Session) -> bool:
    """Whether the session is told what feeds hold."""
    principal = session.principal
    return principal.is_site_admin or principal.may("view_feed_correlations")


def hits(session: Session, values: Iterable[str]) -> dict[str, list[Hit]]:
    """The feeds that hold each of some values, as far as the session may know."""
    if not may_look(session):
        return {}
    named: dict[UUID, list[str]] = {}
    for value in values:
        for form in dict.fromkeys((value, value.lower())):
            named.setdefault(md5(form), []).append(value)
    known = {one.id: one for one in feeds.listed(session)} if named else {}
    if not known:
        return {}
    found: dict[str, dict[int, Hit]] = {}
    for hash_, feed_id, events in _rows(session, list(named)):
        for value in named[hash_]:
            hit = found.setdefault(value, {}).setdefault(feed_id, Hit(known[feed_id], []))
            hit.events += [str(e) for e in events if e != NO_EVENT and str(e) not in hit.events]
    return {value: [by[i] for i in sorted(by)] for value, by in found.items()}


def _rows(session: Session, hashes: Sequence[UUID]) -> Iterator[tuple[UUID, int, list[UUID]]]:
    for start in range(0, len(hashes), _BATCH):
        yield from session.all(
            "SELECT hash, feed_id, (array_agg(DISTINCT event_uuid))[1:%s] FROM feed_value"
            " WHERE hash = ANY (%s) GROUP BY hash, feed_id",
            (MOST_EVENTS, list(hashes[start : start + _BATCH])),
        )


def sizes(session: Session) -> dict[int, int]:
    """How many values each cached feed holds."""
    return dict(
        session.all("SELECT feed_id, count(DISTINCT hash) FROM feed_value GROUP BY feed_id")
    )


def overlaps(session: Session) -> dict[tuple[int, int], int]:
    """How many values each pair of cached feeds shares."""
    return {
        (row[0], row[1]): int(row[2])
        for row in session.all(
            "WITH held AS (SELECT DISTINCT hash, feed_id FROM feed_value),"
            " shared AS (SELECT hash FROM held GROUP BY hash HAVING count(*) > 1),"
            " twice AS (SELECT h.hash, h.feed_id FROM held h JOIN shared USING (hash))"
            " SELECT a.feed_id, b.feed_id, count(*) FROM twice a JOIN twice b USING (hash)"
            " WHERE a.feed_id <> b.feed_id GROUP BY 1, 2"
        )
    }


def coverage(session: Session, feed_id: int) -> int:
    """How much of a feed the other cached ones hold, in per cent."""
    return _share(
        session.one(
            "SELECT count(*), count(*) FILTER (WHERE EXISTS (SELECT 1 FROM feed_value o"
            " WHERE o.hash = v.hash AND o.feed_id <> %(feed)s))"
            " FROM (SELECT DISTINCT hash FROM feed_value WHERE feed_id = %(feed)s) AS v",
            {"feed": feed_id},
        )
    )


def held_here(session: Session) -> dict[int, int]:
    """How many values of each cached feed are values of attributes that the session sees."""
    return {
        row[0]: int(row[1])
        for row in session.all(
            "WITH ours AS (SELECT DISTINCT md5(v.part)::uuid AS hash FROM attribute a"
            " CROSS JOIN LATERAL (VALUES (a.value1), (nullif(a.value2, '')),"
            "   (CASE WHEN a.value2 <> '' THEN a.value1 || '|' || a.value2 END)) AS v (part)"
            " WHERE NOT a.deleted AND v.part IS NOT NULL)"
            " SELECT f.feed_id, count(DISTINCT f.hash) FROM feed_value f"
            " JOIN ours o ON o.hash = f.hash GROUP BY f.feed_id"
        )
    }


def _share(row: tuple[Any, ...] | None) -> int:
    total, part = row or (0, 0)
    return round(100 * part / total) if total else 0


class Compared(msgspec.Struct, frozen=True):
    """A cached feed beside the others: values, those held here, and those shared with each."""

    feed: Feed
    values: int
    here: int
    shared: Mapping[int, int]


def compared(session: Session, *, with_ours: bool = True) -> list[Compared]:
    """All cached feeds that the session sees, each beside the others."""
    known = sizes(session)
    pairs = overlaps(session) if len(known) > 1 else {}
    ours = held_here(session) if with_ours and known else {}
    return [
        Compared(one, known[one.id], ours.get(one.id, 0),
                 {b: n for (a, b), n in pairs.items() if a == one.id})
        for one in feeds.listed(session) if one.id in known
    ]  # fmt: skip
