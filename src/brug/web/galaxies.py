# SPDX-License-Identifier: EUPL-1.2
"""Galaxies and the clusters in them: read by everyone, added to by galaxy editors."""

from typing import Any, cast

from brug.directory import sharing_groups
from brug.intel.levels import GroupRefused
from brug.intel.vocabulary import cluster_changes, clusters, galaxies
from brug.intel.vocabulary.cluster_drafts import ClusterDraft
from brug.intel.vocabulary.clusters import Cluster, Context
from brug.intel.vocabulary.galaxies import Galaxy
from brug.model.errors import Invalid
from brug.model.event import COMMUNITY, SHARING_GROUP
from brug.model.new_event import GroupRef
from brug.web import lists
from brug.web.event_values import tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/intelligence/galaxies"
WINDOW = 100
CONTEXTS = ("all", "custom", "org", "deleted")


@page(BASE)
def listed(visit: Visit) -> Reply:
    text = visit.query.text("text")[:255]
    return visit.show(
        "galaxies/list.html",
        tabs=tabs_of(visit),
        rows=galaxies.galaxies(visit.session, text or None),
        text=text,
    )


@page(BASE + "/{key:str}", shows=("cluster",), probe=BASE + "/{galaxy}")
def galaxy(visit: Visit) -> Reply:
    found = galaxies.galaxy(visit.session, visit.args["key"])
    text, context = visit.query.text("text")[:255], visit.query.get("context")
    context = context if context in CONTEXTS else "all"
    inside = clusters.clusters(visit.session, found.id, cast("Context", context), text or None)
    start = (lists.page_number(visit) - 1) * WINDOW
    rows = inside[start : start + WINDOW]
    return visit.show(
        "galaxies/galaxy.html",
        tabs=tabs_of(visit),
        galaxy=found,
        rows=rows,
        page=lists.paging(visit, len(rows), len(inside), WINDOW, None),
        text=text,
        context_name=context,
        may_add=visit.principal.may("galaxy_editor"),
    )


@page(BASE + "/{key:str}/new", right="galaxy_editor")
def ask_new(visit: Visit) -> Reply:
    found = galaxies.galaxy(visit.session, visit.args["key"])
    return form(visit, found, None, {"level": COMMUNITY})


@page(BASE + "/{key:str}/new", "POST", right="galaxy_editor")
def add(visit: Visit) -> Reply:
    found = galaxies.galaxy(visit.session, visit.args["key"])
    values = given(visit)
    errors = checked(visit, values)
    if not errors:
        try:
            made = cluster_changes.add(visit.session, found, draft_of(values))
        except (Invalid, GroupRefused) as error:
            errors = {"group" if isinstance(error, GroupRefused) else "value": error.public}
        else:
            said = visit.gettext("Added. It is a draft until you publish it.")
            return visit.redirect(f"/intelligence/clusters/{made.id}", said)
    return form(visit, found, None, values, errors)


def given(visit: Visit) -> dict[str, Any]:
    """The fields of a cluster that the form asks for."""
    sent = visit.form
    return {
        "value": sent.text("value")[:255],
        "description": sent.get("description").strip()[:65_535],
        "source": sent.text("source")[:2000],
        "authors": sent.text("authors")[:2000],
        "level": sent.number("level", COMMUNITY, high=4),
        "group": sent.text("group"),
        "elements": sent.get("elements")[:65_535],
    }


def checked(visit: Visit, values: dict[str, Any]) -> dict[str, str]:
    errors = {}
    if not values["value"]:
        errors["value"] = visit.gettext("Fill this in.")
    if values["level"] == SHARING_GROUP and not values["group"].isdecimal():
        errors["group"] = visit.gettext("Choose the group that it is for.")
    if any("=" not in line for line in values["elements"].splitlines() if line.strip()):
        errors["elements"] = visit.gettext("Write each line as key = value.")
    return errors


def draft_of(values: dict[str, Any]) -> ClusterDraft:
    level = values["level"]
    pairs = [line.partition("=") for line in values["elements"].splitlines() if line.strip()]
    return ClusterDraft(
        value=values["value"],
        description=values["description"],
        source=values["source"],
        authors=[name.strip() for name in values["authors"].split(",") if name.strip()],
        level=level,
        group=GroupRef(id=int(values["group"])) if level == SHARING_GROUP else None,
        elements=[(key.strip()[:255], value.strip()) for key, _, value in pairs if key.strip()],
    )


def form(
    visit: Visit,
    found: Galaxy,
    cluster: Cluster | None,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
) -> Reply:
    """The form of a new cluster, or of one that is changed."""
    return visit.show(
        "galaxies/form.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        galaxy=found,
        cluster=cluster,
        values=values,
        errors=errors or {},
        groups=sharing_groups.listed(visit.session, active=True),
    )
