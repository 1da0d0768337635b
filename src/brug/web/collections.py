# SPDX-License-Identifier: EUPL-1.2
"""Collections: events and clusters that belong together, across events."""

from typing import Any

from brug.directory import sharing_groups
from brug.intel import loading
from brug.intel.analysis import collection_changes, collection_elements, collections
from brug.intel.analysis.collection_elements import Element
from brug.intel.analysis.collections import Collection
from brug.intel.finding import find, uuid_of
from brug.model.errors import Conflict, Invalid, NotFound
from brug.store import settings
from brug.web import forms
from brug.web.event_values import group_name, tabs_of
from brug.web.languages import N_
from brug.web.navigation import Link
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/intelligence/collections"
CHOICES = (("", N_("All")), ("mine", N_("Mine")), ("organisation", N_("Of my organisation")))
WHOSE: dict[str, collections.Whose] = {"mine": "mine", "organisation": "organisation"}


@page(BASE, shows=("own",), probe=BASE)
def listed(visit: Visit) -> Reply:
    whose = visit.query.text("whose")
    return visit.show(
        "collections/list.html",
        tabs=tabs_of(visit),
        rows=collections.listed(visit.session, WHOSE.get(whose, "all")),
        choices=[
            Link(visit.gettext(label), f"{BASE}?whose={name}" if name else BASE, "", name == whose)
            for name, label in CHOICES
        ],
    )


@page(BASE + "/new", right="modify")
def ask_new(visit: Visit) -> Reply:
    level = int(settings.get(visit.session, "events.default_distribution"))
    return _form(visit, None, {"type": "campaign", "distribution": level})


@page(BASE + "/new", "POST", right="modify")
def add(visit: Visit) -> Reply:
    given = _given(visit)

    def save() -> Reply:
        made = collection_changes.add(visit.session, given)
        return visit.redirect(f"{BASE}/{made.id}", visit.gettext("Added."))

    return forms.saved(visit, save, lambda errors: _form(visit, None, given, errors))


@page(BASE + "/{key:str}", shows=("event",), probe="/intelligence/collections/{collection}")
def collection(visit: Visit) -> Reply:
    return _collection(visit)


def _collection(visit: Visit, problem: str = "", status: int = 200) -> Reply:
    found = collections.find(visit.session, visit.args["key"])
    return visit.show(
        "collections/collection.html",
        status,
        tabs=tabs_of(visit),
        collection=found,
        elements=_named(visit, collection_elements.elements(visit.session, [found.id])),
        may_change=collections.may_change(visit.session, found),
        group=group_name(visit, found.sharing_group_id),
        problem=problem,
    )


def _named(visit: Visit, elements: list[Element]) -> list[dict[str, Any]]:
    """Elements with what they are called and where they lead."""
    session = visit.session
    uuids = [one.element_uuid for one in elements if one.element_type == "Event"]
    ids = [find(session, "event", uuid) for uuid in uuids]
    events = {e.head.uuid: e for e in loading.heads(session, ids).values()} if ids else {}
    clusters = {
        row[0]: row[1:]
        for row in session.all(
            "SELECT uuid::text, value, tag_name FROM galaxy_cluster"
            " WHERE uuid = ANY (%s::uuid[]) ORDER BY id DESC",
            ([one.element_uuid for one in elements if one.element_type == "GalaxyCluster"],),
        )
    }
    shown = []
    for one in elements:
        row: dict[str, Any] = {"element": one, "name": one.element_uuid, "tag": "", "event": None}
        if one.element_uuid in events:
            event = events[one.element_uuid]
            row |= {"name": event.head.info, "event": event}
        elif one.element_uuid in clusters:
            row |= {"name": clusters[one.element_uuid][0], "tag": clusters[one.element_uuid][1]}
        shown.append(row)
    return shown


@page(BASE + "/{key:str}/edit", right="modify")
def ask_edit(visit: Visit) -> Reply:
    found = collections.find(visit.session, visit.args["key"])
    names = ("name", "type", "description", "distribution", "sharing_group_id")
    return _form(visit, found, {name: getattr(found, name) for name in names})


@page(BASE + "/{key:str}/edit", "POST", right="modify")
def edit(visit: Visit) -> Reply:
    found = collections.find(visit.session, visit.args["key"])
    given = _given(visit)

    def save() -> Reply:
        collection_changes.edit(visit.session, found.id, given)
        return visit.redirect(f"{BASE}/{found.id}", visit.gettext("Saved."))

    return forms.saved(visit, save, lambda errors: _form(visit, found, given, errors))


@page(BASE + "/{key:str}/elements", "POST", right="modify")
def change_elements(visit: Visit) -> Reply:
    """Puts in the event that is named by number or UUID, or takes out the one in `remove`."""
    session, form = visit.session, visit.form
    found = collections.find(session, visit.args["key"])
    if form.get("remove"):
        collection_elements.remove_element(session, form.text("remove"))
        return visit.redirect(f"{BASE}/{found.id}")
    try:
        event_id = find(session, "event", form.text("event").rpartition("/")[2])
        uuid = uuid_of(session, "event", event_id)
        words = form.text("description")[:1000]
        collection_elements.add_element(session, found.id, "Event", uuid, words)
    except (NotFound, Conflict, Invalid) as error:
        return _collection(visit, visit.sentence(error), 400)
    return visit.redirect(f"{BASE}/{found.id}", visit.gettext("Added."))


@page(BASE + "/{key:str}/delete", "POST", right="modify")
def delete(visit: Visit) -> Reply:
    collection_changes.delete(visit.session, visit.args["key"])
    said = visit.gettext("The collection is gone. What it held is where it was.")
    return visit.redirect(BASE, said)


def _given(visit: Visit) -> dict[str, Any]:
    form = visit.form
    return {
        "name": form.text("name")[:255],
        "type": form.text("type")[:80],
        "description": form.get("description").strip()[:100_000],
        "distribution": form.number("distribution", 1, high=4),
        "sharing_group_id": form.text("sharing_group_id"),
    }


def _form(
    visit: Visit,
    found: Collection | None,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
) -> Reply:
    return visit.show(
        "collections/form.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        collection=found,
        groups=sharing_groups.listed(visit.session, active=True),
        types=collections.TYPES,
        values=values,
        errors=errors or {},
    )
