# SPDX-License-Identifier: EUPL-1.2
"""Who sees an event, with reasons; and why one organisation sees an item or does not."""

from typing import Any

from brug.directory import organisations
from brug.intel import loading, visibility
from brug.intel.finding import find
from brug.model.errors import NotFound
from brug.web import words
from brug.web.event_values import tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit


@page(
    "/intelligence/events/{key:str}/audience",
    shows=("event", "directory"),
    probe="/intelligence/events/{event}/audience",
)
def audience(visit: Visit) -> Reply:
    """The list is for owner and site admins; others may ask about themselves."""
    session = visit.session
    event_id = find(session, "event", visit.args["key"])
    found = loading.heads(session, [event_id])[event_id]
    knows = visibility.may_know_recipients(session, found.head)
    return visit.show(
        "events/audience.html",
        tabs=tabs_of(visit),
        event=found.head,
        knows=knows,
        count=visibility.count_recipients(session, event_id),
        recipients=visibility.recipients(session, event_id) if knows else [],
        organisations=organisations.listed(session) if knows else [],
        asked=visit.query.get("for") or (None if knows else str(visit.principal.org_id)),
        item=visit.query.text("item")[:60],
        rules=words.RULES,
        **_explained(visit, event_id, knows=knows),
    )


def _explained(visit: Visit, event_id: int, *, knows: bool) -> dict[str, Any]:
    asked = visit.query.text("for") if knows else str(visit.principal.org_id)
    if not asked:
        return {"explanation": None, "problem": ""}
    try:
        organisation = organisations.view(visit.session, asked)
        item = _item(visit, event_id)
        explanation = visibility.explain(visit.session, item, organisation)
    except NotFound as error:
        return {"explanation": None, "problem": visit.sentence(error)}
    return {"explanation": explanation, "problem": ""}


def _item(visit: Visit, event_id: int) -> visibility.Item:
    """The item of the event that the query names, or the event itself."""
    name = visit.query.text("item")
    if not name:
        return visibility.item(visit.session, "event", event_id)
    found = visibility.named_item(visit.session, name)
    if found.event_id != event_id:
        raise NotFound(f"{name[:60]} is not in event {event_id}")
    return found
