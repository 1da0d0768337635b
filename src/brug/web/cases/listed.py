# SPDX-License-Identifier: EUPL-1.2
"""Cases in a list, and on a board with a column for each state."""

from datetime import UTC, datetime
from typing import Any

from brug.cases import listing
from brug.cases.case import Kind
from brug.cases.embargoes import alarms
from brug.cases.files import File
from brug.cases.kinds import KINDS, named
from brug.cases.listing import Wanted
from brug.web import lists
from brug.web.cases import standing
from brug.web.cases.room import (
    BASE,
    kind_title,
    labels,
    place,
    require_reader,
    state_title,
    tabs_of,
)
from brug.web.languages import N_
from brug.web.page import page
from brug.web.rendering import address
from brug.web.visit import Reply, Visit

PER_PAGE = 50
# Of one column of the board; the list has the rest.
AT_ONCE = 50
ORDERS = {"changed": N_("Last changed"), "severity": N_("Severity")}
_OVER = {"1": True, "0": False}


@page(BASE, shows=("own",), probe=BASE)
def listed(visit: Visit) -> Reply:
    require_reader(visit)
    wanted = _wanted(visit)
    number = lists.page_number(visit)
    files, total = listing.listed(
        visit.session, wanted, limit=PER_PAGE, offset=(number - 1) * PER_PAGE
    )
    return visit.show(
        "cases/_list.html" if visit.wants("cases") else "cases/list.html",
        tabs=tabs_of(visit),
        rows=[_row(visit, file) for file in files],
        alarmed=alarms.kinds_of(visit.session, [file.id for file in files]),
        kinds=KINDS,
        severities=standing.levels_here(visit),
        orders=ORDERS,
        wanted=wanted,
        filtered=wanted != Wanted(),
        page=lists.paging(visit, len(files), total, PER_PAGE, listing.cap(wanted)),
    )


def _wanted(visit: Visit) -> Wanted:
    """A state is named with its kind, as in `incident.detection`, or beside it."""
    query = visit.query
    kind = query.text("kind")
    of, _, state = query.text("state").rpartition(".")
    if of and kind not in {"", of}:
        state = ""  # it was chosen before the kind was
    return Wanted(
        kind=kind or of,
        state=state,
        over=_OVER.get(query.get("over")),
        text=query.text("text")[:500],
        severity=query.text("severity")[:100],
        crisis=True if query.get("crisis") == "1" else None,
        order="severity" if query.get("order") == "severity" else "changed",
    )


def _row(visit: Visit, file: File) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "file": file,
        "href": place(file),
        "kind": kind_title(visit, file.kind),
        "state": state_title(visit, file),
        "labels": labels(file),
        "severity": standing.shown_level(visit, file.severity),
        "crisis": standing.crisis_title(visit, file),
        "is_late": file.due is not None and file.due < now,
        "is_free": file.embargo is None or file.embargo < now,
    }


@page(BASE + "/board", shows=("own",), probe=BASE + "/board")
def board(visit: Visit) -> Reply:
    """One kind at a time: the first one, unless the query says which."""
    require_reader(visit)
    kind = named(visit.query.text("kind") or next(iter(KINDS)))
    return visit.show(
        "cases/board.html",
        tabs=tabs_of(visit),
        kind=kind,
        kinds=KINDS,
        severities=standing.levels_here(visit),
        orders=ORDERS,
        wanted=_of_column(visit, kind, ""),
        columns=[_column(visit, kind, state) for state in kind.machines[0].states],
    )


def _of_column(visit: Visit, kind: Kind, state: str) -> Wanted:
    """What stands highest in a column is what the reader wants there."""
    severe = visit.query.get("order") == "severity"
    level = visit.query.text("severity")[:100]
    return Wanted(
        kind=kind.key, state=state, severity=level, order="severity" if severe else "changed"
    )


def _column(visit: Visit, kind: Kind, state: str) -> dict[str, Any]:
    files, total = listing.listed(visit.session, _of_column(visit, kind, state), limit=AT_ONCE)
    here = lists.kept(visit) | {"kind": kind.key}
    return {
        "state": state,
        "title": visit.gettext(kind.machines[0].states[state]),
        "total": f"{total}+" if total >= listing.COUNTED else str(total),
        "rows": [_row(visit, file) for file in files],
        "more": address(BASE, here | {"state": state}) if total > len(files) else "",
    }
