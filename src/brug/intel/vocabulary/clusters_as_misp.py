# SPDX-License-Identifier: EUPL-1.2
"""The shapes in which MISP shows galaxies and clusters: numbers as text, flags as they are.

What MISP calls organisation 0 is what its project publishes. A cluster of a node's own has
no collection and may extend nothing, which MISP says with null where published ones are
empty texts.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from brug.intel.label import taglist
from brug.intel.label.taglist import ListedTag
from brug.intel.vocabulary.as_misp import tag_json
from brug.intel.vocabulary.clusters import Cluster, Relation, clusters_by_tag
from brug.intel.vocabulary.galaxies import Galaxy
from brug.store.session import Session

Json = dict[str, Any]

PUBLISHER: Json = {
    "id": "0",
    "name": "MISP",
    "date_created": "",
    "date_modified": "",
    "description": "Automatically generated MISP organisation",
    "type": "",
    "nationality": "Not specified",
    "sector": "",
    "created_by": "0",
    "uuid": "0",
    "contacts": "",
    "local": True,
    "restricted_to_domain": [],
    "landingpage": None,
}
_ORGANISATION = tuple(PUBLISHER)


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def galaxy_json(galaxy: Galaxy) -> Json:
    shown: Json = {
        "id": str(galaxy.id),
        "uuid": galaxy.uuid,
        "name": galaxy.name,
        "type": galaxy.type,
        "description": galaxy.description,
        "version": str(galaxy.version),
        "icon": galaxy.icon,
        "namespace": galaxy.namespace,
        "enabled": galaxy.enabled,
        "local_only": galaxy.local_only,
    }
    if galaxy.kill_chain_order is not None:
        shown["kill_chain_order"] = galaxy.kill_chain_order
    return shown


def cluster_json(cluster: Cluster) -> Json:
    """The cluster's own fields, without what belongs to it."""
    published = cluster.is_default
    extended = cluster.extends_uuid is not None
    return {
        "id": str(cluster.id),
        "uuid": cluster.uuid,
        "collection_uuid": cluster.collection_uuid or "",
        "type": cluster.type,
        "value": cluster.value,
        "tag_name": cluster.tag_name,
        "description": cluster.description,
        "galaxy_id": str(cluster.galaxy_id),
        "source": cluster.source,
        "authors": cluster.authors,
        "version": str(cluster.version),
        "distribution": str(cluster.distribution),
        "sharing_group_id": _text(cluster.sharing_group_id),
        "org_id": str(cluster.org_id or 0),
        "orgc_id": str(cluster.orgc_id or 0),
        "default": cluster.is_default,
        "locked": cluster.locked,
        "extends_uuid": cluster.extends_uuid or ("" if published else None),
        "extends_version": str(cluster.extends_version) if published or extended else None,
        "published": cluster.published,
        "deleted": cluster.deleted,
    }


class ElementJson(msgspec.Struct, gc=False):
    id: str
    galaxy_cluster_id: str
    key: str
    value: str


class RelationJson(msgspec.Struct, gc=False):
    id: str
    galaxy_cluster_id: str
    referenced_galaxy_cluster_id: str
    referenced_galaxy_cluster_uuid: str
    referenced_galaxy_cluster_type: str
    galaxy_cluster_uuid: str
    distribution: str
    sharing_group_id: str | None
    default: bool
    Tag: list[Json] | UnsetType = UNSET


def elements_json(cluster: Cluster) -> list[ElementJson]:
    number = str(cluster.id)
    return [ElementJson(str(one.id), number, one.key, one.value) for one in cluster.elements]


def relation_json(relation: Relation, tags: dict[str, ListedTag] | None = None) -> RelationJson:
    """`tags`: those that the node has; of others only the name is known."""
    shown = RelationJson(
        str(relation.id), str(relation.source_id), str(relation.target_id or 0),
        relation.target_uuid, relation.type, relation.source_uuid, str(relation.distribution),
        _text(relation.sharing_group_id), relation.is_default,
    )  # fmt: skip
    if relation.tags:
        known = tags or {}
        shown.Tag = [
            tag_json(known[name]) if name in known else {"name": name} for name in relation.tags
        ]
    return shown


def organisations(session: Session, ids: Iterable[int | None]) -> dict[int, Json]:
    """Organisations as clusters carry them; 0 is the publisher."""
    wanted = {one for one in ids if one}
    found: dict[int, Json] = {0: PUBLISHER}
    if not wanted:
        return found
    rows = session.all(
        "SELECT id::text, name, to_char(date_created AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'),"
        " to_char(date_modified AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), description, type,"
        " nationality, sector, '0', uuid::text, contacts, local, restricted_to_domain, landingpage"
        " FROM organisation WHERE id = ANY (%s)",
        (sorted(wanted),),
    )
    return found | {int(row[0]): dict(zip(_ORGANISATION, row, strict=True)) for row in rows}


def whole_clusters_json(session: Session, several: Sequence[Cluster]) -> list[Json]:
    """With galaxy, elements, relations both ways and organisations; the clusters are complete."""
    known = organisations(session, (o for c in several for o in (c.org_id, c.orgc_id)))
    names = {n for c in several for r in (*c.relations, *c.targeting) for n in r.tags}
    tags = taglist.named(session, sorted(names)) if names else {}
    galaxies = {c.galaxy_id: galaxy_json(c.galaxy) for c in several if c.galaxy}
    return [_whole(one, galaxies.get(one.galaxy_id), known, tags) for one in several]


def _whole(
    cluster: Cluster, galaxy: Json | None, known: dict[int, Json], tags: dict[str, ListedTag]
) -> Json:
    shown = cluster_json(cluster)
    shown["Galaxy"] = galaxy
    shown["GalaxyElement"] = elements_json(cluster)
    shown["GalaxyClusterRelation"] = [relation_json(one, tags) for one in cluster.relations]
    shown["Org"] = known.get(cluster.org_id or 0, PUBLISHER)
    shown["Orgc"] = known.get(cluster.orgc_id or 0, PUBLISHER)
    if cluster.targeting:
        shown["TargetingClusterRelation"] = [relation_json(one, tags) for one in cluster.targeting]
    return shown


def galaxies_by_tag(session: Session, names: Sequence[str]) -> dict[str, Json]:
    """By tag, its galaxy with the one cluster, as events carry them.

    Relations to other clusters stay out: some techniques have hundreds, and who follows
    them asks for the cluster.
    """
    shown: dict[str, Json] = {}
    found = clusters_by_tag(session, names)
    known = organisations(session, (o for c in found.values() for o in (c.org_id, c.orgc_id)))
    for name, cluster in found.items():
        if cluster.galaxy is None:
            continue
        inside = cluster_json(cluster) | {
            "GalaxyClusterRelation": [],
            "Org": known.get(cluster.org_id or 0, PUBLISHER),
            "Orgc": known.get(cluster.orgc_id or 0, PUBLISHER),
            "TargetingClusterRelation": [],
            "meta": cluster.meta,
        }
        shown[name] = galaxy_json(cluster.galaxy) | {"GalaxyCluster": [inside]}
    return shown
