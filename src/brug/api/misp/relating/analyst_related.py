# SPDX-License-Identifier: EUPL-1.2
"""What analyst data is about, or points to, in short: as far as the session sees it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, LiteralString

from brug.api.misp.directory import directory_json
from brug.api.misp.item import item_json
from brug.directory import organisations, sharing_groups
from brug.formats.misp.analyst import head
from brug.intel import attributes, loading, objects, reports
from brug.intel.analysis import analyst
from brug.intel.finding import find_several
from brug.model.analyst import KIND_NAMES
from brug.model.event import Event, EventHead
from brug.model.naming import is_uuid
from brug.store.session import Session

Json = dict[str, Any]
ByUuid = dict[str, Json]
_NO_OBJECT = (
    "id", "name", "meta-category", "description", "template_uuid", "template_version", "event_id",
    "uuid", "timestamp", "distribution", "sharing_group_id", "comment", "deleted", "first_seen",
    "last_seen",
)  # fmt: skip


def related(session: Session, named: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Json]:
    """Items by kind and UUID; those that are hidden, absent or of no known kind are left out."""
    by_kind: dict[str, set[str]] = {}
    for kind, uuid in named:
        if is_uuid(uuid):
            by_kind.setdefault(kind, set()).add(uuid.lower())
    return {
        (kind, uuid): item
        for kind, uuids in by_kind.items()
        if kind in _READERS
        for uuid, item in _READERS[kind](session, sorted(uuids)).items()
    }


def _event(found: EventHead) -> Json:
    return item_json.event_head(found) | {"user_id": str(found.user_id)}


def _events(session: Session, uuids: Sequence[str]) -> ByUuid:
    ids = find_several(session, "event", uuids)
    seen = loading.heads(session, list(ids.values()))
    return {uuid: _event(seen[i].head) for uuid, i in ids.items() if i in seen}


def _surrounded(session: Session, shown: dict[str, tuple[int, Json]]) -> ByUuid:
    """Items with their events and the organisations that created those."""
    events = loading.heads(session, sorted({event_id for event_id, _ in shown.values()}))
    creators = {
        one.id: directory_json.organisation(one, creator=True)
        for one in organisations.of_ids(session, sorted({_creator(e) for e in events.values()}))
    }
    return {
        uuid: item
        | {
            "Event": _event(events[event_id].head),
            "Organisation": creators.get(_creator(events[event_id])),
            "orgc_uuid": events[event_id].orgc.uuid,
        }
        for uuid, (event_id, item) in shown.items()
        if event_id in events
    }


def _creator(event: Event) -> int:
    return event.head.orgc_id


def _attributes(session: Session, uuids: Sequence[str]) -> ByUuid:
    ids = find_several(session, "attribute", uuids)
    found = attributes.by_ids(session, list(ids.values()))
    holders = objects.by_ids(session, [one.object_id for one in found if one.object_id])
    none: Json = dict.fromkeys(_NO_OBJECT)
    return _surrounded(session, {
        one.uuid: (one.event_id, item_json.attribute(one, parts=True) | {
            "Object": item_json.misp_object(holders[one.object_id])
            if one.object_id in holders else none,
        })
        for one in found
    })  # fmt: skip


def _objects(session: Session, uuids: Sequence[str]) -> ByUuid:
    ids = find_several(session, "object", uuids)
    found = objects.by_ids(session, list(ids.values())).values()
    return _surrounded(
        session, {one.uuid: (one.event_id, item_json.misp_object(one)) for one in found}
    )


def _reports(session: Session, uuids: Sequence[str]) -> ByUuid:
    ids = find_several(session, "event_report", uuids)
    found = reports.by_ids(session, list(ids.values())).values()
    return _surrounded(
        session, {one.uuid: (one.event_id, item_json.report_fields(one)) for one in found}
    )


def _organisations(session: Session, uuids: Sequence[str]) -> ByUuid:
    return {
        one.uuid: directory_json.organisation(one, creator=True)
        for one in organisations.of_uuids(session, uuids)
    }


def _sharing_groups(session: Session, uuids: Sequence[str]) -> ByUuid:
    return {one.uuid: directory_json.group(one) for one in sharing_groups.of_uuids(session, uuids)}


_CLUSTER = (
    "id", "uuid", "type", "value", "tag_name", "description", "galaxy_id", "source", "version",
)  # fmt: skip
_GALAXY = ("id", "uuid", "name", "type", "description", "version", "namespace")


def _rows(names: Sequence[str], statement: LiteralString) -> Callable[[Session, Any], ByUuid]:
    def read(session: Session, uuids: Sequence[str]) -> ByUuid:
        rows = session.all(statement, (list(uuids),))
        return {str(row[1]): dict(zip(names, row, strict=True)) for row in rows}

    return read


def _said(kind: int) -> Callable[[Session, Sequence[str]], ByUuid]:
    return lambda session, uuids: {
        one.uuid: head(one) for one in analyst.listed(session, kind, uuids=uuids)
    }


_READERS: dict[str, Callable[[Session, Sequence[str]], ByUuid]] = {
    "Event": _events,
    "Attribute": _attributes,
    "Object": _objects,
    "EventReport": _reports,
    "Organisation": _organisations,
    "SharingGroup": _sharing_groups,
    "GalaxyCluster": _rows(
        _CLUSTER,
        "SELECT DISTINCT ON (uuid) id::text, uuid::text, type, value, tag_name, description,"
        " galaxy_id::text, source, version::text FROM galaxy_cluster"
        " WHERE uuid = ANY (%s::uuid[]) ORDER BY uuid, id",
    ),
    "Galaxy": _rows(
        _GALAXY,
        "SELECT id::text, uuid::text, name, type, description, version::text, namespace"
        " FROM galaxy WHERE uuid = ANY (%s::uuid[])",
    ),
    **{name: _said(kind) for kind, name in enumerate(KIND_NAMES)},
}
