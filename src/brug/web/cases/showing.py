# SPDX-License-Identifier: EUPL-1.2
"""The page of one case: everything that its reader has of it, and what the reader may do."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

import msgspec

from brug.cases.act_rules import LINKS, PAP
from brug.cases.acts import Planned, Said
from brug.cases.case import Case
from brug.cases.entries import Entry
from brug.directory import organisations
from brug.model.tlp import LABELS
from brug.web import lists
from brug.web.cases import attaching, deadlines, kind_fields, linking, room, standing
from brug.web.cases.many import related
from brug.web.cases.marks import Marks
from brug.web.cases.room import ONE
from brug.web.cases.telling import Telling
from brug.web.cases.view import View
from brug.web.page import page
from brug.web.rendering import address
from brug.web.visit import Reply, Visit

ENTRIES_AT_ONCE = 200
MESSAGES_AT_ONCE = 20


class Failed(msgspec.Struct, frozen=True):
    """A form that was refused: which, what was typed, and the errors of its fields."""

    form: str
    typed: Mapping[str, Any]
    errors: Mapping[str, str]
    said: str
    status: int


@page(ONE, shows=("event", "attribute", "own"), probe="/cases/{case}")
def show(visit: Visit) -> Reply:
    return shown(visit, View(visit, visit.args["key"]))


def shown(visit: Visit, view: View, failed: Failed | None = None) -> Reply:
    """The page, with a form that was refused as it was filled in."""
    links = [one for one in view.case.links.values() if not one.is_undone]
    return visit.show(
        "cases/case.html",
        failed.status if failed else 200,
        tabs=room.tabs_of(visit),
        deadlines=deadlines.of(view),
        standing=standing.of(view),
        marks=Marks(view),
        standing_chip=standing.chip_of,
        links=links,
        alike=related.some(view),
        linked=linking.seen(visit.session, links),
        link_titles={key: linking.TITLES.get(key, key) for key in LINKS},
        tlp_labels=LABELS,
        pap_labels=PAP,
        organisations=_organisations(view),
        **parts(visit, view, failed),
    )


def parts(visit: Visit, view: View, failed: Failed | None = None) -> dict[str, Any]:
    """What is said of a case by itself: nothing but what the view has is asked for."""
    case = view.case
    return {
        "it": view,
        "told": Telling(view),
        "case": case,
        "file": view.file,
        "kind": case.kind,
        "kind_title": visit.gettext(case.kind.title),
        "failed": failed,
        "opened_form": failed.form if failed else visit.query.text("open"),
        "fact": visit.query.text("fact"),
        "fact_of": visit.query.text("of"),
        "fields": _fields(view),
        "when": room.when,
        "documents": attaching.rows(view),
        "tasks": _tasks(case),
        "zones": zones(),
        "zone_name": visit.principal.timezone or "UTC",
        "is_zone_chosen": visit.principal.timezone is not None,
        **_messages(visit, view),
        **_timeline(visit, view),
    }


def _fields(view: View) -> list[dict[str, Any]]:
    """Those that are filled, with who did; then those that are not."""
    case = view.case
    return [
        {
            "field": one,
            "lines": kind_fields.in_words(view.visit, one, case.fields[one.name])
            if case.holds(one.name) and one.name in case.fields
            else [],
            "entry": view.entries.get(case.filled.get(one.name, "")),
        }
        for one in kind_fields.fields_of(case.kind)
    ]


def _tasks(case: Case) -> list[Planned]:
    """What is to be done first, the soonest first."""
    return sorted(case.tasks.values(), key=lambda one: (one.is_done, one.due or "~", one.title))


def _organisations(view: View) -> list[str]:
    """Names to choose from, for whoever may have others join."""
    if not view.may("joined"):
        return []
    return [one.name for one in organisations.listed(view.visit.session)][:1000]


def zones() -> list[str]:
    """Those of IANA that people live in, and UTC."""
    return ["UTC", *sorted(one for one in available_timezones() if one.startswith("Europe/"))]


def _messages(visit: Visit, view: View) -> dict[str, Any]:
    said = [one for one in view.case.timeline[::-1] if isinstance(one.act, Said)]
    window, pages = _window(visit, said, MESSAGES_AT_ONCE, "messages", "said")
    return {"messages": window, "messages_page": pages}


def _timeline(visit: Visit, view: View) -> dict[str, Any]:
    window, pages = _window(visit, view.case.timeline[::-1], ENTRIES_AT_ONCE, "page", "timeline")
    return {"timeline": window, "page": pages}


def _window(
    visit: Visit, newest: Sequence[Entry], most: int, name: str, place: str
) -> tuple[Sequence[Entry], lists.Paging]:
    """Some of them, the newest first, and the way to the others."""
    number = visit.query.number(name, 1, low=1, high=200_000)
    first = (number - 1) * most
    window = newest[first : first + most]
    rest = lists.kept(visit, name, "open", "fact", "of")

    def to(other: int) -> str:
        return address(view_path(visit), rest | {name: str(other)}) + f"#{place}"

    return window, lists.Paging(
        first=first + 1 if window else 0,
        last=first + len(window),
        total=len(newest),
        previous=to(number - 1) if number > 1 else None,
        next=to(number + 1) if window and first + len(window) < len(newest) else None,
    )


def view_path(visit: Visit) -> str:
    """Of the case's page, also where a form of it was refused."""
    return visit.path.partition("/acts/")[0]
