# SPDX-License-Identifier: EUPL-1.2
"""Events that are new here and come together are stored together.

A first synchronisation, or the first after an outage, brings nothing else. Whatever needs to be
looked at by itself (an event that is held already, a message that is none, one that the
agreement does not cover) is left to `inward.take`, and so is everything where one of them cannot
be stored: one by one it shows which it is.
"""

import hashlib
from collections import Counter
from typing import Any

import msgspec
import psycopg

from brug.bridges.crossing import arrivals, inward, messages, reading
from brug.bridges.crossing.arrivals import Arrival
from brug.bridges.crossing.inward import Answer
from brug.bridges.crossing.messages import Message
from brug.bridges.native.handling import TOGETHER
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
    """An event that is new here: where it stands among what came, and its bytes as it came."""

    place: int
    message: Message
    raw: bytes
    new: NewEvent


def take(session: Session, bridge: BridgeRow, came: list[Any]) -> dict[int, Answer]:
    """Stores what of some messages is new; the answers by their places.

    What is left is as it came.
    """
    fresh = _fresh(session, bridge, came)
    if len(fresh) < 2:
        _put_back(came, fresh)
        return {}
    try:
        with session.connection.transaction():
            return _taken(session, bridge, fresh)
    except BrugError:
        pass
    except psycopg.Error as error:
        if meaning(error) is None or session.connection.broken:
            raise
    _put_back(came, fresh)
    return {}


def _fresh(session: Session, bridge: BridgeRow, came: list[Any]) -> list[_Fresh]:
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
        return []
    found = []
    for place, one in single.items():
        if one["event_uuid"] in new:
            raw = messages.encoded(one)
            one["event"]["locked"] = True
            try:
                found.append(_Fresh(place, one, raw, read_event(one["event"])))
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


def _taken(session: Session, bridge: BridgeRow, fresh: list[_Fresh]) -> dict[int, Answer]:
    for one in fresh:
        brought_groups.bring(session, one.message["event"])
    added = add_several(session, [one.new for one in fresh], keep_empty=True)
    for one in fresh:
        document = one.message["event"]
        capture(session, document)
        inward.take_sightings(session, document, one.message["event_uuid"])
    receipts = arrivals.record(
        session,
        bridge,
        [Arrival(one.message, hashlib.sha256(one.raw).digest(), "added") for one in fresh],
    )
    return {
        one.place: inward.answer(receipt, "added", done.refused)
        for one, done, receipt in zip(fresh, added, receipts, strict=True)
    }


def _put_back(came: list[Any], fresh: list[_Fresh]) -> None:
    """Reading a message completes what is in it; whoever reads it next has it as it came."""
    for one in fresh:
        came[one.place] = msgspec.json.decode(one.raw)


def register() -> None:
    """Has what comes in over bridges taken by this and by `inward`."""
    inward.register()
    if take not in TOGETHER:
        TOGETHER.append(take)
