# SPDX-License-Identifier: EUPL-1.2
"""`/galaxy_clusters`: list, view, make, change, publish and delete clusters.

Only the organisation that made a cluster changes it; published vocabularies' clusters are
changed by nobody, and hidden by site admins.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import is_on
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.api.misp.vocabulary.galaxies import asked, named_galaxy
from brug.directory.sharing_groups_as_misp import embedded
from brug.intel.label import taglist
from brug.intel.levels import GroupRefused
from brug.intel.vocabulary import (
    cluster_changes,
    cluster_drafts,
    clusters,
    clusters_as_misp,
    taxonomy_tags,
)
from brug.intel.vocabulary.clusters import Cluster, Context
from brug.model.errors import Conflict, Forbidden, Invalid, NotFound

CONTEXTS = frozenset({"all", "default", "custom", "org", "orgc", "deleted"})
# What is expected of a field, where MISP says it without the field.
MISPS_WORDS = frozenset({cluster_drafts.LEVEL_TEXT, cluster_drafts.UUID_TEXT})
NOT_YOURS = "Only the creator organisation can modify the galaxy cluster"
BODY = {
    "value": "text", "description": "text", "source": "text", "authors": "list of names",
    "distribution": "0-4", "sharing_group_id": "number",
    "GalaxyElement": "list of {key, value}", "GalaxyClusterRelation": "list of relations",
}  # fmt: skip


def named_cluster(call: Call, place: int = 0) -> Cluster:
    """The cluster that the path names; raises MispError."""
    try:
        return clusters.cluster(call.session, call.arg(place))
    except NotFound as error:
        raise MispError(404, "Invalid galaxy cluster") from error


def whole(call: Call, several: list[Cluster]) -> list[dict[str, Any]]:
    """Clusters with all that belongs to them, their sharing groups included."""
    shown = clusters_as_misp.whole_clusters_json(call.session, several)
    wanted = sorted({one.sharing_group_id for one in several if one.sharing_group_id})
    groups = embedded(call.session, wanted) if wanted else {}
    for one, record in zip(several, shown, strict=True):
        if one.sharing_group_id in groups:
            record["SharingGroup"] = groups[one.sharing_group_id]
    return shown


def _answer(call: Call, found: Cluster) -> Answer:
    (shown,) = whole(call, [found])
    shown.pop("TargetingClusterRelation", None)
    return Answer({"GalaxyCluster": shown})


@endpoint(
    "galaxy_clusters",
    "index",
    shows=("vocabulary",),
    probes=(("GET", "/galaxy_clusters/index/tea-matrix", None),),
    summary="A galaxy's clusters, without elements; `searchall` looks in elements too.",
    body={"context": "all, default, custom, org, orgc or deleted", "searchall": "text"},
)
def index(call: Call) -> Answer:
    context = asked(call, "context") or "all"
    if context not in CONTEXTS:
        context = "all"
    found = clusters.clusters(
        call.session, named_galaxy(call).id, cast("Context", context), asked(call, "searchall")
    )
    return Answer([{"GalaxyCluster": clusters_as_misp.cluster_json(one)} for one in found])


@endpoint(
    "galaxy_clusters",
    "view",
    shows=("vocabulary", "tag"),
    probes=(
        ("GET", "/galaxy_clusters/view/7eacd736-b093-4cc0-a56c-5f84de725dfb", None),
        ("GET", "/galaxy_clusters/view/{cluster}", None),
    ),
    summary="One cluster by id or UUID, with its galaxy, elements and relations.",
)
def view(call: Call) -> Answer:
    found = named_cluster(call)
    tag = taglist.named(call.session, [found.tag_name]).get(found.tag_name)
    counted: dict[str, Any] = {"tag_count": 0}
    if tag is not None:
        events, _ = taxonomy_tags.uses(call.session, [tag.id])[tag.id]
        counted = {"tag_count": events, "tag_id": str(tag.id)}
    (shown,) = whole(call, [found])
    return Answer({"GalaxyCluster": shown | {"RelationshipInbound": []} | counted})


@contextmanager
def changing(verb: str, url: str, item_id: Any = None) -> Iterator[None]:
    """What becomes of a change to a cluster, in MISP's words."""
    try:
        yield
    except (Invalid, GroupRefused, Conflict) as error:
        text = error.public
        if isinstance(error, Invalid) and error.expected in MISPS_WORDS:
            text = error.expected
        raise SaveFailed(verb, "GalaxyCluster", text, url, item_id) from error
    except Forbidden as error:
        raise MispError(405, NOT_YOURS) from error


@endpoint(
    "galaxy_clusters", "add", methods=WRITE, right="galaxy_editor", changes=True,
    shows=("vocabulary",), summary="Make a cluster in a galaxy; `forkUUID:` copies another.",
    body=BODY,
)  # fmt: skip
def add(call: Call) -> Answer:
    galaxy = named_galaxy(call)
    with changing("add", "/galaxy_clusters/add"):
        draft = cluster_drafts.cluster(call.data("GalaxyCluster"))
        forked = next((v for n, v in call.named.items() if n.lower() == "forkuuid"), None)
        if forked is not None:
            _fork(call, draft, forked)
        made = cluster_changes.add(call.session, galaxy, draft)
    return _answer(call, made)


def _fork(call: Call, draft: cluster_drafts.ClusterDraft, reference: str) -> None:
    """What the sender leaves out is the forked cluster's; a fork has its own UUID."""
    try:
        origin = clusters.cluster(call.session, reference)
    except NotFound as error:
        raise MispError(404, "Invalid galaxy cluster") from error
    draft.uuid = None
    draft.extends_uuid = origin.uuid
    draft.extends_version = draft.extends_version or origin.version
    if draft.value is None:
        draft.value = origin.value
    if draft.elements is None:
        draft.elements = [(one.key, one.value) for one in origin.elements]


@endpoint(
    "galaxy_clusters", "edit", methods=WRITE, right="galaxy_editor", changes=True,
    shows=("vocabulary",), summary="Change a cluster of one's own; it is unpublished then.",
    body=BODY,
)  # fmt: skip
def edit(call: Call) -> Answer:
    found = named_cluster(call)
    with changing("edit", call.path, found.id):
        draft = cluster_drafts.cluster(call.data("GalaxyCluster"))
        return _answer(call, cluster_changes.edit(call.session, found, draft))


def _set_published(call: Call, published: bool) -> Answer:
    found, word = named_cluster(call), "publish" if published else "unpublish"
    with changing(word, call.path, found.id):
        if not cluster_changes.set_published(call.session, found, published):
            state = "already published" if published else "not published"
            raise MispError(405, f"You can't {word} a galaxy cluster that is {state}")
    return Answer(saved(f"GalaxyCluster {word}ed", call.path, str(found.id)))


@endpoint(
    "galaxy_clusters", "publish", methods=WRITE, right="galaxy_editor", changes=True,
    summary="Let those see a cluster whom its level names.",
)  # fmt: skip
def publish(call: Call) -> Answer:
    return _set_published(call, True)


@endpoint(
    "galaxy_clusters", "unpublish", methods=WRITE, right="galaxy_editor", changes=True,
    summary="Keep a cluster to its holder again.",
)  # fmt: skip
def unpublish(call: Call) -> Answer:
    return _set_published(call, False)


@endpoint(
    "galaxy_clusters", "delete", methods=DELETABLE, right="galaxy_editor", changes=True,
    summary="Delete a cluster, softly; with `hard` for good.", body={"hard": "flag"},
)  # fmt: skip
def delete(call: Call) -> Answer:
    found = named_cluster(call)
    hard = is_on(call.arg(1)) or is_on(call.data("GalaxyCluster").get("hard"))
    with changing("delete", call.path, found.id):
        cluster_changes.delete(call.session, found, hard=hard)
    text = f"Galaxy cluster successfuly {'hard' if hard else 'soft'} deleted."
    return Answer(saved(text, call.path, str(found.id)))


@endpoint(
    "galaxy_clusters", "restore", methods=WRITE, right="galaxy_editor", changes=True,
    summary="Bring a deleted cluster back.",
)  # fmt: skip
def restore(call: Call) -> Answer:
    found = named_cluster(call)
    with changing("restore", call.path, found.id):
        try:
            cluster_changes.restore(call.session, found)
        except NotFound as error:
            raise MispError(404, "Invalid galaxy cluster") from error
    return Answer(saved("GalaxyCluster restored", call.path, str(found.id)))


@endpoint(
    "galaxy_clusters", "updateCluster", methods=WRITE, right="galaxy_editor", changes=True,
    shows=("vocabulary",),
    summary="Bring a forked cluster's elements to those of what it was forked from.",
)  # fmt: skip
def update(call: Call) -> Answer:
    found = named_cluster(call)
    if found.extends_uuid is None:
        raise MispError(404, "Parent galaxy cluster not found")
    try:
        origin = clusters.cluster(call.session, found.extends_uuid)
    except NotFound as error:
        raise MispError(404, "Parent galaxy cluster not found") from error
    draft = cluster_drafts.ClusterDraft(
        elements=[(one.key, one.value) for one in origin.elements], extends_version=origin.version
    )
    with changing("update", call.path, found.id):
        return _answer(call, cluster_changes.edit(call.session, found, draft))
