# SPDX-License-Identifier: EUPL-1.2
"""The keys that people encrypt mail to: which there are, a new one, and destroying an old one."""

from brug.cases.persons import letters
from brug.directory import mail_keys
from brug.model.errors import Conflict
from brug.web.administration.tabs import tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/administration/mail-keys"


@page(BASE, right="site_admin")
def listed(visit: Visit) -> Reply:
    return _shown(visit)


def _shown(visit: Visit, problem: str = "") -> Reply:
    return visit.show(
        "administration/mail_keys.html",
        409 if problem else 200,
        tabs=tabs_of(visit),
        keys=mail_keys.listed(visit.session),
        in_fours=letters.in_fours,
        published=letters.KEY_PAGE,
        problem=problem,
    )


@page(BASE, "POST", right="site_admin")
def replace(visit: Visit) -> Reply:
    try:
        mail_keys.replace(visit.session)
    except Conflict:
        return _shown(visit, visit.gettext("Give the node an address for mail first."))
    return visit.redirect(BASE, visit.gettext("There is a new key; letters name it from now on."))


@page(BASE + "/{key:str}/destroy", "POST", right="site_admin")
def destroy(visit: Visit) -> Reply:
    try:
        mail_keys.destroy(visit.session, visit.args["key"])
    except Conflict:
        return _shown(visit, visit.gettext("People encrypt to this key: make a new one first."))
    return visit.redirect(BASE, visit.gettext("What is encrypted to that key opens no more."))
