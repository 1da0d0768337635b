# SPDX-License-Identifier: EUPL-1.2
"""`/events/restSearch`: whole events by filters, one after the other, never all in memory."""

from collections.abc import Callable, Iterable, Iterator
from typing import IO

from msgspec import UNSET

from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.event.showing import Asked as Shown
from brug.api.misp.event.showing import all_attributes, all_shown
from brug.api.misp.search import hit_scores, search_documents, search_formats, search_request
from brug.api.misp.search.search_request import Asked
from brug.formats.misp.shapes import EventJson
from brug.intel import loading
from brug.intel.decay import scoring
from brug.intel.decay.decaying import Score
from brug.intel.leaving import left_out
from brug.intel.leaving.whole import leave_out_local_tags
from brug.intel.search import events
from brug.model.event import Attribute, Event
from brug.store.session import Session

FORMATS = {*search_formats.EVENTS, *search_formats.FORMATS, *search_documents.FORMATS}
# Events that are loaded together, and about how many attributes they may have.
EVENTS_AT_ONCE = 50
ATTRIBUTES_AT_ONCE = 2_000


@endpoint(
    "events",
    "restSearch",
    shows=("event", "attribute", "object", "tag", "report", "sighting"),
    probes=(
        ("POST", "/events/restSearch", {"returnFormat": "json"}),
        ("POST", "/events/restSearch", {"returnFormat": "json", "metadata": 1}),
    ),
    summary="Events by filters, in many formats",
    body={"returnFormat": "json", "value": "text or %text%", "limit": "number"},
)
def rest_search(call: Call) -> Answer:
    asked = search_request.read(call, "events", FORMATS)
    if asked.format in search_formats.FORMATS:
        return search_formats.exported(call, asked, "events")
    if asked.format in search_documents.FORMATS:
        return search_documents.exported(call, asked, lambda ids: _shown(call.session, asked, ids))
    found = events.find(call.session, asked.filters)

    shape = search_formats.EVENTS[asked.format]

    def fill(out: IO[bytes]) -> None:
        out.write(shape.head)
        for number, one in enumerate(_shown(call.session, asked, found.ids)):
            out.write(shape.between if number else b"")
            out.write(shape.item(one))
        out.write(shape.tail)

    headers = search_request.headers(asked, found.total, asked.format)
    headers |= search_request.disposition(asked, asked.format)
    return Answer(call.exports.filled(fill), headers=headers, media_type=shape.media_type)


def _shown(session: Session, asked: Asked, ids: list[int]) -> Iterable[EventJson]:
    beside = _surroundings(asked)
    for start in range(0, len(ids), EVENTS_AT_ONCE):
        some = ids[start : start + EVENTS_AT_ONCE]
        heads = loading.heads(session, some)
        found = [heads[event_id] for event_id in some if event_id in heads]
        for together in [found] if asked.wants("metadata") else _portions(found):
            yield from _together(session, asked, together, beside)


def _portions(events: list[Event]) -> Iterator[list[Event]]:
    """Events that are not too large together; a large one is alone."""
    portion: list[Event] = []
    size = 0
    for one in events:
        if portion and size + one.head.attribute_count > ATTRIBUTES_AT_ONCE:
            yield portion
            portion, size = [], 0
        portion.append(one)
        size += one.head.attribute_count
    if portion:
        yield portion


def _surroundings(asked: Asked) -> Shown:
    metadata = asked.wants("metadata")
    return Shown(
        related=asked.format in search_formats.EVENTS,
        sightings=not metadata,
        data=asked.wants("withAttachments"),
        warnings=asked.wants("includeWarninglistHits"),
        galaxies=not asked.wants("excludeGalaxy"),
        analyst=asked.wants("includeAnalystData") and not metadata,
        extensions=asked.wants("extensionList"),
        feeds=asked.wants("includeFeedCorrelations") and not metadata,
        servers=asked.wants("includeServerCorrelations") and not metadata,
    )


def _together(
    session: Session, asked: Asked, events: list[Event], beside: Shown
) -> Iterator[EventJson]:
    metadata = asked.wants("metadata")
    scored: dict[int, list[Score]] = {}
    if not metadata:
        loading.fill(session, *events, deleted=asked.filters.deleted is not None)
        scored = _scored(session, asked, events)
    for event in events:
        if asked.wants("excludeLocalTags"):
            leave_out_local_tags(event)
    for made in all_shown(session, events, beside):
        if metadata:
            made.Attribute = made.ShadowAttribute = made.Object = made.EventReport = UNSET
        elif asked.wants("includeDecayScore"):
            _add_scores(session, asked, scored, made)
        if asked.wants("sgReferenceOnly"):
            _name_groups_only(made)
        yield made


def _scored(session: Session, asked: Asked, events: list[Event]) -> dict[int, list[Score]]:
    """The scores of attributes, where asked for; what a search leaves out is gone then."""
    left_out.thin_out(session, events, asked.filters)
    if not hit_scores.are_asked(asked):
        return {}
    scored = _scores(session, asked, events)
    if asked.wants("excludeDecayed"):
        for event in events:
            _leave_out(event, lambda a: hit_scores.are_all_decayed(scored.get(a.id, ())))
    return scored


def _scores(session: Session, asked: Asked, events: list[Event]) -> dict[int, list[Score]]:
    items = [item for event in events for item in all_attributes(event)]
    tags = {item.id: item.tags for item in items}
    event_tags = {event.head.id: event.tags for event in events}
    return scoring.scores(session, hit_scores.models(session, asked), items, tags, event_tags)


def _add_scores(
    session: Session, asked: Asked, scored: dict[int, list[Score]], made: EventJson
) -> None:
    inside = [item for one in made.Object or [] for item in one.Attribute]
    for item in [*(made.Attribute or []), *inside]:
        if found := scored.get(int(item.id)):
            item.decay_score = hit_scores.shown(session, asked, found)


def _leave_out(event: Event, which: Callable[[Attribute], bool]) -> None:
    event.attributes = [a for a in event.attributes if not which(a)]
    for one in event.objects:
        one.attributes = [a for a in one.attributes if not which(a)]


def _name_groups_only(made: EventJson) -> None:
    made.SharingGroup = UNSET
    for item in made.Attribute or []:
        item.SharingGroup = UNSET
    for one in made.Object or []:
        one.SharingGroup = UNSET
        for item in one.Attribute:
            item.SharingGroup = UNSET
