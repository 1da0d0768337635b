# SPDX-License-Identifier: EUPL-1.2
"""What becomes of feeds: asking for them now, what was refused, how they overlap."""

from brug.bridges.feeds import replaying, working
from brug.intel.feed import caches, feed_jobs, feeds, refusing
from brug.model.errors import BrugError
from brug.web.administration.feeds import BASE
from brug.web.administration.tabs import tabs_of
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

ONE = BASE + "/{key:int}"
PER_PAGE = 100
_KINDS = {"value": N_("Value"), "event": N_("Event"), "attribute": N_("Attribute")}


@page(ONE + "/fetch", "POST", right="site_admin")
def fetch(visit: Visit) -> Reply:
    return _asked(visit, "fetch")


@page(ONE + "/cache", "POST", right="site_admin")
def cache(visit: Visit) -> Reply:
    return _asked(visit, "cache")


def _asked(visit: Visit, action: feed_jobs.Action) -> Reply:
    """Also after failures: the pause between tries is over."""
    found = feeds.view(visit.session, visit.args["key"])
    feed_jobs.ask(visit.session, found.id, action)
    said = visit.gettext("%(name)s is asked within seconds.") % {"name": found.name}
    return visit.redirect(BASE, said)


@page(ONE + "/refusals", right="site_admin")
def refusals(visit: Visit) -> Reply:
    return _refusals(visit)


def _refusals(visit: Visit, problem: str = "") -> Reply:
    found = feeds.view(visit.session, visit.args["key"])
    number = visit.query.number("page", 1, low=1, high=10_000)
    rows = refusing.listed(visit.session, found.id, PER_PAGE + 1, (number - 1) * PER_PAGE)
    return visit.show(
        "administration/feed_refusals.html",
        502 if problem else 200,
        tabs=tabs_of(visit),
        feed=found,
        rows=rows[:PER_PAGE],
        next_page=number + 1 if len(rows) > PER_PAGE else None,
        total=refusing.counts(visit.session).get(found.id, 0),
        kinds=_KINDS,
        problem=problem,
    )


@page(ONE + "/refusals", "POST", right="site_admin")
def replay(visit: Visit) -> Reply:
    """All of them, or the one that is named."""
    found = feeds.view(visit.session, visit.args["key"])
    only = visit.form.number("refusal", 0) or None
    try:
        told = replaying.replay(working.in_savepoints(visit.session), found.id, only)
    except BrugError as error:
        return _refusals(visit, str(error))
    said = visit.gettext("%(fit)s of %(tried)s fit by now.") % {
        "fit": told.fit, "tried": told.tried,
    }  # fmt: skip
    return visit.redirect(f"{BASE}/{found.id}/refusals", said)


@page(BASE + "/compare", right="site_admin")
def compare(visit: Visit) -> Reply:
    return visit.show(
        "administration/feed_compare.html",
        tabs=tabs_of(visit),
        rows=caches.compared(visit.session),
        share=lambda part, whole: round(100 * part / whole) if whole else 0,
    )
