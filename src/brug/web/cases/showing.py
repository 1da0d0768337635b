# SPDX-License-Identifier: EUPL-1.2
"""The page of one case: everything that its reader has of it, and what the reader may do."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import msgspec
from markupsafe import Markup

from brug.cases.act_rules import LINKS, MERGED_INTO, PAP
from brug.cases.acts import Linked
from brug.cases.embargoes import stating
from brug.cases.kinds import named
from brug.directory import organisations
from brug.mail.speaking import say_in
from brug.model.tlp import LABELS
from brug.web.cases import deadlines, kind_fields, linking, room, standing, windows
from brug.web.cases.many import related
from brug.web.cases.marks import Marks
from brug.web.cases.room import ONE
from brug.web.cases.telling import Telling
from brug.web.cases.view import View
from brug.web.page import page
from brug.web.visit import Reply, Visit


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
    links, links_page = windows.links(visit, view.case)
    piece = None if failed else windows.piece(visit)
    alike = [] if piece else related.some(view)
    linked = linking.seen(
        visit.session, [*linking.names([*links, *_goes_on(view)]), *related.names(alike)]
    )
    return visit.show(
        "cases/piece.html" if piece else "cases/case.html",
        failed.status if failed else 200,
        piece=piece,
        tabs=room.tabs_of(visit),
        deadlines=None if piece else deadlines.of(view),
        standing=None if piece else standing.of(view),
        marks=Marks(view),
        standing_chip=standing.chip_of,
        links=links,
        links_page=links_page,
        alike=related.rows(visit, alike, linked),
        linked=linked,
        link_titles={key: linking.TITLES.get(key, key) for key in LINKS},
        tlp_labels=LABELS,
        pap_labels=PAP,
        **parts(visit, view, failed),
    )


def parts(visit: Visit, view: View, failed: Failed | None = None) -> dict[str, Any]:
    """What is said of a case by itself: nothing but what the view has is asked for."""
    case = view.case
    opened = failed.form if failed else visit.query.text("open")
    return {
        "it": view,
        "told": Telling(view),
        "case": case,
        "file": view.file,
        "kind": case.kind,
        "kind_title": visit.gettext(case.kind.title),
        "failed": failed,
        "opened_form": opened,
        "ends_by_terms": stating.ends_by_terms(case),
        "fact": visit.query.text("fact"),
        "fact_of": visit.query.text("of"),
        "fields": _fields(view),
        "when": room.when,
        "zone_options": _zone_options(),
        "fact_options": _fact_options(case.kind.key, visit.language),
        "facts_explained": _facts_explained(case.kind.key, visit.language),
        "organisations": _organisations(view) if opened == "joined" else [],
        "zone_name": visit.principal.timezone or "UTC",
        "is_zone_chosen": visit.principal.timezone is not None,
        **windows.of(visit, view, opened),
    }


def _fields(view: View) -> list[dict[str, Any]]:
    """Those that are filled, with who did; then those that are not."""
    case = view.case
    return [
        {
            "field": one,
            "title": view.visit.gettext(one.title),
            "lines": kind_fields.in_words(view.visit, one, case.fields[one.name])
            if case.holds(one.name) and one.name in case.fields
            else [],
            "entry": view.entries.get(case.filled.get(one.name, "")),
        }
        for one in kind_fields.fields_of(case.kind)
    ]


def _goes_on(view: View) -> list[Linked]:
    """The case in which it goes on, which its page names on top."""
    found = view.case.links.get((MERGED_INTO, view.case.merged_into))
    return [found] if found else []


def _organisations(view: View) -> list[str]:
    """Names to choose from, for whoever may have others join."""
    if not view.may("joined"):
        return []
    return [one.name for one in organisations.listed(view.visit.session)][:1000]


@cache
def _fact_options(kind: str, language: str) -> list[tuple[str, str]]:
    """The facts of a kind, to choose from."""
    say = say_in(language)
    return [("", ""), *((one.key, say(one.title)) for one in named(kind).facts)]


@cache
def _facts_explained(kind: str, language: str) -> Markup:
    say = say_in(language)
    told = [one for one in named(kind).facts if one.explains]
    row = Markup("<div><dt>{}</dt><dd>{}</dd></div>")
    rows = Markup("").join(row.format(say(one.title), say(one.explains)) for one in told)
    return Markup('<dl class="pairs below">{}</dl>').format(rows) if told else rows


@cache
def _zone_options() -> Markup:
    return Markup("").join(Markup('<option value="{}"></option>').format(one) for one in zones())


@cache
def zones() -> list[str]:
    """Those of IANA that people live in, and UTC."""
    return ["UTC", *sorted(one for one in available_timezones() if one.startswith("Europe/"))]
