# SPDX-License-Identifier: EUPL-1.2
"""Cases like one: those that the reader takes part in and that share a value with it."""

from collections.abc import Mapping
from typing import Any

from brug.cases import duplicates
from brug.cases.duplicates import Alike
from brug.cases.values import TITLES, WEIGHTS, Shared
from brug.web.cases import linking, room
from brug.web.cases.linking import Seen
from brug.web.cases.room import ONE
from brug.web.cases.view import View
from brug.web.page import page
from brug.web.visit import Reply, Visit

# On the case's own page so many, of those that share a CVE number at least: an address alone is
# no reason to stop somebody.
FEW, TELLING = 3, WEIGHTS["cve"]
_LINKED = "event", "attribute"


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


def some(view: View) -> list[Alike]:
    """Those that share most, by what stands in the cases themselves; not those linked already."""
    if view.case.merged_into:
        return []
    linked = {one.uuid for one in view.case.links.values() if not one.is_undone}
    found = duplicates.of_case(
        view.visit.session, view.file, view.case, deep=False, least=TELLING,
        most=FEW + len(linked),
    )  # fmt: skip
    return [one for one in found if one.file.uuid not in linked][:FEW]


def names(found: list[Alike]) -> list[linking.Name]:
    """Of events and attributes that they share."""
    return [("event", s.value) for one in found for s in one.shared if s.kind in _LINKED]


def rows(
    visit: Visit, found: list[Alike], seen: Mapping[linking.Name, Seen] | None = None
) -> list[dict[str, Any]]:
    """As a table shows them; `seen` is what the reader sees of `names`, if that was looked up."""
    known = linking.seen(visit.session, names(found)) if seen is None else seen
    return [
        {
            "file": one.file,
            "href": room.place(one.file),
            "kind": room.kind_title(visit, one.file.kind),
            "state": room.state_title(visit, one.file),
            "shared": [_said(visit, shared, known) for shared in one.shared],
        }
        for one in found
    ]


def _said(visit: Visit, one: Shared, seen: Mapping[linking.Name, Seen]) -> dict[str, str]:
    known = seen.get((one.kind, one.value), Seen(one.value, ""))
    return {"kind": visit.gettext(TITLES[one.kind]), "value": known.title, "href": known.href}
