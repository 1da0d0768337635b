# SPDX-License-Identifier: EUPL-1.2
"""Holding what is here against what was there: a digest of each event's normal form.

An event whose digest differs is asked for once more, so that the difference can be named.
"""

from collections.abc import Callable
from typing import Any

from brug.moving.as_stored import normal_of
from brug.moving.client import Refused
from brug.moving.normal import differences, digest
from brug.moving.numbers import Moved
from brug.moving.taking import Source, unwrapped
from brug.moving.taking_events import VIEW, Taker, taker

BATCH = 200
Normal = dict[str, Any]


def verify(source: Source) -> None:
    """Compares every event that was moved; what differs joins the report."""
    one = taker(source)
    with source.database.as_user(source.user_id) as session:
        total = session.value(
            "SELECT count(*) FROM moved WHERE moving_id = %s AND kind = 'event'",
            (source.move.id,),
        )
    done, last = 0, ""
    while batch := _batch(source, last):
        for moved in batch:
            source.told("verifying", done, total)
            _compare(source, one, moved)
            done += 1
        last = batch[-1].remote


def _batch(source: Source, last: str) -> list[Moved]:
    with source.database.as_user(source.user_id) as session:
        rows = session.all(
            "SELECT remote, local, uuid::text, stamp, digest FROM moved"
            " WHERE moving_id = %s AND kind = 'event' AND remote > %s ORDER BY remote LIMIT %s",
            (source.move.id, last, BATCH),
        )
    return [Moved(*row) for row in rows]


def _compare(source: Source, one: Taker, moved: Moved) -> None:
    name = f"event {moved.remote} ({moved.uuid})"
    with source.database.as_user(source.user_id) as session:
        ours = normal_of(session, one.here, moved.local)
    if ours is None:
        source.report.differences.append(f"{name}: missing here")
    elif moved.digest is not None and digest(ours) == bytes(moved.digest):
        source.report.verified += 1
        _count(source, ours, ours)
    else:
        try:
            raw = unwrapped(source.misp.get(f"/events/view/{moved.remote}{VIEW}"), "Event")
        except Refused as error:
            source.report.differences.append(f"{name}: {error}")
            return
        theirs = one.normaliser.event(raw)
        _count(source, theirs, ours)
        found = differences(theirs, ours)
        source.report.differences += [f"{name}: {line}" for line in found]
        source.report.verified += not found


def _count(source: Source, there: Normal, here: Normal) -> None:
    """The items of an event, on both sides."""
    for kind, count in _KINDS.items():
        source.report.count(kind, there=count(there), here=count(here))


def _attributes(event: Normal) -> list[Normal]:
    return [*event["attributes"], *(a for o in event["objects"] for a in o["attributes"])]


_KINDS: dict[str, Callable[[Normal], int]] = {
    "attribute": lambda e: len(_attributes(e)),
    "object": lambda e: len(e["objects"]),
    "object reference": lambda e: sum(len(o["references"]) for o in e["objects"]),
    "report": lambda e: len(e["reports"]),
    "sighting": lambda e: sum(len(a["sightings"]) for a in _attributes(e)),
    "attachment": lambda e: sum("data" in a for a in _attributes(e)),
    "tag on an event or attribute": lambda e: (
        len(e["tags"]) + sum(len(a["tags"]) for a in _attributes(e))
    ),
}
