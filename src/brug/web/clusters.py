# SPDX-License-Identifier: EUPL-1.2
"""One cluster: what it says, how it relates, who made it; and changing one's own."""

from typing import Any

from brug.intel.label import taglist
from brug.intel.levels import GroupRefused
from brug.intel.vocabulary import (
    cluster_changes,
    cluster_drafts,
    cluster_relations,
    clusters,
    taxonomy_tags,
)
from brug.intel.vocabulary.clusters import Cluster, Relation
from brug.model.errors import Conflict, Forbidden, Invalid, NotFound
from brug.web import galaxies
from brug.web.event_values import group_name, tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/intelligence/clusters/{key:str}"


def may_change(visit: Visit, found: Cluster) -> bool:
    """Whether the page offers changes; the database decides when one is made."""
    reader = visit.principal
    own = found.orgc_id == reader.org_id and reader.may("galaxy_editor")
    return not found.is_default and (own or reader.is_site_admin)


def _relations(visit: Visit, several: list[Relation], *, outward: bool) -> list[dict[str, Any]]:
    """Relations with what stands at the other end, as far as the reader sees it."""
    ids = [one.target_id if outward else one.source_id for one in several]
    ends = clusters.by_ids(visit.session, sorted({i for i in ids if i}))
    return [
        {
            "relation": one,
            "end": ends.get(end or 0),
            "uuid": one.target_uuid if outward else one.source_uuid,
        }
        for one, end in zip(several, ids, strict=True)
    ]


@page(BASE, shows=("cluster", "tag"), probe="/intelligence/clusters/{cluster}")
def cluster(visit: Visit) -> Reply:
    return _shown(visit)


def _shown(visit: Visit, problem: str = "", status: int = 200) -> Reply:
    session = visit.session
    found = clusters.cluster(session, visit.args["key"])
    tag = taglist.named(session, [found.tag_name]).get(found.tag_name)
    events, attributes = taxonomy_tags.uses(session, [tag.id])[tag.id] if tag else (0, 0)
    creator = session.value("SELECT name FROM organisation WHERE id = %s", (found.orgc_id,))
    origin = None
    if found.extends_uuid:
        try:
            origin = clusters.cluster(session, found.extends_uuid)
        except NotFound:
            origin = None
    return visit.show(
        "galaxies/cluster.html",
        status,
        tabs=tabs_of(visit),
        cluster=found,
        galaxy=found.galaxy,
        meta=found.meta,
        outward=_relations(visit, found.relations, outward=True),
        inward=_relations(visit, found.targeting, outward=False),
        events=events,
        attributes=attributes,
        creator=creator,
        origin=origin,
        group=group_name(visit, found.sharing_group_id),
        may_change=may_change(visit, found),
        problem=problem,
    )


def _own(visit: Visit) -> Cluster:
    found = clusters.cluster(visit.session, visit.args["key"])
    if not may_change(visit, found):
        raise Forbidden(f"{visit.principal.email} may not change cluster {found.id}")
    return found


@page(BASE + "/edit", right="galaxy_editor", shows=("cluster",),
      probe="/intelligence/clusters/{cluster}/edit")  # fmt: skip
def ask_edit(visit: Visit) -> Reply:
    found = _own(visit)
    values = {
        "value": found.value,
        "description": found.description,
        "source": found.source,
        "authors": ", ".join(found.authors),
        "level": found.distribution,
        "group": str(found.sharing_group_id or ""),
        "elements": "\n".join(f"{one.key} = {one.value}" for one in found.elements),
    }
    return _form(visit, found, values)


def _form(
    visit: Visit, found: Cluster, values: dict[str, Any], errors: dict[str, str] | None = None
) -> Reply:
    if found.galaxy is None:
        raise NotFound(f"galaxy {found.galaxy_id} is hidden")
    return galaxies.form(visit, found.galaxy, found, values, errors)


@page(BASE + "/edit", "POST", right="galaxy_editor")
def edit(visit: Visit) -> Reply:
    found, values = _own(visit), galaxies.given(visit)
    errors = galaxies.checked(visit, values)
    if not errors:
        try:
            cluster_changes.edit(visit.session, found, galaxies.draft_of(values))
        except (Invalid, GroupRefused) as error:
            errors = {"group" if isinstance(error, GroupRefused) else "value": error.public}
        else:
            said = visit.gettext("Saved. It is a draft until you publish it.")
            return visit.redirect(f"/intelligence/clusters/{found.id}", said)
    return _form(visit, found, values, errors)


@page(BASE + "/act", "POST", right="galaxy_editor")
def act(visit: Visit) -> Reply:
    """Publishes, unpublishes, deletes or restores."""
    session, found = visit.session, clusters.cluster(visit.session, visit.args["key"])
    wanted = visit.form.get("act")
    if wanted in {"publish", "unpublish"}:
        cluster_changes.set_published(session, found, wanted == "publish")
        said = visit.gettext("Published.") if wanted == "publish" else visit.gettext(
            "This is a draft again."
        )  # fmt: skip
    elif wanted == "delete":
        cluster_changes.delete(session, found, hard=False)
        said = visit.gettext("The cluster is deleted. It can be restored.")
    elif wanted == "restore":
        cluster_changes.restore(session, found)
        said = visit.gettext("The cluster is back.")
    else:
        raise Invalid("act", "publish, unpublish, delete or restore", wanted)
    return visit.redirect(f"/intelligence/clusters/{found.id}", said)


@page(BASE + "/relations", "POST", right="galaxy_editor")
def relate(visit: Visit) -> Reply:
    """Adds a relation to another cluster, or removes one."""
    session, found, sent = visit.session, _own(visit), visit.form
    cluster_changes.claim_own(session, found.id)
    back = f"/intelligence/clusters/{found.id}"
    try:
        if sent.get("remove"):
            relation = cluster_relations.relation(session, sent.get("remove"))
            if relation.source_id == found.id:
                cluster_relations.delete(session, relation)
            return visit.redirect(back + "#relations")
        target = clusters.cluster(session, sent.text("target"))
        raw = {
            "referenced_galaxy_cluster_uuid": target.uuid,
            "referenced_galaxy_cluster_type": sent.text("type"),
            "distribution": found.distribution,
            "sharing_group_id": found.sharing_group_id,
        }
        cluster_relations.insert(session, found.id, cluster_drafts.relation(raw))
    except NotFound:
        text = visit.gettext("There is no such cluster. Give its number, UUID or tag.")
        return _shown(visit, text, 404)
    except (Invalid, Conflict, GroupRefused) as error:
        return _shown(visit, visit.sentence(error), 400)
    return visit.redirect(back + "#relations", visit.gettext("Added."))
