# SPDX-License-Identifier: EUPL-1.2
"""Nobody brings clusters in this node's name; those that it made and forgot it has back."""

from typing import Any
from uuid import uuid4

import pytest
from tests.bridges.crossing.conftest import added, new_event
from tests.bridges.crossing.own_clusters import ACTORS, made
from tests.bridges.crossing.test_clusters_cross import related, there, used
from tests.bridges.crossing.test_in_our_name import Lying, reopen
from tests.bridges.crossing.test_lying_partner import code, said_to
from tests.bridges.crossing.test_unsaying import as_it_came
from tests.bridges.crossing.three_nodes import Node
from tests.bridges.crossing.triangles import Triangle
from tests.bridges.served import ADMIN

from brug.bridges.crossing import collecting, own_words
from brug.intel.vocabulary import cluster_changes, cluster_drafts, clusters
from brug.intel.vocabulary.clusters import Cluster

TARGETS = [f"9c9b1e5e-1f5f-4d1e-8f7e-2b9f3d1c0a{number}" for number in range(11, 14)]


def cluster_of(org: str, **more: Any) -> dict[str, Any]:
    return {
        "uuid": str(uuid4()), "type": "threat-actor", "value": "Forged", "description": "x",
        "version": "1795000000", "distribution": "3", "published": True,
        "meta": {"country": ["NL"]}, "Orgc": {"uuid": org, "name": "whoever"}, **more,
    }  # fmt: skip


def in_galaxy(*several: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**ACTORS, "GalaxyCluster": list(several)}]


def known_as(node: Node) -> list[tuple[str, str]]:
    """The clusters of a node that no vocabulary publishes, with their creators."""
    with node.database.system() as session:
        return session.all(
            "SELECT o.uuid::text, c.value FROM galaxy_cluster c"
            " JOIN organisation o ON o.id = c.orgc_id WHERE NOT c.is_default ORDER BY 2"
        )


def test_a_node_made_no_cluster_that_a_partner_says_it_made(triangle: Triangle) -> None:
    one, other, _ = triangle.three
    fresh = []
    for number in range(3):  # two together, and one by itself
        theirs = cluster_of(other.org, value=f"Theirs {number}")
        below = {
            "uuid": str(uuid4()), "type": "domain", "category": "Network activity",
            "value": f"c{number}.example", "timestamp": "1795000000", "distribution": "5",
            "to_ids": True, "Galaxy": in_galaxy(cluster_of(one.org)),
        }  # fmt: skip
        galaxies = in_galaxy(cluster_of(one.org.upper()), theirs)
        message = as_it_came(one, other, str(uuid4()), Galaxy=galaxies, Attribute=[below])
        fresh.append(message)
    answers = [*said_to(one, other, *fresh[:2]), *said_to(one, other, fresh[2])]
    assert [code(answer) for answer in answers] == ["added"] * 3
    assert known_as(one) == [(other.org, f"Theirs {number}") for number in range(3)]


def edited(node: Node, cluster: Cluster, text: str) -> None:
    """Changed and published, with another relation."""
    relation = {"referenced_galaxy_cluster_uuid": TARGETS[2],
                "referenced_galaxy_cluster_type": "similar", "distribution": 3}  # fmt: skip
    with node.database.as_user(ADMIN) as session:
        draft = cluster_drafts.cluster(
            {"description": text, "GalaxyClusterRelation": [relation],
             "GalaxyElement": [{"key": "country", "value": "BE"}]}
        )  # fmt: skip
        cluster_changes.edit(session, clusters.cluster(session, cluster.id), draft)
        cluster_changes.set_published(session, clusters.cluster(session, cluster.id), True)


def test_a_restored_node_has_the_clusters_back_that_it_made_and_changed(
    triangle: Triangle,
) -> None:
    collecting.register()
    one, other, _ = triangle.three
    relations = [
        {"referenced_galaxy_cluster_uuid": target, "referenced_galaxy_cluster_type": "similar",
         "distribution": level}
        for target, level in zip(TARGETS, (3, 0), strict=False)
    ]  # fmt: skip
    lost = made(one, "Lost", GalaxyClusterRelation=relations)
    old = made(one, "Old", GalaxyClusterRelation=relations)
    near = made(one, "Near", 2)
    for cluster in (lost, old, near):
        used(one, cluster, f"{cluster.value}.example")
    triangle.work()
    edited(one, old, "Better known")
    triangle.work()
    found = there(other, old.uuid)
    assert found
    assert found["description"] == "Better known"
    with one.database.system() as session:  # as the backup has it
        session.execute("DELETE FROM galaxy_cluster WHERE uuid IN (%s, %s)", (lost.uuid, near.uuid))
        session.execute("DELETE FROM blocked")
        session.execute("UPDATE galaxy_cluster SET version = 1, description = '' WHERE id = %s",
                        (old.id,))  # fmt: skip
        session.execute("DELETE FROM galaxy_cluster_relation WHERE galaxy_cluster_id = %s",
                        (old.id,))  # fmt: skip
        session.execute(
            "INSERT INTO galaxy_cluster_relation (galaxy_cluster_id, distribution, audience,"
            " referenced_galaxy_cluster_uuid, referenced_galaxy_cluster_type, tags)"
            " VALUES (%s, 0, 0, %s, 'similar', '{}')", (old.id, TARGETS[1]),
        )  # fmt: skip
    reopen(one)
    with triangle.wire.between(one):
        assert own_words.ask(one.database, one.bridge(other)) == 2
    found = there(one, lost.uuid)
    assert found
    assert (found["value"], found["level"], found["published"]) == ("Lost", 3, True)
    assert (found["locked"], found["creator"]) == (False, one.name)
    assert found["elements"] == [("country", "NL")]
    assert found["relations"] == [(TARGETS[0], 3)]
    found = there(one, old.uuid)
    assert found
    assert (found["description"], found["locked"]) == ("Better known", False)
    assert found["elements"] == [("country", "BE")]
    with one.database.system() as session:
        assert related(session, old.id) == [(TARGETS[1], 0), (TARGETS[2], 3)]
    assert there(one, near.uuid) is None, "its level keeps it with the partner"
    # It is its own again, and what it makes of it crosses.
    with one.database.as_user(ADMIN) as session:
        number = session.value("SELECT id FROM galaxy_cluster WHERE uuid = %s", (lost.uuid,))
        again = clusters.cluster(session, number)
        assert again.org_id == 1
    edited(one, again, "Found again")
    triangle.work()
    found = there(other, lost.uuid)
    assert found
    assert found["description"] == "Found again"


def test_clusters_that_are_given_back_are_of_this_node_alone_and_new_enough(
    triangle: Triangle, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, third = triangle.three
    mine = made(one, "Mine")
    event = added(other, new_event(("domain", "theirs.example")))
    triangle.work()
    lying = Lying(one, other, monkeypatch)
    later = {"version": "2100000000"}
    galaxies = in_galaxy(
        cluster_of(one.org, value="Too old"),
        cluster_of(one.org, value="No version") | {"version": None},
        cluster_of(one.org, value="Bad version") | {"version": "x"},
        cluster_of(one.org, value="Older than it is here", uuid=mine.uuid),
        cluster_of(one.org, value="Public", default=True, **later),
        cluster_of(other.org, value="Theirs", **later),
        cluster_of(third.org, value="Another's", **later),
        cluster_of(one.org, value="Ours", **later),
    )
    assert lying.ask(said=[{"uuid": event, "Galaxy": galaxies}, {"uuid": event, "Galaxy": 1}]) == 1
    assert known_as(one) == [(one.org, "Mine"), (one.org, "Ours")]
