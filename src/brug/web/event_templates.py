# SPDX-License-Identifier: EUPL-1.2
"""Event templates: forms that an organisation keeps, and their elements."""

from typing import Any

from brug.intel.template import elements, templates
from brug.intel.template.elements import Element
from brug.intel.template.templates import Template
from brug.model.attribute_types import CATEGORIES
from brug.web import forms
from brug.web.event_values import tabs_of
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/intelligence/templates"
ELEMENT = "/intelligence/template-elements/{key:str}"
KINDS = {"attribute": N_("A value"), "file": N_("A file"), "text": N_("A text to read")}
GROUPS = {
    "File": N_("File names and digests, told apart"),
    "CnC": N_("Addresses, hosts and URLs, told apart"),
}


@page(BASE, shows=("tag", "own"), probe=BASE)
def listed(visit: Visit) -> Reply:
    return visit.show(
        "event_templates/list.html", tabs=tabs_of(visit), rows=templates.listed(visit.session)
    )


@page(BASE + "/new", right="template")
def ask_new(visit: Visit) -> Reply:
    return _form(visit, None, {})


@page(BASE + "/new", "POST", right="template")
def add(visit: Visit) -> Reply:
    given = _given(visit)

    def save() -> Reply:
        tags = templates.tags_named(visit.session, given["tags"])
        made = templates.add(visit.session, templates.drafted(given))
        templates.set_tags(visit.session, made, tags)
        return visit.redirect(f"{BASE}/{made.id}", visit.gettext("Added."))

    return forms.saved(visit, save, lambda errors: _form(visit, None, given, errors))


@page(BASE + "/{key:str}", shows=("tag", "own"), probe=BASE + "/{event_template}")
def template(visit: Visit) -> Reply:
    found = templates.view(visit.session, visit.args["key"])
    return visit.show(
        "event_templates/template.html",
        tabs=tabs_of(visit),
        found=found,
        may_change=templates.may_change(visit.session, found),
        kinds=KINDS,
        groups=GROUPS,
    )


@page(BASE + "/{key:str}/edit", shows=("tag", "own"), probe=BASE + "/{event_template}/edit")
def ask_edit(visit: Visit) -> Reply:
    found = templates.editable(visit.session, visit.args["key"])
    values: dict[str, Any] = {n: getattr(found, n) for n in ("name", "description", "share")}
    return _form(visit, found, values | {"tags": [tag.name for tag in found.tags]})


@page(BASE + "/{key:str}/edit", "POST")
def edit(visit: Visit) -> Reply:
    found = templates.editable(visit.session, visit.args["key"])
    given = _given(visit)

    def save() -> Reply:
        tags = templates.tags_named(visit.session, given["tags"])
        templates.edit(visit.session, found, templates.drafted(given))
        templates.set_tags(visit.session, found, tags)
        return visit.redirect(f"{BASE}/{found.id}", visit.gettext("Saved."))

    return forms.saved(visit, save, lambda errors: _form(visit, found, given, errors))


@page(BASE + "/{key:str}/delete", "POST")
def delete(visit: Visit) -> Reply:
    found = templates.editable(visit.session, visit.args["key"])
    templates.delete(visit.session, found)
    said = visit.gettext("The template is gone. Events that were filled from it stay.")
    return visit.redirect(BASE, said)


def _given(visit: Visit) -> dict[str, Any]:
    form = visit.form
    return {
        "name": form.text("name"),
        "description": form.get("description").strip(),
        "share": form.flag("share"),
        "tags": [line.strip() for line in form.get("tags").splitlines() if line.strip()],
    }


def _form(
    visit: Visit,
    found: Template | None,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
) -> Reply:
    return visit.show(
        "event_templates/form.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        found=found,
        values=values,
        errors=errors or {},
    )


@page(BASE + "/{key:str}/elements", shows=("own",), probe=BASE + "/{event_template}/elements")
def ask_element(visit: Visit) -> Reply:
    found = templates.editable(visit.session, visit.args["key"])
    kind = _kind(visit.query.get("kind"))
    return _element_form(visit, found, None, kind, {"mandatory": False, "to_ids": True})


@page(BASE + "/{key:str}/elements", "POST")
def add_element(visit: Visit) -> Reply:
    found = templates.editable(visit.session, visit.args["key"])
    kind = _kind(visit.form.get("kind"))
    given = _given_element(visit)

    def save() -> Reply:
        elements.add(visit.session, found.id, kind, elements.drafted(kind, given))
        return visit.redirect(f"{BASE}/{found.id}#elements-title", visit.gettext("Added."))

    return forms.saved(
        visit, save, lambda errors: _element_form(visit, found, None, kind, given, errors)
    )


def _kind(text: str) -> str:
    return text if text in elements.KINDS else "attribute"


@page(ELEMENT, shows=("own",), probe="/intelligence/template-elements/{event_template_element}")
def ask_edit_element(visit: Visit) -> Reply:
    known = elements.view(visit.session, visit.args["key"])
    found = templates.editable(visit.session, known.template_id)
    names = ("name", "description", "category", "to_ids", "mandatory", "batch", "malware")
    values: dict[str, Any] = {name: getattr(known, name) for name in names}
    values |= {"type": known.type, "text": known.description}
    return _element_form(visit, found, known, known.kind, values)


@page(ELEMENT, "POST")
def change_element(visit: Visit) -> Reply:
    """Saves its fields; or moves it up or down, or takes it out."""
    session, act = visit.session, visit.form.get("act")
    known = elements.view(session, visit.args["key"])
    found = templates.editable(session, known.template_id)
    place = f"{BASE}/{found.id}#elements-title"
    if act == "delete":
        elements.delete(session, known)
        return visit.redirect(place, visit.gettext("Taken out."))
    if act in {"up", "down"}:
        elements.order(session, found.id, _moved(found, known, -1 if act == "up" else 1))
        return visit.redirect(place)
    given = _given_element(visit)

    def save() -> Reply:
        elements.edit(session, known, elements.drafted(known.kind, given, known))
        return visit.redirect(place, visit.gettext("Saved."))

    return forms.saved(
        visit, save, lambda errors: _element_form(visit, found, known, known.kind, given, errors)
    )


def _moved(found: Template, known: Element, by: int) -> list[int]:
    """The elements with one of them moved; at an end it stays."""
    ids = [one.id for one in found.elements]
    here = ids.index(known.id)
    there = min(max(here + by, 0), len(ids) - 1)
    ids.insert(there, ids.pop(here))
    return ids


def _given_element(visit: Visit) -> dict[str, Any]:
    form = visit.form
    return {
        "name": form.text("name"),
        "description": form.get("description").strip(),
        "text": form.get("text").strip(),
        "category": form.text("category"),
        "type": form.text("type"),
        "complex": form.text("type") in elements.GROUPS,
        **{name: form.flag(name) for name in ("to_ids", "mandatory", "batch", "malware")},
    }


def _element_form(
    visit: Visit,
    found: Template,
    known: Element | None,
    kind: str,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
) -> Reply:
    takers = tuple(c for c in CATEGORIES if elements.takes_files(c, malware=False))
    return visit.show(
        "event_templates/element.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        found=found,
        element=known,
        kind=kind,
        kinds=KINDS,
        groups=GROUPS,
        types=elements.ASKED_TYPES,
        categories=takers if kind == "file" else CATEGORIES,
        values=values,
        errors=errors or {},
    )
