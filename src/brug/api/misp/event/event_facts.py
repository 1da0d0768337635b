# SPDX-License-Identifier: EUPL-1.2
"""Views of an event that pages draw from: its line, its timeline."""

from typing import Any

from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.event.events import event_or_404
from brug.formats.misp.writing import joined, moment
from brug.formats.pictures import is_called_picture
from brug.intel.sighting import sightings
from brug.intel.sighting.sightings import Sighting
from brug.model.event import Attribute, MispObject

LEVELS = {1: "High", 2: "Medium", 3: "Low"}


@endpoint(
    "events", "getEventInfoById",
    shows=("event", "tag"),
    probes=(("GET", "/events/getEventInfoById/{event}", None),),
    summary="The title of an event with its tags",
)  # fmt: skip
def info(call: Call) -> Answer:
    event = event_or_404(call, call.arg(0))
    head = event.head
    level = LEVELS.get(head.threat_level_id, "Undefined")
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
    shows=("event", "attribute", "object"),
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
