# SPDX-License-Identifier: EUPL-1.2
"""Clusters on an event or attribute: attached by searching for a name or synonym."""

from typing import Any

from brug.intel import loading
from brug.intel.finding import find
from brug.intel.label import tagging, taglist, tags
from brug.intel.label.tagging import Kind, Target
from brug.intel.vocabulary import cluster_tags, clusters
from brug.model.errors import Conflict, NotFound
from brug.web import editing
from brug.web.event_values import may_change, tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

OFFERED = 50


def _target(visit: Visit, kind: Kind) -> Target:
    item_id = find(visit.session, kind, visit.args["key"])
    if kind == "event":
        return Target("event", item_id, item_id)
    event_id = visit.session.value("SELECT event_id FROM attribute WHERE id = %s", (item_id,))
    return Target("attribute", int(event_id), item_id)


def _shown(visit: Visit, target: Target, problem: str = "", status: int = 200) -> Reply:
    session = visit.session
    found = loading.heads(session, [target.event_id])[target.event_id]
    attached = (
        found.tags
        if target.kind == "event"
        else tags.of_attributes(session, [target.item_id]).get(target.item_id, [])
    )
    mine = [tag for tag in attached if tag.is_galaxy]
    known = clusters.clusters_by_tag(session, [tag.name for tag in mine])
    text = visit.query.text("text")[:255]
    offered = clusters.named(session, text, OFFERED) if text else []
    return visit.show(
        "galaxies/attach.html",
        status,
        tabs=tabs_of(visit),
        kind=target.kind,
        back=f"/intelligence/{target.kind}s/{target.item_id}",
        event=found.head,
        editing=editing.of(visit, found.head),
        attached=[_row(tag, known) for tag in mine],
        offered=offered,
        text=text,
        problem=problem,
        may_change=may_change(visit, found.head),
    )


def _row(tag: Any, known: dict[str, clusters.Cluster]) -> dict[str, Any]:
    return {"tag": tag, "cluster": known.get(tag.name)}


def _changed(visit: Visit, kind: Kind) -> Reply:
    session, form = visit.session, visit.form
    target = _target(visit, kind)
    try:
        if form.get("remove"):
            tagging.detach(session, target, taglist.find(session, form.get("remove")))
        else:
            chosen = clusters.cluster(session, form.get("cluster"))
            cluster_tags.attach(session, target, chosen, local=form.flag("local"))
    except NotFound:
        return _shown(visit, target, visit.gettext("There is no such cluster."), 404)
    except Conflict as error:
        return _shown(visit, target, visit.sentence(error), error.status)
    return visit.redirect(f"/intelligence/{kind}s/{target.item_id}/clusters")


EVENT = "/intelligence/events/{key:str}/clusters"
ATTRIBUTE = "/intelligence/attributes/{key:str}/clusters"


@page(EVENT, shows=("event", "cluster", "tag"), probe="/intelligence/events/{event}/clusters")
def ask_event(visit: Visit) -> Reply:
    return _shown(visit, _target(visit, "event"))


@page(EVENT, "POST")
def change_event(visit: Visit) -> Reply:
    return _changed(visit, "event")


@page(
    ATTRIBUTE,
    shows=("event", "attribute", "cluster", "tag"),
    probe="/intelligence/attributes/{attribute}/clusters",
)
def ask_attribute(visit: Visit) -> Reply:
    return _shown(visit, _target(visit, "attribute"))


@page(ATTRIBUTE, "POST")
def change_attribute(visit: Visit) -> Reply:
    return _changed(visit, "attribute")
