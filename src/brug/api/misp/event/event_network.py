# SPDX-License-Identifier: EUPL-1.2
"""An event as nodes and links: its references, and its values with where they lead."""

from collections.abc import Iterator, Sequence
from typing import Any

from brug.api.misp.dispatch import Answer, Call, Shows, endpoint
from brug.api.misp.event.events import event_or_404
from brug.api.misp.event.showing import all_attributes
from brug.api.misp.item.item_json import attribute as attribute_json
from brug.formats.misp.writing import joined
from brug.intel import loading
from brug.intel.correlating import correlation
from brug.intel.label import taglist
from brug.intel.vocabulary.taxonomies import taxonomies
from brug.intel.vocabulary.taxonomy_tags import predicates
from brug.model.event import Attribute, Event, MispObject, Tag
from brug.store.session import Session

SHOWN: tuple[Shows, ...] = ("event", "attribute", "object", "tag")
ANALYSES = ("Initial", "Ongoing", "Completed")
DISTRIBUTIONS = (
    "Your organisation only", "This community only", "Connected communities",
    "All communities", "Sharing group", "Inherit event",
)  # fmt: skip
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
    for node in _tag_nodes(call.session, event.tags):
        drawn.add(0, node)
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


def _tag_nodes(session: Session, tags: Sequence[Tag]) -> Iterator[dict[str, Any]]:
    """Tags; those of a taxonomy with what it says of them."""
    inside = predicates(session, [tag.name for tag in tags]) if tags else {}
    known = {one.id: one for one in taxonomies(session)} if inside else {}
    for tag in tags:
        node = {
            "unique_id": f"tag-{tag.id}",
            "name": tag.name,
            "type": "tag",
            "expanded": False,
            "id": str(tag.id),
            "colour": tag.colour,
            "imgClass": "tag",
        }
        if tag.name in inside:
            predicate = inside[tag.name]
            taxonomy = known[predicate.taxonomy_id]
            node |= {
                "imgClass": "tags",
                "taxonomy": taxonomy.namespace,
                "description": predicate.description or "",
                "taxonomy_description": taxonomy.description,
            }
        yield node


def _attribute_node(a: Attribute) -> dict[str, Any]:
    return {
        "unique_id": f"attribute-{a.id}",
        "name": joined(a),
        "type": "attribute",
        "id": str(a.id),
        "uuid": a.uuid,
        "att_category": a.category,
        "att_type": a.type,
        "image": "",
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
