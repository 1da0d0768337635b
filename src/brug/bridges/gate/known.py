# SPDX-License-Identifier: EUPL-1.2
"""What the node knows of an event's attributes beside the event: tags, warninglists, decay."""

from collections.abc import Iterator
from typing import Any

from brug.bridges.gate.hop import rows
from brug.bridges.gate.parts import tag_names, uuid_of, value_of
from brug.intel.decay import decaying
from brug.intel.decay.decaying import Carried, Model
from brug.intel.vocabulary import matching
from brug.store.session import Session

Document = dict[str, Any]
FALSE_POSITIVE = "false_positive"


def attributes(event: Document) -> Iterator[Document]:
    yield from rows(event, "Attribute")
    for one in rows(event, "Object"):
        yield from rows(one, "Attribute")


def tags(session: Session, event: Document) -> dict[str, tuple[str, ...]]:
    """Of the event and its attributes, by UUID; local tags mark for this node's gate as well."""
    found: dict[str, list[str]] = {}
    query_rows = session.all(
        "SELECT e.uuid::text, t.name FROM event e JOIN event_tag l ON l.event_id = e.id"
        " JOIN tag t ON t.id = l.tag_id WHERE e.uuid::text = %(uuid)s"
        " UNION ALL SELECT a.uuid::text, t.name FROM event e"
        " JOIN attribute_tag l ON l.event_id = e.id JOIN attribute a ON a.id = l.attribute_id"
        " JOIN tag t ON t.id = l.tag_id WHERE e.uuid::text = %(uuid)s",
        {"uuid": uuid_of(event).replace("\0", "")},
    )
    for uuid, name in query_rows:
        found.setdefault(uuid, []).append(name)
    return {uuid: tuple(names) for uuid, names in found.items()}


def known_good(session: Session, event: Document) -> dict[str, tuple[str, ...]]:
    """Names of warninglists of false positives that each attribute is on, by UUID."""
    items = list(attributes(event))
    typed = [_typed(one) for one in items]
    hits = matching.match(session, typed)
    return {
        uuid_of(one): tuple(h.name for h in of_one if h.category == FALSE_POSITIVE)
        for one, of_one in zip(items, hits, strict=True)
        if any(h.category == FALSE_POSITIVE for h in of_one)
    }


def _typed(one: Document) -> matching.Typed:
    first, _, second = value_of(one).partition("|")
    return str(one.get("type", "")), first, second


def expired(session: Session, event: Document) -> frozenset[str]:
    """The attributes reported as expired after they were last seen, and those that have
    decayed: some used model says so and none says otherwise.
    """
    seen = _sighted(session, event, 0)
    ended = _sighted(session, event, 2)
    gone = {uuid for uuid, at in ended.items() if at >= seen.get(uuid, 0)}
    models = [model for model in decaying.every(session) if model.enabled]
    return frozenset(gone | (_decayed(session, event, models, seen) if models else set()))


def _decayed(
    session: Session, event: Document, models: list[Model], seen: dict[str, int]
) -> set[str]:
    of_event = tag_names(event)
    names = {*of_event, *(name for one in attributes(event) for name in tag_names(one))}
    numbers = decaying.numbers_of(session, sorted(names)) if names else {}
    gone = set()
    for one in attributes(event):
        own = tag_names(one)
        said = {name.partition("=")[0] for name in own}
        every = (*own, *(name for name in of_event if name.partition("=")[0] not in said))
        carried = [Carried(name, numbers.get(name)) for name in every]
        last = max(_seconds(one), seen.get(uuid_of(one), 0))
        scores = decaying.scores(models, str(one.get("type", "")), last, carried)
        if scores and all(score.decayed for score in scores):
            gone.add(uuid_of(one))
    return gone


def _sighted(session: Session, event: Document, kind: int) -> dict[str, int]:
    """When each attribute was last reported as seen (0) or expired (2), by UUID."""
    found = session.all(
        "SELECT a.uuid::text, max(s.date_sighting) FROM event e"
        " JOIN sighting s ON s.event_id = e.id JOIN attribute a ON a.id = s.attribute_id"
        " WHERE e.uuid::text = %s AND s.type = %s GROUP BY a.uuid",
        (uuid_of(event).replace("\0", ""), kind),
    )
    return {uuid: int(last) for uuid, last in found}


def _seconds(one: Document) -> int:
    text = str(one.get("timestamp", ""))
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0
