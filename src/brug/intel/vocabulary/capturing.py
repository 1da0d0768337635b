# SPDX-License-Identifier: EUPL-1.2
"""Clusters that come along with imported events and that no published galaxy holds.

An older name, or somebody's own actor: without it the tag would stay and what it stands for
be lost. Kept as clusters of this node, for everyone on it; one that is known by its tag is
left as it is. For site admins, who import.
"""

from collections.abc import Iterator
from typing import Any

from brug.formats.misp import coercion as c
from brug.model.errors import Invalid
from brug.store.session import Session

Fields = dict[str, Any]


def capture(session: Session, raw_event: Fields) -> int:
    """Stores the clusters of an event that are unknown here; how many."""
    sent = {cluster["tag_name"]: (galaxy, cluster) for galaxy, cluster in _clusters(raw_event)}
    if not sent:
        return 0
    known = session.all(
        "SELECT tag_key FROM galaxy_cluster WHERE tag_key = ANY (%s)",
        ([name.lower() for name in sent],),
    )
    there = {row[0] for row in known}
    stored = 0
    for name, (galaxy, cluster) in sent.items():
        if name.lower() not in there:
            stored += _store(session, galaxy, cluster)
    return stored


def _clusters(raw_event: Fields) -> Iterator[tuple[Fields, Fields]]:
    holders = [raw_event, *_dicts(raw_event.get("Attribute"))]
    for one in _dicts(raw_event.get("Object")):
        holders += _dicts(one.get("Attribute"))
    for holder in holders:
        for galaxy in _dicts(holder.get("Galaxy")):
            for cluster in _dicts(galaxy.get("GalaxyCluster")):
                name = cluster.get("tag_name")
                if isinstance(name, str) and name.startswith("misp-galaxy:"):
                    yield galaxy, cluster


def _dicts(raw: Any) -> list[Fields]:
    return [item for item in raw if isinstance(item, dict)] if isinstance(raw, list) else []


def _store(session: Session, galaxy: Fields, cluster: Fields) -> bool:
    """Whether it could be stored: what is no cluster is left, its tag says as much as it can."""
    try:
        galaxy_id = _galaxy_id(session, galaxy)
        uuid = c.uuid("uuid", cluster.get("uuid"))
        fields = {
            "uuid": uuid,
            "galaxy": galaxy_id,
            "collection": c.uuid("collection_uuid", cluster.get("collection_uuid")),
            "type": c.text("type", cluster.get("type")),
            "value": c.text("value", cluster.get("value")),
            "tag": c.text("tag_name", cluster["tag_name"]),
            "description": c.text("description", cluster.get("description")),
            "source": c.text("source", cluster.get("source")),
            "authors": [c.text("authors", a) for a in cluster.get("authors") or []],
            "version": c.integer("version", cluster.get("version"), 0, c.MAX_TIME) or 1,
            "org": session.principal.org_id,
        }
        elements = list(_elements(cluster.get("meta")))
    except (Invalid, TypeError):
        return False
    if uuid is None or galaxy_id is None:
        return False
    cluster_id = session.value(
        "INSERT INTO galaxy_cluster (uuid, galaxy_id, collection_uuid, type, value, tag_name,"
        " description, source, authors, version, org_id, orgc_id, locked, published, audience)"
        " VALUES (%(uuid)s, %(galaxy)s, %(collection)s, %(type)s, %(value)s, %(tag)s,"
        " %(description)s, %(source)s, %(authors)s, %(version)s, %(org)s, %(org)s, true, true,"
        " intern_audience(true, 0, '{}')) ON CONFLICT DO NOTHING RETURNING id",
        fields,
    )
    if cluster_id is None:
        return False
    for key, value in elements:
        session.execute(
            "INSERT INTO galaxy_element (galaxy_cluster_id, key, value, audience)"
            " VALUES (%s, %s, %s, intern_audience(true, 0, '{}'))",
            (cluster_id, key, value),
        )
    return True


def _galaxy_id(session: Session, galaxy: Fields) -> int | None:
    """The galaxy by its UUID, else by its type; made where it is new."""
    uuid, kind = c.uuid("uuid", galaxy.get("uuid")), c.text("type", galaxy.get("type"))
    found = session.value(
        "SELECT id FROM galaxy WHERE uuid = %s OR type = %s ORDER BY uuid <> %s, id LIMIT 1",
        (uuid, kind, uuid),
    )
    if found is not None or uuid is None or not kind:
        return found if found is None else int(found)
    made = session.value(
        "INSERT INTO galaxy (uuid, name, type, description, version, icon, namespace)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (
            uuid,
            c.text("name", galaxy.get("name")) or kind,
            kind,
            c.text("description", galaxy.get("description")),
            c.integer("version", galaxy.get("version")) or 1,
            c.text("icon", galaxy.get("icon")),
            c.text("namespace", galaxy.get("namespace")),
        ),
    )
    return int(made)


def _elements(meta: Any) -> Iterator[tuple[str, str]]:
    if isinstance(meta, dict):
        for key, values in meta.items():
            for value in values if isinstance(values, list) else [values]:
                yield c.text("meta", key), c.text("meta", value)
