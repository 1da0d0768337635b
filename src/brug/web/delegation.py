# SPDX-License-Identifier: EUPL-1.2
"""Asking another organisation to take an event over; accepting that, or calling it off."""

from brug.directory import organisations, sharing_groups
from brug.intel import delegating, loading
from brug.intel.delegating import UNDECIDED, AskedAlready, NotDelegable, Wanted
from brug.intel.finding import find
from brug.model.errors import Forbidden, NotFound
from brug.model.event import SHARING_GROUP
from brug.model.new_event import GroupRef
from brug.web.event_values import tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

EVENT = "/intelligence/events/{key:str}/delegate"
DELEGATION = "/intelligence/delegations/{key:str}"


class SwitchedOff(Forbidden):
    code = "delegation_off"
    public = "Handing events over is switched off on this node."


def _require_enabled(visit: Visit) -> None:
    if not delegating.enabled(visit.session):
        raise SwitchedOff("events.delegation is off")


@page(EVENT, right="delegate", shows=("event",), probe="/intelligence/events/{event}/delegate")
def ask(visit: Visit) -> Reply:
    return _form(visit)


def _form(visit: Visit, problem: str = "", status: int = 200) -> Reply:
    _require_enabled(visit)
    session = visit.session
    event_id = find(session, "event", visit.args["key"])
    mine = session.principal.org_id
    return visit.show(
        "events/delegate.html",
        status,
        tabs=tabs_of(visit),
        event=loading.heads(session, [event_id])[event_id].head,
        organisations=[o for o in organisations.listed(session) if o.local and o.id != mine],
        groups=sharing_groups.listed(session, active=True),
        problem=problem,
        given=visit.form,
    )


@page(EVENT, "POST", right="delegate")
def delegate(visit: Visit) -> Reply:
    _require_enabled(visit)
    form = visit.form
    if not form.text("org").isdecimal():
        return _form(visit, visit.gettext("Choose one of the list."), 400)
    level, group = _level(visit)
    message = form.text("message")[:10_000] or None
    wanted = Wanted(form.number("org", 0), message, level, group)
    try:
        delegating.ask(visit.session, visit.args["key"], wanted)
    except (NotDelegable, AskedAlready) as error:
        return _form(visit, visit.sentence(error), error.status)
    event_id = find(visit.session, "event", visit.args["key"])
    said = visit.gettext("The organisation is asked; it sees the event now.")
    return visit.redirect(f"/intelligence/events/{event_id}", said)


def _level(visit: Visit) -> tuple[int, GroupRef | None]:
    text = visit.form.text("level")
    level = int(text) if text in {"0", "1", "2", "3", "4"} else UNDECIDED
    number = visit.form.number("group", 0)
    return level, GroupRef(id=number) if level == SHARING_GROUP else None


@page(DELEGATION + "/accept", "POST", right="add")
def accept(visit: Visit) -> Reply:
    _require_enabled(visit)
    level, group = _level(visit)
    chosen = None if level == UNDECIDED else level
    event_id = delegating.accept(visit.session, visit.args["key"], chosen, group)
    said = visit.gettext("The event is your organisation's now; it is a draft.")
    return visit.redirect(f"/intelligence/events/{event_id}", said)


@page(DELEGATION + "/discard", "POST", right="add")
def discard(visit: Visit) -> Reply:
    _require_enabled(visit)
    found = delegating.call_off(visit.session, visit.args["key"])
    said = visit.gettext("The request is called off.")
    try:
        find(visit.session, "event", found.event_id)
    except NotFound:
        return visit.redirect("/intelligence/events", said)
    return visit.redirect(f"/intelligence/events/{found.event_id}", said)
