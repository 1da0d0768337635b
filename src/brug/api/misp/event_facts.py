# SPDX-License-Identifier: EUPL-1.2
"""Views of an event that pages draw from: its line, its timeline, its graphs."""

from typing import Any

from brug.api.misp.dispatch import Answer, Call, Shows, endpoint
from brug.api.misp.events import event_or_404
from brug.api.misp.item_json import attribute as attribute_json
from brug.api.misp.showing import all_attributes
from brug.formats.misp.writing import joined, moment
from brug.formats.pictures import is_called_picture
from brug.intel import correlation, loading, sightings, taglist
from brug.intel.sightings import Sighting
from brug.model.event import Attribute, Event, MispObject
from brug.store.session import Session

SHOWN: tuple[Shows, ...] = ("event", "attribute", "object", "tag")
LEVELS = ("Undefined", "High", "Medium", "Low", "Undefined")
ANALYSES = ("Initial", "Ongoing", "Completed")
DISTRIBUTIONS = (
    "Your organisation only", "This community only", "Connected communities",
    "All communities", "Sharing group", "Inherit event",
)  # fmt: skip


@endpoint(
    "events", "getEventInfoById",
    shows=("event", "tag"),
    probes=(("GET", "/events/getEventInfoById/{event}", None),),
    summary="The title of an event with its tags",
)  # fmt: skip
def info(call: Call) -> Answer:
    event = event_or_404(call, call.arg(0))
    head = event.head
    level = LEVELS[head.threat_level_id] if 0 <= head.threat_level_id < len(LEVELS) else LEVELS[0]
    return Answer(
        {
            "Event": {
                "id": str(head.id),
                "info": head.info,
                "threat_level_id": str(head.threat_level_id),
                "analysis": str(head.analysis),
            },
            "ThreatLevel": {"name": level, "id": str(head.threat_level_id)},
            "EventTag": [
                {
                    "id": str(tag.link_id),
                    "event_id": str(head.id),
                    "tag_id": str(tag.id),
                    "local": tag.local,
                    "relationship_type": tag.relationship_type,
                    "Tag": {"id": str(tag.id), "name": tag.name, "colour": tag.colour},
                }
                for tag in event.tags
            ],
        }
    )


@endpoint(
    "events", "getEventTimeline",
    shows=SHOWN,
    probes=(("GET", "/events/getEventTimeline/{event}", None),),
    summary="What of an event happened when",
)  # fmt: skip
def timeline(call: Call) -> Answer:
    event = event_or_404(call, call.arg(0))
    seen: dict[int, list[Sighting]] = {}
    for one in sightings.of_event(call.session, event.head.id):
        seen.setdefault(one.attribute_id, []).append(one)
    items = [_on_timeline(a, seen) for a in event.attributes]
    items += [_object_on_timeline(one, seen) for one in event.objects]
    return Answer({"items": items})


def _on_timeline(
    a: Attribute, seen: dict[int, list[Sighting]], *, inside: bool = False
) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": str(a.id), "uuid": a.uuid, "content": joined(a)}
    if inside:
        shown["contentType"] = a.object_relation
    shown |= {
        "event_id": str(a.event_id),
        "group": "object_attribute" if inside else "attribute",
        "timestamp": str(a.timestamp),
    }
    if not inside:
        shown |= {"first_seen": moment(a.first_seen), "last_seen": moment(a.last_seen)}
    return shown | {
        "attribute_type": a.type,
        "date_sighting": [str(one.date_sighting) for one in seen.get(a.id, ()) if one.type == 0],
        "is_image": a.type == "attachment" and is_called_picture(a.value1),
    }


def _object_on_timeline(one: MispObject, seen: dict[int, list[Sighting]]) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "uuid": one.uuid,
        "content": one.name,
        "group": "object",
        "meta-category": one.meta_category,
        "template_uuid": one.template_uuid,
        "event_id": str(one.event_id),
        "timestamp": str(one.timestamp),
        "Attribute": [_on_timeline(a, seen, inside=True) for a in one.attributes],
        "first_seen": moment(one.first_seen),
        "last_seen": moment(one.last_seen),
        "first_seen_overwrite": False,
        "last_seen_overwrite": False,
    }


PIVOTS = [
    "event_id", "distribution", "category", "type", "value", "comment", "uuid", "to_ids",
    "timestamp", "id",
]  # fmt: skip


@endpoint(
    "events", "getEventGraphReferences",
    shows=SHOWN,
    probes=(("GET", "/events/getEventGraphReferences/{event}", None),),
    summary="An event as a graph of references: its items, and what points to what",
)  # fmt: skip
def references(call: Call) -> Answer:
    event = event_or_404(call, call.arg(0))
    items = [_node(a) for a in event.attributes] + [_object_node(o) for o in event.objects]
    tags = taglist.listed(call.session, counted=False)
    return Answer(
        {
            "existing_tags": {str(tag.id): tag.name for tag in tags},
            "available_pivot_key": PIVOTS,
            "items": items,
            "existing_object_relation": {
                relation: 0
                for one in event.objects
                for a in one.attributes
                if (relation := a.object_relation)
            },
            "relations": [
                {
                    "id": str(r.id),
                    "uuid": r.uuid,
                    "from": f"o-{r.object_id}",
                    "to": f"o-{r.referenced_id}" if r.referenced_type else str(r.referenced_id),
                    "type": r.relationship_type,
                    "comment": r.comment,
                    "event_id": str(r.event_id),
                }
                for one in event.objects
                for r in one.references
            ],
        }
    )


def _node(a: Attribute) -> dict[str, Any]:
    return {
        "id": str(a.id),
        "uuid": a.uuid,
        "type": a.type,
        "label": joined(a),
        "event_id": str(a.event_id),
        "node_type": "attribute",
        "comment": a.comment,
    }


def _object_node(one: MispObject) -> dict[str, Any]:
    return {
        "id": f"o-{one.id}",
        "uuid": one.uuid,
        "type": one.name,
        "label": "",
        "Attribute": [
            attribute_json(a) | {"AttributeTag": [], "Galaxy": [], "ShadowAttribute": []}
            for a in one.attributes
        ],
        "node_type": "object",
        "meta-category": one.meta_category,
        "template_uuid": one.template_uuid,
        "event_id": str(one.event_id),
        "comment": one.comment,
        "color": "#ffa800",
    }


@endpoint(
    "events", "updateGraph",
    shows=SHOWN,
    probes=(("GET", "/events/updateGraph/{event}", None),),
    summary="An event with its tags, attributes and objects as nodes and links",
)  # fmt: skip
def graph(call: Call) -> Answer:
    event = event_or_404(call, call.arg(0))
    drawn = _Graph(call.session, event)
    for tag in event.tags:
        drawn.add(0, _tag_node(tag.id, tag.name, tag.colour))
    for a in event.attributes:
        drawn.add_attribute(0, a)
    for one in event.objects:
        place = drawn.add(0, _graph_object(one))
        for a in one.attributes:
            drawn.add_attribute(place, a)
    return Answer({"links": drawn.links, "nodes": drawn.nodes})


class _Graph:
    """Nodes and links; an event that several attributes lead to is drawn once."""

    def __init__(self, session: Session, event: Event) -> None:
        self.nodes: list[dict[str, Any]] = [_event_node(event)]
        self.links: list[dict[str, int]] = []
        items = all_attributes(event)
        self._related = correlation.of_attributes(session, items, [event.head.id])
        ids = {hit.event_id for one in self._related.values() for hit in one.hits}
        self._events = loading.heads(session, sorted(ids))
        self._places: dict[int, int] = {}

    def add(self, source: int, node: dict[str, Any]) -> int:
        """Draws a node with a link to it; its place."""
        place = len(self.nodes)
        self.nodes.append(node)
        self._link(source, place, 100 if node["type"] == "tag" else 150)
        return place

    def add_attribute(self, source: int, a: Attribute) -> None:
        """Draws an attribute with the events that it leads to."""
        place = self.add(source, _attribute_node(a))
        related = self._related.get(a.id)
        for event_id in sorted({hit.event_id for hit in related.hits} if related else ()):
            if event_id in self._places:
                self._link(place, self._places[event_id], 150)
            elif event_id in self._events:
                node = _event_node(self._events[event_id]) | {"expanded": False}
                self._places[event_id] = self.add(place, node)

    def _link(self, source: int, target: int, distance: int) -> None:
        self.links.append({"source": source, "target": target, "linkDistance": distance})


def _event_node(event: Event) -> dict[str, Any]:
    head = event.head
    return {
        "unique_id": f"event-{head.id}",
        "name": f"({head.id}) {head.info}",
        "type": "event",
        "id": str(head.id),
        "expanded": True,
        "uuid": head.uuid,
        "image": "",
        "info": head.info,
        "org": event.orgc.name,
        "analysis": ANALYSES[head.analysis] if head.analysis < len(ANALYSES) else "",
        "distribution": DISTRIBUTIONS[head.distribution],
        "date": head.date,
    }


def _tag_node(tag_id: int, name: str, colour: str) -> dict[str, Any]:
    return {
        "unique_id": f"tag-{tag_id}",
        "name": name,
        "type": "tag",
        "expanded": False,
        "id": str(tag_id),
        "colour": colour,
        "imgClass": "tag",
    }


def _attribute_node(a: Attribute) -> dict[str, Any]:
    return {
        "unique_id": f"attribute-{a.id}",
        "name": joined(a),
        "type": "attribute",
        "id": str(a.id),
        "uuid": a.uuid,
        "att_category": a.category,
        "att_type": a.type,
        "image": "/img/indicator.png",
        "att_ids": a.to_ids,
        "comment": a.comment,
    }


def _graph_object(one: MispObject) -> dict[str, Any]:
    return {
        "unique_id": f"object-{one.id}",
        "name": one.name,
        "type": "object",
        "id": str(one.id),
        "uuid": one.uuid,
        "metacategory": one.meta_category,
        "description": one.description,
        "comment": one.comment,
        "imgClass": "cubes",
    }
