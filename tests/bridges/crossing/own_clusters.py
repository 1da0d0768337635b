# SPDX-License-Identifier: EUPL-1.2
"""Clusters that a node made itself."""

from typing import Any

from tests.bridges.crossing.three_nodes import Node
from tests.bridges.served import ADMIN, Served

from brug.intel.vocabulary import cluster_changes, cluster_drafts, galaxies, galaxy_changes
from brug.intel.vocabulary.clusters import Cluster

# As MISP publishes it: nodes that share have the same.
ACTORS = {
    "uuid": "698774c7-8022-42c4-917f-8d6e4f06ada3",
    "type": "threat-actor",
    "name": "Threat Actor",
}


def made(node: Served | Node, value: str, level: int = 3, **more: Any) -> Cluster:
    """A published cluster of the node's own among the actors."""
    with node.database.as_user(ADMIN) as session:
        uuid = ACTORS["uuid"]
        if session.value("SELECT 1 FROM galaxy WHERE uuid = %s", (uuid,)) is None:
            galaxy_changes.add(session, ACTORS)
        draft = cluster_drafts.cluster(
            {
                "value": value, "distribution": level, "description": "A group of Noordland",
                "GalaxyElement": [{"key": "country", "value": "NL"}], **more,
            }
        )  # fmt: skip
        found = cluster_changes.add(session, galaxies.galaxy(session, uuid), draft)
        cluster_changes.set_published(session, found, True)
        return found
