# SPDX-License-Identifier: EUPL-1.2
"""Sharing groups: who is in them, and changing that. A change holds at once."""

from typing import Any

from brug.directory import organisations, sharing_group_changes, sharing_groups
from brug.model.errors import Conflict, NotFound
from brug.web import forms
from brug.web.administration.tabs import tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/administration/sharing-groups"


@page(BASE, shows=("directory",), probe=BASE)
def listed(visit: Visit) -> Reply:
    return visit.show(
        "administration/groups.html",
        tabs=tabs_of(visit),
        rows=sharing_groups.listed(visit.session),
    )


@page(BASE + "/new", right="sharing_group")
def ask_new(visit: Visit) -> Reply:
    return _form(visit, None, {"active": True})


@page(BASE + "/new", "POST", right="sharing_group")
def add(visit: Visit) -> Reply:
    given = _given(visit)

    def save() -> Reply:
        made = sharing_group_changes.add(visit.session, given)
        mine = str(visit.principal.org_id)
        sharing_group_changes.add_organisation(visit.session, made.id, mine, extend=True)
        return visit.redirect(f"{BASE}/{made.id}", visit.gettext("Added."))

    return forms.saved(visit, save, lambda errors: _form(visit, None, given, errors))


@page(
    BASE + "/{key:str}",
    shows=("directory",),
    probe="/administration/sharing-groups/{sharing_group}",
)
def group(visit: Visit) -> Reply:
    return _group(visit)


def _group(visit: Visit, problem: str = "", status: int = 200) -> Reply:
    found = sharing_groups.view(visit.session, visit.args["key"])
    inside = {member.org_id for member in found.members}
    others = [o for o in organisations.listed(visit.session) if o.id not in inside]
    return visit.show(
        "administration/group.html",
        status,
        tabs=tabs_of(visit),
        group=found,
        others=others if found.editable else [],
        everyone=any(link.server_id == 0 and link.all_orgs for link in found.servers),
        problem=problem,
    )


@page(BASE + "/{key:str}/edit", right="sharing_group")
def ask_edit(visit: Visit) -> Reply:
    found = sharing_group_changes.editable(visit.session, visit.args["key"])
    names = ("name", "releasability", "description", "active")
    return _form(visit, found, {name: getattr(found, name) for name in names})


@page(BASE + "/{key:str}/edit", "POST", right="sharing_group")
def edit(visit: Visit) -> Reply:
    found = sharing_group_changes.editable(visit.session, visit.args["key"])
    given = _given(visit)

    def save() -> Reply:
        sharing_group_changes.edit(visit.session, found.id, given)
        return visit.redirect(f"{BASE}/{found.id}", visit.gettext("Saved."))

    return forms.saved(visit, save, lambda errors: _form(visit, found, given, errors))


@page(BASE + "/{key:str}/members", "POST", right="sharing_group")
def change_members(visit: Visit) -> Reply:
    """Adds or removes one organisation, or all of this node."""
    session, form, key = visit.session, visit.form, visit.args["key"]
    try:
        if form.get("remove"):
            sharing_group_changes.remove_organisation(session, key, form.get("remove"))
        elif "everyone" in form:
            sharing_group_changes.add_this_node(session, key, all_orgs=form.flag("everyone"))
        else:
            extend = form.flag("extend")
            sharing_group_changes.add_organisation(session, key, form.get("add"), extend=extend)
    except (NotFound, Conflict) as error:
        return _group(visit, visit.sentence(error), error.status)
    return visit.redirect(f"{BASE}/{key}", visit.gettext("Who is in the group has changed."))


@page(BASE + "/{key:str}/delete", "POST", right="sharing_group")
def delete(visit: Visit) -> Reply:
    try:
        sharing_group_changes.delete(visit.session, visit.args["key"])
    except Conflict as error:
        return _group(visit, visit.sentence(error), error.status)
    return visit.redirect(BASE, visit.gettext("The group is gone."))


def _given(visit: Visit) -> dict[str, Any]:
    form = visit.form
    return {
        "name": form.text("name"),
        "releasability": form.text("releasability"),
        "description": form.text("description"),
        "active": form.flag("active"),
    }


def _form(
    visit: Visit,
    found: sharing_groups.SharingGroup | None,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
) -> Reply:
    return visit.show(
        "administration/group_form.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        group=found,
        values=values,
        errors=errors or {},
    )
