# SPDX-License-Identifier: EUPL-1.2
"""The directory: organisations, as every signed-in reader may see them."""

from brug.directory import organisations
from brug.intel import browsing
from brug.intel.browsing import EventFilter
from brug.web import forms
from brug.web.page import page
from brug.web.visit import Reply, Visit


@page("/directory/organisations", shows=("directory",), probe="/directory/organisations")
def listed(visit: Visit) -> Reply:
    text = visit.query.text("text")[:255]
    local = {"1": True, "0": False}.get(visit.query.get("local"))
    return visit.show(
        "directory/list.html",
        rows=organisations.listed(visit.session, local=local, search=text or None),
        text=text,
        local=local,
    )


@page(
    "/directory/organisations/{key:str}",
    shows=("directory", "event"),
    probe="/directory/organisations/{organisation}",
)
def organisation(visit: Visit) -> Reply:
    found = organisations.view(visit.session, visit.args["key"])
    wanted = EventFilter(organisation=str(found.id))
    rows, total = browsing.events(visit.session, wanted, limit=10)
    return visit.show("directory/organisation.html", org=found, rows=rows, total=total)


FIELDS = ("name", "description", "nationality", "sector", "type", "contacts")


@page("/directory/new-organisation", right="site_admin")
def ask_new(visit: Visit) -> Reply:
    return _form(visit, None, {"local": True})


@page("/directory/new-organisation", "POST", right="site_admin")
def add(visit: Visit) -> Reply:
    given = _given(visit)

    def save() -> Reply:
        made = organisations.add(visit.session, given)
        return visit.redirect(f"/directory/organisations/{made.id}", visit.gettext("Added."))

    return forms.saved(visit, save, lambda errors: _form(visit, None, given, errors))


@page("/directory/organisations/{key:str}/edit", right="site_admin")
def ask_edit(visit: Visit) -> Reply:
    found = organisations.view(visit.session, visit.args["key"])
    values = {name: getattr(found, name) for name in (*FIELDS, "local")}
    values["restricted_to_domain"] = "\n".join(found.restricted_to_domain or [])
    return _form(visit, found, values)


@page("/directory/organisations/{key:str}/edit", "POST", right="site_admin")
def edit(visit: Visit) -> Reply:
    found = organisations.view(visit.session, visit.args["key"])
    given = _given(visit)

    def save() -> Reply:
        organisations.edit(visit.session, found.id, given)
        return visit.redirect(f"/directory/organisations/{found.id}", visit.gettext("Saved."))

    return forms.saved(visit, save, lambda errors: _form(visit, found, given, errors))


def _given(visit: Visit) -> dict[str, object]:
    given: dict[str, object] = {name: visit.form.text(name) for name in FIELDS}
    given["local"] = visit.form.flag("local")
    given["restricted_to_domain"] = visit.form.get("restricted_to_domain")
    return given


def _form(
    visit: Visit,
    found: organisations.Organisation | None,
    values: dict[str, object],
    errors: dict[str, str] | None = None,
) -> Reply:
    return visit.show(
        "directory/form.html",
        400 if errors else 200,
        org=found,
        values=values,
        errors=errors or {},
    )
