# SPDX-License-Identifier: EUPL-1.2
"""What people do to an event. What goes out or goes away shows its effect before it does."""

from brug.intel import deleting, loading, publishing, visibility
from brug.intel.counting import windows
from brug.intel.finding import find
from brug.intel.label import tagging, taglist
from brug.intel.sighting import sightings
from brug.model.errors import Conflict, Forbidden, NotFound
from brug.model.event import ALL, CONNECTED, EventHead
from brug.model.new_event import NewSighting
from brug.web import editing, markings, noticing_laws
from brug.web.event_values import may_change, tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

EVENT = "/intelligence/events/{key:str}"


def _confirm(visit: Visit, act: str) -> Reply:
    session = visit.session
    event_id = find(session, "event", visit.args["key"])
    found = loading.heads(session, [event_id])[event_id]
    if not may_change(visit, found.head):
        raise Forbidden(f"{visit.principal.email} may not change event {event_id}")
    context = markings.read(found.tags)
    return visit.show(
        "events/confirm.html",
        tabs=tabs_of(visit),
        act=act,
        event=found.head,
        editing=editing.of(visit, found.head, takes=False),
        context_of=context,
        effect=windows.effect(session, event_id),
        recipients=visibility.count_recipients(session, event_id),
        warnings=_warnings(visit, found.head.distribution, context.markings),
        notices=_notices(visit, found.head) if act == "publish" else [],
    )


def _notices(visit: Visit, head: EventHead) -> list[str]:
    types = [kind for kind, _ in windows.types_of(visit.session, head.id)]
    return noticing_laws.of_event(visit, head.distribution, types)


def _warnings(visit: Visit, level: int, labels: list[str]) -> list[str]:
    """What contradicts: a marking for few on an event for many, no marking at all."""
    found = []
    strict = [label for label in labels if label.startswith(("TLP:RED", "TLP:AMBER"))]
    if strict and level in {CONNECTED, ALL}:
        text = visit.gettext(
            "It is marked %(marking)s, and its distribution reaches beyond this community."
        )
        found.append(text % {"marking": strict[0]})
    if not any(label.startswith("TLP:") for label in labels):
        found.append(visit.gettext("It carries no TLP marking, so readers must guess."))
    return found


@page(EVENT + "/publish", shows=("event",), probe="/intelligence/events/{event}/publish")
def ask_publish(visit: Visit) -> Reply:
    return _confirm(visit, "publish")


@page(EVENT + "/unpublish", shows=("event",), probe="/intelligence/events/{event}/unpublish")
def ask_unpublish(visit: Visit) -> Reply:
    return _confirm(visit, "unpublish")


@page(EVENT + "/delete", shows=("event",), probe="/intelligence/events/{event}/delete")
def ask_delete(visit: Visit) -> Reply:
    return _confirm(visit, "delete")


@page(EVENT + "/publish", "POST")
def publish(visit: Visit) -> Reply:
    event_id = publishing.publish(visit.session, visit.args["key"])
    return visit.redirect(f"/intelligence/events/{event_id}", visit.gettext("Published."))


@page(EVENT + "/unpublish", "POST")
def unpublish(visit: Visit) -> Reply:
    event_id = publishing.unpublish(visit.session, visit.args["key"])
    said = visit.gettext("This is a draft again.")
    return visit.redirect(f"/intelligence/events/{event_id}", said)


@page(EVENT + "/delete", "POST")
def delete(visit: Visit) -> Reply:
    deleting.delete_event(visit.session, visit.args["key"])
    return visit.redirect("/intelligence/events", visit.gettext("The event is deleted."))


@page(EVENT + "/tags", shows=("event", "tag"), probe="/intelligence/events/{event}/tags")
def ask_tags(visit: Visit) -> Reply:
    return _tags(visit)


def _tags(visit: Visit, problem: str = "", status: int = 200) -> Reply:
    session = visit.session
    event_id = find(session, "event", visit.args["key"])
    found = loading.heads(session, [event_id])[event_id]
    offered = [tag for tag in taglist.listed(session, counted=False) if not tag.hide_tag]
    return visit.show(
        "events/tags.html",
        status,
        tabs=tabs_of(visit),
        event=found.head,
        editing=editing.of(visit, found.head),
        attached=found.tags,
        offered=offered[:2000],
        problem=problem,
        wanted=visit.form.text("tag"),
        may_change=may_change(visit, found.head),
    )


@page(EVENT + "/tags", "POST")
def tag(visit: Visit) -> Reply:
    """Attaches the tag named, or takes off the one named in `remove`."""
    session, form = visit.session, visit.form
    event_id = find(session, "event", visit.args["key"])
    target = tagging.Target("event", event_id, event_id)
    try:
        if form.get("remove"):
            tagging.detach(session, target, taglist.find(session, form.get("remove")))
        else:
            chosen = taglist.find(session, form.text("tag"))
            tagging.attach(session, target, chosen, local=form.flag("local"))
    except NotFound:
        return _tags(visit, visit.gettext("There is no such tag. Choose one of the list."), 404)
    except Conflict as error:
        return _tags(visit, visit.sentence(error), error.status)
    return visit.redirect(f"/intelligence/events/{event_id}/tags")


@page("/intelligence/attributes/{key:str}/sightings", "POST")
def sight(visit: Visit) -> Reply:
    """A sighting, a false alarm or an expiry of one value."""
    kind = visit.form.number("type", 0, high=2)
    new = NewSighting(None, 0, visit.form.text("source")[:255], kind)
    sightings.report(visit.session, sightings.Wanted(attribute=visit.args["key"]), new)
    attribute_id = find(visit.session, "attribute", visit.args["key"])
    target = f"/intelligence/attributes/{attribute_id}#sightings"
    return visit.redirect(target, visit.gettext("Your report is kept."))
