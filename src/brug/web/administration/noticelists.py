# SPDX-License-Identifier: EUPL-1.2
"""Noticelists: what they say, and switching them."""

from brug.intel.vocabulary import noticelists
from brug.web.administration.tabs import tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/administration/noticelists"


@page(BASE, right="site_admin")
def listed(visit: Visit) -> Reply:
    return visit.show(
        "administration/noticelists.html",
        tabs=tabs_of(visit),
        rows=[
            (one, noticelists.entries(visit.session, one.id))
            for one in noticelists.noticelists(visit.session)
        ],
    )


@page(BASE + "/{key:str}", "POST", right="site_admin")
def switch(visit: Visit) -> Reply:
    found = noticelists.noticelist(visit.session, visit.args["key"])
    enabled = visit.form.flag("enabled")
    noticelists.set_enabled(visit.session, found, enabled)
    said = visit.gettext("Switched on.") if enabled else visit.gettext("Switched off.")
    return visit.redirect(BASE, said)
