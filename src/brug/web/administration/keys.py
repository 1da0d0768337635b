# SPDX-License-Identifier: EUPL-1.2
"""Keys of an administrator's users: who has which, used when; ending one."""

from brug.directory import keys
from brug.web.administration.tabs import tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/administration/keys"


@page(BASE, right="admin", shows=("directory",), probe=BASE)
def listed(visit: Visit) -> Reply:
    return visit.show(
        "administration/keys.html", tabs=tabs_of(visit), rows=keys.listed(visit.session)
    )


@page(BASE + "/{key:int}/delete", "POST", right="admin")
def delete(visit: Visit) -> Reply:
    keys.delete(visit.session, visit.args["key"])
    return visit.redirect(BASE, visit.gettext("The key is gone and opens nothing any more."))
