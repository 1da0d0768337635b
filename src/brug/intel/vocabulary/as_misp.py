# SPDX-License-Identifier: EUPL-1.2
"""The shapes in which MISP shows vocabularies: numbers as text, flags as they are.

Galaxies and clusters: clusters_as_misp.py.
"""

from typing import Any

from brug.intel.label.taglist import ListedTag
from brug.intel.vocabulary.matching import WarninglistHit
from brug.intel.vocabulary.taxonomies import Taxonomy, TaxonomyTag
from brug.intel.vocabulary.taxonomy_tags import Predicate
from brug.intel.vocabulary.templates import Template
from brug.intel.vocabulary.warninglists import Warninglist

Json = dict[str, Any]


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
    return {
        "id": str(predicate.id),
        "taxonomy_id": str(predicate.taxonomy_id),
        "value": predicate.value,
        "expanded": predicate.expanded,
        "colour": predicate.colour,
        "description": predicate.description,
        "exclusive": predicate.exclusive,
        "numerical_value": _text(predicate.numerical_value),
    }


def tag_json(tag: ListedTag) -> Json:
    """A tag by itself, without where it is attached."""
    return {
        "id": str(tag.id),
        "name": tag.name,
        "colour": tag.colour,
        "exportable": tag.exportable,
        "org_id": str(tag.org_id),
        "user_id": str(tag.user_id),
        "hide_tag": tag.hide_tag,
        "numerical_value": _text(tag.numerical_value),
        "is_galaxy": tag.is_galaxy,
        "is_custom_galaxy": tag.is_custom_galaxy,
        "local_only": tag.local_only,
    }


def taxonomy_tag_json(tag: TaxonomyTag, existing: ListedTag | None) -> Json:
    shown: Json = {
        "tag": tag.tag,
        "expanded": tag.expanded,
        "exclusive_predicate": tag.exclusive_predicate,
        "description": tag.description,
        "colour": tag.colour,
        "numerical_value": _text(tag.numerical_value),
    }
    present = {name: value for name, value in shown.items() if value is not None}
    return present | {"existing_tag": {"Tag": tag_json(existing)} if existing else False}


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
