# SPDX-License-Identifier: EUPL-1.2
"""The page of one case: everything that its reader has of it, and what the reader may do."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

import msgspec

from brug.cases.acts import Planned, Said
from brug.cases.case import Case
from brug.cases.entries import Entry
from brug.cases.rules import LINKS, PAP
from brug.directory import organisations
from brug.model.tlp import LABELS
from brug.web import lists
from brug.web.cases import kind_fields, linking, room
from brug.web.cases.room import ONE
from brug.web.cases.telling import Telling
from brug.web.cases.view import View
from brug.web.page import page
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
    case = view.case
    links = [one for one in case.links.values() if not one.is_undone]
    return visit.show(
        "cases/case.html",
        failed.status if failed else 200,
        tabs=room.tabs_of(visit),
        it=view,
        told=Telling(view),
        case=case,
        file=view.file,
        kind=case.kind,
        kind_title=visit.gettext(case.kind.title),
        failed=failed,
        opened_form=failed.form if failed else visit.query.text("open"),
        fact=visit.query.text("fact"),
        fact_of=visit.query.text("of"),
        fields=_fields(view),
        when=room.when,
        links=links,
        linked=linking.seen(visit.session, links),
        link_titles={key: linking.TITLES.get(key, key) for key in LINKS},
        tasks=_tasks(case),
        messages=[one for one in case.timeline if isinstance(one.act, Said)][::-1],
        most_messages=MESSAGES_AT_ONCE,
        tlp_labels=LABELS,
        pap_labels=PAP,
        organisations=_organisations(view),
        zones=_zones(),
        zone_name=visit.principal.timezone or "UTC",
        is_zone_chosen=visit.principal.timezone is not None,
        **_timeline(visit, view),
    )


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


def _zones() -> list[str]:
    """Those of IANA that people live in, and UTC."""
    return ["UTC", *sorted(one for one in available_timezones() if one.startswith("Europe/"))]


def _timeline(visit: Visit, view: View) -> dict[str, Any]:
    """The newest first, by windows."""
    newest: list[Entry] = view.case.timeline[::-1]
    first = (lists.page_number(visit) - 1) * ENTRIES_AT_ONCE
    window = newest[first : first + ENTRIES_AT_ONCE]
    pages = lists.paging(visit, len(window), len(newest), ENTRIES_AT_ONCE, None)
    for name in ("previous", "next"):
        if href := getattr(pages, name):
            pages = msgspec.structs.replace(pages, **{name: f"{href}#timeline"})
    return {"timeline": window, "page": pages}
