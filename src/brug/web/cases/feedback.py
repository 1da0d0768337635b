# SPDX-License-Identifier: EUPL-1.2
"""An authority's page of a case: what came, and what it tells the entity and other countries."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from brug.cases import documents, due
from brug.cases.authority import answering, forwarding, parts, received, remarks
from brug.cases.authority.answering import Feedback
from brug.cases.authority.forwarding import Wanted
from brug.cases.authority.received import Received
from brug.cases.clocks import facts as moments
from brug.cases.clocks import titles
from brug.cases.clocks.facts import Moment
from brug.cases.reports import filling, telling
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid
from brug.web.cases import room, sentences, showing
from brug.web.cases.deadlines import STATUSES
from brug.web.cases.room import ONE
from brug.web.cases.showing import Failed
from brug.web.cases.view import View
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = ONE + "/received"


@page(PLACE, shows=("own",), probe="/cases/{case}/received")
def show(visit: Visit) -> Reply:
    return _shown(visit, View(visit, visit.args["key"]))


@page(PLACE, "POST")
def act(visit: Visit) -> Reply:
    """One of the forms; what is refused stands in it again."""
    view = View(visit, visit.args["key"], writes=True)
    form = visit.form.text("form")
    doing = _DOING.get(form)
    if doing is None:
        raise Invalid("form", f"one of {', '.join(_DOING)}", form)
    try:
        with visit.session.connection.transaction():
            said = doing(visit, view)
    except (Invalid, Conflict, Forbidden) as error:
        return _shown(visit, view, _failed(visit, form, error))
    return visit.redirect(f"{view.place}/received", said)


def _acknowledge(visit: Visit, view: View) -> str:
    form = visit.form
    at = _moment(form.text("at"), form.text("zone"), "at") if form.text("at") else None
    answering.acknowledge(visit.session, view.file.uuid, at, of=form.text("of"), say=visit.gettext)
    return visit.gettext("The entity is told that it came.")


def _feedback(visit: Visit, view: View) -> str:
    form = visit.form
    told = Feedback(
        text=_long(form.get("text")), guidance=_long(form.get("guidance")),
        police=_long(form.get("police")),
    )  # fmt: skip
    answering.feedback(visit.session, view.file.uuid, told, of=form.text("of"), say=visit.gettext)
    return visit.gettext("The entity has your feedback.")


def _ask(visit: Visit, view: View) -> str:
    form = visit.form
    until = _moment(form.text("until"), form.text("zone"), "until")
    answering.ask(
        visit.session, view.file.uuid, until, _long(form.get("text")), of=form.text("of"),
        say=visit.gettext,
    )  # fmt: skip
    return visit.gettext("The entity is asked for a report.")


def _forward(visit: Visit, view: View) -> str:
    form = visit.form
    wanted = Wanted(
        countries=tuple(form.all("country")), fields=tuple(form.all("field")),
        title=form.text("title"), text=_long(form.get("text")),
        with_name=form.flag("with_name"),
    )  # fmt: skip
    made = forwarding.forward(visit.session, view.file.uuid, wanted, of=form.text("of"))
    said = visit.gettext("Told in %(number)s: %(names)s.") % {
        "number": made.file.number, "names": ", ".join(one.name for one in made.told) or "—",
    }  # fmt: skip
    if made.otherwise:
        reach = "; ".join(
            ", ".join(part for part in (one.name, one.email, one.phone, one.url) if part)
            for one in made.otherwise
        )
        said += " " + visit.gettext("To be told otherwise: %(names)s.") % {"names": reach}
    return said


_DOING: dict[str, Callable[[Visit, View], str]] = {
    "acknowledged": _acknowledge,
    "feedback": _feedback,
    "asked": _ask,
    "forwarded": _forward,
}


def _moment(text: str, zone: str, field: str) -> Moment:
    moments.zone_named(zone, "zone")
    return moments.read(text, zone, field)


def _long(text: str) -> str:
    return text.strip()


def _failed(visit: Visit, form: str, error: BrugError) -> Failed:
    field = error.field if isinstance(error, Invalid | forwarding.NamesEntity) else ""
    said = sentences.sentence(visit, error)
    if isinstance(error, forwarding.NamesEntity):
        said = visit.gettext("This names the entity. Leave it out, or say that it may be named.")
    typed: dict[str, Any] = dict(visit.form.pairs)
    typed |= {name: visit.form.all(name) for name in ("country", "field")}
    return Failed(form, typed, {field: said} if field else {}, said, error.status)


def _shown(visit: Visit, view: View, failed: Failed | None = None) -> Reply:
    mine = parts.mine(visit.session, view.case)
    by, now = due.rules_here(visit.session), datetime.now(UTC)
    contacts = forwarding.contacts_here(visit.session)
    return visit.show(
        "cases/answer.html",
        failed.status if failed else 200,
        tabs=room.tabs_of(visit),
        it=view,
        case=view.case,
        file=view.file,
        mine=mine,
        when=room.when,
        statuses=STATUSES,
        failed=failed,
        opened_form=failed.form if failed else visit.query.text("open"),
        rows=[
            (one, _missing(visit, one), _sent(visit, view, one),
             [titles.title_of(by.table.row(row), visit.language) for row in one.late])
            for one in received.of_file(visit.session, view.file, by, now)
        ],
        entities=[(one.id, one.name) for one in filling.owing(view.case)],
        remarks=remarks.of(view.case),
        contacts=contacts,
        concerned=forwarding.concerned(view.case, by.countries.of(view.case, mine)),
        offered=[
            (name, view.title(name), name in forwarding.USUAL)
            for name in (*forwarding.OFFERED, *forwarding.TIMES)
            if view.case.holds(name) or any(view.case.holds(name, one.id)
                                            for one in filling.owing(view.case))
        ],
                zones=showing.zones(),
        zone_name=visit.principal.timezone or "UTC",
        is_zone_chosen=visit.principal.timezone is not None,
    )  # fmt: skip


def _missing(visit: Visit, one: Received) -> list[str]:
    last = one.reports[-1] if one.reports else None
    items = {item.name: item for item in last.report.items} if last else {}
    return [telling.title_of(one.case.kind, items[name], visit.gettext) for name in one.missing]


def _sent(visit: Visit, view: View, one: Received) -> list[dict[str, Any]]:
    return [
        {
            "title": visit.gettext(each.report.title),
            "form": f"{view.place}/reports/{each.report.key}?of={one.entity.id}",
            "documents": [
                (doc, f"{view.place}/documents/{doc.act.document}",
                 documents.is_here(visit.session, view.file, doc))
                for doc in each.documents
            ],
        }
        for each in one.reports
    ]  # fmt: skip
