# SPDX-License-Identifier: EUPL-1.2
"""Who changed what: the record, newest first."""

from brug.directory import audit
from brug.web import rendering
from brug.web.administration.tabs import tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/administration/audit"
PER_PAGE = 100


@page(BASE, right="admin", shows=("directory",), probe=BASE)
def listed(visit: Visit) -> Reply:
    query = visit.query
    wanted = {name: query.text(name)[:320] for name in ("model", "action", "email")}
    before = query.number("before", 0, high=10**11) or None
    rows = audit.entries(
        visit.session,
        patterns={name: text for name, text in wanted.items() if text},
        before=before,
        limit=PER_PAGE + 1,
    )
    shown = rows[:PER_PAGE]
    older = None
    if len(rows) > PER_PAGE:
        older = rendering.address(BASE, wanted | {"before": shown[-1].id})
    return visit.show(
        "administration/audit.html",
        tabs=tabs_of(visit),
        rows=shown,
        wanted=wanted,
        older=older,
    )
