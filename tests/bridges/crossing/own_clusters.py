# SPDX-License-Identifier: EUPL-1.2
"""Clusters that a node made itself."""

from typing import Any

from tests.bridges.served import ADMIN, Served

from brug.intel.vocabulary import cluster_changes, cluster_drafts, galaxies
from brug.intel.vocabulary.clusters import Cluster


def made(node: Served, value: str, level: int = 3, **more: Any) -> Cluster:
    """A published cluster of the node's own in some galaxy."""
    with node.database.as_user(ADMIN) as session:
        number = session.value("SELECT id FROM galaxy WHERE type = 'threat-actor' ORDER BY id")
        if number is None:
            number = session.value("SELECT min(id) FROM galaxy")
        draft = cluster_drafts.cluster(
            {
                "value": value, "distribution": level, "description": "A group of Noordland",
                "GalaxyElement": [{"key": "country", "value": "NL"}], **more,
            }
        )  # fmt: skip
        found = cluster_changes.add(session, galaxies.galaxy(session, int(number)), draft)
        cluster_changes.set_published(session, found, True)
        return found
