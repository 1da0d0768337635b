# SPDX-License-Identifier: EUPL-1.2
"""Levels and modes of a crisis: where each stands, what that means with sources, every step."""

from typing import Any

import msgspec

from brug.cases import countries, own_folder
from brug.cases.clocks import facts
from brug.cases.crisis import escalating, remarks
from brug.cases.crisis.escalating import Record
from brug.cases.crisis.remarks import Remark, UnusableRemarks
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid, NotFound
from brug.web.cases import sentences, showing
from brug.web.cases.crisis.severity import about
from brug.web.cases.room import ONE
from brug.web.cases.showing import Failed
from brug.web.cases.view import Track, View
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = ONE + "/crisis"
_FIELDS = {"fields.crisis_criteria": "criteria", "fields.crisis_decided_by": "decided_by",
           "fields.bodies_informed": "informed"}  # fmt: skip


class Mode(msgspec.Struct, frozen=True):
    track: Track
    remarks: list[Remark]


@page(PLACE, shows=("own",), probe="/cases/{case}/crisis")
def show(visit: Visit) -> Reply:
    return _shown(visit, View(visit, visit.args["key"]))


@page(PLACE, "POST")
def step(visit: Visit) -> Reply:
    """A step with its record. It names the state that it leaves, as the form had it."""
    view = View(visit, visit.args["key"], writes=True)
    try:
        with visit.session.connection.transaction():
            _step(visit, view)
    except (Invalid, Conflict, Forbidden) as error:
        return _shown(visit, View(visit, view.file.uuid), error)
    return visit.redirect(f"{view.place}/crisis", visit.gettext("The step is kept."))


def _step(visit: Visit, view: View) -> None:
    form = visit.form
    machine, _, trigger = form.text("step").partition(".")
    review = None
    if form.text("review"):
        facts.zone_named(form.text("zone"))
        review = facts.read(form.text("review"), form.text("zone"), "review")
    lines = form.get("informed").split("\n")
    record = Record(
        because=form.get("because").strip(),
        criteria=form.get("criteria"),
        decided_by=form.text("decided_by"),
        informed=tuple(one.strip() for one in lines if one.strip()),
        review=review,
    )
    leaves = form.text(f"leaves.{machine}") if machine in escalating.machines(view.case) else ""
    escalating.escalate(visit.session, view.file.uuid, machine, trigger, record, leaves)


def _shown(visit: Visit, view: View, error: BrugError | None = None) -> Reply:
    if not escalating.machines(view.case):
        raise NotFound(f"{view.file.kind} has no levels of crisis")
    failed = _failed(visit, error) if error else None
    try:
        every, is_broken = remarks.remarks(own_folder.config_of(visit.session)), False
    except UnusableRemarks:
        every, is_broken = [], True
    country = countries.here(visit.session).of_organisation(visit.principal.org_uuid)
    modes = [
        Mode(one, remarks.of(view.case.kind, every, one.machine.key, one.state, country))
        for one in view.tracks
        if one.machine.apart
    ]
    fields, review = view.case.fields, view.case.fact(escalating.REVIEW)
    return visit.show(
        "cases/crisis.html",
        failed.status if failed else 200,
        **about(visit, view),
        failed=failed,
        modes=modes,
        is_broken=is_broken,
        options=_options(visit, modes),
        steps=[_told(view, one) for one in escalating.history(view.case)],
        criteria=fields.get(escalating.CRITERIA) or "",
        decided_by=fields.get(escalating.DECIDED_BY) or "",
        informed="\n".join(fields.get(escalating.INFORMED) or ()),
        review=review.at if review else "",
        zones=showing.zones(),
        zone_name=visit.principal.timezone or "UTC",
        is_zone_chosen=visit.principal.timezone is not None,
    )


def _options(visit: Visit, modes: list[Mode]) -> list[tuple[str, str]]:
    say = visit.gettext
    return [
        (
            f"{mode.track.machine.key}.{one.transition.trigger}",
            f"{say(mode.track.machine.title)}: {mode.track.title} → {one.target}",
        )
        for mode in modes
        for one in mode.track.steps
    ]


def _told(view: View, one: escalating.Step) -> dict[str, Any]:
    machine, say = view.case.kind.machine(one.machine), view.visit.gettext
    record = [
        (view.title(name), "\n".join(value) if isinstance(value, list) else str(value))
        for name, value in one.record.items()
    ]
    return {
        "entry": one.entry, "title": say(machine.title), "because": one.because,
        "source": say(machine.states.get(one.source, one.source)),
        "target": say(machine.states.get(one.target, one.target)),
        "record": record, "review": one.review,
    }  # fmt: skip


def _failed(visit: Visit, error: BrugError) -> Failed:
    field = sentences.field_of(error)
    field = _FIELDS.get(field, "step" if field in {"machine", "trigger"} else field)
    if field == "step":
        said = visit.gettext("Choose one of the list.")
    elif field == "review":
        said = visit.gettext("Give a day and time such as 2026-11-27T14:20.")
    elif field in _FIELDS.values():
        said = visit.gettext("This is too long.")
    else:
        said = sentences.sentence(visit, error)
    errors = {field: said} if field else {}
    return Failed("step", dict(visit.form.pairs), errors, said, error.status)
