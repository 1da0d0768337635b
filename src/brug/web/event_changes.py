# SPDX-License-Identifier: EUPL-1.2
"""Changing an event by hand: its own fields, values that are added, one that is deleted."""

from typing import Any

from brug.intel import changing, deleting, extending, loading
from brug.intel.finding import claim, find
from brug.intel.intake import extraction
from brug.model.attribute_types import TYPES, Refused, check
from brug.model.errors import BrugError, Forbidden
from brug.model.event import EventHead
from brug.model.new_event import NewAttribute
from brug.web import editing, event_forms, refused_values
from brug.web.event_values import may_change, tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

EVENT = "/intelligence/events/{key:str}"
MOST_LINES = 1000


def _head_of(visit: Visit) -> EventHead:
    event_id = find(visit.session, "event", visit.args["key"])
    head = loading.heads(visit.session, [event_id])[event_id].head
    if not may_change(visit, head):
        raise Forbidden(f"{visit.principal.email} may not change event {event_id}")
    return head


@page(EVENT + "/edit", shows=("event",), probe="/intelligence/events/{event}/edit")
def ask_edit(visit: Visit) -> Reply:
    event = _head_of(visit)
    head = event_forms.Head(
        info=event.info, date=event.date, level=event.distribution,
        group=str(event.sharing_group_id or ""), threat=event.threat_level_id,
        analysis=event.analysis, errors={},
    )  # fmt: skip
    return _edit_form(visit, event, head)


def _edit_form(visit: Visit, event: EventHead, head: event_forms.Head, status: int = 200) -> Reply:
    return visit.show(
        "events/edit.html", status, tabs=tabs_of(visit), event=event, head=head,
        editing=editing.of(visit, event),
        **event_forms.choices(visit) | {"markings": ()},
    )  # fmt: skip


@page(EVENT + "/edit", "POST")
def edit(visit: Visit) -> Reply:
    """What it says changes, so it is a draft again until somebody publishes it."""
    event, head = _head_of(visit), event_forms.read(visit)
    if head.errors:
        return _edit_form(visit, event, head, 400)
    try:
        with visit.session.connection.transaction():
            changing.edit(visit.session, event.id, event_forms.event_of(head), {})
    except BrugError as error:
        if error.code != "sharing_group":
            raise
        head.errors["group"] = visit.sentence(error)
        return _edit_form(visit, event, head, error.status)
    return visit.redirect(f"/intelligence/events/{event.id}", visit.gettext("Saved."))


@page(EVENT + "/values", shows=("event",), probe="/intelligence/events/{event}/values")
def ask_values(visit: Visit) -> Reply:
    return _values_form(visit, _head_of(visit))


def _values_form(visit: Visit, event: EventHead, problem: str = "", status: int = 200) -> Reply:
    return visit.show(
        "events/values.html", status, tabs=tabs_of(visit), event=event, types=TYPES,
        problem=problem, given=visit.form, editing=editing.of(visit, event),
    )  # fmt: skip


@page(EVENT + "/values", "POST")
def add_values(visit: Visit) -> Reply:
    """One value a line. One that does not fit stops all of them, and says which."""
    event = _head_of(visit)
    lines = [line.strip() for line in visit.form.get("values").splitlines() if line.strip()]
    items: list[NewAttribute] = []
    for line in lines[:MOST_LINES]:
        made = _attribute(visit, line)
        if made is None:
            said = visit.gettext("“%(value)s” does not fit its type. Nothing was added.")
            return _values_form(visit, event, said % {"value": line[:120]}, 400)
        items.append(made)
    if not items:
        return _values_form(visit, event, visit.gettext("Fill this in."), 400)
    held = claim(visit.session, event.id)
    outcome = extending.add_attributes(visit.session, held, list(enumerate(items)), [])
    return visit.redirect(f"/intelligence/events/{event.id}", _said(visit, outcome))


def _attribute(visit: Visit, line: str) -> NewAttribute | None:
    form = visit.form
    kind = form.text("type")
    try:
        if not kind:
            guessed = extraction.type_of(line)
            fine = guessed if guessed is not None else check("text", line)
        else:
            fine = check(kind, line)
    except Refused:
        return None
    return NewAttribute(
        None, fine.type, fine.category, form.flag("ids") and fine.to_ids, fine.value1,
        fine.value2, comment=form.text("comment")[:2000],
    )  # fmt: skip


def _said(visit: Visit, outcome: Any) -> str:
    added = len(outcome.stored)
    said = visit.ngettext("%(num)s value added.", "%(num)s values added.", added) % {"num": added}
    return said + refused_values.sentences(visit, outcome.refused)


@page("/intelligence/attributes/{key:str}/delete", "POST")
def delete_value(visit: Visit) -> Reply:
    """Marks it as deleted, so that partners who have it hear of it."""
    held = deleting.delete_attribute(visit.session, visit.args["key"], hard=False)
    return visit.redirect(
        f"/intelligence/events/{held.event_id}", visit.gettext("The value is deleted.")
    )
