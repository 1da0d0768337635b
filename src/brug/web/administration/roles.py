# SPDX-License-Identifier: EUPL-1.2
"""Roles: named sets of rights, and which one new users get. A changed one ends sessions."""

from collections.abc import Mapping
from typing import Any

from brug.directory import role_changes, roles
from brug.directory.refusals import InUse, Refused
from brug.directory.roles import MISP_RIGHTS, OWN_RIGHTS, Role
from brug.model.errors import Invalid
from brug.web import forms
from brug.web.administration.tabs import tabs_of
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/administration/roles"
_OWN: Mapping[str, str] = {
    "case": N_("Works on the cases in which the organisation takes part"),
    "bridge_admin": N_("Makes bridges and agreements (at the host)"),
    "release": N_("Decides what is held for a person (at the host)"),
    "recall": N_("Calls back, answers recalls, holds what is to be kept (at the host)"),
    "auditor": N_("Reads the ledger and what crossed (at the host)"),
    "case_lead": N_("Means nothing yet"),
    "custody": N_("Means nothing yet"),
}
_MISP: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        N_("MISP: events"),
        (
            "add", "modify", "modify_org", "publish", "delegate", "sighting", "analyst_data",
            "view_feed_correlations",
        ),
    ),
    (
        N_("MISP: vocabularies"),
        (
            "tagger", "tag_editor", "template", "object_template", "galaxy_editor", "decaying",
            "warninglist", "regexp_access",
        ),
    ),
    (
        N_("MISP: keys and connections"),
        ("auth", "sync", "sharing_group", "publish_zmq", "publish_kafka"),
    ),
    (N_("MISP: administration"), ("site_admin", "admin", "audit", "skip_otp")),
)  # fmt: skip
_KNOWN = frozenset(roles.RIGHTS)
_NOT_DEFAULT = N_("New users cannot get a role that may do everything: take site_admin from it.")
_UNKNOWN = N_("There is no right %(name)s.")


def groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """All rights, each with what it is for where that is ours to say."""
    found = [(N_("Brug's own"), [(name, _OWN.get(name, about))
                                 for name, about in OWN_RIGHTS.items()])]  # fmt: skip
    found += [(title, [(name, "") for name in names]) for title, names in _MISP]
    grouped = {name for _, names in _MISP for name in names}
    if others := sorted(MISP_RIGHTS - grouped):
        found.append((N_("MISP: others"), [(name, "") for name in others]))
    return found


@page(BASE, right="site_admin", shows=("own",), probe=BASE)
def listed(visit: Visit) -> Reply:
    return visit.show(
        "administration/roles.html", tabs=tabs_of(visit), rows=roles.listed(visit.session)
    )


@page(BASE + "/new", right="site_admin")
def ask_new(visit: Visit) -> Reply:
    return _form(visit, None, {"rights": frozenset()})


@page(BASE + "/new", "POST", right="site_admin")
def add(visit: Visit) -> Reply:
    given = _given(visit)

    def save() -> Reply:
        _require_known(given["rights"])
        made = role_changes.add(visit.session, {"name": given["name"]}, given["rights"])
        if visit.form.flag("default_role"):
            role_changes.make_default(visit.session, made.id)
        return visit.redirect(BASE, visit.gettext("Added."))

    return _saved(visit, save, None, given)


@page(BASE + "/{key:int}", right="site_admin", shows=("own",), probe=BASE + "/1")
def ask_edit(visit: Visit) -> Reply:
    found = roles.view(visit.session, visit.args["key"])
    values = {"name": found.name, "rights": found.rights, "default_role": found.default_role}
    return _form(visit, found, values)


@page(BASE + "/{key:int}", "POST", right="site_admin")
def edit(visit: Visit) -> Reply:
    found = roles.view(visit.session, visit.args["key"])
    given = _given(visit)

    def save() -> Reply:
        wanted = given["rights"]
        _require_known(wanted)
        # Rights that no box stands for stay as they are.
        fewer = (found.rights & _KNOWN) - wanted
        name = {"name": given["name"]}
        role_changes.edit(visit.session, found.id, name, more=wanted, fewer=fewer)
        if visit.form.flag("default_role") and not found.default_role:
            role_changes.make_default(visit.session, found.id)
        elif found.default_role and "site_admin" in wanted:
            raise Refused("default_role", "forbidden", "a role without the right site_admin")
        return visit.redirect(BASE, visit.gettext("Saved."))

    return _saved(visit, save, found, given)


@page(BASE + "/{key:int}/delete", "POST", right="site_admin")
def delete(visit: Visit) -> Reply:
    found = roles.view(visit.session, visit.args["key"])
    values = {"name": found.name, "rights": found.rights, "default_role": found.default_role}
    try:
        role_changes.delete(visit.session, found.id)
    except InUse as error:
        text = visit.gettext("Users have this role, or new ones get it. Give them another first.")
        return _form(visit, found, values, problem=text, status=error.status)
    return visit.redirect(BASE, visit.gettext("The role is gone."))


def _saved(visit: Visit, save: forms.Save, found: Role | None, given: dict[str, Any]) -> Reply:
    """Words of our own for what only roles refuse."""

    def again(errors: dict[str, str]) -> Reply:
        if "default_role" in errors:
            errors = {"default_role": visit.gettext(_NOT_DEFAULT)}
        unknown = sorted(given["rights"] - _KNOWN)
        if "rights" in errors and unknown:
            errors = {"rights": visit.gettext(_UNKNOWN) % {"name": unknown[0][:60]}}
        return _form(visit, found, given, errors)

    try:
        return forms.saved(visit, save, again)
    except InUse as error:
        text = visit.gettext("Nobody would be left who administers the node.")
        return _form(visit, found, given, problem=text, status=error.status)


def _require_known(rights: frozenset[str]) -> None:
    for one in sorted(rights - _KNOWN):
        raise Invalid("rights", f"some of {', '.join(roles.RIGHTS)}", one)


def _given(visit: Visit) -> dict[str, Any]:
    form = visit.form
    return {
        "name": form.text("name"),
        "rights": frozenset(form.all("rights")),
        "default_role": form.flag("default_role"),
    }


def _form(
    visit: Visit,
    found: Role | None,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> Reply:
    return visit.show(
        "administration/role.html",
        400 if errors else status,
        tabs=tabs_of(visit),
        role=found,
        values=values,
        groups=groups(),
        errors=errors or {},
        problem=problem,
    )
