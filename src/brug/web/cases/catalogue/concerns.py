# SPDX-License-Identifier: EUPL-1.2
"""Which advisories concern registered products, and why; and whether a letter is wanted of it."""

from brug.cases.catalogue import finding, inventory
from brug.web import lists
from brug.web.cases import room
from brug.web.cases.catalogue import words
from brug.web.cases.room import BASE
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = BASE + "/advisories/concerns"
PER_PAGE = 100


@page(PLACE, shows=("own",), probe=PLACE)
def listed(visit: Visit) -> Reply:
    session = visit.session
    every, own = visit.query.flag("all"), visit.query.flag("own")
    number = lists.page_number(visit)
    rows, total = finding.concerns(
        session,
        org_id=session.principal.org_id if own else None,
        every=every,
        limit=PER_PAGE,
        offset=(number - 1) * PER_PAGE,
    )
    return visit.show(
        "cases/catalogue/concerns.html",
        tabs=room.tabs_of(visit),
        rows=rows,
        every=every,
        own=own,
        is_staff=session.principal.is_host and inventory.may_change(session),
        has_products=inventory.listed(session, limit=1)[1] > 0,
        letters=finding.wants_letters(session),
        said=words,
        page=lists.paging(visit, len(rows), total, PER_PAGE, None),
    )


@page(PLACE + "/letters", "POST")
def letters(visit: Visit) -> Reply:
    wanted = visit.form.flag("wanted")
    finding.choose_letters(visit.session, wanted=wanted)
    said = (
        visit.gettext("You get a letter when an advisory concerns your organisation.")
        if wanted
        else visit.gettext("You get no more letters about advisories.")
    )
    return visit.redirect(PLACE, said)
