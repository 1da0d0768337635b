# SPDX-License-Identifier: EUPL-1.2
"""Feeds that the node knows: records. Nothing is fetched from here."""

from typing import Any

from brug.intel.feed import feeds
from brug.intel.feed.feed_fields import FORMATS
from brug.intel.feed.feeds import Feed
from brug.web import forms
from brug.web.administration.tabs import tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/administration/feeds"
_FLAGS = ("enabled", "caching_enabled", "lookup_visible")


@page(BASE, right="site_admin")
def listed(visit: Visit) -> Reply:
    return visit.show(
        "administration/feeds.html", tabs=tabs_of(visit), rows=feeds.listed(visit.session)
    )


@page(BASE + "/new", right="site_admin")
def ask_new(visit: Visit) -> Reply:
    return _form(visit, None, {"source_format": "misp"})


@page(BASE + "/new", "POST", right="site_admin")
def add(visit: Visit) -> Reply:
    given = _given(visit)

    def save() -> Reply:
        feeds.add(visit.session, given)
        return visit.redirect(BASE, visit.gettext("Added."))

    return forms.saved(visit, save, lambda errors: _form(visit, None, given, errors))


@page(BASE + "/defaults", "POST", right="site_admin")
def load_defaults(visit: Visit) -> Reply:
    count = feeds.load_defaults(visit.session)
    said = visit.ngettext("%(num)s feed added.", "%(num)s feeds added.", count)
    return visit.redirect(BASE, said % {"num": count})


@page(BASE + "/{key:int}", right="site_admin")
def ask_edit(visit: Visit) -> Reply:
    found = feeds.view(visit.session, visit.args["key"])
    names = ("name", "provider", "url", "source_format", *_FLAGS)
    return _form(visit, found, {name: getattr(found, name) for name in names})


@page(BASE + "/{key:int}", "POST", right="site_admin")
def edit(visit: Visit) -> Reply:
    found = feeds.view(visit.session, visit.args["key"])
    given = _given(visit)

    def save() -> Reply:
        feeds.edit(visit.session, found.id, given)
        return visit.redirect(BASE, visit.gettext("Saved."))

    return forms.saved(visit, save, lambda errors: _form(visit, found, given, errors))


@page(BASE + "/{key:int}/delete", "POST", right="site_admin")
def delete(visit: Visit) -> Reply:
    gone = feeds.delete(visit.session, visit.args["key"])
    return visit.redirect(BASE, visit.gettext("%(name)s is removed.") % {"name": gone.name})


def _given(visit: Visit) -> dict[str, Any]:
    form = visit.form
    given: dict[str, Any] = {
        name: form.text(name) for name in ("name", "provider", "url", "source_format")
    }
    if form.text("headers"):
        given["headers"] = form.get("headers")
    return given | {name: form.flag(name) for name in _FLAGS}


def _form(
    visit: Visit,
    found: Feed | None,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
) -> Reply:
    return visit.show(
        "administration/feed_form.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        feed=found,
        values=values,
        errors=errors or {},
        formats=[(one, one) for one in FORMATS],
    )
