# SPDX-License-Identifier: EUPL-1.2
"""Attributes, objects, references, sightings and reports as their own routes show them.

These differ from how an event carries them: other fields, in another order.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from brug.formats.misp.writing import joined, moment, number
from brug.intel.sighting.sightings import Sighting
from brug.model.event import (
    Attribute,
    Event,
    EventHead,
    EventReport,
    MispObject,
    ObjectReference,
    Tag,
)

Json = dict[str, Any]


def attribute(a: Attribute, *, parts: bool = False) -> Json:
    """One attribute; `parts` with the two parts of its value."""
    shown: Json = {
        "id": str(a.id),
        "event_id": str(a.event_id),
        "object_id": str(a.object_id),
        "object_relation": a.object_relation,
        "category": a.category,
        "type": a.type,
    }
    if parts:
        shown |= {"value1": a.value1, "value2": a.value2}
    return shown | {
        "to_ids": a.to_ids,
        "uuid": a.uuid,
        "timestamp": str(a.timestamp),
        "distribution": str(a.distribution),
        "sharing_group_id": number(a.sharing_group_id),
        "comment": a.comment,
        "deleted": a.deleted,
        "disable_correlation": a.disable_correlation,
        "first_seen": moment(a.first_seen),
        "last_seen": moment(a.last_seen),
        "value": joined(a),
    }


def attribute_tags(a: Attribute) -> list[Json]:
    """What an added attribute shows of its tags."""
    return [
        {
            "id": str(tag.link_id),
            "attribute_id": str(a.id),
            "event_id": str(a.event_id),
            "tag_id": str(tag.id),
            "local": tag.local,
            "relationship_type": tag.relationship_type,
            "Tag": {
                "id": str(tag.id),
                "name": tag.name,
                "colour": tag.colour,
                "numerical_value": tag.numerical_value,
            },
        }
        for tag in a.tags
    ]


def short_tag(tag: Tag) -> Json:
    """A tag as attributes/view shows it."""
    return {
        "id": str(tag.id),
        "name": tag.name,
        "colour": tag.colour,
        "numerical_value": tag.numerical_value,
        "is_galaxy": tag.is_galaxy,
        "local": tag.local,
    }


def whole_tag(tag: Tag) -> Json:
    """A tag as attributes/edit shows it."""
    return {
        "id": str(tag.id),
        "name": tag.name,
        "colour": tag.colour,
        "exportable": tag.exportable,
        "user_id": str(tag.user_id),
        "hide_tag": tag.hide_tag,
        "numerical_value": tag.numerical_value,
        "is_galaxy": tag.is_galaxy,
        "is_custom_galaxy": tag.is_custom_galaxy,
        "local_only": tag.local_only,
    }


def misp_object(o: MispObject) -> Json:
    """An object without what belongs to it."""
    return {
        "id": str(o.id),
        "name": o.name,
        "meta-category": o.meta_category,
        "description": o.description,
        "template_uuid": o.template_uuid,
        "template_version": o.template_version,
        "event_id": str(o.event_id),
        "uuid": o.uuid,
        "timestamp": str(o.timestamp),
        "distribution": str(o.distribution),
        "sharing_group_id": number(o.sharing_group_id),
        "comment": o.comment,
        "deleted": o.deleted,
        "first_seen": moment(o.first_seen),
        "last_seen": moment(o.last_seen),
    }


def event_head(head: EventHead) -> Json:
    """An event's own fields, as lists show them."""
    return {
        "id": str(head.id),
        "org_id": str(head.org_id),
        "date": head.date,
        "info": head.info,
        "uuid": head.uuid,
        "published": head.published,
        "analysis": str(head.analysis),
        "attribute_count": str(head.attribute_count),
        "orgc_id": str(head.orgc_id),
        "timestamp": str(head.timestamp),
        "distribution": str(head.distribution),
        "sharing_group_id": number(head.sharing_group_id),
        "proposal_email_lock": head.proposal_email_lock,
        "locked": head.locked,
        "threat_level_id": str(head.threat_level_id),
        "publish_timestamp": str(head.publish_timestamp),
        "sighting_timestamp": str(head.sighting_timestamp),
        "disable_correlation": head.disable_correlation,
        "extends_uuid": head.extends_uuid or "",
        "protected": head.protected,
    }


def report_fields(r: EventReport) -> Json:
    """A report's own fields."""
    return {
        "id": str(r.id),
        "uuid": r.uuid,
        "event_id": str(r.event_id),
        "name": r.name,
        "content": r.content,
        "distribution": str(r.distribution),
        "sharing_group_id": number(r.sharing_group_id),
        "timestamp": str(r.timestamp),
        "deleted": r.deleted,
    }


def event_line(event: Event) -> Json:
    """An event as its objects and reports name it."""
    head = event.head
    return {
        "id": str(head.id),
        "info": head.info,
        "org_id": str(head.org_id),
        "orgc_id": str(head.orgc_id),
    }


def reference(r: ObjectReference) -> Json:
    return {
        "id": str(r.id),
        "uuid": r.uuid,
        "timestamp": str(r.timestamp),
        "object_id": str(r.object_id),
        "event_id": str(r.event_id),
        "source_uuid": r.source_uuid,
        "referenced_uuid": r.referenced_uuid,
        "referenced_id": str(r.referenced_id),
        "referenced_type": str(r.referenced_type),
        "relationship_type": r.relationship_type,
        "comment": r.comment,
        "deleted": r.deleted,
    }


def sighting(s: Sighting) -> Json:
    return {
        "id": str(s.id),
        "attribute_id": str(s.attribute_id),
        "event_id": str(s.event_id),
        "org_id": str(s.org_id),
        "date_sighting": str(s.date_sighting),
        "uuid": s.uuid,
        "source": s.source,
        "type": str(s.type),
    }


def whole_sighting(s: Sighting) -> Json:
    """A sighting as it stands beside its attribute."""
    return sighting(s) | {
        "attribute_uuid": s.attribute_uuid,
        "Organisation": {"id": str(s.org_id), "uuid": s.org_uuid, "name": s.org_name},
    }


def by_attribute(several: Iterable[Sighting]) -> dict[int, list[Json]]:
    shown: dict[int, list[Json]] = {}
    for one in several:
        shown.setdefault(one.attribute_id, []).append(whole_sighting(one))
    return shown


def report(r: EventReport, event: Event, groups: Mapping[int, Json]) -> Json:
    """A report with its event and sharing group."""
    head = event.head
    group = groups.get(r.sharing_group_id or 0, {})
    return {
        "EventReport": report_fields(r),
        "Event": {
            "id": str(head.id),
            "orgc_id": str(head.orgc_id),
            "org_id": str(head.org_id),
            "info": head.info,
            "user_id": str(head.user_id),
            "date": head.date,
            "Org": {"id": str(event.org.id), "name": event.org.name},
            "Orgc": {"id": str(event.orgc.id), "name": event.orgc.name},
        },
        "SharingGroup": {name: group.get(name) for name in ("id", "name", "uuid")},
        "RelationshipInbound": [],
    }
