# SPDX-License-Identifier: EUPL-1.2
"""Making an object of an event's values: which values, which template, what each of them is.

One page in three steps, without script: what was chosen so far stands in its address.
"""

from typing import Any

from brug.intel import attributes, gathering, loading
from brug.intel.extending import ObjectRefused
from brug.intel.finding import attributes_named, claim, find
from brug.intel.gathering import Fit
from brug.intel.vocabulary.templates import find_template
from brug.model.errors import Forbidden
from brug.model.event import INHERIT, Attribute, EventHead
from brug.model.new_event import NewObject
from brug.web import editing
from brug.web.event_values import may_change, tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

EVENT = "/intelligence/events/{key:str}"
MOST_SHOWN, MOST_CHOSEN, MOST_TEMPLATES = 500, 200, 100


def _head_of(visit: Visit) -> EventHead:
    event_id = find(visit.session, "event", visit.args["key"])
    head = loading.heads(visit.session, [event_id])[event_id].head
    if not may_change(visit, head):
        raise Forbidden(f"{visit.principal.email} may not change event {event_id}")
    return head


def _chosen(visit: Visit, event: EventHead, keys: list[str]) -> list[Attribute]:
    ids = attributes_named(visit.session, event.id, keys[:MOST_CHOSEN])
    return gathering.alone(visit.session, event.id, ids)


def _whole(fits: list[Fit]) -> list[Fit]:
    """Those whose template takes all of the values and needs no other."""
    return [one for one in fits if not (one.missing or one.unknown or one.repeated)]


@page(
    EVENT + "/group",
    shows=("event", "attribute"),
    probe="/intelligence/events/{event}/group",
)
def ask_group(visit: Visit) -> Reply:
    event = _head_of(visit)
    chosen = _chosen(visit, event, visit.query.all("value"))
    if not chosen:
        return _values(visit, event)
    wanted = visit.query.text("template")
    if wanted:
        return _relations(visit, event, chosen, wanted)
    fits = _whole(gathering.possible(visit.session, [one.type for one in chosen]))
    return _step(visit, event, "template", chosen=chosen, fits=fits[:MOST_TEMPLATES])


def _step(visit: Visit, event: EventHead, step: str, problem: str = "", **more: Any) -> Reply:
    return visit.show(
        "events/group.html", 400 if problem and visit.method == "POST" else 200,
        tabs=tabs_of(visit), event=event, editing=editing.of(visit, event), step=step,
        problem=problem, **more,
    )  # fmt: skip


def _values(visit: Visit, event: EventHead) -> Reply:
    text = visit.query.text("text")[:200]
    found = [
        one
        for one in attributes.of_event(visit.session, event.id)
        if not one.object_id and text.lower() in f"{one.value1}|{one.value2}".lower()
    ]
    problem = visit.gettext("Choose at least one value.") if visit.query.flag("next") else ""
    return _step(
        visit, event, "values", problem, text=text, rows=found[:MOST_SHOWN],
        more=len(found) - MOST_SHOWN, most=MOST_CHOSEN,
    )  # fmt: skip


def _relations(
    visit: Visit,
    event: EventHead,
    chosen: list[Attribute],
    wanted: str,
    problem: str = "",
) -> Reply:
    """What each value is in the object; of what is free, what must be there is offered first."""
    template = find_template(visit.session, wanted)
    if template is None or not template.active:
        return visit.redirect(f"/intelligence/events/{event.id}/group")
    needs = template.requirements
    first = [*needs.get("required", ()), *needs.get("requiredOneOf", ())]
    taken: set[str] = set()
    rows = []
    for one in chosen:
        fitting = [e for e in template.elements.values() if e.type == one.type]
        free = [e for e in fitting if e.multiple or e.object_relation not in taken]
        free.sort(key=lambda e: e.object_relation in taken or e.object_relation not in first)
        said = visit.form.text(f"relation-{one.id}")
        offered = said or (free[0].object_relation if free else "")
        taken.add(offered)
        rows.append({"item": one, "offered": offered, "elements": fitting})
    return _step(
        visit, event, "relations", problem, found=template, rows=rows,
        comment=visit.form.get("comment"),
    )  # fmt: skip


@page(EVENT + "/group", "POST")
def group(visit: Visit) -> Reply:
    """The values go into an object with all that hangs on them."""
    event, form, session = _head_of(visit), visit.form, visit.session
    chosen = _chosen(visit, event, form.all("value"))
    template = find_template(session, form.text("template"))
    if not chosen or template is None or not template.active:
        return visit.redirect(f"/intelligence/events/{event.id}/group")
    relations = {one.id: form.text(f"relation-{one.id}") for one in chosen}
    new = NewObject(None, template.name, template.meta_category, template.description)
    new.distribution, new.comment = INHERIT, form.get("comment")[:2000]
    try:
        with session.connection.transaction():
            gathering.gather(session, claim(session, event.id), template, relations, new)
    except ObjectRefused:
        said = visit.gettext(
            "These values, each as what you chose, make no whole object of this template."
            " Nothing was changed."
        )
        return _relations(visit, event, chosen, str(template.id), said)
    said = visit.gettext("The values are an object now: %(name)s.") % {"name": template.name}
    return visit.redirect(f"/intelligence/events/{event.id}", said)
