# SPDX-License-Identifier: EUPL-1.2
"""Clusters that partners push or people import, galaxies on their way out, and their trees."""

from typing import IO, Any

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import is_on
from brug.api.misp.refusals import NO_RIGHT, MispError, SaveFailed, saved
from brug.api.misp.vocabulary.galaxies import named_galaxy
from brug.api.misp.vocabulary.galaxy_clusters import whole
from brug.formats.json_text import encode
from brug.formats.misp import coercion as c
from brug.intel.vocabulary import (
    cluster_exchange,
    cluster_search,
    cluster_tree,
    clusters,
    clusters_as_misp,
)
from brug.intel.vocabulary.cluster_search import Wanted
from brug.intel.vocabulary.clusters import Cluster

AT_ONCE = 1000
JSON = "application/json; charset=UTF-8"


def _sent(body: Any) -> list[Any]:
    """A list of clusters, one of them, or the list's JSON inside a form."""
    if isinstance(body, dict):
        inner = body.get("Galaxy")
        text = inner.get("json") if isinstance(inner, dict) else None
        if isinstance(text, list):
            return text
        return [body] if "GalaxyCluster" in body else []
    return body if isinstance(body, list) else []


def _taken(call: Call, url: str) -> Answer:
    taken = cluster_exchange.take(call.session, _sent(call.body))
    text = (
        f"Galaxy clusters imported. {taken.imported} imported, {taken.ignored} ignored,"
        f" {taken.failed} failed. "
    )
    if taken.failed and not taken.imported:
        raise SaveFailed("import", "Galaxy", text + " ".join(taken.refusals[:20]), url)
    more = {"errors": taken.refusals} if taken.refusals else {}
    return Answer(saved(text, url, **more))


@endpoint(
    "galaxies", "import", methods=WRITE, right="galaxy_editor", changes=True,
    summary="Store clusters that are sent as a list; newer versions replace older ones.",
    body={"[]": "clusters with their galaxies"},
)  # fmt: skip
def take_in(call: Call) -> Answer:
    return _taken(call, "/galaxies/import")


@endpoint(
    "galaxies", "pushCluster", methods=WRITE, right="sync", changes=True,
    summary="The same, for synchronising servers.",
    body={"[]": "clusters with their galaxies"},
)  # fmt: skip
def push(call: Call) -> Answer:
    if not call.principal.may("galaxy_editor"):
        raise MispError(403, NO_RIGHT)
    return _taken(call, "/galaxies/pushCluster")


@endpoint(
    "galaxies",
    "export",
    shows=("vocabulary",),
    probes=(("POST", "/galaxies/export/tea-matrix", {"default": True, "custom": True}),),
    summary="A galaxy's clusters, in MISP's format or that of the MISP galaxy project.",
    body={"default": "flag", "custom": "flag", "distribution": "list", "format": "misp"},
)
def export(call: Call) -> Answer:
    galaxy = named_galaxy(call)
    asked = {**call.named, **call.data("Galaxy")}
    wanted = Wanted(galaxies=[galaxy.id])
    published, own = is_on(asked.get("default", True)), is_on(asked.get("custom", True))
    if published != own:
        wanted.custom = own
    levels = asked.get("distribution")
    if levels not in (None, "", []):
        several = levels if isinstance(levels, list) else [levels]
        wanted.levels = [n for one in several if (n := c.integer("distribution", one)) is not None]
    if not (published or own):
        wanted.ids = []
    if asked.get("format") == "misp-galaxy":
        found = cluster_search.found(call.session, wanted)
        clusters.complete(call.session, found, relations=True)
        return Answer(cluster_exchange.as_project(galaxy, found))
    return Answer(call.exports.filled(lambda out: _written(call, wanted, out)), media_type=JSON)


def _written(call: Call, wanted: Wanted, out: IO[bytes]) -> None:
    wanted.limit, first = AT_ONCE, True
    out.write(b"[")
    while several := cluster_search.found(call.session, wanted):
        clusters.complete(call.session, several, relations=True)
        for shown in whole(call, several):
            out.write((b"" if first else b",") + encode({"GalaxyCluster": shown}))
            first = False
        wanted.after = several[-1].id
    out.write(b"]")


@endpoint(
    "galaxies",
    "forkTree",
    shows=("vocabulary",),
    probes=(("GET", "/galaxies/forkTree/tea-matrix", None),),
    summary="A galaxy's clusters that were forked, with their forks by version.",
)
def fork_tree(call: Call) -> Answer:
    galaxy = named_galaxy(call)
    tree = cluster_tree.forks(call.session, galaxy.id)
    shown = clusters_as_misp.galaxy_json(galaxy)
    return Answer([{"Galaxy": shown, "children": [_branch(call, one) for one in tree]}])


def _branch(call: Call, branch: cluster_tree.Branch) -> dict[str, Any]:
    (shown,) = whole(call, [branch.cluster])
    children = [
        {
            "isVersion": True,
            "isLast": version == branch.cluster.version,
            "version": str(version),
            "parentUuid": branch.cluster.uuid,
            "children": [_branch(call, one) for one in forks],
        }
        for version, forks in sorted(branch.forks.items())
    ]
    return {"GalaxyCluster": shown, "children": children}


@endpoint(
    "galaxies",
    "relationsGraph",
    shows=("vocabulary",),
    probes=(("GET", "/galaxies/relationsGraph/tea-matrix", None),),
    summary="A galaxy's clusters that relate to others, and their relations.",
)
def relations_graph(call: Call) -> Answer:
    galaxy = named_galaxy(call)
    nodes, links = cluster_tree.graph(call.session, galaxy.id)
    inside = [one for one in nodes if one.galaxy_id == galaxy.id]
    clusters.complete(call.session, inside)
    return Answer(
        {
            "nodes": [_node(one) for one in nodes],
            "links": [
                {
                    "source": link.source_uuid,
                    "target": link.target_uuid,
                    "type": link.type,
                    "tags": [{"name": name} for name in link.tags],
                }
                for link in links
            ],
        }
    )


def _node(cluster: Cluster) -> dict[str, Any]:
    """With galaxy and elements where the cluster is of the galaxy that was asked for."""
    shown = clusters_as_misp.cluster_json(cluster) | {"group": cluster.type}
    if cluster.galaxy is not None:
        shown["Galaxy"] = clusters_as_misp.galaxy_json(cluster.galaxy)
        shown["GalaxyElement"] = clusters_as_misp.elements_json(cluster)
    return shown
