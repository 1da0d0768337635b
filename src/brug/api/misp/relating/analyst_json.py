# SPDX-License-Identifier: EUPL-1.2
"""Analyst data as MISP's interface shows it: nested, with organisations and what it points to."""

from collections.abc import Iterable, Sequence
from typing import Any

from brug.api.misp.relating import analyst_related
from brug.directory.sharing_groups_as_misp import embedded
from brug.formats.misp.analyst import Tree, head
from brug.formats.misp.shapes import Surroundings
from brug.intel.analysis import analyst, analyst_trees
from brug.model.analyst import AnalystData, Kind
from brug.model.event import Attribute, Event
from brug.store.session import Session

Json = dict[str, Any]


def _beside(session: Session, items: Sequence[AnalystData], *, related: bool) -> dict[str, Json]:
    found = analyst_trees.beside(session, items)
    groups = sorted({i.sharing_group_id for i in items if i.sharing_group_id is not None})
    shown = embedded(session, groups) if groups else {}
    for item in items:
        if item.sharing_group_id in shown:
            found[item.uuid]["SharingGroup"] = shown[item.sharing_group_id]
    if related:
        _add_related(session, [i for i in items if i.kind == Kind.Relationship], found)
    return found


def _add_related(
    session: Session, items: Sequence[AnalystData], found: dict[str, dict[str, Any]]
) -> None:
    """What relationships point to; an empty list, as in PHP, where that is hidden or absent."""
    named = {i.uuid: (i.related_object_type or "", i.related_object_uuid or "") for i in items}
    seen = analyst_related.related(session, named.values())
    for uuid, target in named.items():
        found[uuid]["related_object"] = {target[0]: seen[target]} if target in seen else []


def tree(session: Session, items: Sequence[AnalystData], *, related: bool = True) -> Tree:
    return Tree(items, _beside(session, items, related=related))


def flat(session: Session, items: Sequence[AnalystData], *, related: bool = True) -> list[Json]:
    """Items one by one, without what is nested in them."""
    beside = _beside(session, items, related=related)
    return [head(item) | beside[item.uuid] for item in items]


def whole(session: Session, item: AnalystData) -> Json:
    """One item with all that is nested in it."""
    below = analyst.about(session, item.name, [item.uuid])
    shown = tree(session, [item, *below]).one(item)
    del shown["_max_depth_reached"]
    pointing = analyst.inbound(session, item.uuid)
    if pointing:
        shown["RelationshipInbound"] = flat(session, pointing, related=False)
    return shown


def add_to(
    session: Session, beside: Surroundings, event: Event, items: Iterable[Attribute]
) -> None:
    """Puts beside an event what is said about it and what it holds, with one question."""
    ids = {event.head.id, *(item.event_id for item in items)}
    said, pointing = analyst.of_events(session, sorted(ids), event.head.uuid)
    if said:
        beside.analyst = tree(session, said).everything()
    if pointing:
        beside.inbound = flat(session, pointing, related=False)


def of_reports(session: Session, uuids: Sequence[str]) -> dict[tuple[str, str], Json]:
    """What is said about reports."""
    said = analyst.about(session, "EventReport", uuids)
    return tree(session, said).everything() if said else {}


def of_attributes(session: Session, uuids: Sequence[str]) -> dict[tuple[str, str], Json]:
    """What is said about attributes."""
    said = analyst.about(session, "Attribute", uuids)
    return tree(session, said).everything() if said else {}
