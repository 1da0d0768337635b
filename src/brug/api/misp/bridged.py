# SPDX-License-Identifier: EUPL-1.2
"""The interface for keys that are bound to a bridge: what servers ask of each other, gated.

Whatever is not listed here is refused, so that no answer goes past the gate. What is listed tells
nothing of anybody's items, brings something and is answered without what others say of it, or
is cut to what the agreement lets pass.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from brug.api.misp.dispatch import Answer, Call, Endpoint
from brug.api.misp.event.event_index import unless_known
from brug.api.misp.refusals import MispError
from brug.bridges.misp import serving
from brug.bridges.partners import BridgeRow
from brug.bridges.terms import Kind
from brug.edge.exports import Export
from brug.formats.json_text import decode

Json = dict[str, Any]
Cut = Callable[[Call, BridgeRow, Answer], Answer]
NOT_FOR_BRIDGES = (
    "This key is bound to a bridge: it may do what servers do when they synchronise, and nothing "
    "else."
)
AT_ONCE = 100
NOTES = ("Note", "Opinion", "Relationship")


def answered(call: Call, endpoint: Endpoint) -> Answer:
    """The endpoint's answer; for a bridge's key what of it may cross."""
    bridge = serving.bridge_of_key(call.session)
    if bridge is None:
        return endpoint.handler(call)
    called = (endpoint.controller.replace("_", ""), endpoint.action.lower())
    if called in _BRINGING and call.method != "GET":
        serving.require_bringing(call.session, bridge, _BRINGING[called])
        return _brought(call, bridge, endpoint.handler(call))
    if called in _PLAIN or (called in _BRINGING and called[0] == "eventreports"):
        return endpoint.handler(call)
    if called not in _CUT:
        raise MispError(403, NOT_FOR_BRIDGES)
    if "extended" in {**call.named, **call.query, **call.data()}:
        raise MispError(403, NOT_FOR_BRIDGES)  # items of one event as if they were another's
    # What the asker has is compared with what it gets, not with what is cut.
    asked = {name: value for name, value in call.headers.items() if name != "if-none-match"}
    whole = endpoint.handler(msgspec.structs.replace(call, headers=asked))
    return _CUT[called](call, bridge, whole)


# Tell nothing of anybody's items: about the node, about the asker, which of its own are wanted.
_PLAIN = frozenset({
    ("servers", "getversion"), ("servers", "posttest"), ("users", "view"),
    ("events", "filtereventidsforpush"), ("sightings", "filtersightinguuidsforpush"),
    ("analystdata", "filteranalystdataforpush"),
})  # fmt: skip
_BRINGING: dict[tuple[str, str], Kind] = {
    ("events", "add"): "event", ("events", "edit"): "event",
    ("events", "pushproposals"): "proposal", ("sightings", "bulksavesightings"): "sighting",
    ("galaxies", "pushcluster"): "cluster", ("analystdata", "pushanalystdata"): "note",
    ("eventreports", "add"): "report",
}  # fmt: skip
# Of an event that was brought, what its bringer is told.
_HEAD = ("id", "uuid", "info", "timestamp", "published", "distribution", "orgc_id", "org_id")


def _payload(answer: Answer) -> Any:
    """An answer's value, whatever form it is in."""
    found = answer.payload
    if isinstance(found, Export):
        with found:
            found = b"".join(found)
    if isinstance(found, bytes):
        return decode(found) if found else None
    return msgspec.to_builtins(found)


def _brought(call: Call, bridge: BridgeRow, answer: Answer) -> Answer:
    """Puts an event that was brought on record; of it only the head is told."""
    payload = _payload(answer)
    if isinstance(payload, dict) and isinstance(payload.get("Event"), dict):
        shown = payload["Event"]
        serving.brought(call.session, bridge, shown, hashlib.sha256(call.raw).digest())
        payload = {**payload, "Event": {name: shown[name] for name in _HEAD if name in shown}}
    return Answer(payload, answer.status, answer.headers)


def _event(call: Call, bridge: BridgeRow, answer: Answer) -> Answer:
    payload = _payload(answer)
    shown = payload.get("Event") if isinstance(payload, dict) else None
    if not isinstance(shown, dict):
        return Answer(payload, answer.status)  # asked by HEAD: whether it is there
    document, whole = serving.event(call.session, bridge, shown)
    if document is None or (shown.get("protected") and not whole):
        # Answered, not raised: that it was held or refused is on record.
        url = call.path
        return Answer({"name": "Invalid event.", "message": "Invalid event.", "url": url}, 404)
    if shown.get("protected"):
        return answer  # signed as it is: it crosses whole, or not at all
    return Answer({"Event": {**document, "Org": shown.get("Org"), "RelatedEvent": []}})


def _index(call: Call, bridge: BridgeRow, answer: Answer) -> Answer:
    """Who looks for what is new gets identifiers and times; titles come from what may cross."""
    if not serving.agrees(call.session, bridge, "event"):
        return unless_known(call, [], {"X-Result-Count": "0"})
    listed = _payload(answer)
    if not isinstance(listed, list):
        raise MispError(403, NOT_FOR_BRIDGES)
    stays = serving.withheld(call.session, bridge)
    kept = [one for one in listed if stays.get(one["uuid"], -1) < int(one["timestamp"])]
    if kept and "info" in kept[0]:
        kept = list(_heads(call, bridge, kept))
    return unless_known(call, kept, {"X-Result-Count": str(len(kept))})


def _heads(call: Call, bridge: BridgeRow, kept: list[Json]) -> Iterator[Json]:
    if len(kept) > AT_ONCE:
        raise MispError(400, f"limit: expected at most {AT_ONCE} events at once.")
    for one in kept:
        document = serving.head(call.session, bridge, int(one["id"]))
        if document is not None:
            tags = [{"Tag": tag, "local": False} for tag in document.get("Tag", [])]
            yield {**one, "info": document["info"], "EventTag": tags, "GalaxyCluster": []}


def _of_events(kind: Kind, name: str) -> Cut:
    """Rows that each name their event: what the gate lets of those of one event, or none."""

    def cut(call: Call, bridge: BridgeRow, answer: Answer) -> Answer:
        payload = _payload(answer)
        rows = payload.get("response") if isinstance(payload, dict) else payload
        if not isinstance(rows, list):
            raise MispError(403, NOT_FOR_BRIDGES)
        of_event: dict[str, list[Json]] = {}
        if serving.agrees(call.session, bridge, kind):
            for row in rows:
                of_event.setdefault(str(row[name].get("event_uuid")), []).append(row)
        kept = [row for several in _told(call, bridge, kind, name, of_event) for row in several]
        return Answer({"response": kept} if isinstance(payload, dict) else kept)

    return cut


def _told(
    call: Call, bridge: BridgeRow, kind: Kind, name: str, of_event: dict[str, list[Json]]
) -> Iterator[list[Json]]:
    there = serving.crossed(call.session, bridge, list(of_event))
    for uuid, several in of_event.items():
        said = {name: [row[name] for row in several]}
        if uuid in there and serving.may_tell(call.session, bridge, kind, uuid, said):
            yield several


def _clusters(call: Call, bridge: BridgeRow, answer: Answer) -> Answer:
    if serving.agrees(call.session, bridge, "cluster"):
        return answer
    if "response" in (_payload(answer) or {}):
        return Answer({"response": []})
    raise MispError(404, "Invalid Galaxy Cluster")


def _note_times(call: Call, bridge: BridgeRow, answer: Answer) -> Answer:
    payload = _payload(answer)
    found = payload if isinstance(payload, dict) else {}
    uuids = [uuid for several in found.values() if several for uuid in several]
    there = _events_of_notes(call, bridge, uuids)
    return Answer({
        name: {uuid: at for uuid, at in (several or {}).items() if uuid in there}
        for name, several in found.items()
    })  # fmt: skip


def _events_of_notes(call: Call, bridge: BridgeRow, uuids: list[str]) -> dict[str, str]:
    """The event of each note that is about one which the partner has, as far as agreed."""
    if not serving.agrees(call.session, bridge, "note"):
        return {}
    rows = call.session.all(
        "SELECT n.uuid::text, e.uuid::text FROM analyst_data n JOIN event e ON e.id = n.event_id"
        " WHERE n.uuid = ANY (%s::uuid[])",
        (uuids,),
    )
    there = serving.crossed(call.session, bridge, [row[1] for row in rows])
    return {note: event for note, event in rows if event in there}


def _notes(call: Call, bridge: BridgeRow, answer: Answer) -> Answer:
    payload = _payload(answer)
    if not isinstance(payload, list):
        raise MispError(403, NOT_FOR_BRIDGES)
    events = _events_of_notes(call, bridge, [str(_note(row)[1].get("uuid")) for row in payload])
    kept = []
    for row in payload:
        name, note = _note(row)
        event = events.get(str(note.get("uuid")))
        if event and serving.may_tell(call.session, bridge, "note", event, {name: [note]}):
            kept.append(row)
    return Answer(kept)


def _note(row: Json) -> tuple[str, Json]:
    return next(((name, row[name]) for name in NOTES if name in row), ("Note", {}))


_CUT: dict[tuple[str, str], Cut] = {
    ("events", "view"): _event,
    ("events", "index"): _index,
    ("shadowattributes", "index"): _of_events("proposal", "ShadowAttribute"),
    ("sightings", "restsearch"): _of_events("sighting", "Sighting"),
    ("galaxyclusters", "restsearch"): _clusters,
    ("galaxyclusters", "view"): _clusters,
    ("analystdata", "indexminimal"): _note_times,
    ("analystdata", "index"): _notes,
}
