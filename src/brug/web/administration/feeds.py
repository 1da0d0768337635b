# SPDX-License-Identifier: EUPL-1.2
"""Feeds that the node knows: their records, and how each stands."""

from typing import Any

from brug.intel.feed import caches, feed_jobs, feeds, refusing
from brug.intel.feed.feed_fields import FORMATS
from brug.intel.feed.feeds import Feed
from brug.intel.label import tag_collections, taglist
from brug.model.errors import NotFound
from brug.web import forms
from brug.web.administration import feed_fields
from brug.web.administration.tabs import tabs_of
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/administration/feeds"
LEVELS = (
    (0, N_("Own organisation")), (1, N_("This community")), (2, N_("Connected communities")),
    (3, N_("All communities")),
)  # fmt: skip
_FORMATS = {"misp": N_("MISP feed"), "csv": N_("CSV"), "freetext": N_("Text")}
_SOURCES = (("network", N_("Network")), ("local", N_("File or folder of this machine")))
_WARNED = (
    ("keep", N_("Take in as they are")), ("soft", N_("Take in, not for detection")),
    ("drop", N_("Leave out")),
)  # fmt: skip


@page(BASE, right="site_admin")
def listed(visit: Visit) -> Reply:
    session = visit.session
    return visit.show(
        "administration/feeds.html",
        tabs=tabs_of(visit),
        rows=feeds.listed(session),
        jobs=feed_jobs.listed(session),
        refused=refusing.counts(session),
        cached=caches.sizes(session),
        formats=_FORMATS,
    )


@page(BASE + "/new", right="site_admin")
def ask_new(visit: Visit) -> Reply:
    return _form(visit, None, dict(feed_fields.FRESH))


@page(BASE + "/new", "POST", right="site_admin")
def add(visit: Visit) -> Reply:
    given = feed_fields.typed(visit.form)

    def save() -> Reply:
        feeds.add(visit.session, feed_fields.record_of(given))
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
    return _form(visit, found, feed_fields.values_of(found))


@page(BASE + "/{key:int}", "POST", right="site_admin")
def edit(visit: Visit) -> Reply:
    found = feeds.view(visit.session, visit.args["key"])
    given = feed_fields.typed(visit.form)

    def save() -> Reply:
        feeds.edit(visit.session, found.id, feed_fields.record_of(given, found))
        return visit.redirect(BASE, visit.gettext("Saved."))

    return forms.saved(visit, save, lambda errors: _form(visit, found, given, errors))


@page(BASE + "/{key:int}/delete", "POST", right="site_admin")
def delete(visit: Visit) -> Reply:
    gone = feeds.delete(visit.session, visit.args["key"])
    return visit.redirect(BASE, visit.gettext("%(name)s is removed.") % {"name": gone.name})


def _form(
    visit: Visit,
    found: Feed | None,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
) -> Reply:
    session = visit.session
    return visit.show(
        "administration/feed_form.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        feed=found,
        jobs=feed_jobs.of_feed(session, found.id) if found else {},
        refused=refusing.counts(session).get(found.id, 0) if found else 0,
        values=values,
        errors=errors or {},
        formats=[(one, visit.gettext(_FORMATS[one])) for one in FORMATS],
        sources=[(one, visit.gettext(label)) for one, label in _SOURCES],
        levels=[(one, visit.gettext(label)) for one, label in LEVELS],
        warned=[(one, visit.gettext(label)) for one, label in _WARNED],
        collections=tag_collections.listed(session),
        tag=_tag_name(visit, int(values.get("tag_id") or 0)),
    )


def _tag_name(visit: Visit, tag_id: int) -> str:
    try:
        return taglist.view(visit.session, tag_id).name if tag_id else ""
    except NotFound:
        return ""
