# SPDX-License-Identifier: EUPL-1.2
"""`/galaxies` and `/galaxy_clusters`: list, view, search, switch.

As in MISP, indexes answer whole: `limit` and `page` act on restSearch alone.
"""

from typing import Any, cast

from brug.api.misp import vocabulary_update
from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.refusals import MispError, saved
from brug.formats.misp import coercion
from brug.intel.vocabulary import as_misp, clusters, galaxies, taxonomy_tags
from brug.intel.vocabulary.clusters import Cluster, Context
from brug.intel.vocabulary.galaxies import Galaxy
from brug.model.errors import NotFound

CONTEXTS = frozenset({"all", "default", "custom", "org", "deleted"})


def _galaxy(call: Call) -> Galaxy:
    try:
        return galaxies.galaxy(call.session, call.arg(0))
    except NotFound as error:
        raise MispError(404, "Invalid Galaxy.") from error


def _cluster(call: Call) -> Cluster:
    try:
        return clusters.cluster(call.session, call.arg(0))
    except NotFound as error:
        raise MispError(404, "Invalid galaxy cluster") from error


def _asked(call: Call, *names: str) -> str | None:
    """A search text from the body or the path's named parameters."""
    given = {**call.named, **call.data("Galaxy", "GalaxyCluster")}
    for name in names:
        text = coercion.text(name, given.get(name))
        if text:
            return text
    return None


@endpoint(
    "galaxies",
    "index",
    shows=("vocabulary",),
    probes=(("GET", "/galaxies/index", None),),
    summary="List galaxies; `value` finds part of a name, type or description.",
    body={"value": "text"},
)
def index(call: Call) -> Answer:
    found = galaxies.galaxies(call.session, _asked(call, "value", "searchall"))
    return Answer([{"Galaxy": as_misp.galaxy_json(one)} for one in found])


@endpoint(
    "galaxies",
    "view",
    shows=("vocabulary",),
    probes=(("GET", "/galaxies/view/tea-matrix", None),),
    summary="One galaxy by id or UUID, with all its clusters and their elements.",
)
def view(call: Call) -> Answer:
    found = _galaxy(call)
    inside = clusters.clusters(call.session, found.id)
    clusters.complete(call.session, inside)
    return Answer(
        {
            "Galaxy": as_misp.galaxy_json(found),
            "GalaxyCluster": [
                as_misp.cluster_json(one) | {"GalaxyElement": as_misp.elements_json(one)}
                for one in inside
            ],
        }
    )


def _switch(call: Call, enabled: bool) -> Answer:
    galaxies.set_enabled(call.session, _galaxy(call).id, enabled)
    return Answer(saved(f"Galaxy {'enabled' if enabled else 'disabled'}", "/galaxies/toggle"))


@endpoint(
    "galaxies", "enable", methods=WRITE, right="site_admin", changes=True,
    summary="Switch a galaxy on.",
)  # fmt: skip
def enable(call: Call) -> Answer:
    return _switch(call, True)


@endpoint(
    "galaxies", "disable", methods=WRITE, right="site_admin", changes=True,
    summary="Switch a galaxy off.",
)  # fmt: skip
def disable(call: Call) -> Answer:
    return _switch(call, False)


@endpoint(
    "galaxies", "update", methods=WRITE, right="site_admin", changes=True,
    summary="Whether the galaxies of the installed package are served.",
)  # fmt: skip
def update(call: Call) -> Answer:
    return vocabulary_update.answer(call, "Galaxy", "galaxies", "pymispgalaxies")


@endpoint(
    "galaxy_clusters",
    "index",
    shows=("vocabulary",),
    probes=(("GET", "/galaxy_clusters/index/tea-matrix", None),),
    summary="A galaxy's clusters, without elements; `searchall` looks in elements too.",
    body={"context": "all, default, custom, org or deleted", "searchall": "text"},
)
def cluster_index(call: Call) -> Answer:
    context = _asked(call, "context") or "all"
    if context not in CONTEXTS:
        context = "all"
    found = clusters.clusters(
        call.session, _galaxy(call).id, cast("Context", context), _asked(call, "searchall")
    )
    return Answer([{"GalaxyCluster": as_misp.cluster_json(one)} for one in found])


@endpoint(
    "galaxy_clusters",
    "view",
    shows=("vocabulary", "tag"),
    probes=(("GET", "/galaxy_clusters/view/7eacd736-b093-4cc0-a56c-5f84de725dfb", None),),
    summary="One cluster by id or UUID, with its galaxy, elements and relations.",
)
def cluster_view(call: Call) -> Answer:
    found = _cluster(call)
    tag = taxonomy_tags.existing(call.session, [found.tag_name]).get(found.tag_name)
    counted: dict[str, Any] = {"tag_count": 0}
    if tag is not None:
        events, _ = taxonomy_tags.uses(call.session, [tag.id])[tag.id]
        counted = {"tag_count": events, "tag_id": str(tag.id)}
    return Answer({"GalaxyCluster": as_misp.whole_cluster_json(found) | counted})
