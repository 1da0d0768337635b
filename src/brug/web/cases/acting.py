# SPDX-License-Identifier: EUPL-1.2
"""What people do in a case: each form of its page is one act, and one entry.

A form that replaces something carries the entry that said it (`seen`), and one that moves a
state carries the state that it leaves. Who comes second is told, sees what it is now, and finds
kept what was typed.
"""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote
from uuid import uuid4

from brug.cases import keeping, people
from brug.cases.acts import (
    Acknowledged,
    AnyAct,
    Asked,
    Decided,
    Embargoed,
    Left,
    Linked,
    Marked,
    Moved,
    Planned,
    Recorded,
    Renamed,
    Said,
)
from brug.cases.clocks import facts
from brug.cases.crisis import receipts
from brug.cases.embargoes import stating, terms
from brug.cases.pacing import TooFast
from brug.cases.taking_part import NotYours
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid, NotFound, TooLarge
from brug.web.cases import attaching, linking, sentences
from brug.web.cases.room import BASE, ONE
from brug.web.cases.showing import Failed, shown
from brug.web.cases.view import View, replaced
from brug.web.fields import Fields
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

Read = Callable[[View, Fields], AnyAct]
Show = Callable[[Visit, View, Failed], Reply]


class Meanwhile(Conflict):
    """What the form replaces was replaced by somebody else since the form was read."""

    code = "meanwhile"


@page(ONE + "/acts/{what:str}", "POST")
def act(visit: Visit) -> Reply:
    return acted(visit, View(visit, visit.args["key"], writes=True), shown, BASE)


def acted(visit: Visit, view: View, show: Show, way_out: str) -> Reply:
    """The act of a form; `show` answers the case's page, `way_out` is where whoever left goes."""
    what = visit.args["what"]
    if what not in DONE:
        raise NotFound(f"no act {what[:60]}")
    form = visit.form
    try:
        with visit.session.connection.transaction():
            doing = _written(view, what, form)
    except (Invalid, Conflict, Forbidden, TooLarge, TooFast) as error:
        return _again(visit, view, error, show)
    if _is_gone(view, doing):
        return visit.redirect(way_out, visit.gettext("You take part no longer."))
    return visit.redirect(f"{view.place}#{_PLACES.get(what, what)}", visit.gettext(DONE[what]))


def _written(view: View, what: str, form: Fields) -> AnyAct:
    if what in attaching.WRITES:
        return attaching.WRITES[what](view, form)
    doing = READ[what](view, form)
    _require_unchanged(view, doing, form)
    if isinstance(doing, Embargoed):
        stating.say(view.visit.session, view.file.uuid, doing)
    else:
        view.act(doing, _recipients(view, doing, form))
    return doing


@page(ONE + "/acts/{what:str}")
def back(visit: Visit) -> Reply:
    """Where somebody reads on who was shown a refusal here."""
    return visit.redirect(f"{BASE}/{quote(visit.args['key'], safe='')}")


def _is_gone(view: View, doing: AnyAct) -> bool:
    """Whether the reader has just taken the last part of its own away."""
    return isinstance(doing, Left) and [one.id for one in view.mine] == [doing.participant]


def _again(visit: Visit, view: View, error: BrugError, show: Show) -> Reply:
    """The page once more, as the case is now; nothing was written."""
    form = visit.form
    field = sentences.field_of(error)
    said = sentences.sentence(visit, error, visit.args["what"])
    now = view.fresh()
    typed = {name: form.all(name) if name == "to" else value for name, value in form.pairs}
    failed = Failed(form.text("form"), typed, {field: said} if field else {}, said, error.status)
    return show(visit, now, failed)


def _require_unchanged(view: View, doing: AnyAct, form: Fields) -> None:
    key = replaced(doing)
    if key is None:
        return
    now = view.latest.get(key, "")
    if now and "seen" in form and now not in form.get("seen").split():
        raise Meanwhile(f"{key} was said anew by {now}")


def _recipients(view: View, doing: AnyAct, form: Fields) -> Sequence[str]:
    """Whom an act is for; what was said before is for whom it was (`cases.narrowing`)."""
    if isinstance(doing, Asked | Acknowledged):
        return receipts.recipients(view.case, receipts.target(view.case, doing.entry))
    if not isinstance(doing, keeping.NARROW):
        return ()
    key = replaced(doing)
    before = view.entries.get(view.latest.get(key, "")) if key else None
    return form.all("to") if before is None else ()


# -- from forms to acts -------------------------------------------------------------------


def _renamed(_: View, form: Fields) -> AnyAct:
    return Renamed(title=form.text("title"))


def _recorded(_: View, form: Fields) -> AnyAct:
    is_undone = form.flag("is_undone")
    return Recorded(
        fact=form.text("fact"),
        at="" if is_undone else _instant(form, "at"),
        zone="UTC" if is_undone else form.text("zone"),
        source=form.text("source"),
        of=form.text("of"),
        because=_lines(form, "because"),
    )


def _joined(view: View, form: Fields) -> AnyAct:
    return people.joining(
        view.visit.session,
        form.text("organisation"),
        form.text("role"),
        name=form.text("name"),
        email=form.text("person"),
    )


def _left_by(view: View, form: Fields) -> AnyAct:
    """Whoever has another leave says why."""
    doing = Left(participant=form.text("participant"), because=_lines(form, "because"))
    if not doing.because and doing.participant not in {one.id for one in view.mine}:
        raise Invalid("because", "the reason")
    return doing


def _moved(_: View, form: Fields) -> AnyAct:
    because = _lines(form, "because")
    if form.text("until"):  # what is proposed has an end
        because = terms.in_words(_instant(form, "until"), form.text("zone"), because)
    return Moved(
        machine=form.text("machine"),
        trigger=form.text("trigger"),
        leaves=form.text("leaves"),
        of=form.text("of"),
        because=because,
    )


def _said(_: View, form: Fields) -> AnyAct:
    return Said(text=_lines(form, "text"))


def _decided(_: View, form: Fields) -> AnyAct:
    return Decided(
        question=form.text("question"),
        outcome=_lines(form, "outcome"),
        because=_lines(form, "because"),
    )


def _planned(_: View, form: Fields) -> AnyAct:
    return Planned(
        task=form.text("task") or str(uuid4()),
        title=form.text("title"),
        assignee=form.text("assignee"),
        due=_instant(form, "due") if form.text("due") else "",
        is_done=form.flag("is_done"),
    )


def _linked(view: View, form: Fields) -> AnyAct:
    kind = form.text("kind")
    return Linked(
        kind=kind,
        uuid=linking.named(view.visit.session, kind, form.text("reference")),
        title=form.text("title"),
        is_undone=form.flag("is_undone"),
    )


def _marked(_: View, form: Fields) -> AnyAct:
    return Marked(tlp=form.text("tlp"), pap=form.text("pap"), because=_lines(form, "because"))


def _embargoed(view: View, form: Fields) -> AnyAct:
    if not view.may("embargoed"):
        raise NotYours("the embargo is for those who lead the case")
    until = _instant(form, "until") if form.text("until") else ""
    return stating.stated(until, form.text("zone"), _lines(form, "because"), end=form.flag("end"))


def _asked(_: View, form: Fields) -> AnyAct:
    return Asked(entry=form.text("entry"), because=_lines(form, "because"))


def _acknowledged(_: View, form: Fields) -> AnyAct:
    return Acknowledged(entry=form.text("entry"))


def _lines(form: Fields, name: str) -> str:
    return form.get(name).strip()


def _instant(form: Fields, field: str) -> str:
    """A time on the wall of the form's zone, in UTC as entries have it. Raises Invalid."""
    facts.zone_named(form.text("zone"))
    return facts.in_text(facts.read(form.text(field), form.text("zone"), field))


READ: Mapping[str, Read] = {
    "renamed": _renamed, "recorded": _recorded, "joined": _joined, "left": _left_by,
    "moved": _moved, "said": _said, "decided": _decided, "planned": _planned, "linked": _linked,
    "marked": _marked, "embargoed": _embargoed, "asked": _asked, "acknowledged": _acknowledged,
}  # fmt: skip
# The part of the page that shows what was done.
_PLACES = {
    "detached": "attached",
    "moved": "next",
    "left": "joined",
    "embargoed": "marked",
    "asked": "said",
    "acknowledged": "said",
    "renamed": "main",
}
DONE = {
    "renamed": N_("The case has a new title."), "recorded": N_("Recorded."),
    "joined": N_("They take part, and see the case from now on."),
    "left": N_("They take part no longer, and see nothing of the case."),
    "moved": N_("Done."), "said": N_("Said."), "decided": N_("The decision is kept."),
    "planned": N_("The task is kept."), "linked": N_("The links are kept."),
    "attached": N_("The document is kept."), "detached": N_("The document is taken back."),
    "marked": N_("The marking is kept."), "embargoed": N_("The embargo is kept."),
    "asked": N_("Those whom it is for are asked to say when they have read it."),
    "acknowledged": N_("You have said that you have read it."),
}  # fmt: skip
