# SPDX-License-Identifier: EUPL-1.2
"""An event with its surroundings, as the interface shows it: groups, galaxies, relations."""

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from typing import Any

import msgspec

from brug.api.misp.dispatch import Answer, Call
from brug.api.misp.item.item_json import by_attribute
from brug.api.misp.relating import analyst_json
from brug.bridges.misp import server_hits
from brug.directory.sharing_groups_as_misp import embedded
from brug.formats.misp.shapes import AttributeJson, EventJson, Surroundings
from brug.formats.misp.writing import event_json
from brug.intel import attachments, loading, protecting
from brug.intel.correlating import correlation
from brug.intel.correlating.correlation import Related
from brug.intel.feed import feed_hits
from brug.intel.leaving.for_servers import key_json
from brug.intel.leaving.whole import keep_inside
from brug.intel.sighting import sightings
from brug.intel.vocabulary.as_misp import warning_json
from brug.intel.vocabulary.clusters_as_misp import galaxies_by_tag
from brug.intel.vocabulary.matching import match
from brug.model.event import Attribute, Event
from brug.model.new_event import Refusal
from brug.store.session import Session


def all_attributes(event: Event) -> list[Attribute]:
    """The attributes of an event and of its objects."""
    return [*event.attributes, *(a for o in event.objects for a in o.attributes)]


class Asked(msgspec.Struct, frozen=True):
    """What of its surroundings an event is shown with."""

    related: bool = True
    granular: bool = False
    sightings: bool = True
    data: bool = True
    warnings: bool = False
    galaxies: bool = True
    analyst: bool = True
    extensions: bool = False
    feeds: bool = False
    servers: bool = False


EVERYTHING = Asked()


def shown(session: Session, event: Event, asked: Asked = EVERYTHING) -> EventJson:
    """The event's JSON record with what the session sees around it, as far as asked."""
    return next(all_shown(session, [event], asked))


def answered(call: Call, made: EventJson, refused: Sequence[Refusal]) -> Answer:
    """The event after a change; what of it was not taken is named by its place.

    In the event, and in `errors` beside it. PyMISP takes an answer with such a field for a
    failure and makes no event of it, so it is told in the event alone.
    """
    if not refused:
        return Answer({"Event": made})
    named = {one.place: one.errors for one in refused}
    made.refused = named
    if call.headers.get("user-agent", "").startswith("PyMISP"):
        return Answer({"Event": made})
    return Answer({"Event": made, "errors": named})


def all_shown(session: Session, events: list[Event], asked: Asked) -> Iterator[EventJson]:
    """The records of events that are loaded; what lies around them is read for all at once.

    Tags that are not to be exported stay with the node's own pages (MISP 2.5).
    """
    for event in events:
        keep_inside(event)
    shared = Surroundings(
        groups=groups(session, events),
        clusters=clusters(session, events) if asked.galaxies else {},
        include_related=asked.related,
    )
    if asked.sightings:
        found = sightings.of_events(session, [event.head.id for event in events])
        shared.sightings = by_attribute(found)
    uuids = [event.head.uuid for event in events] if asked.extensions else []
    extending = loading.extenders(session, uuids) if uuids else {}
    for event in events:
        made = _shown(session, event, asked, copy(shared))
        if asked.extensions:
            made.ExtendedBy = [_extender(one) for one in extending.get(event.head.uuid, [])]
        if asked.feeds:
            _add_feeds(session, event, made)
        if asked.servers:
            _add_servers(session, event, made)
        yield made


def _items(made: EventJson) -> list[AttributeJson]:
    """Every attribute of a record, those of its objects included."""
    inside = [item for one in made.Object or [] for item in one.Attribute]
    return [*(made.Attribute or []), *inside]


def _add_servers(session: Session, event: Event, made: EventJson) -> None:
    """The servers whose values were fetched and hold some of its, where there are any."""
    hits = server_hits.of_attributes(session, all_attributes(event))
    if not hits:
        return
    for item in _items(made):
        if found := hits.get(int(item.id)):
            item.Server = found
    made.Server = server_hits.together(hit for found in hits.values() for hit in found)


def _add_feeds(session: Session, event: Event, made: EventJson) -> None:
    """The feeds that hold its values, where there are any."""
    hits = feed_hits.of_attributes(session, all_attributes(event))
    if not hits:
        return
    for item in _items(made):
        if found := hits.get(int(item.id)):
            item.Feed = [feed_hits.as_misp(hit) for hit in found]
    every = feed_hits.together(hit for found in hits.values() for hit in found)
    made.Feed = [feed_hits.as_misp(hit) for hit in every]


def _extender(one: loading.Extender) -> dict[str, Any]:
    orgc = {"id": str(one.orgc.id), "uuid": one.orgc.uuid, "name": one.orgc.name}
    return {"id": str(one.id), "uuid": one.uuid, "info": one.info, "Orgc": orgc}


def _shown(session: Session, event: Event, asked: Asked, beside: Surroundings) -> EventJson:
    items = all_attributes(event)
    if asked.related and not event.head.disable_correlation:
        if asked.granular:
            hits = correlation.of_attributes(session, items, [event.head.id])
            beside.related_attributes = {i: related_attributes(r) for i, r in hits.items()}
            ids = sorted({hit.event_id for one in hits.values() for hit in one.hits})
        else:
            ids = correlation.related_events(session, items, [event.head.id])
        beside.related_events = related_events(session, ids)
    files = [a.id for a in items if a.type in attachments.TYPES]
    if asked.data and files:
        beside.data = attachments.as_base64(session, files)
    if event.head.protected:
        keys = protecting.of_event(session, event.head.id)
        beside.keys = [key_json(one) for one in keys]
    if not asked.data:
        for proposal in event.proposals:
            proposal.data = None
    if asked.warnings:
        beside.warnings = _warnings(session, items)
    if asked.analyst:
        analyst_json.add_to(session, beside, event, items)
    return event_json(event, beside)


def related_attributes(related: Related) -> list[dict[str, Any]]:
    """The hits of one attribute, as `includeGranularCorrelations` lists them."""
    return [
        {
            "id": str(hit.attribute_id),
            "value": hit.value,
            "org_id": str(hit.org_id),
            "info": hit.info,
            "event_id": str(hit.event_id),
        }
        for hit in related.hits
    ]


def _warnings(session: Session, items: list[Attribute]) -> dict[int, list[dict[str, Any]]]:
    lists = match(session, [(a.type, a.value1, a.value2) for a in items])
    return {
        a.id: [warning_json(hit) for hit in known]
        for a, known in zip(items, lists, strict=True)
        if known
    }


def related_events(session: Session, ids: list[int]) -> list[dict[str, Any]]:
    """The events of hits, newest last, as MISP lists them."""
    if not ids:
        return []
    rows = session.all(
        "SELECT e.id::text AS id, e.date::text, e.threat_level_id::text, e.info, e.published,"
        " e.uuid::text, e.analysis::text, e.timestamp::text, e.distribution::text, e.org_id::text,"
        " e.orgc_id::text, o.name, o.uuid::text, c.name, c.uuid::text FROM event e"
        " JOIN organisation o ON o.id = e.org_id JOIN organisation c ON c.id = e.orgc_id"
        " WHERE e.id = ANY (%s) ORDER BY e.id",
        (ids,),
    )
    names = (
        "id", "date", "threat_level_id", "info", "published", "uuid", "analysis", "timestamp",
        "distribution", "org_id", "orgc_id",
    )  # fmt: skip
    return [
        {
            "Event": dict(zip(names, row, strict=False))
            | {
                "Org": {"id": row[9], "name": row[11], "uuid": row[12]},
                "Orgc": {"id": row[10], "name": row[13], "uuid": row[14]},
            }
        }
        for row in rows
    ]


def groups(session: Session, events: list[Event]) -> dict[int, dict[str, Any]]:
    """The sharing groups that events and their items name, as MISP embeds them."""
    named: list[int | None] = []
    for event in events:
        named.append(event.head.sharing_group_id)
        named += [a.sharing_group_id for a in all_attributes(event)]
        named += [o.sharing_group_id for o in event.objects]
        named += [r.sharing_group_id for r in event.reports]
    return embedded_groups(session, named)


def embedded_groups(session: Session, named: Iterable[int | None]) -> dict[int, dict[str, Any]]:
    """Groups by number, as far as the session sees them."""
    wanted = sorted({group for group in named if group is not None})
    return embedded(session, wanted) if wanted else {}


def clusters(session: Session, events: list[Event]) -> dict[str, dict[str, Any]]:
    """The galaxies, each with one cluster, that tags of events and attributes stand for."""
    tags = [tag for event in events for tag in event.tags]
    for event in events:
        for attribute in all_attributes(event):
            tags += attribute.tags
    names = sorted({tag.name for tag in tags if tag.is_galaxy})
    return galaxies_by_tag(session, names) if names else {}
