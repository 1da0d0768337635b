# SPDX-License-Identifier: EUPL-1.2
"""How it stands with a server: runs with what failed and why, what is due, and asking for more."""

from typing import Any

from brug.bridges.afterwards import sourced
from brug.bridges.misp import governing, judging, previewing, pulling, pushing, runs, standing
from brug.bridges.misp.asking import Failed
from brug.bridges.misp.runs import Run
from brug.directory import organisations, routes, servers
from brug.directory.refusals import Refused
from brug.directory.routes import Holder
from brug.directory.servers import NoKey, Server
from brug.edge.outgoing import NotReached
from brug.model.errors import Invalid
from brug.model.naming import is_uuid
from brug.web import forms, reaching
from brug.web.administration.servers import BASE
from brug.web.administration.tabs import tabs_of
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

WORK = BASE + "/{key:int}/work"
_KINDS = {"pull": N_("Pull"), "push": N_("Push"), "cache": N_("Fetch values")}
_STATES = {
    "queued": (N_("Waits"), "warn"), "running": (N_("Under way"), "warn"),
    "done": (N_("Done"), "good"), "failed": (N_("Failed"), "bad"),
}  # fmt: skip
_TECHNIQUES = {
    "full": N_("everything"), "update": N_("what is held already"),
    "incremental": N_("everything but events"), "pull_relevant_clusters": N_("clusters in use"),
}  # fmt: skip
_COUNTS = {
    "events": N_("events"), "events_failed": N_("events failed"), "held": N_("held"),
    "proposals": N_("proposals"), "sightings": N_("sightings"), "clusters": N_("clusters"),
    "analyst_data": N_("notes and opinions"), "values": N_("values"),
}  # fmt: skip


@page(WORK, right="site_admin", shows=("directory",))
def shown(visit: Visit) -> Reply:
    return _work(visit, servers.view(visit.session, visit.args["key"]))


def _work(visit: Visit, found: Server, errors: dict[str, str] | None = None) -> Reply:
    session = visit.session
    return visit.show(
        "administration/server_work.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        errors=errors or {},
        given=visit.form,
        server=found,
        kept=routes.kept(session, Holder("server", found.id)),
        troubles=reaching.TROUBLES,
        organisation=organisations.view(session, found.remote_org_id).name,
        standing=standing.standing(session, found.id),
        bridge=judging.bridge_of(session, found.id),
        rows=[_shown(visit, one) for one in runs.listed(session, found.id)],
    )


def _shown(visit: Visit, run: Run) -> dict[str, Any]:
    word, colour = _STATES[run.state]
    if run.state == "done" and run.failures:
        word, colour = N_("Done in part"), "warn"
    counts = [
        f"{number} {visit.gettext(_COUNTS[name])}"
        for name, number in run.counts.items()
        if number and name in _COUNTS
    ]
    technique = _TECHNIQUES.get(run.technique)
    return {
        "run": run,
        "kind": visit.gettext(_KINDS[run.kind]),
        "what": visit.gettext(technique) if technique else run.technique,
        "state": visit.gettext(word),
        "colour": colour,
        "counts": ", ".join(counts),
    }


@page(BASE + "/{key:int}/run", "POST", right="site_admin")
def ask(visit: Visit) -> Reply:
    """Puts a run into the table, also one that failed before: the thread takes it up."""
    found = servers.view(visit.session, visit.args["key"])
    if not found.has_key:
        return _back(visit, visit.gettext("Its key is not known yet"))
    kind, technique = visit.form.text("kind"), visit.form.text("technique") or "full"
    if kind == "pull":
        runs.queue(visit.session, found.id, "pull", pulling.check(technique))
    elif kind == "push":
        what = technique if _is_one(technique) else pushing.technique_of(visit.session, technique)
        runs.queue(visit.session, found.id, "push", what)
    elif kind == "cache":
        runs.queue(visit.session, found.id, "cache", "full")
    else:
        raise Invalid("kind", "pull, push or cache", kind)
    return _back(visit, visit.gettext("It is done as soon as its turn comes."))


def _is_one(technique: str) -> bool:
    """As a run holds it that publishing put there, and whoever tries it again sends back."""
    what, _, uuid = technique.partition(" ")
    return what in {"event", "sightings", "cluster"} and is_uuid(uuid)


@page(BASE + "/{key:int}/schedule", "POST", right="site_admin")
def schedule(visit: Visit) -> Reply:
    found = servers.view(visit.session, visit.args["key"])

    def save() -> Reply:
        if "minutes" in visit.form:
            standing.set_pull_minutes(visit.session, found.id, _whole(visit, "minutes"))
        if "days" in visit.form:
            sourced.set_of_server(visit.session, found.id, _whole(visit, "days"))
        return _back(visit, visit.gettext("Saved."))

    return forms.saved(visit, save, lambda errors: _work(visit, found, errors))


def _whole(visit: Visit, name: str) -> int:
    text = visit.form.text(name)
    if not (text.isascii() and text.isdecimal() and len(text) < 12):
        raise Refused(name, "range", "a whole number from 0", text)
    return int(text)


@page(BASE + "/{key:int}/govern", "POST", right="site_admin")
def govern(visit: Visit) -> Reply:
    found = servers.view(visit.session, visit.args["key"])
    governing.govern(visit.session, found)
    return _back(visit, visit.gettext("Nothing goes to it now until an agreement is in force."))


def _back(visit: Visit, said: str) -> Reply:
    return visit.redirect(f"{BASE}/{visit.args['key']}/work", said)


@page(BASE + "/{key:int}/events", right="site_admin")
def preview(visit: Visit) -> Reply:
    """The events of the server as it lists them now; nothing is taken in by looking."""
    found = servers.view(visit.session, visit.args["key"])
    number = visit.query.number("page", 1, 1, 10_000)
    sought = visit.query.text("q")
    asked = {"page": str(number)} | ({"searcheventinfo": sought} if sought else {})
    several: list[dict[str, Any]] = []
    total, problem = 0, ""
    try:
        several, total = previewing.index(visit.session, found, asked)
    except (NoKey, NotReached) as error:
        problem = visit.gettext(error.public)
    except Failed as error:
        problem = str(error)[:300]
    return visit.show(
        "administration/server_events.html",
        tabs=tabs_of(visit),
        server=found,
        events=[_listed(one) for one in several],
        total=total,
        number=number,
        more=number * previewing.PER_PAGE < total,
        sought=sought,
        problem=problem,
    )


def _listed(one: dict[str, Any]) -> dict[str, Any]:
    """What a row shows; whatever a partner sends is text here."""
    creator = one.get("Orgc")
    name = creator.get("name", "") if isinstance(creator, dict) else ""
    uuid = str(one.get("uuid", ""))
    return {
        "uuid": uuid if is_uuid(uuid) else "",
        "info": str(one.get("info", ""))[:300],
        "date": str(one.get("date", ""))[:10],
        "creator": str(name)[:100],
        "published": one.get("published") is True,
        "count": str(one.get("attribute_count", ""))[:10],
    }
