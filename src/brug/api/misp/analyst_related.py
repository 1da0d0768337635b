# SPDX-License-Identifier: EUPL-1.2
"""What analyst data is about, or points to, in short: as far as the session sees it."""

from collections.abc import Callable
from typing import Any

from brug.api.misp import directory_json, item_json
from brug.directory import organisations, sharing_groups
from brug.formats.misp.analyst import head
from brug.formats.misp.writing import number
from brug.intel import analyst, attributes, loading, objects, reports
from brug.intel.finding import find
from brug.model.analyst import KIND_NAMES
from brug.model.errors import NotFound
from brug.model.event import MispObject
from brug.store.session import Session

Json = dict[str, Any]
_NO_OBJECT = (
    "id", "name", "meta-category", "description", "template_uuid", "template_version", "event_id",
    "uuid", "timestamp", "distribution", "sharing_group_id", "comment", "deleted", "first_seen",
    "last_seen",
)  # fmt: skip


def related(session: Session, kind: str, uuid: str) -> Json | list[Any]:
    """`{kind: item}`, or nothing where it is hidden, absent or of no known kind."""
    reader = _READERS.get(kind)
    if reader is None:
        return []
    try:
        return {kind: reader(session, uuid)}
    except NotFound:
        return []


def _event_row(session: Session, event_id: int) -> Json:
    found = loading.heads(session, [event_id]).get(event_id)
    if found is None:
        raise NotFound(f"event {event_id} is absent or hidden")
    e = found.head
    return {
        "id": str(e.id),
        "org_id": str(e.org_id),
        "date": e.date,
        "info": e.info,
        "user_id": str(e.user_id),
        "uuid": e.uuid,
        "published": e.published,
        "analysis": str(e.analysis),
        "attribute_count": str(e.attribute_count),
        "orgc_id": str(e.orgc_id),
        "timestamp": str(e.timestamp),
        "distribution": str(e.distribution),
        "sharing_group_id": number(e.sharing_group_id),
        "proposal_email_lock": e.proposal_email_lock,
        "locked": e.locked,
        "threat_level_id": str(e.threat_level_id),
        "publish_timestamp": str(e.publish_timestamp),
        "sighting_timestamp": str(e.sighting_timestamp),
        "disable_correlation": e.disable_correlation,
        "extends_uuid": e.extends_uuid or "",
        "protected": e.protected,
    }


def _event(session: Session, uuid: str) -> Json:
    return _event_row(session, find(session, "event", uuid))


def _surrounded(session: Session, shown: Json, event_id: int) -> Json:
    """With its event and the organisation that created that."""
    event = _event_row(session, event_id)
    creator = organisations.view(session, event["orgc_id"])
    return shown | {
        "Event": event,
        "Organisation": directory_json.organisation(creator, creator=True),
        "orgc_uuid": creator.uuid,
    }


def _attribute(session: Session, uuid: str) -> Json:
    found = attributes.by_ids(session, [find(session, "attribute", uuid)])[0]
    holder: Json = dict.fromkeys(_NO_OBJECT)
    if found.object_id:
        seen: dict[int, MispObject] = objects.by_ids(session, [found.object_id])
        if found.object_id in seen:
            holder = item_json.misp_object(seen[found.object_id])
    shown = item_json.attribute(found, parts=True) | {"Object": holder}
    return _surrounded(session, shown, found.event_id)


def _object(session: Session, uuid: str) -> Json:
    object_id = find(session, "object", uuid)
    found = objects.by_ids(session, [object_id])[object_id]
    return _surrounded(session, item_json.misp_object(found), found.event_id)


def _report(session: Session, uuid: str) -> Json:
    report_id = find(session, "event_report", uuid)
    found = reports.by_ids(session, [report_id])[report_id]
    shown = {
        "id": str(found.id),
        "uuid": found.uuid,
        "event_id": str(found.event_id),
        "name": found.name,
        "content": found.content,
        "distribution": str(found.distribution),
        "sharing_group_id": number(found.sharing_group_id),
        "timestamp": str(found.timestamp),
        "deleted": found.deleted,
    }
    return _surrounded(session, shown, found.event_id)


def _organisation(session: Session, uuid: str) -> Json:
    return directory_json.organisation(organisations.view(session, uuid), creator=True)


def _sharing_group(session: Session, uuid: str) -> Json:
    return directory_json.group(sharing_groups.view(session, uuid))


def _cluster(session: Session, uuid: str) -> Json:
    row = session.one(
        "SELECT id::text, uuid::text, type, value, tag_name, description, galaxy_id::text, source,"
        " version::text FROM galaxy_cluster WHERE uuid = %s ORDER BY id LIMIT 1",
        (uuid,),
    )
    names = ("id", "uuid", "type", "value", "tag_name", "description", "galaxy_id", "source",
             "version")  # fmt: skip
    return _named(names, row)


def _galaxy(session: Session, uuid: str) -> Json:
    row = session.one(
        "SELECT id::text, uuid::text, name, type, description, version::text, namespace"
        " FROM galaxy WHERE uuid = %s",
        (uuid,),
    )
    return _named(("id", "uuid", "name", "type", "description", "version", "namespace"), row)


def _named(names: tuple[str, ...], row: tuple[Any, ...] | None) -> Json:
    if row is None:
        raise NotFound("absent or hidden")
    return dict(zip(names, row, strict=True))


def _said(kind: int) -> Callable[[Session, str], Json]:
    return lambda session, uuid: head(analyst.find(session, kind, uuid))


_READERS: dict[str, Callable[[Session, str], Json]] = {
    "Event": _event,
    "Attribute": _attribute,
    "Object": _object,
    "EventReport": _report,
    "Organisation": _organisation,
    "SharingGroup": _sharing_group,
    "GalaxyCluster": _cluster,
    "Galaxy": _galaxy,
    **{name: _said(kind) for kind, name in enumerate(KIND_NAMES)},
}
