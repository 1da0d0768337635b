# SPDX-License-Identifier: EUPL-1.2
"""`/galaxy_cluster_relations`: how clusters relate; and `/galaxy_elements`, what they say.

A stock MISP's answers to its additions are garbled (the media type where the id should be);
here they are what its clients read of any other.
"""

from typing import Any

from msgspec import UNSET

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.paging import bounds_within
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.api.misp.vocabulary.galaxies import asked
from brug.api.misp.vocabulary.galaxy_clusters import NOT_YOURS, named_cluster
from brug.formats.json_text import decode
from brug.formats.misp import coercion as c
from brug.intel.label import taglist
from brug.intel.levels import GroupRefused
from brug.intel.vocabulary import (
    as_misp,
    cluster_changes,
    cluster_drafts,
    cluster_relations,
    clusters,
    clusters_as_misp,
)
from brug.intel.vocabulary.cluster_relations import PAGE, Page
from brug.intel.vocabulary.clusters import Cluster, Relation
from brug.model.errors import Forbidden, Invalid, NotFound

BODY = {
    "galaxy_cluster_uuid": "UUID", "referenced_galaxy_cluster_uuid": "UUID",
    "referenced_galaxy_cluster_type": "text", "distribution": "0-4", "tags": "list of names",
}  # fmt: skip


def _shown(call: Call, several: list[Relation]) -> list[dict[str, Any]]:
    ids = {one.source_id for one in several} | {one.target_id for one in several if one.target_id}
    ends = clusters.by_ids(call.session, sorted(ids))
    names = sorted({name for one in several for name in one.tags})
    tags = taglist.named(call.session, names) if names else {}
    return [_one(relation, ends, tags) for relation in several]


def _one(relation: Relation, ends: dict[int, Cluster], tags: dict[str, Any]) -> dict[str, Any]:
    own = clusters_as_misp.relation_json(relation)
    own.Tag = UNSET
    source, target = ends.get(relation.source_id), ends.get(relation.target_id or 0)
    attached = [
        {
            "id": f"{relation.id}",
            "galaxy_cluster_relation_id": str(relation.id),
            "tag_id": str(tags[name].id),
            "Tag": as_misp.tag_json(tags[name]),
        }
        for name in relation.tags
        if name in tags
    ]
    return {
        "GalaxyClusterRelation": own,
        "SourceCluster": clusters_as_misp.cluster_json(source) if source else {},
        "TargetCluster": clusters_as_misp.cluster_json(target) if target else {},
        "GalaxyClusterRelationTag": attached,
    }


def _relation(call: Call, text: str = "Invalid cluster relation") -> Relation:
    try:
        return cluster_relations.relation(call.session, call.arg(0))
    except NotFound as error:
        raise MispError(404, text) from error


@endpoint(
    "galaxy_cluster_relations",
    "index",
    shows=("vocabulary", "tag"),
    probes=(("GET", "/galaxy_cluster_relations/index/context:custom", None),),
    summary="Relations between clusters, at most a thousand a page.",
    body={"context": "all, default, custom or org", "limit": "number", "page": "number"},
)
def index(call: Call) -> Answer:
    given = {**call.named, **call.data("GalaxyClusterRelation")}
    page = Page(*bounds_within(given, PAGE), asked(call, "context") or "all")
    return Answer(_shown(call, cluster_relations.relations(call.session, page)))


@endpoint(
    "galaxy_cluster_relations",
    "view",
    shows=("vocabulary", "tag"),
    probes=(("GET", "/galaxy_cluster_relations/view/{cluster_relation}", None),),
    summary="One relation, with both its ends.",
)
def view(call: Call) -> Answer:
    (shown,) = _shown(call, [_relation(call)])
    return Answer(shown)


def _refused(verb: str, call: Call, reason: str) -> SaveFailed:
    text = f'Relationship could not be {verb}ed.Reasons: ["{reason}"]'
    return SaveFailed(verb, "GalaxyClusterRelation", text, call.path)


@endpoint(
    "galaxy_cluster_relations", "add", methods=WRITE, right="galaxy_editor", changes=True,
    summary="Relate a cluster of one's own to another.", body=BODY,
)  # fmt: skip
def add(call: Call) -> Answer:
    data = call.data("GalaxyClusterRelation")
    reference = data.get("galaxy_cluster_uuid") or data.get("galaxy_cluster_id") or ""
    try:
        source = clusters.cluster(call.session, str(reference))
        draft = cluster_drafts.relation(data)
        cluster_changes.claim_own(call.session, source.id)
        made = cluster_relations.insert(call.session, source.id, draft)
    except NotFound as error:
        raise _refused("add", call, "Invalid galaxy cluster") from error
    except (Invalid, GroupRefused) as error:
        raise _refused("add", call, error.public) from error
    except Forbidden as error:
        raise MispError(405, NOT_YOURS) from error
    return Answer(saved("GalaxyClusterRelation added", "/galaxy_cluster_relations/add", str(made)))


def _claimed(call: Call, found: Relation) -> None:
    try:
        cluster_changes.claim_own(call.session, found.source_id)
    except Forbidden as error:
        raise MispError(405, NOT_YOURS) from error


@endpoint(
    "galaxy_cluster_relations", "edit", methods=WRITE, right="galaxy_editor", changes=True,
    summary="Change a relation of a cluster of one's own.", body=BODY,
)  # fmt: skip
def edit(call: Call) -> Answer:
    found = _relation(call)
    _claimed(call, found)
    data = {"referenced_galaxy_cluster_uuid": found.target_uuid} | {
        name: value
        for name, value in call.data("GalaxyClusterRelation").items()
        if value not in (None, "")
    }
    try:
        cluster_relations.edit(call.session, found, cluster_drafts.relation(data))
    except (Invalid, GroupRefused) as error:
        raise _refused("edit", call, error.public) from error
    return Answer(saved("GalaxyClusterRelation saved", call.path, str(found.id)))


@endpoint(
    "galaxy_cluster_relations", "delete", methods=DELETABLE, right="galaxy_editor", changes=True,
    summary="Remove a relation of a cluster of one's own.",
)  # fmt: skip
def delete(call: Call) -> Answer:
    found = _relation(call, "Relation not found.")
    _claimed(call, found)
    cluster_relations.delete(call.session, found)
    return Answer(saved("GalaxyClusterRelation deleted", call.path, str(found.id)))


@endpoint(
    "galaxy_elements",
    "index",
    shows=("vocabulary",),
    probes=(("GET", "/galaxy_elements/index/{cluster}", None),),
    summary="The elements of a cluster.",
)
def elements(call: Call) -> Answer:
    found = named_cluster(call)
    return Answer([{"GalaxyElement": one} for one in clusters_as_misp.elements_json(found)])


MOST_KEYS = 1000


def _flat(value: Any, path: str = "") -> list[tuple[str, str]]:
    """A JSON document as keys with dots between their parts."""
    if isinstance(value, dict):
        inner = [
            (f"{path}.{name}" if path else c.text("jsonData", name), one)
            for name, one in value.items()
        ]
    elif isinstance(value, list):
        inner = [(path, one) for one in value]
    else:
        text = "0" if value is False else c.text("jsonData", value)
        return [(path[:255], text)] if path and value is not None else []
    return [pair for name, one in inner for pair in _flat(one, name)]


@endpoint(
    "galaxy_elements", "flattenJson", methods=WRITE, right="galaxy_editor", changes=True,
    summary="Add a JSON document to a cluster's elements, one for each of its values.",
    body={"jsonData": "JSON as an object or a text"},
)  # fmt: skip
def flatten(call: Call) -> Answer:
    found = named_cluster(call)
    try:
        cluster_changes.claim_own(call.session, found.id)
    except Forbidden as error:
        raise MispError(405, NOT_YOURS) from error
    document = call.data("GalaxyElement").get("jsonData")
    if isinstance(document, str):
        document = decode(document.encode())
    flat = _flat(document) if isinstance(document, dict | list) else []
    if not flat or len(flat) > MOST_KEYS:
        raise Invalid("jsonData", f"a JSON document of 1 to {MOST_KEYS} values")
    cluster_changes.add_elements(call.session, found.id, flat)
    return Answer(saved(f"{len(flat)} elements added.", call.path, str(found.id)))
