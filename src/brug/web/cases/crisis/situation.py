# SPDX-License-Identifier: EUPL-1.2
"""Situation reports: a period is chosen, its draft changed and approved, and what was released."""

from typing import Any

from brug.cases import documents
from brug.cases.clocks import facts
from brug.cases.crisis import releasing, situation
from brug.cases.crisis.comparing import Last
from brug.cases.crisis.releasing import Asked
from brug.cases.crisis.situation import SECTIONS, Draft
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid, TooLarge
from brug.model.tlp import LABELS, is_above
from brug.web.cases import marks, sentences, showing
from brug.web.cases.crisis.severity import about
from brug.web.cases.room import ONE
from brug.web.cases.showing import Failed
from brug.web.cases.view import View
from brug.web.fields import Fields
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = ONE + "/situation"


@page(PLACE, shows=("own",), probe="/cases/{case}/situation")
def show(visit: Visit) -> Reply:
    view = View(visit, visit.args["key"])
    try:
        made, last = _draft(view, visit.query)
    except Invalid as error:
        empty, last = _draft(view, None)
        return _shown(visit, view, empty, last, error)
    return _shown(visit, view, made, last)


@page(PLACE, "POST")
def release(visit: Visit) -> Reply:
    """The text as it was approved; the period as it was drafted."""
    view = View(visit, visit.args["key"], writes=True)
    form = visit.form
    sections = {key: form.get(f"sections.{key}") for key in SECTIONS}
    asked = Asked(
        since=form.text("since"), until=form.text("until"), sections=sections,
        tlp=form.text("tlp"), to=form.all("to"), ask=form.flag("ask"),
    )  # fmt: skip
    try:
        with visit.session.connection.transaction():
            done = releasing.release(
                visit.session, view.file.uuid, asked, visit.gettext, visit.language
            )
    except (Invalid, Conflict, Forbidden, TooLarge) as error:
        now = View(visit, view.file.uuid)
        made, last = _draft(now, None)
        return _shown(visit, now, made, last, error)
    said = visit.gettext("Version %(number)s is released.") % {"number": done.version}
    return visit.redirect(f"{view.place}/situation", said)


def _draft(view: View, given: Fields | None) -> tuple[Draft, Last | None]:
    since = until = ""
    if given is not None:
        zone = given.text("zone") or view.visit.principal.timezone or "UTC"
        facts.zone_named(zone)
        since, until = (
            facts.in_text(facts.read(text, zone, name)) if (text := given.text(name)) else ""
            for name in ("from", "until")
        )
    session, say = view.visit.session, view.visit.gettext
    return releasing.drafted(session, view.file, view.case, since, until, say, view.visit.language)


def _shown(
    visit: Visit, view: View, made: Draft, last: Last | None, error: BrugError | None = None
) -> Reply:
    failed = _failed(visit, error) if error else None
    ceiling = view.case.marking.tlp
    return visit.show(
        "cases/situation.html",
        failed.status if failed else 200,
        **about(visit, view),
        failed=failed,
        marks=marks.Marks(view),
        made=made,
        last=last,
        titles=SECTIONS,
        longest=situation.LONGEST,
        labels=[("", visit.gettext("None"))] * (not ceiling)
        + [
            (one, f"TLP:{one.upper()}")
            for one in LABELS
            if not ceiling or not is_above(ceiling, one)
        ],
        ceiling=ceiling,
        released=_released(visit, view),
        zones=showing.zones(),
        zone_name=visit.principal.timezone or "UTC",
        is_zone_chosen=visit.principal.timezone is not None,
    )


def _labels(visit: Visit, ceiling: str) -> list[tuple[str, str]]:
    """Those that are at least as strict as the case's."""
    if not ceiling:
        return [("", visit.gettext("None")), *((one, f"TLP:{one.upper()}") for one in LABELS)]
    return [(one, f"TLP:{one.upper()}") for one in LABELS if not is_above(ceiling, one)]


def _released(visit: Visit, view: View) -> list[dict[str, Any]]:
    """The newest first, each with its PDF."""
    by_name = {one.act.name: one for one in view.case.documents.values() if not one.act.is_undone}
    return [
        {
            "name": one.act.name.removesuffix(".json"),
            "entry": view.entries[one.entry],
            "printed": (pdf := by_name.get(one.act.name.removesuffix("json") + "pdf"))
            and view.entries[pdf.entry],
            "marking": one.act.because,
            "files": [
                (kind, f"{view.place}/documents/{doc.act.document}")
                for kind, doc in (("PDF", pdf), ("JSON", one))
                if doc and documents.is_here(visit.session, view.file, doc)
            ],
        }
        for one in situation.released(view.case)
    ]


def _failed(visit: Visit, error: BrugError) -> Failed:
    field = sentences.field_of(error)
    if field in {"from", "until", "at", "zone"}:
        said = visit.gettext("Give a period that begins before it ends, and ends in the past.")
    elif field == "sections.situation":
        said = visit.gettext("Say what the situation is.")
    elif field.startswith("sections."):
        said = visit.gettext("This is too long.")
    elif field == "tlp":
        said = visit.gettext("The report is marked at least as strictly as the case.")
    else:
        said = sentences.sentence(visit, error)
    typed: dict[str, Any] = dict(visit.form.pairs) | {"to": visit.form.all("to")}
    return Failed("situation", typed, {field: said} if field else {}, said, error.status)
