# SPDX-License-Identifier: EUPL-1.2
"""Proposing another value, or that one goes; accepting and discarding what others proposed."""

from brug.formats.misp.writing import joined
from brug.intel import attributes, loading
from brug.intel.finding import find
from brug.intel.proposal import proposing, settling
from brug.model.attribute_types import TYPES, Refused
from brug.model.errors import NotFound
from brug.model.event import Attribute
from brug.web.event_values import tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

EVENT = "/intelligence/events/{key:str}/propose"
ATTRIBUTE = "/intelligence/attributes/{key:str}/propose"
PROPOSAL = "/intelligence/proposals/{key:str}"


def _form(
    visit: Visit, event_id: int, item: Attribute | None, problem: str = "", status: int = 200
) -> Reply:
    event = loading.heads(visit.session, [event_id])[event_id].head
    given = visit.form if visit.method == "POST" else None
    return visit.show(
        "events/propose.html",
        status,
        tabs=tabs_of(visit),
        event=event,
        item=item,
        types=TYPES,
        problem=problem,
        value=given.text("value") if given else (joined(item) if item else ""),
        kind=given.text("type") if given else (item.type if item else ""),
        comment=given.text("comment") if given else (item.comment if item else ""),
        ids=given.flag("ids") if given else (item.to_ids if item else False),
    )


def _said(visit: Visit) -> dict[str, object]:
    form = visit.form
    said: dict[str, object] = {
        "value": form.text("value"),
        "comment": form.text("comment")[:2000],
        "to_ids": form.flag("ids"),
    }
    if form.text("type"):
        said["type"] = form.text("type")
    return said


@page(EVENT, right="add", shows=("event",), probe="/intelligence/events/{event}/propose")
def ask_new(visit: Visit) -> Reply:
    return _form(visit, find(visit.session, "event", visit.args["key"]), None)


@page(EVENT, "POST", right="add")
def propose_new(visit: Visit) -> Reply:
    event_id = find(visit.session, "event", visit.args["key"])
    try:
        proposing.propose_attribute(visit.session, event_id, _said(visit))
    except Refused:
        said = visit.gettext("This does not fit its type.")
        return _form(visit, event_id, None, said, 400)
    return _back(visit, event_id, visit.gettext("Your proposal is kept."))


def _item(visit: Visit) -> Attribute:
    attribute_id = find(visit.session, "attribute", visit.args["key"])
    (item,) = attributes.by_ids(visit.session, [attribute_id])
    if item.deleted:
        raise NotFound(f"attribute {attribute_id} is deleted")
    return item


@page(
    ATTRIBUTE, right="add", shows=("event", "attribute"),
    probe="/intelligence/attributes/{attribute}/propose",
)  # fmt: skip
def ask_change(visit: Visit) -> Reply:
    item = _item(visit)
    return _form(visit, item.event_id, item)


@page(ATTRIBUTE, "POST", right="add")
def propose_change(visit: Visit) -> Reply:
    """Other fields for a value; or, with `goes`, that it be deleted."""
    item = _item(visit)
    try:
        if visit.form.flag("goes"):
            proposing.propose_deletion(visit.session, item.id)
        else:
            proposing.propose_change(visit.session, item.id, _said(visit))
    except Refused:
        said = visit.gettext("This does not fit its type.")
        return _form(visit, item.event_id, item, said, 400)
    return _back(visit, item.event_id, visit.gettext("Your proposal is kept."))


def _back(visit: Visit, event_id: int, said: str) -> Reply:
    return visit.redirect(f"/intelligence/events/{event_id}#proposals", said)


@page(PROPOSAL + "/accept", "POST")
def accept(visit: Visit) -> Reply:
    found = settling.accept(visit.session, visit.args["key"])
    return _back(visit, found.event_id, visit.gettext("The proposal is accepted."))


@page(PROPOSAL + "/discard", "POST")
def discard(visit: Visit) -> Reply:
    found = settling.discard(visit.session, visit.args["key"])
    return _back(visit, found.event_id, visit.gettext("The proposal is discarded."))
