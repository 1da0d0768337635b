# SPDX-License-Identifier: EUPL-1.2
"""Filling an event from a template: choosing one, its form, and what became of it."""

from typing import Any

from brug.intel import loading
from brug.intel.finding import claim, find
from brug.intel.template import filling, templates
from brug.intel.template.filling import Filled, FormRefused, Given, Unfit
from brug.intel.template.templates import Template
from brug.model.errors import Forbidden, Invalid, TooLarge
from brug.model.event import EventHead
from brug.web import editing
from brug.web.event_values import may_change, tabs_of
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

EVENT = "/intelligence/events/{key:str}/templates"
# Why a field does not fit (brug.intel.template.filling.Unfit.reason).
UNFIT = {
    "missing": N_("Fill this in."),
    "one_file": N_("This takes one file."),
    "lines": N_("This takes at most %(about)s lines."),
    "files": N_("This takes at most %(about)s files."),
    "long": N_("This takes at most %(about)s characters."),
    "group": N_("Nothing in “%(about)s” is of a kind that fits here."),
    "value": N_("“%(about)s” does not fit its type."),
}


def _head_of(visit: Visit) -> EventHead:
    event_id = find(visit.session, "event", visit.args["key"])
    head = loading.heads(visit.session, [event_id])[event_id].head
    if not (may_change(visit, head) and visit.principal.may("add")):
        raise Forbidden(f"{visit.principal.email} may not fill event {event_id}")
    return head


@page(
    EVENT, shows=("event", "tag", "own"), probe="/intelligence/events/{event}/templates"
)  # fmt: skip
def choose(visit: Visit) -> Reply:
    return visit.show(
        "event_templates/choose.html",
        tabs=tabs_of(visit),
        event=_head_of(visit),
        rows=templates.listed(visit.session),
    )


@page(EVENT + "/{template:str}")
def ask(visit: Visit) -> Reply:
    event = _head_of(visit)
    return _form(visit, event, templates.view(visit.session, visit.args["template"]))


def _form(
    visit: Visit,
    event: EventHead,
    template: Template,
    errors: dict[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> Reply:
    return visit.show(
        "event_templates/fill.html",
        400 if errors else status,
        tabs=tabs_of(visit),
        event=event,
        editing=editing.of(visit, event),
        found=template,
        given=visit.form,
        errors=errors or {},
        problem=problem,
        field_of=filling.field_of,
        has_files=any(one.kind == "file" for one in template.elements),
    )


@page(EVENT + "/{template:str}", "POST")
def fill(visit: Visit) -> Reply:
    """One field that does not fit stops all of it; what was typed is kept."""
    event = _head_of(visit)
    template = templates.view(visit.session, visit.args["template"])
    try:
        with visit.session.connection.transaction():
            held = claim(visit.session, event.id)
            filled = filling.fill(visit.session, held, template, _given(visit, template))
    except FormRefused as error:
        said = {field: _sentence(visit, one) for field, one in error.unfit.items()}
        return _form(visit, event, template, said)
    except (Invalid, TooLarge) as error:
        text = visit.sentence(error)
        if isinstance(error, Invalid):
            text = visit.gettext("Fill in at least one field.")
        return _form(visit, event, template, problem=text, status=error.status)
    return visit.redirect(f"/intelligence/events/{event.id}", _said(visit, filled))


def _given(visit: Visit, template: Template) -> Given:
    names = {filling.field_of(one): one.id for one in template.elements}
    files: dict[int, list[Any]] = {}
    for one in visit.form.files:
        if one.field in names:
            files.setdefault(names[one.field], []).append(one)
    return Given({number: visit.form.get(name) for name, number in names.items()}, files)


def _sentence(visit: Visit, one: Unfit) -> str:
    text = visit.gettext(UNFIT[one.reason])
    return text % {"about": one.about} if one.about else text


def _said(visit: Visit, filled: Filled) -> str:
    added = len(filled.attributes)
    parts = [visit.ngettext("%(num)s value added.", "%(num)s values added.", added)
             % {"num": added}]  # fmt: skip
    if filled.samples:
        text = visit.ngettext("%(num)s sample added.", "%(num)s samples added.", filled.samples)
        parts.append(text % {"num": filled.samples})
    if refused := len(filled.refused):
        text = visit.ngettext("%(num)s was there already.", "%(num)s were there already.", refused)
        parts.append(text % {"num": refused})
    if filled.tags_left:
        text = visit.gettext("Tags that could not be attached: %(names)s.")
        parts.append(text % {"names": ", ".join(filled.tags_left)})
    return " ".join(parts)
