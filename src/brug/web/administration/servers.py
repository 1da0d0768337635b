# SPDX-License-Identifier: EUPL-1.2
"""Servers that this node exchanges with: records, and asking one who it is."""

from typing import Any

from brug.directory import organisations, routes, servers
from brug.directory.routes import Holder, Kept
from brug.directory.servers import Server
from brug.edge import partners
from brug.web import forms, reaching
from brug.web.administration import server_rules
from brug.web.administration.tabs import tabs_of
from brug.web.page import page
from brug.web.server_words import NO_KEY, OUTCOMES
from brug.web.visit import Reply, Visit

BASE = "/administration/servers"
_FLAGS = (
    "push", "pull", "push_sightings", "push_galaxy_clusters", "pull_galaxy_clusters",
    "push_analyst_data", "pull_analyst_data", "internal", "caching_enabled", "unpublish_event",
    "publish_without_email",
)  # fmt: skip


@page(BASE, right="site_admin", shows=("directory",), probe=BASE)
def listed(visit: Visit) -> Reply:
    names = {one.id: one.name for one in organisations.listed(visit.session)}
    return visit.show(
        "administration/servers.html",
        tabs=tabs_of(visit),
        rows=servers.listed(visit.session),
        names=names,
    )


@page(BASE + "/new", right="site_admin")
def ask_new(visit: Visit) -> Reply:
    return _form(visit, None, {})


@page(BASE + "/new", "POST", right="site_admin")
def add(visit: Visit) -> Reply:
    given = _given(visit)

    def save() -> Reply:
        made = servers.add(visit.session, _record(visit, given, None))
        return visit.redirect(f"{BASE}/{made.id}", visit.gettext("Added."))

    return forms.saved(visit, save, lambda errors: _form(visit, None, given, errors))


@page(BASE + "/{key:int}", right="site_admin", shows=("directory",))
def ask_edit(visit: Visit) -> Reply:
    found = servers.view(visit.session, visit.args["key"])
    values = {name: getattr(found, name) for name in ("name", "url", "remote_org_id", *_FLAGS)}
    values |= reaching.shown(_kept(visit, found))
    return _form(visit, found, values | server_rules.shown(visit.session, found))


@page(BASE + "/{key:int}", "POST", right="site_admin")
def edit(visit: Visit) -> Reply:
    found = servers.view(visit.session, visit.args["key"])
    given = _given(visit)
    if not given["authkey"]:
        del given["authkey"]

    def save() -> Reply:
        servers.edit(visit.session, found.id, _record(visit, given, found))
        trouble = reaching.warning(_kept(visit, found).shown)
        said = visit.gettext(trouble or "Saved.")
        return visit.redirect(f"{BASE}/{found.id}", said, "warn" if trouble else "good")

    return forms.saved(visit, save, lambda errors: _form(visit, found, given, errors))


@page(BASE + "/{key:int}/test", "POST", right="site_admin")
def test(visit: Visit) -> Reply:
    """Asks the server for its version, and whether what is posted arrives."""
    found = servers.view(visit.session, visit.args["key"])
    outcome = partners.test_connection(visit.session, found)
    words = OUTCOMES.get(outcome["status"], OUTCOMES[partners.FAILED])
    if not found.has_key:
        words, outcome = NO_KEY, outcome | {"reason": ""}
    return visit.show(
        "administration/server_test.html",
        tabs=tabs_of(visit),
        server=found,
        outcome=outcome,
        fine=outcome["status"] == partners.FINE and outcome["post"] == partners.FINE,
        said=words,
    )


@page(BASE + "/{key:int}/delete", "POST", right="site_admin")
def delete(visit: Visit) -> Reply:
    gone = servers.delete(visit.session, visit.args["key"])
    return visit.redirect(BASE, visit.gettext("%(name)s is removed.") % {"name": gone.name})


def _given(visit: Visit) -> dict[str, Any]:
    form = visit.form
    given: dict[str, Any] = {name: form.text(name) for name in ("name", "url", "authkey")}
    given["remote_org_id"] = form.number("remote_org_id", 0)
    given |= reaching.given_of(form)
    given |= {name: form.flag(name) for name in _FLAGS}
    return given | server_rules.typed(form)


def _record(visit: Visit, given: dict[str, Any], found: Server | None) -> dict[str, Any]:
    """What is stored of what was typed. Raises Refused."""
    row = {name: value for name, value in given.items() if name not in server_rules.FIELDS}
    return row | server_rules.record_of(visit.session, given, found)


def _kept(visit: Visit, found: Server) -> Kept:
    return routes.kept(visit.session, Holder("server", found.id))


def _form(
    visit: Visit,
    found: Server | None,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
) -> Reply:
    several = organisations.listed(visit.session)
    return visit.show(
        "administration/server_form.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        server=found,
        values=reaching.values_of(values),
        kept=_kept(visit, found) if found else None,
        errors=errors or {},
        organisations=[
            *([] if found else [("", visit.gettext("Choose one"))]),
            *((one.id, one.name) for one in several),
        ],
    )
