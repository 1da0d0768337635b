# SPDX-License-Identifier: EUPL-1.2
"""The log of decisions of a case: to read, to print, as CSV; and a form to keep one."""

from typing import Any

import msgspec

from brug.cases import keeping
from brug.cases.acts import Attached, Decided, Recorded
from brug.cases.crisis import decisions
from brug.cases.entries import Entry
from brug.formats.disposition import attachment
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid
from brug.web.cases import marks, sentences
from brug.web.cases.crisis.severity import about
from brug.web.cases.room import ONE
from brug.web.cases.showing import Failed
from brug.web.cases.telling import TAKEN_BACK, TITLES, briefly
from brug.web.cases.view import View
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = ONE + "/decisions"
OFFERED = 60  # entries that a decision can rest on, in its form
_KEPT = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@page(PLACE, shows=("own",), probe="/cases/{case}/decisions")
def show(visit: Visit) -> Reply:
    return _shown(visit, View(visit, visit.args["key"]))


@page(PLACE + "/csv", shows=("own",), probe="/cases/{case}/decisions/csv")
def as_csv(visit: Visit) -> Reply:
    view = View(visit, visit.args["key"])
    data = decisions.as_csv(decisions.log(view.case), view.who, lambda one: says(view, one))
    safe = "".join(one if one.isalnum() or one in "-_" else "-" for one in view.file.number)
    headers = _KEPT | {"Content-Disposition": attachment(f"{safe}-decisions.csv")}
    return Reply(data, 200, headers, media_type="text/csv")


@page(PLACE, "POST")
def keep(visit: Visit) -> Reply:
    view = View(visit, visit.args["key"], writes=True)
    form = visit.form
    basis, replaces = tuple(dict.fromkeys(form.all("basis"))), form.text("replaces")
    doing = Decided(
        question=form.text("question"),
        outcome=form.get("outcome").strip(),
        because=form.get("because").strip(),
        replaces=replaces or msgspec.UNSET,
        basis=basis or msgspec.UNSET,
    )
    try:
        with visit.session.connection.transaction():
            keeping.act(visit.session, view.file.uuid, doing)
    except (Invalid, Conflict, Forbidden) as error:
        return _shown(visit, View(visit, view.file.uuid), error)
    return visit.redirect(f"{view.place}/decisions", visit.gettext("The decision is kept."))


def _shown(visit: Visit, view: View, error: BrugError | None = None) -> Reply:
    failed = _failed(visit, error) if error else None
    kept = decisions.log(view.case)
    return visit.show(
        "cases/decisions.html",
        failed.status if failed else 200,
        **about(visit, view),
        failed=failed,
        marks=marks.Marks(view),
        kept=kept[::-1],
        says=lambda one: says(view, one),
        holding=[("", visit.gettext("None"))]
        + [(one.entry.id, f"{one.number}. {one.act.question}") for one in kept if one.holds],
        offered=[(one.id, says(view, one)) for one in decisions.can_be_basis(view.case)[:OFFERED]],
        chosen=visit.form.all("basis") if failed else [],
    )


def says(view: View, one: Entry) -> str:
    """What a decision rests on, in the reader's words."""
    act, say = one.act, view.visit.gettext
    if isinstance(act, Recorded):
        return f"{view.title(act.fact)}: {act.at or say(TAKEN_BACK)}"
    title = say(TITLES[str(act.__struct_config__.tag)])
    return f"{title}: {act.name if isinstance(act, Attached) else briefly(act)}"


def _failed(visit: Visit, error: BrugError) -> Failed:
    field = sentences.field_of(error)
    if field in {"replaces", "basis"}:
        said = visit.gettext("Choose what all who take part have.")
    else:
        said = sentences.sentence(visit, error)
    typed: dict[str, Any] = dict(visit.form.pairs)
    return Failed("decided", typed, {field: said} if field else {}, said, error.status)
