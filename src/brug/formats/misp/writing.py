# SPDX-License-Identifier: EUPL-1.2
"""Records -> MISP's JSON: strings for numbers, its fields in its order, its empty lists."""

from base64 import b64encode
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import UNSET, UnsetType

from brug.formats.misp.shapes import (
    NOTHING,
    AttributeJson,
    EventJson,
    ObjectJson,
    ProposalJson,
    ReferenceJson,
    ReportJson,
    Surroundings,
    TagJson,
)
from brug.model.event import (
    Attribute,
    Event,
    EventReport,
    MispObject,
    ObjectReference,
    OrganisationRef,
    Proposal,
    Tag,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def number(value: int | None) -> str:
    """A number that MISP gives as text; a missing one is "0"."""
    return "0" if value is None else str(value)


def moment(microseconds: int | None) -> str | None:
    """ISO 8601 with microseconds and +00:00, as MISP gives first_seen and last_seen."""
    if microseconds is None:
        return None
    when = _EPOCH + timedelta(microseconds=microseconds)
    return when.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")


def joined(attribute: Attribute | Proposal) -> str:
    """The value as one text."""
    if attribute.value2:
        return f"{attribute.value1}|{attribute.value2}"
    return attribute.value1


def tag_json(tag: Tag) -> TagJson:
    return TagJson(
        str(tag.id), tag.name, tag.colour, tag.exportable, str(tag.user_id), tag.hide_tag,
        tag.numerical_value, tag.is_galaxy, tag.is_custom_galaxy, tag.local_only, tag.local,
        tag.relationship_type,
    )  # fmt: skip


def galaxies_of(tags: Iterable[Tag], beside: Surroundings, kind: str) -> list[dict[str, Any]]:
    """The galaxies that tags of an event or attribute name, each with the clusters attached."""
    found: dict[str, dict[str, Any]] = {}
    for tag in tags:
        galaxy = beside.clusters.get(tag.name)
        if galaxy is None:
            continue
        cluster = galaxy["GalaxyCluster"][0] | {
            "local": tag.local,
            "tag_id": tag.id,
            f"{kind}_tag_id": str(tag.link_id),
            "relationship_type": tag.relationship_type or False,
        }
        known = found.setdefault(galaxy["id"], galaxy | {"GalaxyCluster": []})
        known["GalaxyCluster"].append(cluster)
    return list(found.values())


def attribute_json(a: Attribute, beside: Surroundings = NOTHING) -> AttributeJson:
    """One attribute as an event carries it."""
    made = AttributeJson(
        str(a.id), a.type, a.category, a.to_ids, a.uuid, str(a.event_id), str(a.distribution),
        str(a.timestamp), a.comment, number(a.sharing_group_id), a.deleted, a.disable_correlation,
        str(a.object_id), a.object_relation, moment(a.first_seen), moment(a.last_seen), joined(a),
        [], [],
    )  # fmt: skip
    if a.tags:
        made.Tag = [tag_json(tag) for tag in a.tags]
        made.Galaxy = galaxies_of(a.tags, beside, "attribute")
    if beside is not NOTHING:
        _add_beside(made, a, beside)
    return made


def _add_beside(made: AttributeJson, a: Attribute, beside: Surroundings) -> None:
    if a.sharing_group_id is not None and a.sharing_group_id in beside.groups:
        made.SharingGroup = beside.groups[a.sharing_group_id]
    if a.id in beside.sightings:
        made.Sighting = beside.sightings[a.id]
    if a.id in beside.related_attributes:
        made.RelatedAttribute = beside.related_attributes[a.id]
    if a.id in beside.data:
        made.data = beside.data[a.id]
    if a.id in beside.warnings:
        made.warnings = beside.warnings[a.id]
    if beside.analyst:
        add_analyst(made, "Attribute", beside)


def add_analyst(made: Any, kind: str, beside: Surroundings) -> None:
    """What is said of an item: its notes, opinions and relationships, where it has any."""
    for name, several in beside.analyst.get((kind, made.uuid), {}).items():
        setattr(made, name, several)


def reference_json(r: ObjectReference, target: Any = UNSET) -> ReferenceJson:
    made = ReferenceJson(
        str(r.id), r.uuid, str(r.timestamp), str(r.object_id), r.referenced_uuid,
        str(r.referenced_id), str(r.referenced_type), r.relationship_type, r.comment, r.deleted,
        str(r.event_id), r.source_uuid,
    )  # fmt: skip
    if r.referenced_type == 1:
        made.Object = target
    else:
        made.Attribute = target
    return made


Targets = Callable[[ObjectReference], Any]


def object_json(
    o: MispObject, beside: Surroundings = NOTHING, target: Targets = lambda _: UNSET
) -> ObjectJson:
    """One object with its attributes; `target` shows what a reference points to."""
    made = ObjectJson(
        id=str(o.id),
        name=o.name,
        meta_category=o.meta_category,
        description=o.description,
        template_uuid=o.template_uuid,
        template_version=o.template_version,
        event_id=str(o.event_id),
        uuid=o.uuid,
        timestamp=str(o.timestamp),
        distribution=str(o.distribution),
        sharing_group_id=number(o.sharing_group_id),
        comment=o.comment,
        deleted=o.deleted,
        first_seen=moment(o.first_seen),
        last_seen=moment(o.last_seen),
        ObjectReference=[reference_json(r, target(r)) for r in o.references],
        Attribute=[attribute_json(a, beside) for a in o.attributes],
    )
    if beside.analyst:
        add_analyst(made, "Object", beside)
    if o.sharing_group_id is not None and o.sharing_group_id in beside.groups:
        made.SharingGroup = beside.groups[o.sharing_group_id]
    return made


def proposal_json(p: Proposal) -> ProposalJson:
    """One proposal as an event carries it."""
    made = ProposalJson(
        str(p.id), p.type, p.category, p.to_ids, p.uuid, p.event_uuid, str(p.event_id),
        str(p.attribute_id), p.comment, str(p.org.id), p.is_deletion, str(p.timestamp),
        moment(p.first_seen), moment(p.last_seen), joined(p), organisation_json(p.org),
    )  # fmt: skip
    if p.data is not None:
        made.data = b64encode(p.data).decode()
    return made


def _add_proposals(made: EventJson, several: Iterable[Proposal]) -> None:
    """Each with the attribute that it would change, or with the event; not where that is cut."""
    if isinstance(made.Attribute, UnsetType) or isinstance(made.ShadowAttribute, UnsetType):
        return
    inside = [] if isinstance(made.Object, UnsetType) else [o.Attribute for o in made.Object]
    places = {a.id: a.ShadowAttribute for some in (made.Attribute, *inside) for a in some}
    places["0"] = made.ShadowAttribute
    for one in several:
        if (place := places.get(str(one.attribute_id))) is not None:
            place.append(proposal_json(one))


def report_json(r: EventReport, beside: Surroundings = NOTHING) -> ReportJson:
    made = ReportJson(
        str(r.id), r.uuid, str(r.event_id), r.name, r.content, str(r.distribution),
        number(r.sharing_group_id), str(r.timestamp), r.deleted,
    )  # fmt: skip
    if beside.analyst:
        add_analyst(made, "EventReport", beside)
    return made


def organisation_json(o: OrganisationRef, local: bool = True) -> dict[str, Any]:
    made: dict[str, Any] = {"id": str(o.id), "name": o.name, "uuid": o.uuid}
    if local:
        made["local"] = o.local
    return made


def _targets(event: Event) -> Targets:
    """What a reference's target looks like, where the reader sees it."""
    objects = {o.uuid: o for o in event.objects}
    attributes = {a.uuid: a for a in event.attributes} | {
        a.uuid: a for o in event.objects for a in o.attributes
    }

    def target(r: ObjectReference) -> Any:
        if o := objects.get(r.referenced_uuid):
            return {
                "distribution": str(o.distribution),
                "sharing_group_id": number(o.sharing_group_id),
                "uuid": o.uuid,
                "name": o.name,
                "meta-category": o.meta_category,
            }
        if a := attributes.get(r.referenced_uuid):
            return {
                "distribution": str(a.distribution),
                "sharing_group_id": number(a.sharing_group_id),
                "uuid": a.uuid,
                "value": joined(a),
                "type": a.type,
                "category": a.category,
                "to_ids": a.to_ids,
            }
        return UNSET

    return target


def event_json(event: Event, beside: Surroundings = NOTHING, metadata: bool = False) -> EventJson:
    """An event as events/view and events/restSearch give it; `metadata` without its items."""
    h = event.head
    target = _targets(event) if any(o.references for o in event.objects) else lambda _: UNSET
    made = EventJson(
        id=str(h.id),
        orgc_id=str(h.orgc_id),
        org_id=str(h.org_id),
        date=h.date,
        threat_level_id=str(h.threat_level_id),
        info=h.info,
        published=h.published,
        uuid=h.uuid,
        attribute_count=str(h.attribute_count),
        analysis=str(h.analysis),
        timestamp=str(h.timestamp),
        distribution=str(h.distribution),
        proposal_email_lock=h.proposal_email_lock,
        locked=h.locked,
        publish_timestamp=str(h.publish_timestamp),
        sharing_group_id=number(h.sharing_group_id),
        disable_correlation=h.disable_correlation,
        extends_uuid=h.extends_uuid or "",
        protected=h.protected,
        event_creator_email=event.creator_email or UNSET,
        Org=organisation_json(event.org),
        Orgc=organisation_json(event.orgc),
        Attribute=UNSET if metadata else [attribute_json(a, beside) for a in event.attributes],
        ShadowAttribute=UNSET if metadata else [],
        RelatedEvent=beside.related_events if beside.include_related else UNSET,
        Galaxy=galaxies_of(event.tags, beside, "event"),
        Object=UNSET if metadata else [object_json(o, beside, target) for o in event.objects],
        EventReport=UNSET if metadata else [report_json(r, beside) for r in event.reports],
        CryptographicKey=beside.keys,
    )
    if event.tags:
        made.Tag = [tag_json(tag) for tag in event.tags]
    if event.proposals:
        _add_proposals(made, event.proposals)
    if h.sharing_group_id is not None and h.sharing_group_id in beside.groups:
        made.SharingGroup = beside.groups[h.sharing_group_id]
    if beside.analyst:
        add_analyst(made, "Event", beside)
    if beside.inbound:
        made.RelationshipInbound = beside.inbound
    return made
