# SPDX-License-Identifier: EUPL-1.2
"""Sightings of a server, of the events that both sides hold.

What is compared is the time at which they were last published there with the time that this
server told us when we asked last: both are of its own clock, so that nothing that it
publishes is missed because ours is ahead. Before we have asked once, the time of our own copy
stands in, as with a stock MISP: sightings that were pushed to us need not be asked for.
"""

from collections.abc import Sequence
from typing import Any

from brug.bridges.misp import pulled_event
from brug.bridges.misp.index import Listed
from brug.bridges.misp.pulled_rest import post
from brug.bridges.misp.state import Pull
from brug.intel import finding
from brug.intel.sighting import sighting_exchange
from brug.model.errors import Forbidden, Invalid, NotFound
from brug.store.session import Session

EVENTS_AT_ONCE = 100  # whose sightings are asked for in one request
LISTED_AT_ONCE = 1000


def sightings(pull: Pull, listed: Sequence[Listed]) -> None:
    """Of events whose sightings were published there since we asked."""
    newer = _newer(pull, [one for one in listed if one.sighting_timestamp])
    for start in range(0, len(newer), EVENTS_AT_ONCE):
        pull.going_on()
        some = {one.uuid: one for one in newer[start : start + EVENTS_AT_ONCE]}
        question = {"returnFormat": "json", "last": 0, "includeUuid": True, "uuid": list(some)}
        told = post(pull, "sightings", "/sightings/restSearch/event", question)
        rows = told.value.get("response") if told and isinstance(told.value, dict) else None
        if isinstance(rows, list):
            done = _take(pull, rows, set(some))
            with pull.database.system() as session:
                _note(session, pull.server.id, [one for u, one in some.items() if u in done])


def _newer(pull: Pull, listed: Sequence[Listed]) -> list[Listed]:
    wanted: list[Listed] = []
    for start in range(0, len(listed), LISTED_AT_ONCE):
        some = listed[start : start + LISTED_AT_ONCE]
        with pull.database.as_user(pull.account_id) as session:
            held = pulled_event.held_here(session, [one.uuid for one in some])
        there = [one for one in some if one.uuid in held]
        with pull.database.system() as session:
            noted = _noted(session, pull.server.id, [one.uuid for one in there])
            known = [
                one for one in there
                if one.sighting_timestamp
                <= noted.get(one.uuid, held[one.uuid].sighting_timestamp)
            ]  # fmt: skip
            _note(session, pull.server.id, [one for one in known if one.uuid not in noted])
        old = {one.uuid for one in known}
        wanted += [one for one in there if one.uuid not in old]
    return wanted


def _noted(session: Session, server_id: int, uuids: Sequence[str]) -> dict[str, int]:
    rows = session.all(
        "SELECT event_uuid::text, published FROM server_sighting"
        " WHERE server_id = %s AND event_uuid = ANY (%s::uuid[])",
        (server_id, list(uuids)),
    )
    return {str(uuid): int(published) for uuid, published in rows}


def _note(session: Session, server_id: int, several: Sequence[Listed]) -> None:
    session.execute(
        "INSERT INTO server_sighting (server_id, event_uuid, published)"
        " SELECT %s, * FROM unnest(%s::uuid[], %s::bigint[])"
        " ON CONFLICT (server_id, event_uuid) DO UPDATE SET published = excluded.published",
        (server_id, [one.uuid for one in several], [one.sighting_timestamp for one in several]),
    )


def _take(pull: Pull, rows: list[Any], asked: set[str]) -> set[str]:
    """Stores them; the events that need not be asked for again."""
    by_event: dict[str, list[sighting_exchange.Brought]] = {uuid: [] for uuid in asked}
    for row in rows:
        raw = row.get("Sighting") if isinstance(row, dict) else None
        one = sighting_exchange.read(raw) if isinstance(raw, dict) else None
        uuid = str(raw.get("event_uuid", "")).lower() if isinstance(raw, dict) else ""
        if one is None or uuid not in asked:
            pull.report.lose("sightings", "they could not be read")
        else:
            by_event[uuid].append(one)
    done: set[str] = set()
    for uuid, several in by_event.items():
        if not several:
            pull.report.lose("sightings", "the other side shows us none of an event's", uuid)
        elif not _store(pull, uuid, several):
            continue
        done.add(uuid)
    return done


def _store(pull: Pull, uuid: str, several: list[sighting_exchange.Brought]) -> bool:
    try:
        with pull.database.as_user(pull.account_id) as session:
            count = sighting_exchange.take(session, uuid, several)
            sighting_exchange.note_published(session, finding.find(session, "event", uuid))
            here = sighting_exchange.known(session, uuid, [one.uuid for one in several])
    except (NotFound, Forbidden, Invalid) as error:
        pull.report.fail("sightings", uuid, error.public)
        return False
    pull.report.count("sightings", count)
    away = {one.uuid for one in several} - set(here)
    pull.report.lose("sightings", "their attribute is not here", uuid, len(away))
    return True
