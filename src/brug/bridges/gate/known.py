# SPDX-License-Identifier: EUPL-1.2
"""What the node knows of events' attributes beside the events: tags, warninglists, decay.

Each for several events at once, the answers in their order.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from brug.bridges.gate.alike import apart
from brug.bridges.gate.hop import rows
from brug.bridges.gate.parts import tag_names, uuid_of, values_of
from brug.intel.decay import decaying
from brug.intel.decay.decaying import Carried, Model
from brug.intel.vocabulary import matching
from brug.model.naming import is_uuid
from brug.store.session import Session

Document = dict[str, Any]
FALSE_POSITIVE = "false_positive"


def attributes(event: Document) -> Iterator[Document]:
    yield from rows(event, "Attribute")
    for one in rows(event, "Object"):
        yield from rows(one, "Attribute")


def tags(session: Session, events: Sequence[Document]) -> list[dict[str, tuple[str, ...]]]:
    """Of each event and its attributes, by UUID; local tags mark for this node's gate as well."""
    found: dict[str, dict[str, list[str]]] = {}
    query_rows = session.all(
        "SELECT e.uuid::text, e.uuid::text, t.name FROM event e"
        " JOIN event_tag l ON l.event_id = e.id JOIN tag t ON t.id = l.tag_id"
        " WHERE e.uuid = ANY (%(uuids)s::uuid[])"
        " UNION ALL SELECT e.uuid::text, a.uuid::text, t.name FROM event e"
        " JOIN attribute_tag l ON l.event_id = e.id JOIN attribute a ON a.id = l.attribute_id"
        " JOIN tag t ON t.id = l.tag_id WHERE e.uuid = ANY (%(uuids)s::uuid[])",
        {"uuids": uuids(events)},
    )
    for event, uuid, name in query_rows:
        found.setdefault(event, {}).setdefault(uuid, []).append(name)
    return [
        {uuid: tuple(names) for uuid, names in found.get(uuid_of(event), {}).items()}
        for event in events
    ]


def uuids(events: Sequence[Document]) -> list[str]:
    """Those by which the database may know events."""
    return [uuid for uuid in map(uuid_of, events) if is_uuid(uuid)]


def known_good(session: Session, events: Sequence[Document]) -> list[dict[str, tuple[str, ...]]]:
    """Names of warninglists of false positives that each attribute is on, by UUID.

    Most are on none, which their stored keys say; only what remains is looked up by its text.
    """
    listed = matching.listed(session, uuids(events))
    is_compared = matching.compared(session)
    places: list[tuple[int, str]] = []
    asked: list[matching.Typed] = []
    for place, event in enumerate(events):
        for one in attributes(event):
            type_ = str(one.get("type", ""))
            every = is_compared(type_)
            for uuid, value in values_of(one) if every or listed else ():
                if every or uuid in listed:
                    first, _, second = value.partition("|")
                    places.append((place, uuid))
                    asked.append((type_, first, second))
    found: list[dict[str, tuple[str, ...]]] = [{} for _ in events]
    for (place, uuid), hits in zip(places, matching.match(session, asked), strict=True):
        names = tuple(hit.name for hit in hits if hit.category == FALSE_POSITIVE)
        if names:
            found[place][uuid] = names
    return found


def expired(session: Session, events: Sequence[Document]) -> list[frozenset[str]]:
    """The attributes reported as expired after they were last seen, and those that have
    decayed: some used model says so and none says otherwise.
    """
    seen, ended = _sighted(session, events)
    models = [model for model in decaying.every(session) if model.enabled]
    numbers = _numbers(session, events) if models else {}
    found = []
    for event in events:
        seen_here = seen.get(uuid_of(event), {})
        ended_here = ended.get(uuid_of(event), {})
        gone = {uuid for uuid, at in ended_here.items() if at >= seen_here.get(uuid, 0)}
        if models:
            gone |= _decayed(event, models, numbers, seen_here)
        found.append(frozenset(gone))
    return found


def _numbers(session: Session, events: Sequence[Document]) -> dict[str, int]:
    items = (one for event in events for one in (event, *attributes(event)))
    names = {name for one in items for name in tag_names(one)}
    return decaying.numbers_of(session, sorted(names)) if names else {}


def _decayed(
    event: Document, models: list[Model], numbers: dict[str, int], seen: dict[str, int]
) -> set[str]:
    of_event = tag_names(event)
    gone = set()
    for one in (each for several in attributes(event) for each in apart(several)):
        own = tag_names(one)
        said = {name.partition("=")[0] for name in own}
        every = (*own, *(name for name in of_event if name.partition("=")[0] not in said))
        carried = [Carried(name, numbers.get(name)) for name in every]
        last = max(_seconds(one), seen.get(uuid_of(one), 0))
        scores = decaying.scores(models, str(one.get("type", "")), last, carried)
        if scores and all(score.decayed for score in scores):
            gone.add(uuid_of(one))
    return gone


# When each attribute was last reported, by the UUIDs of its event and itself.
_Reports = dict[str, dict[str, int]]


def _sighted(session: Session, events: Sequence[Document]) -> tuple[_Reports, _Reports]:
    """As seen, and as expired."""
    rows_ = session.all(
        "SELECT s.type, e.uuid::text, a.uuid::text, max(s.date_sighting) FROM event e"
        " JOIN sighting s ON s.event_id = e.id JOIN attribute a ON a.id = s.attribute_id"
        " WHERE e.uuid = ANY (%s::uuid[]) AND s.type IN (0, 2) GROUP BY 1, 2, 3",
        (uuids(events),),
    )
    found: tuple[_Reports, _Reports] = {}, {}
    for kind, event, uuid, last in rows_:
        found[kind == 2].setdefault(event, {})[uuid] = int(last)
    return found


def _seconds(one: Document) -> int:
    text = str(one.get("timestamp", ""))
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0
