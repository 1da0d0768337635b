# SPDX-License-Identifier: EUPL-1.2
"""Blocklists: what is not taken in (again), and taking it off the list."""

from brug.intel import blocklists
from brug.intel.blocklists import LISTS, List
from brug.web import lists
from brug.web.administration.tabs import tabs_of
from brug.web.languages import N_
from brug.web.navigation import Link
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/administration/blocklists"
PER_PAGE = 100
NAMES: dict[List, str] = {
    "event": N_("Events"),
    "organisation": N_("Organisations"),
    "cluster": N_("Clusters"),
    "analyst_data": N_("Notes and opinions"),
    "sighting": N_("Reporters of sightings"),
}


def _chosen(text: str) -> List:
    return next((name for name in LISTS if name == text), "event")


@page(BASE, right="site_admin", shows=("own",))
def listed(visit: Visit) -> Reply:
    return _show(visit, _chosen(visit.query.text("list")))


def _show(visit: Visit, chosen: List, problem: str = "", status: int = 200) -> Reply:
    found = blocklists.entries(visit.session, chosen, info=visit.query.text("text")[:200] or None)
    number = lists.page_number(visit)
    rows = found[::-1][(number - 1) * PER_PAGE : number * PER_PAGE]
    return visit.show(
        "administration/blocklists.html",
        status,
        tabs=tabs_of(visit),
        kinds=[
            Link(visit.gettext(label), f"{BASE}?list={name}", "", name == chosen)
            for name, label in NAMES.items()
        ],
        chosen=chosen,
        rows=rows,
        page=lists.paging(visit, len(rows), len(found), PER_PAGE, None),
        text=visit.query.text("text"),
        wanted=visit.form.get("uuids"),
        problem=problem,
    )


@page(BASE, "POST", right="site_admin")
def change(visit: Visit) -> Reply:
    """Adds the UUIDs given, or takes off the one named in `remove`."""
    form = visit.form
    chosen = _chosen(form.text("list"))
    if form.get("remove"):
        blocklists.remove(visit.session, chosen, form.text("remove"))
        return visit.redirect(f"{BASE}?list={chosen}", visit.gettext("It may come in again."))
    uuids = form.get("uuids").split()[: blocklists.MOST_AT_ONCE]
    done = blocklists.add(
        visit.session, chosen, uuids, comment=form.text("comment")[:1000],
        info=form.text("info")[:500],
    )  # fmt: skip
    if done.fails or not uuids:
        said = visit.gettext("Not added, for they are no UUIDs or on the list: %(uuids)s")
        return _show(visit, chosen, said % {"uuids": ", ".join(done.fails)[:500] or "-"}, 400)
    return visit.redirect(f"{BASE}?list={chosen}", visit.gettext("Added."))
