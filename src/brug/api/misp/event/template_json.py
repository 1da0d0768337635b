# SPDX-License-Identifier: EUPL-1.2
"""Event templates as MISP's model nests them: a template, its tags, its elements."""

from typing import Any

from brug.intel.template.elements import Element
from brug.intel.template.templates import Carried, Template

# What MISP calls the table with an element's own fields, by kind.
MODELS = {
    "attribute": "TemplateElementAttribute",
    "text": "TemplateElementText",
    "file": "TemplateElementFile",
}


def template(found: Template) -> dict[str, Any]:
    return {
        "id": str(found.id),
        "name": found.name,
        "description": found.description,
        "org": found.org_name,
        "org_id": str(found.org_id),
        "share": found.share,
    }


def _tag(found: Template, one: Carried) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "template_id": str(found.id),
        "tag_id": str(one.tag_id),
        "Tag": {"id": str(one.tag_id), "name": one.name, "colour": one.colour},
    }


def listed(found: Template) -> dict[str, Any]:
    """As lists show it."""
    return {"Template": template(found), "TemplateTag": [_tag(found, one) for one in found.tags]}


def whole(found: Template) -> dict[str, Any]:
    """With the elements, each around its own fields."""
    elements = [_head(one) | _fields(one) for one in found.elements]
    return listed(found) | {"TemplateElement": elements}


def element(one: Element) -> dict[str, Any]:
    """As the list of elements shows it: its own fields beside it."""
    return {"TemplateElement": _head(one)} | _fields(one)


def _head(one: Element) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "template_id": str(one.template_id),
        "position": str(one.position),
        "element_definition": one.kind,
    }


def _fields(one: Element) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": str(one.id), "template_element_id": str(one.id)}
    shown["name"] = one.name
    if one.kind == "text":
        shown["text"] = one.description
    else:
        shown |= {"description": one.description, "category": one.category}
        shown |= {"mandatory": one.mandatory, "batch": one.batch}
    if one.kind == "attribute":
        shown |= {"type": one.type, "complex": one.complex, "to_ids": one.to_ids}
    elif one.kind == "file":
        shown["malware"] = one.malware
    return {model: [shown] if kind == one.kind else [] for kind, model in MODELS.items()}
