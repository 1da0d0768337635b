# SPDX-License-Identifier: EUPL-1.2
"""What a search shows beside its hits, where asked: each kind in one statement for all hits."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from brug.formats.misp.writing import number
from brug.intel import attachments
from brug.intel.attributes import by_ids
from brug.intel.correlating import correlation
from brug.intel.search.attributes import Found, tags_of_events
from brug.intel.sighting import sightings
from brug.intel.sighting.sightings import Sighting
from brug.intel.vocabulary.as_misp import warning_json
from brug.intel.vocabulary.matching import match
from brug.store.session import Session


def data(session: Session, found: Sequence[Found]) -> dict[int, str]:
    """Attachments and samples in Base64, by attribute."""
    files = [hit.id for hit in found if hit.type in attachments.TYPES]
    return attachments.as_base64(session, files) if files else {}


def sightings_of(session: Session, found: Sequence[Found]) -> dict[int, list[dict[str, Any]]]:
    """Sightings by attribute, as MISP shows them beside it."""
    uuids = {hit.id: hit.uuid for hit in found}
    return sightings_json(sightings.of_attributes(session, list(uuids)), uuids)


def sightings_json(
    several: Iterable[Sighting], uuids: Mapping[int, str]
) -> dict[int, list[dict[str, Any]]]:
    """By attribute; `uuids` are the attributes'."""
    shown: dict[int, list[dict[str, Any]]] = {}
    for one in several:
        shown.setdefault(one.attribute_id, []).append(
            {
                "id": str(one.id),
                "attribute_id": str(one.attribute_id),
                "event_id": str(one.event_id),
                "org_id": str(one.org_id),
                "date_sighting": str(one.date_sighting),
                "uuid": one.uuid,
                "source": one.source,
                "type": str(one.type),
                "attribute_uuid": uuids.get(one.attribute_id, ""),
                "Organisation": {
                    "id": str(one.org_id), "uuid": one.org_uuid, "name": one.org_name,
                },
            }
        )  # fmt: skip
    return shown


def warnings(session: Session, found: Sequence[Found]) -> dict[int, list[dict[str, Any]]]:
    """The warninglists that a value is on, by attribute; only those with hits."""
    lists = match(session, [(hit.type, hit.value1, hit.value2) for hit in found])
    return {
        hit.id: [warning_json(known) for known in on]
        for hit, on in zip(found, lists, strict=True)
        if on
    }


def objects(session: Session, found: Sequence[Found]) -> dict[int, dict[str, str]]:
    """The object that an attribute is in, by the object's id: its level and group."""
    ids = sorted({hit.object_id for hit in found if hit.object_id})
    rows = session.all(
        "SELECT id, distribution, coalesce(sharing_group_id, 0) FROM object WHERE id = ANY (%s)",
        (ids,),
    ) if ids else []  # fmt: skip
    return {
        number: {"id": str(number), "distribution": str(level), "sharing_group_id": str(group)}
        for number, level, group in rows
    }


def related(session: Session, found: Sequence[Found]) -> dict[int, list[dict[str, Any]]]:
    """What shares a value in other events, by attribute."""
    by_event: dict[int, list[int]] = {}
    for hit in found:
        by_event.setdefault(hit.event_id, []).append(hit.id)
    raw: dict[int, list[int]] = {}
    for event_id, ids in by_event.items():
        hits = correlation.of_attributes(session, by_ids(session, ids), [event_id])
        for attribute_id, one in hits.items():
            raw[attribute_id] = [hit.attribute_id for hit in one.hits]
    shown = _related_json(session, sorted({i for ids in raw.values() for i in ids}))
    return {owner: [shown[i] for i in ids if i in shown] for owner, ids in raw.items()}


_EVENT = (
    "id", "uuid", "threat_level_id", "analysis", "info", "extends_uuid", "distribution",
    "sharing_group_id", "published", "date", "orgc_id", "org_id",
)  # fmt: skip


def _related_json(session: Session, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    if not ids:
        return {}
    attributes = by_ids(session, ids)
    rows = session.all(
        "SELECT id::text AS id, uuid::text, threat_level_id::text, analysis::text, info,"
        " coalesce(extends_uuid::text, ''), distribution::text,"
        " coalesce(sharing_group_id, 0)::text, published, date::text, orgc_id::text, org_id::text"
        " FROM event WHERE id = ANY (%s)",
        (sorted({a.event_id for a in attributes}),),
    )
    events = {int(row[0]): dict(zip(_EVENT, row, strict=True)) for row in rows}
    return {
        a.id: {
            "id": str(a.id),
            "event_id": str(a.event_id),
            "object_id": str(a.object_id),
            "object_relation": a.object_relation,
            "category": a.category,
            "type": a.type,
            "uuid": a.uuid,
            "timestamp": str(a.timestamp),
            "distribution": str(a.distribution),
            "sharing_group_id": number(a.sharing_group_id),
            "to_ids": a.to_ids,
            "comment": a.comment,
            "value": f"{a.value1}|{a.value2}" if a.value2 else a.value1,
            "Event": events[a.event_id],
        }
        for a in attributes
        if a.event_id in events
    }


_CONTEXT = (
    "id", "orgc_id", "org_id", "date", "threat_level_id", "info", "published", "uuid", "analysis",
    "timestamp", "distribution", "publish_timestamp", "sharing_group_id", "extends_uuid",
)  # fmt: skip


def context(session: Session, event_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The events of hits in full, where `includeContext` asks for them."""
    rows = session.all(
        "SELECT e.id::text AS id, e.orgc_id::text, e.org_id::text, e.date::text,"
        " e.threat_level_id::text, e.info, e.published, e.uuid::text, e.analysis::text,"
        " e.timestamp::text, e.distribution::text, e.publish_timestamp::text,"
        " coalesce(e.sharing_group_id, 0)::text, coalesce(e.extends_uuid::text, ''),"
        " o.name, o.uuid::text, o.local"
        " FROM event e JOIN organisation o ON o.id = e.orgc_id WHERE e.id = ANY (%s)",
        (list(event_ids),),
    )
    tags = tags_of_events(session, event_ids)
    return {
        int(row[0]): dict(zip(_CONTEXT, row, strict=False))
        | {
            "Tag": [
                {
                    "local": tag.local,
                    "id": str(tag.id),
                    "name": tag.name,
                    "colour": tag.colour,
                    "numerical_value": tag.numerical_value,
                }
                for tag in tags.get(int(row[0]), [])
            ],
            "Orgc": {"id": row[1], "name": row[14], "uuid": row[15], "local": row[16]},
        }
        for row in rows
    }
