# SPDX-License-Identifier: EUPL-1.2
"""Tag collections: tags that are attached together, kept by tag editors."""

from typing import Any

from brug.intel.label import tag_collections, taglist
from brug.intel.label.tag_collections import TagCollection
from brug.model.errors import NotFound
from brug.web import forms
from brug.web.administration.tabs import tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/administration/tag-collections"
OFFERED = 2000


@page(BASE, right="tag_editor", shows=("tag",), probe=BASE)
def listed(visit: Visit) -> Reply:
    return visit.show(
        "administration/tag_collections.html",
        tabs=tabs_of(visit),
        rows=tag_collections.listed(visit.session),
    )


@page(BASE + "/new", right="tag_editor")
def ask_new(visit: Visit) -> Reply:
    return _form(visit, None, {})


@page(BASE + "/new", "POST", right="tag_editor")
def add(visit: Visit) -> Reply:
    given = _given(visit)

    def save() -> Reply:
        made = tag_collections.add(visit.session, given)
        return visit.redirect(f"{BASE}/{made.id}", visit.gettext("Added."))

    return forms.saved(visit, save, lambda errors: _form(visit, None, given, errors))


@page(BASE + "/{key:str}", right="tag_editor", shows=("tag",), probe=BASE + "/{tag_collection}")
def ask_edit(visit: Visit) -> Reply:
    return _found(visit)


def _found(visit: Visit, problem: str = "", status: int = 200) -> Reply:
    found = tag_collections.editable(visit.session, visit.args["key"])
    values = {name: getattr(found, name) for name in ("name", "description", "all_orgs")}
    return _form(visit, found, values, problem=problem, status=status)


@page(BASE + "/{key:str}", "POST", right="tag_editor")
def edit(visit: Visit) -> Reply:
    """Saves its fields; or adds, or removes, one tag; or deletes it."""
    session, sent = visit.session, visit.form
    found = tag_collections.editable(session, visit.args["key"])
    place = f"{BASE}/{found.id}"
    if sent.get("act") == "delete":
        tag_collections.delete(session, found)
        return visit.redirect(BASE, visit.gettext("The collection is gone; its tags stay."))
    if "add" in sent or "remove" in sent:
        try:
            tag = taglist.find(session, sent.text("add") or sent.text("remove"))
        except NotFound:
            text = visit.gettext("There is no such tag. Choose one of the list.")
            return _found(visit, text, 404)
        if "add" in sent:
            tag_collections.add_tags(session, found, [tag.id])
        else:
            tag_collections.remove_tag(session, found, tag.id)
        return visit.redirect(place)
    given = _given(visit)

    def save() -> Reply:
        tag_collections.edit(session, found, given)
        return visit.redirect(place, visit.gettext("Saved."))

    return forms.saved(visit, save, lambda errors: _form(visit, found, given, errors))


def _given(visit: Visit) -> dict[str, Any]:
    sent = visit.form
    return tag_collections.drafted(
        {
            "name": sent.text("name"),
            "description": sent.get("description"),
            "all_orgs": sent.flag("all_orgs"),
        }
    )


def _form(
    visit: Visit,
    found: TagCollection | None,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> Reply:
    offered = taglist.listed(visit.session, counted=False) if found else []
    return visit.show(
        "administration/tag_collection.html",
        400 if errors else status,
        tabs=tabs_of(visit),
        collection=found,
        values=values,
        errors=errors or {},
        problem=problem,
        offered=[tag for tag in offered if not tag.hide_tag][:OFFERED],
    )
