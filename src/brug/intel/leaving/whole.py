# SPDX-License-Identifier: EUPL-1.2
"""Whole events as MISP's JSON documents: what files and the command line give out.

What the interface adds for the moment of a request (relations, warnings) is not in them.
"""

from collections.abc import Iterator
from typing import Any

from brug.formats.misp.writing import EventJson, Surroundings, event_json
from brug.intel import attachments, loading
from brug.intel.analysis import analyst, analyst_trees
from brug.intel.leaving import left_out
from brug.intel.search.beside import sightings_json
from brug.intel.search.filters import Filters
from brug.intel.sighting import sightings
from brug.intel.vocabulary.clusters_as_misp import galaxies_by_tag
from brug.model.event import Attribute, Event
from brug.store.session import Session


def document(session: Session, event: Event) -> EventJson:
    """The document of an event that is loaded with all that hangs on it."""
    items = [*event.attributes, *(a for o in event.objects for a in o.attributes)]
    tags = [*event.tags, *(tag for item in items for tag in item.tags)]
    names = {tag.name for tag in tags if tag.is_galaxy}
    beside = Surroundings(
        clusters=galaxies_by_tag(session, sorted(names)) if names else {},
        sightings=sightings_json(
            sightings.of_event(session, event.head.id), {a.id: a.uuid for a in items}
        ),
        data=_files(session, items),
        analyst=_said(session, event),
        include_related=False,
    )
    return event_json(event, beside)


def _said(session: Session, event: Event) -> dict[tuple[str, str], dict[str, Any]]:
    said, _ = analyst.of_events(session, [event.head.id], event.head.uuid)
    return analyst_trees.tree(session, said).everything() if said else {}


def documents(session: Session, event_ids: list[int], asked: Filters) -> Iterator[EventJson]:
    """One document after the other; events that went away are left out, as some values are."""
    for event_id in event_ids:
        found = loading.heads(session, [event_id]).get(event_id)
        if found is not None:
            loading.fill(session, found)
            left_out.thin_out(session, [found], asked)
            keep_inside(found)
            yield document(session, found)


def keep_inside(event: Event) -> None:
    """Takes off what is only said inside the node: tags that are not to be exported."""
    carriers: list[Event | Attribute] = [event, *event.attributes]
    carriers += [item for one in event.objects for item in one.attributes]
    for one in carriers:
        if one.tags:
            one.tags = [tag for tag in one.tags if tag.exportable]


def leave_out_local_tags(event: Event) -> None:
    """Takes off what belongs to this node's copy alone."""
    carriers: list[Event | Attribute] = [event, *event.attributes]
    carriers += [item for one in event.objects for item in one.attributes]
    for one in carriers:
        one.tags = [tag for tag in one.tags if not tag.local]


def _files(session: Session, items: list[Attribute]) -> dict[int, str]:
    files = [a.id for a in items if a.type in attachments.TYPES]
    return attachments.as_base64(session, files) if files else {}
