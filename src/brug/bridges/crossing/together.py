# SPDX-License-Identifier: EUPL-1.2
"""Events that are new here and come together are stored together.

A first synchronisation, or the first after an outage, brings nothing else. Whatever needs to be
looked at by itself (an event that is held already, a message that is none, one that the
agreement does not cover) is left to `inward.take`, and so is everything where one of them cannot
be stored: one by one it shows which it is.
"""

import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
import psycopg

from brug.bridges.crossing import arrivals, clusters, inward, messages, reading
from brug.bridges.crossing.arrivals import Arrival
from brug.bridges.crossing.inward import Answer
from brug.bridges.crossing.messages import Message
from brug.bridges.native.handling import BATCHES
from brug.bridges.partners import BridgeRow
from brug.directory import brought_groups
from brug.formats.misp.reading import read_event
from brug.intel.adding import add_several
from brug.intel.vocabulary.capturing import capture
from brug.model.errors import BrugError, Forbidden
from brug.model.event import NewEvent
from brug.store.failing import meaning
from brug.store.session import Session


class _Fresh(msgspec.Struct):
    """An event that is new here, its bytes as it came, and what was read of it."""

    message: Message
    raw: bytes
    new: NewEvent


def take(
    session: Session, bridge: BridgeRow, came: list[Any], one: Callable[[Any], Answer]
) -> list[Answer]:
    """Stores messages in their order: what is new together, anything else by `one`."""
    fresh = _fresh(session, bridge, came)
    answers: list[Answer] = []
    while len(answers) < len(came):
        place = len(answers)
        run: list[_Fresh] = []
        while place + len(run) in fresh:
            run.append(fresh[place + len(run)])
        answers += _together(session, bridge, run) or [
            one(_as_it_came(fresh, came, at)) for at in range(place, place + max(1, len(run)))
        ]
    return answers


def _as_it_came(fresh: dict[int, _Fresh], came: list[Any], place: int) -> Any:
    """Reading a message completes what is in it; whoever reads it next has it without that."""
    return msgspec.json.decode(fresh[place].raw) if place in fresh else came[place]


def _together(session: Session, bridge: BridgeRow, run: list[_Fresh]) -> list[Answer]:
    """Nothing where they are none, or cannot be stored together."""
    if len(run) < 2:
        return []
    try:
        with session.connection.transaction():
            return _taken(session, bridge, run)
    except BrugError:
        return []
    except psycopg.Error as error:
        if meaning(error) is None or session.connection.broken:
            raise
        return []


def _fresh(session: Session, bridge: BridgeRow, came: list[Any]) -> dict[int, _Fresh]:
    """What is new here, by its place."""
    events = {
        place: one
        for place, one in enumerate(came)
        if isinstance(one, dict) and one.get("kind") == "event"
    }
    named = Counter(str(one.get("event_uuid")) for one in events.values())
    single = {
        place: one
        for place, one in events.items()
        if named[str(one.get("event_uuid"))] == 1 and _is_whole(one)
    }
    try:
        new = _unknown(session, bridge, list(single.values()))
    except Forbidden:
        return {}
    found = {}
    for place, one in single.items():
        if one["event_uuid"] in new:
            raw = messages.encoded(one)
            one["event"]["locked"] = True
            try:
                found[place] = _Fresh(one, raw, read_event(one["event"]))
            except BrugError:
                came[place] = msgspec.json.decode(raw)
    return found


def _is_whole(message: Message) -> bool:
    try:
        inward.require_form(message)
        inward.event_in(message)
    except BrugError:
        return False
    return True


def _unknown(session: Session, bridge: BridgeRow, several: list[Message]) -> set[str]:
    """The events of which nothing is or was here, and that others made. Raises Forbidden."""
    if not several:
        return set()
    inward.terms_of(session, bridge, several[0])
    host = inward.host(session)
    uuids = [one["event_uuid"] for one in several if reading.creator(one["event"]) != host]
    with session.as_system():
        rows = session.all(
            "SELECT u::text FROM unnest(%s::uuid[]) AS sent (u)"
            " WHERE NOT EXISTS (SELECT 1 FROM event e WHERE e.uuid = u)"
            " AND NOT EXISTS (SELECT 1 FROM crossing c WHERE c.event_uuid = u AND NOT c.outward)",
            (uuids,),
        )
    return {row[0] for row in rows}


def _taken(session: Session, bridge: BridgeRow, run: list[_Fresh]) -> list[Answer]:
    terms = inward.terms_of(session, bridge, run[0].message)
    for one in run:
        clusters.take(session, terms, one.message["event"])
        brought_groups.bring(session, one.message["event"])
    added = add_several(session, [one.new for one in run], keep_empty=True)
    for one in run:
        document = one.message["event"]
        capture(session, document)
        inward.take_sightings(session, document, one.message["event_uuid"])
    receipts = arrivals.record(
        session,
        bridge,
        [Arrival(one.message, hashlib.sha256(one.raw).digest(), "added") for one in run],
    )
    return [
        inward.answer(receipt, "added", done.refused)
        for done, receipt in zip(added, receipts, strict=True)
    ]


def register() -> None:
    """Has what comes in over bridges taken by this and by `inward`."""
    inward.register()
    BATCHES[:] = [take]
