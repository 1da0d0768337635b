# SPDX-License-Identifier: EUPL-1.2
"""The shapes in which MISP shows vocabularies: numbers as text, flags as they are.

What MISP calls organisation 0 is what its project publishes.
"""

from collections.abc import Sequence
from typing import Any

from brug.intel.vocabulary.clusters import Cluster, Relation, clusters_by_tag
from brug.intel.vocabulary.galaxies import Galaxy
from brug.intel.vocabulary.matching import WarninglistHit
from brug.intel.vocabulary.taxonomies import Taxonomy, TaxonomyTag
from brug.intel.vocabulary.taxonomy_tags import Predicate
from brug.intel.vocabulary.templates import Template
from brug.intel.vocabulary.warninglists import Warninglist
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


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def template_json(template: Template) -> Json:
    return {
        "ObjectTemplate": {
            "id": str(template.id),
            "user_id": "0",
            "org_id": "0",
            "uuid": template.uuid,
            "name": template.name,
            "meta-category": template.meta_category,
            "description": template.description,
            "version": str(template.version),
            "requirements": template.requirements or [],
            "fixed": template.fixed,
            "active": template.active,
        },
        "Organisation": {"id": None, "name": None, "uuid": None},
    }


def template_with_elements(template: Template) -> Json:
    return template_json(template) | {
        "ObjectTemplateElement": [
            {
                "id": str(element.id),
                "object_template_id": str(template.id),
                "object_relation": element.object_relation,
                "type": element.type,
                "ui-priority": str(element.ui_priority),
                "categories": element.categories,
                "sane_default": element.sane_default,
                "values_list": element.values_list,
                "description": element.description,
                "disable_correlation": element.disable_correlation,
                "multiple": element.multiple,
            }
            for element in template.elements.values()
        ]
    }


def taxonomy_json(taxonomy: Taxonomy) -> Json:
    return {
        "id": str(taxonomy.id),
        "namespace": taxonomy.namespace,
        "description": taxonomy.description,
        "version": str(taxonomy.version),
        "enabled": taxonomy.enabled,
        "exclusive": taxonomy.exclusive,
        "required": taxonomy.required,
        "highlighted": taxonomy.highlighted,
    }


def predicate_json(predicate: Predicate) -> Json:
    number = predicate.numerical_value
    return {
        "id": str(predicate.id),
        "taxonomy_id": str(predicate.taxonomy_id),
        "value": predicate.value,
        "expanded": predicate.expanded,
        "colour": predicate.colour,
        "description": predicate.description,
        "exclusive": predicate.exclusive,
        "numerical_value": None if number is None else str(number),
    }


def taxonomy_tag_json(tag: TaxonomyTag, existing: Json | None) -> Json:
    shown: Json = {
        "tag": tag.tag,
        "expanded": tag.expanded,
        "exclusive_predicate": tag.exclusive_predicate,
        "description": tag.description,
        "colour": tag.colour,
        "numerical_value": _text(tag.numerical_value),
    }
    present = {name: value for name, value in shown.items() if value is not None}
    return present | {"existing_tag": {"Tag": existing} if existing else False}


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
        "extends_uuid": cluster.extends_uuid or "",
        "extends_version": str(cluster.extends_version),
        "published": cluster.published,
        "deleted": cluster.deleted,
    }


def elements_json(cluster: Cluster) -> list[Json]:
    return [
        {
            "id": str(element.id),
            "galaxy_cluster_id": str(cluster.id),
            "key": element.key,
            "value": element.value,
        }
        for element in cluster.elements
    ]


def relation_json(relation: Relation) -> Json:
    return {
        "id": str(relation.id),
        "galaxy_cluster_id": str(relation.source_id),
        "referenced_galaxy_cluster_id": str(relation.target_id or 0),
        "referenced_galaxy_cluster_uuid": relation.target_uuid,
        "referenced_galaxy_cluster_type": relation.type,
        "galaxy_cluster_uuid": relation.source_uuid,
        "distribution": str(relation.distribution),
        "sharing_group_id": _text(relation.sharing_group_id),
        "default": relation.is_default,
        "Tag": [{"name": name} for name in relation.tags],
    }


def whole_cluster_json(cluster: Cluster, organisations: Json | None = None) -> Json:
    """With its galaxy, elements, relations both ways and organisations."""
    return (
        cluster_json(cluster)
        | {
            "Galaxy": galaxy_json(cluster.galaxy) if cluster.galaxy else None,
            "GalaxyElement": elements_json(cluster),
            "GalaxyClusterRelation": [relation_json(one) for one in cluster.relations],
        }
        | (organisations or {"Org": PUBLISHER, "Orgc": PUBLISHER})
        | {
            "TargetingClusterRelation": [relation_json(one) for one in cluster.targeting],
            "RelationshipInbound": [],
        }
    )


def galaxies_by_tag(session: Session, names: Sequence[str]) -> dict[str, Json]:
    """By tag, its galaxy with the one cluster, as events carry them.

    Relations to other clusters stay out: some techniques have hundreds, and who follows
    them asks for the cluster.
    """
    shown: dict[str, Json] = {}
    for name, cluster in clusters_by_tag(session, names).items():
        if cluster.galaxy is None:
            continue
        inside = cluster_json(cluster) | {
            "GalaxyClusterRelation": [],
            "Org": PUBLISHER,
            "Orgc": PUBLISHER,
            "TargetingClusterRelation": [],
            "meta": cluster.meta,
        }
        shown[name] = galaxy_json(cluster.galaxy) | {"GalaxyCluster": [inside]}
    return shown


def warninglist_json(chosen: Warninglist) -> Json:
    return {
        "id": str(chosen.id),
        "name": chosen.name,
        "type": chosen.kind,
        "description": chosen.description,
        "version": str(chosen.version),
        "enabled": chosen.enabled,
        "default": chosen.is_default,
        "category": chosen.category,
    }


def warning_json(hit: WarninglistHit) -> Json:
    """As an attribute's `warnings` carry it."""
    return {
        "match": hit.match,
        "value": hit.value,
        "warninglist_id": str(hit.warninglist_id),
        "warninglist_name": hit.name,
        "warninglist_category": hit.category,
    }
