# SPDX-License-Identifier: EUPL-1.2
"""Users that synchronise for other organisations and have no bridge yet: putting one over them."""

from brug.bridges import partners
from brug.bridges.misp import binding
from brug.web.bridges.room import tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/bridges/bind"


@page(BASE, shows=("directory",), probe=BASE)
def listed(visit: Visit) -> Reply:
    partners.require_admin(visit.session)
    with visit.session.as_system():
        found = binding.unbound(visit.session)
    return visit.show("bridges/bind.html", tabs=tabs_of(visit), rows=found)


@page(BASE, "POST")
def bind(visit: Visit) -> Reply:
    """On to the agreement, without which nothing goes."""
    made = binding.bind(visit.session, visit.form.text("email"))
    said = visit.gettext("A bridge is over it. Nothing goes until an agreement is in force.")
    return visit.redirect(f"/bridges/agreements/{made.id}", said)
