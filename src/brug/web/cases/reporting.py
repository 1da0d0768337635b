# SPDX-License-Identifier: EUPL-1.2
"""Reports to authorities: what is owed, each form filled from the case, that it was sent.

Forms are computed in the reader's session, from what the reader has of the case. Print and files
say the same as the page.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

from brug.cases import countries, documents, reports
from brug.cases.clocks import facts, titles
from brug.cases.kind_fields import fields_of
from brug.cases.kinds.incident_fields import SECTORS
from brug.cases.reports import Filled, Line, filling, printing, receipts, sending, telling
from brug.cases.reports.printing import LACKS
from brug.cases.reports.sending import Incomplete
from brug.cases.reports.telling import ANSWERS
from brug.formats.disposition import attachment
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid, TooLarge
from brug.web.cases import room, sentences, showing
from brug.web.cases.deadlines import STATUSES
from brug.web.cases.room import ONE
from brug.web.cases.showing import Failed
from brug.web.cases.view import Need, View
from brug.web.languages import N_
from brug.web.page import page
from brug.web.rendering import address
from brug.web.visit import Reply, Visit

PLACE = ONE + "/reports"
_KEPT = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}
RECEIPTS = {
    "received": N_("%(name)s has it"),
    "under_way": N_("on its way to %(name)s"),
    "held": N_("held on the bridge to %(name)s"),
    "refused": N_("refused on the bridge to %(name)s"),
}
COUNTRY_BY = {
    "case": N_("as the case says of its main establishment"),
    "authority": N_("that of the authority that takes part"),
    "node": N_("that of this node (cases.authority_country)"),
}
_LATE_OR_INCOMPLETE = N_("Why it is incomplete; and late, if it was sent after its deadline")
_WHY = {
    sending.INCOMPLETE: N_("Something is missing. Say why it was sent so."),
    sending.LATE: N_("This is after its deadline. Say why it is late."),
    sending.EARLY: N_("This is before what starts its deadline. Say why."),
}
_TO_COME = N_("Give a time that is past: a report is recorded once it is sent.")


class Row(msgspec.Struct, frozen=True):
    """One item of the form: in words, or what it lacks and where that is mended."""

    title: str
    lines: list[str]
    lacks: str
    need: Need | None
    is_required: bool


@page(PLACE, probe="/cases/{case}/reports")
def listed(visit: Visit) -> Reply:
    """All reports of all entities, with their clocks."""
    view = View(visit, visit.args["key"])
    filled = reports.every(view.case, reports.given_here(visit.session))
    of_whom = {one.participant.id: one.participant for one in filled}
    forms = [
        (one, [form for form in filled if form.participant.id == one.id])
        for one in of_whom.values()
    ]
    return visit.show(
        "cases/reports.html",
        **_about(visit, view),
        forms=forms,
        href=lambda form: _href(view, form),
    )


@page(PLACE + "/{report:str}", probe="/cases/{case}/reports/nis2-early-warning")
def show(visit: Visit) -> Reply:
    view = View(visit, visit.args["key"])
    return _shown(visit, view, _form(visit, view, visit.query.text("of")))


@page(PLACE + "/{report:str}/json")
def as_json(visit: Visit) -> Reply:
    form = _form(visit, View(visit, visit.args["key"]), visit.query.text("of"))
    return _file(telling.as_json(telling.document(form)), form, "json", "application/json")


@page(PLACE + "/{report:str}/pdf")
def as_pdf(visit: Visit) -> Reply:
    view = View(visit, visit.args["key"])
    given = reports.given_here(visit.session)
    form = _form(visit, view, visit.query.text("of"), given)
    data = printing.pdf(view.case, form, given.now, visit.gettext, visit.language)
    return _file(data, form, "pdf", "application/pdf")


@page(PLACE + "/{report:str}", "POST")
def sent(visit: Visit) -> Reply:
    """That it was sent. A late or incomplete one is taken with its reason."""
    view = View(visit, visit.args["key"], writes=True)
    form = _form(visit, view, visit.form.text("of"))
    try:
        with visit.session.connection.transaction():
            _send(visit, view, form)
    except (Invalid, Conflict, Forbidden, TooLarge) as error:
        return _shown(visit, view, form, error)
    return visit.redirect(_href(view, form), visit.gettext("What was sent is kept."))


def _send(visit: Visit, view: View, form: Filled) -> None:
    given = visit.form
    facts.zone_named(given.text("zone"))
    sending.send(
        visit.session,
        view.file.uuid,
        form.report.key,
        facts.read(given.text("at"), given.text("zone")),
        of=form.participant.id,
        because=given.get("because").strip(),
        incomplete=given.flag("incomplete"),
    )


def _form(visit: Visit, view: View, of: str, given: reports.Given | None = None) -> Filled:
    report = reports.find(visit.args["report"], view.case)
    one = filling.entity(view.case, of)
    return reports.filled(view.case, one, report, given or reports.given_here(visit.session))


def _href(view: View, form: Filled, part: str = "") -> str:
    of = {"of": form.participant.id} if len(reports.owing(view.case)) > 1 else {}
    return address(f"{view.place}/reports/{form.report.key}{part}", of)


def _about(visit: Visit, view: View) -> dict[str, Any]:
    return {
        "tabs": room.tabs_of(visit), "it": view, "case": view.case, "file": view.file,
        "when": room.when, "statuses": STATUSES, "answers": ANSWERS, "failed": None,
        "sectors": SECTORS, "source_of": lambda row: titles.source_of(row, visit.language),
        "source_lang": lambda row: titles.source_lang(row, visit.language),
    }  # fmt: skip


def _shown(visit: Visit, view: View, form: Filled, error: BrugError | None = None) -> Reply:
    failed = _failed(visit, error) if error else None
    about = _about(visit, view) | {"failed": failed}
    return visit.show(
        "cases/report.html",
        failed.status if failed else 200,
        **about,
        form=form,
        rows=[_row(view, form, one) for one in form.lines],
        questions=[
            (one.title, form.answers[one.key], [view.need(name, form.participant.id)
             for name in one.about])
            for one in form.report.questions
        ],
        warnings=[
            telling.warning(view.case.kind, form, one, visit.gettext) for one in form.warnings
        ],
        documents=[
            (one, f"{view.place}/documents/{one.act.document}",
             documents.is_here(visit.session, view.file, one),
             receipts.of(visit.session, view.case, one))
            for one in form.sent
        ],
        country_by=COUNTRY_BY,
        country_need=view.need(countries.FIELD, form.participant.id)
        if countries.FIELD in fields_of(view.case.kind.fields)
        else None,
        because_label=visit.gettext(_asks_why(form)),
        confirmed=receipts.confirmed(view.case, form.participant)
        if form.report.law == "nis2"
        else [],
        receipt_states=RECEIPTS,
        place=_href(view, form),
        json_href=_href(view, form, "/json"),
        pdf_href=_href(view, form, "/pdf"),
        may_send=view.may("recorded") and view.may("attached")
        and view.speaks_for(form.participant),
        zones=showing.zones(),
        zone_name=visit.principal.timezone or "UTC",
        is_zone_chosen=visit.principal.timezone is not None,
    )  # fmt: skip


def _asks_why(form: Filled) -> str:
    """What a reason is asked for as the case is now; else one may be given."""
    is_late = sending.is_late(form, facts.moment(datetime.now(UTC)))
    if form.missing:
        return _LATE_OR_INCOMPLETE if is_late else N_("Why it is incomplete")
    return N_("Why it is late, if it was sent after its deadline") if is_late else N_("Remark")


def _row(view: View, form: Filled, one: Line) -> Row:
    kind, say = view.case.kind, view.visit.gettext
    mended = one.item.whence in {"field", "fact"}
    return Row(
        telling.title_of(kind, one.item, say),
        telling.in_words(kind, one, say),
        say(LACKS[one.lacks]) if one.lacks else "",
        view.need(one.item.name, form.participant.id) if mended else None,
        one.item.is_required,
    )


def _failed(visit: Visit, error: BrugError) -> Failed:
    field = sentences.field_of(error)
    if isinstance(error, Incomplete):
        field = "incomplete"
        said = visit.gettext("Something is missing. Say that it was sent so, and why.")
    elif isinstance(error, Invalid) and error.expected.endswith("past"):
        said = visit.gettext(_TO_COME)
    elif isinstance(error, Invalid) and error.expected in _WHY:
        said = visit.gettext(_WHY[error.expected])
    else:
        said = sentences.sentence(visit, error)
    typed = dict(visit.form.pairs)
    return Failed("sent", typed, {field: said} if field else {}, said, error.status)


def _file(data: bytes, form: Filled, ending: str, media_type: str) -> Reply:
    name = f"{form.number}_{form.report.key}_draft{form.version}.{ending}"
    safe = "".join(one if one.isalnum() or one in "-_." else "-" for one in name)
    return Reply(
        data, 200, _KEPT | {"Content-Disposition": attachment(safe)}, media_type=media_type
    )
