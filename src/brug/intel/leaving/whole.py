# SPDX-License-Identifier: EUPL-1.2
"""Whole events as MISP's JSON documents: what files and the command line give out.

What the interface adds for the moment of a request (relations, warnings) is not in them.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from brug.formats.misp.shapes import EventJson, Surroundings
from brug.formats.misp.writing import event_json
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
    return several(session, [event])[0]


def several(session: Session, events: Sequence[Event]) -> list[EventJson]:
    """The same of several events at once: each kind of what is beside them in one statement."""
    besides = surroundings(session, events)
    return [event_json(one, beside) for one, beside in zip(events, besides, strict=True)]


def surroundings(session: Session, events: Sequence[Event]) -> list[Surroundings]:
    """What is shown beside each event's own records."""
    ids = [one.head.id for one in events]
    items = [item for one in events for item in _attributes(one)]
    tags = (tag for event in events for one in _tagged(event) for tag in one.tags)
    names = {tag.name for tag in tags if tag.is_galaxy}
    seen = sightings.of_events(session, ids)
    beside = Surroundings(
        clusters=galaxies_by_tag(session, sorted(names)) if names else {},
        sightings=sightings_json(seen, {a.id: a.uuid for a in items}) if seen else {},
        data=_files(session, items),
        include_related=False,
    )
    said = _said(session, ids)
    return [msgspec.structs.replace(beside, analyst=said.get(one.head.id, {})) for one in events]


def _attributes(event: Event) -> Sequence[Attribute]:
    """All of an event, those of its objects as well."""
    if not event.objects:
        return event.attributes
    return [*event.attributes, *(item for one in event.objects for item in one.attributes)]


def _tagged(event: Event) -> list[Event | Attribute]:
    """What of an event carries tags."""
    found: list[Event | Attribute] = [one for one in _attributes(event) if one.tags]
    return [event, *found] if event.tags else found


def _said(
    session: Session, event_ids: Sequence[int]
) -> dict[int, dict[tuple[str, str], dict[str, Any]]]:
    said = analyst.by_event(session, event_ids)
    found = analyst_trees.trees(session, said) if said else {}
    return {event_id: tree.everything() for event_id, tree in found.items()}


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
    for one in _tagged(event):
        one.tags = [tag for tag in one.tags if tag.exportable]


def leave_out_local_tags(event: Event) -> None:
    """Takes off what belongs to this node's copy alone."""
    for one in _tagged(event):
        one.tags = [tag for tag in one.tags if not tag.local]


def _files(session: Session, items: Sequence[Attribute]) -> dict[int, str]:
    files = [a.id for a in items if a.type in attachments.TYPES]
    return attachments.as_base64(session, files) if files else {}
