# SPDX-License-Identifier: EUPL-1.2
"""Attaching clusters to events, attributes and tag collections, and taking them off.

A stock MISP's `galaxy_clusters/detach` only redirects; here it answers.
"""

from typing import Any, cast

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import is_on
from brug.api.misp.refusals import MispError, saved
from brug.api.misp.vocabulary.tag_targets import relationship, target_of
from brug.formats import json_text
from brug.intel.label import tag_collections, tagging, taglist
from brug.intel.label.tagging import AlreadyAttached, Kind, LocalOnly, NotAttached, Target
from brug.intel.vocabulary import cluster_tags, clusters
from brug.intel.vocabulary.clusters import Cluster
from brug.model.errors import Forbidden, NotFound

KINDS = frozenset({"event", "attribute"})
NO_CLUSTER = (404, "Invalid Galaxy cluster")
NOT_YOURS = (403, "No permission to attach this cluster to given target.")
MOST = 1000


def _cluster(call: Call, reference: Any) -> Cluster:
    try:
        found = clusters.cluster(call.session, str(reference))
    except NotFound as error:
        raise MispError(*NO_CLUSTER) from error
    if found.deleted:
        raise MispError(*NO_CLUSTER)
    return found


def _target(call: Call, item: str, kind: str) -> Target:
    if kind not in KINDS:
        raise MispError(404, "Invalid object type.")
    try:
        return target_of(call, cast("Kind", kind), item)
    except NotFound as error:
        raise MispError(404, f"Invalid {kind}.") from error


def _attach(call: Call, references: list[Any], *, local: bool) -> Answer:
    item, kind = call.arg(0), call.arg(1).lower()
    if kind in {"tagcollection", "tag_collection"}:
        return _collect(call, item, references)
    target = None if kind not in KINDS else _target(call, item, kind)
    wanted = [_cluster(call, reference) for reference in references]
    if target is None:
        raise MispError(404, "Invalid object type.")
    relation = relationship(call.data("Galaxy"))
    text = ""
    for one in wanted:
        try:
            cluster_tags.attach(call.session, target, one, local=local, relationship=relation)
            text = "Cluster attached."
        except AlreadyAttached:
            text = text or "Cluster already attached."
        except LocalOnly as error:
            return Answer({"saved": False, "errors": error.public})
        except Forbidden as error:
            raise MispError(*NOT_YOURS) from error
    return Answer({"saved": True, "success": text, "check_publish": True})


def _collect(call: Call, item: str, references: list[Any]) -> Answer:
    wanted = [_cluster(call, reference) for reference in references]
    try:
        collection = tag_collections.editable(call.session, item)
    except NotFound as error:
        raise MispError(404, "Invalid tag collection.") from error
    except Forbidden as error:
        raise MispError(*NOT_YOURS) from error
    for one in wanted:
        tag_id = cluster_tags.tag_of(call.session, one).id
        tag_collections.add_tags(call.session, collection, [tag_id])
    return Answer({"saved": True, "success": "Cluster attached."})


def _local(call: Call) -> bool:
    return is_on(call.named.get("local")) or is_on(call.data("Galaxy").get("local"))


@endpoint(
    "galaxies", "attachCluster", methods=WRITE, right="tagger", changes=True,
    summary="Attach a cluster to an event, an attribute or a tag collection.",
    body={"target_id": "number, UUID or tag of the cluster"},
)  # fmt: skip
def attach(call: Call) -> Answer:
    reference = call.data("Galaxy").get("target_id")
    return _attach(call, ["" if reference is None else reference], local=_local(call))


@endpoint(
    "galaxies", "attachMultipleClusters", methods=WRITE, right="tagger", changes=True,
    summary="Attach several clusters at once.",
    body={"Galaxy": {"target_ids": "list of numbers, or its JSON text"}},
)  # fmt: skip
def attach_several(call: Call) -> Answer:
    body = call.body if isinstance(call.body, dict) else {}
    inner = body.get("Galaxy")
    given = inner.get("target_ids") if isinstance(inner, dict) else None
    if isinstance(given, str):
        try:
            given = json_text.decode_nested(given)
        except json_text.Malformed:
            given = [given]
    if isinstance(given, int):
        given = [given]
    if not isinstance(given, list) or not given or len(given) > MOST:
        return Answer({"saved": False, "errors": "Failed to parse request."})
    return _attach(call, given, local=_local(call))


@endpoint(
    "galaxy_clusters", "detach", methods=("POST", "PUT", "DELETE"), right="tagger", changes=True,
    summary="Take a cluster's tag off an event or attribute: item, kind, tag.",
)  # fmt: skip
def detach(call: Call) -> Answer:
    target = _target(call, call.arg(0), call.arg(1).lower())
    try:
        tagging.detach(call.session, target, taglist.find(call.session, call.arg(2)))
    except (NotFound, NotAttached) as error:
        raise MispError(404, f"Invalid {target.kind} - tag combination.") from error
    except Forbidden as error:
        raise MispError(*NOT_YOURS) from error
    return Answer(saved("Galaxy successfully detached.", call.path))
