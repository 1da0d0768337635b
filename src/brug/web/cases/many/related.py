# SPDX-License-Identifier: EUPL-1.2
"""Cases like one: those that the reader takes part in and that share a value with it."""

from typing import Any

from brug.cases import duplicates
from brug.cases.duplicates import Alike
from brug.cases.values import TITLES, WEIGHTS, Shared
from brug.intel import loading
from brug.intel.finding import find_several
from brug.web.cases import room
from brug.web.cases.room import ONE
from brug.web.cases.view import View
from brug.web.page import page
from brug.web.visit import Reply, Visit

# On the case's own page so many, of those that share a CVE number at least: an address alone is
# no reason to stop somebody.
FEW, TELLING = 3, WEIGHTS["cve"]


@page(ONE + "/related", shows=("event", "attribute", "own"), probe="/cases/{case}/related")
def related(visit: Visit) -> Reply:
    view = View(visit, visit.args["key"])
    found = duplicates.of_case(visit.session, view.file, view.case)
    return visit.show(
        "cases/related.html",
        tabs=room.tabs_of(visit),
        it=view,
        file=view.file,
        case=view.case,
        rows=rows(visit, found),
        may_merge=view.leads and not view.case.is_over,
    )


def some(view: View) -> list[dict[str, Any]]:
    """Those that share most, by what stands in the cases themselves; not those linked already."""
    if view.case.merged_into:
        return []
    linked = {one.uuid for one in view.case.links.values() if not one.is_undone}
    found = duplicates.of_case(
        view.visit.session, view.file, view.case, deep=False, least=TELLING,
        most=FEW + len(linked),
    )  # fmt: skip
    told = [one for one in found if one.file.uuid not in linked]
    return rows(view.visit, told[:FEW])


def rows(visit: Visit, found: list[Alike]) -> list[dict[str, Any]]:
    """As a table shows them."""
    events = _events(visit, found)
    return [
        {
            "file": one.file,
            "href": room.place(one.file),
            "kind": room.kind_title(visit, one.file.kind),
            "state": room.state_title(visit, one.file),
            "shared": [_said(visit, shared, events) for shared in one.shared],
        }
        for one in found
    ]


def _events(visit: Visit, found: list[Alike]) -> dict[str, tuple[str, str]]:
    """Titles and addresses of linked events, of those that the reader sees."""
    wanted = {s.value for one in found for s in one.shared if s.kind == "event"}
    ids = find_several(visit.session, "event", sorted(wanted))
    heads = loading.heads(visit.session, list(ids.values())) if ids else {}
    return {
        uuid: (heads[one].head.info, f"/intelligence/events/{one}")
        for uuid, one in ids.items()
        if one in heads
    }


def _said(visit: Visit, one: Shared, events: dict[str, tuple[str, str]]) -> dict[str, str]:
    title, href = events.get(one.value, (one.value, "")) if one.kind == "event" else (one.value, "")
    return {"kind": visit.gettext(TITLES[one.kind]), "value": title, "href": href}
