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

from brug.bridges.crossing import (
    arrivals,
    clusters,
    in_our_name,
    inward,
    protected,
    reading,
    unsaying,
)
from brug.bridges.crossing.arrivals import Arrival
from brug.bridges.crossing.inward import Answer
from brug.bridges.crossing.messages import Message
from brug.bridges.native.handling import BATCHES
from brug.bridges.partners import BridgeRow
from brug.bridges.terms import Terms
from brug.directory import brought_groups
from brug.formats.misp.bearing import bearing
from brug.formats.misp.reading import read_event
from brug.intel.adding import add_several
from brug.intel.vocabulary.capturing import capture
from brug.model.errors import BrugError, Forbidden
from brug.model.new_event import NewEvent
from brug.store.failing import meaning
from brug.store.session import Session

Document = dict[str, Any]


class _Fresh(msgspec.Struct):
    """An event that is new here, its bytes as it came, and what was read of it."""

    message: Message
    raw: bytes
    bearers: Document  # the event with what something hangs on
    new: NewEvent


def take(
    session: Session, bridge: BridgeRow, came: list[Any], one: Callable[[Any], Answer]
) -> list[Answer]:
    """Stores messages in their order: what is new together, anything else by `one`."""
    single = _single(came)
    terms = _terms(session, bridge, single)
    fresh = _fresh(session, came, single) if terms else {}
    answers: list[Answer] = []
    while len(answers) < len(came):
        place = len(answers)
        run: list[_Fresh] = []
        while place + len(run) in fresh:
            run.append(fresh[place + len(run)])
        answers += _together(session, bridge, terms, run) or [
            one(_as_it_came(fresh, came, at)) for at in range(place, place + max(1, len(run)))
        ]
    return answers


def _as_it_came(fresh: dict[int, _Fresh], came: list[Any], place: int) -> Any:
    """Reading a message completes what is in it; whoever reads it next has it without that."""
    return msgspec.json.decode(fresh[place].raw) if place in fresh else came[place]


def _together(
    session: Session, bridge: BridgeRow, terms: Terms | None, run: list[_Fresh]
) -> list[Answer]:
    """Nothing where they are none, or cannot be stored together."""
    if len(run) < 2:
        return []
    try:
        with session.connection.transaction():
            return _taken(session, bridge, terms, run)
    except BrugError:
        return []
    except psycopg.Error as error:
        if meaning(error) is None or session.connection.broken:
            raise
        return []


def _single(came: list[Any]) -> dict[int, bytes]:
    """Where events of which one version came are, and their bytes."""
    events = {
        place: one
        for place, one in enumerate(came)
        if isinstance(one, dict) and one.get("kind") == "event"
    }
    named = Counter(str(one.get("event_uuid")) for one in events.values())
    written = {
        place: _written(one)
        for place, one in events.items()
        if named[str(one.get("event_uuid"))] == 1
    }
    return {place: raw for place, raw in written.items() if raw is not None}


def _written(message: Message) -> bytes | None:
    try:
        raw = inward.require_form(message)
        alone = protected.concerns(inward.event_in(message)) or unsaying.FIELD in message
    except BrugError:
        return None
    return None if alone else raw


def _terms(session: Session, bridge: BridgeRow, single: dict[int, bytes]) -> Terms | None:
    """What was agreed on events, if there are any and they may come in."""
    try:
        return inward.terms_of(session, bridge, {"kind": "event"}) if single else None
    except Forbidden:
        return None


def _fresh(session: Session, came: list[Any], single: dict[int, bytes]) -> dict[int, _Fresh]:
    """What is new here, by its place."""
    host = inward.host(session)
    new = _unknown(session, [came[place] for place in single], host)
    found = {}
    for place, raw in single.items():
        one = came[place]
        if one["event_uuid"] in new:
            one["event"]["locked"] = True
            bearers = bearing(one["event"])
            in_our_name.strip(session, one["event"], bearers, host)
            try:
                found[place] = _Fresh(one, raw, bearers, read_event(one["event"]))
            except BrugError:
                came[place] = msgspec.json.decode(raw)
    return found


def _unknown(session: Session, several: list[Message], host: str) -> set[str]:
    """The events of which nothing is or was here, and that others made."""
    uuids = [one["event_uuid"] for one in several if reading.creator(one["event"]) != host]
    with session.as_system():
        rows = session.all(
            "SELECT u::text FROM unnest(%s::uuid[]) AS sent (u)"
            " WHERE NOT EXISTS (SELECT 1 FROM event e WHERE e.uuid = u)"
            " AND NOT EXISTS (SELECT 1 FROM crossing c WHERE c.event_uuid = u AND NOT c.outward)",
            (uuids,),
        )
    return {row[0] for row in rows}


def _taken(
    session: Session, bridge: BridgeRow, terms: Terms | None, run: list[_Fresh]
) -> list[Answer]:
    for one in run:
        clusters.take(session, terms, one.bearers)
        brought_groups.bring(session, one.bearers)
    added = add_several(session, [one.new for one in run], keep_empty=True)
    for one in run:
        capture(session, one.bearers)
        inward.take_sightings(session, one.bearers, one.message["event_uuid"])
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
