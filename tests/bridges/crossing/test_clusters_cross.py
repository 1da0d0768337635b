# SPDX-License-Identifier: EUPL-1.2
"""Clusters of a node's own over a native bridge: with the events that use them, as agreed."""

from typing import Any

import msgspec
import pytest
from tests.bridges.crossing.conftest import added, agree, carry, crossings, new_event
from tests.bridges.crossing.own_clusters import made
from tests.bridges.crossing.three_nodes import Node
from tests.bridges.served import ADMIN, Served

from brug.bridges.crossing import reading
from brug.intel.vocabulary import cluster_changes, cluster_drafts, clusters
from brug.intel.vocabulary.clusters import Cluster
from brug.model.new_event import NewTag
from brug.store.session import Session

Two = tuple[Served, Served]


def used(node: Served | Node, cluster: Cluster, domain: str) -> str:
    """The UUID of an event that uses it."""
    new = new_event(("domain", domain))
    new.tags.append(NewTag(cluster.tag_name))
    return added(node, new)


def there(node: Served | Node, uuid: str) -> dict[str, Any] | None:
    with node.database.system() as session:
        row = session.one(
            "SELECT c.id, c.value, c.distribution, c.published, c.locked, c.description, o.name,"
            " g.type FROM galaxy_cluster c JOIN organisation o ON o.id = c.orgc_id"
            " JOIN galaxy g ON g.id = c.galaxy_id WHERE c.uuid = %s",
            (uuid,),
        )
        if row is None:
            return None
        names = ("id", "value", "level", "published", "locked", "description", "creator", "galaxy")
        found = dict(zip(names, row, strict=True))
        return found | {
            "elements": elements(session, row[0]),
            "relations": related(session, row[0]),
        }


def elements(session: Session, number: int) -> list[tuple[str, str]]:
    return session.all(
        "SELECT key, value FROM galaxy_element WHERE galaxy_cluster_id = %s ORDER BY id", (number,)
    )


def related(session: Session, number: int) -> list[tuple[str, int]]:
    return session.all(
        "SELECT referenced_galaxy_cluster_uuid::text, distribution FROM galaxy_cluster_relation"
        " WHERE galaxy_cluster_id = %s ORDER BY id", (number,),
    )  # fmt: skip


@pytest.mark.parametrize(("level", "becomes"), [(0, None), (1, None), (2, 1), (3, 3)])
def test_a_cluster_crosses_with_its_event_at_the_level_of_the_hop(
    agreed: Two, level: int, becomes: int | None
) -> None:
    one, other = agreed
    cluster = made(one, f"Noorderlicht {level}", level)
    uuid = used(one, cluster, f"cluster{level}.example")
    carry(one)
    found = there(other, cluster.uuid)
    if becomes is None:
        assert found is None
    else:
        assert found
        assert (found["value"], found["level"]) == (f"Noorderlicht {level}", becomes)
        assert (found["published"], found["locked"]) == (True, True)
        assert found["creator"] == one.name
        assert found["elements"] == [("country", "NL")]
    assert crossings(one, uuid)[0].state == "received"


def test_a_changed_definition_follows_once_it_is_published(agreed: Two) -> None:
    one, other = agreed
    cluster = made(one, "Noorderlicht")
    used(one, cluster, "changed-cluster.example")
    carry(one)
    with one.database.as_user(ADMIN) as session:
        draft = cluster_drafts.cluster(
            {"description": "Better known", "GalaxyElement": [{"key": "country", "value": "BE"}]}
        )
        cluster_changes.edit(session, clusters.cluster(session, cluster.id), draft)
    carry(one)
    before = there(other, cluster.uuid)
    assert before
    assert before["description"] == "A group of Noordland"
    with one.database.as_user(ADMIN) as session:
        cluster_changes.set_published(session, clusters.cluster(session, cluster.id), True)
    carry(one)
    after = there(other, cluster.uuid)
    assert after
    assert after["description"] == "Better known"
    assert after["elements"] == [("country", "BE")]


def test_relations_have_levels_of_their_own(agreed: Two) -> None:
    one, other = agreed
    targets = ["9c9b1e5e-1f5f-4d1e-8f7e-2b9f3d1c0a11", "9c9b1e5e-1f5f-4d1e-8f7e-2b9f3d1c0a12"]
    relations = [
        {"referenced_galaxy_cluster_uuid": target, "referenced_galaxy_cluster_type": "similar",
         "distribution": level}
        for target, level in zip(targets, (2, 1), strict=True)
    ]  # fmt: skip
    cluster = made(one, "Related", GalaxyClusterRelation=relations)
    used(one, cluster, "related-cluster.example")
    carry(one)
    found = there(other, cluster.uuid)
    assert found
    assert found["relations"] == [(targets[0], 1)]


def test_without_the_kind_in_the_agreement_only_the_tag_crosses(agreed: Two) -> None:
    one, other = agreed
    agree(one, other, kinds=["event", "sighting"])
    cluster = made(one, "Not agreed")
    uuid = used(one, cluster, "no-cluster.example")
    carry(one)
    assert there(other, cluster.uuid) is None
    newest = crossings(one, uuid)[0]
    assert newest.outcome == "redact"
    assert "kind_not_agreed" in [reason["code"] for reason in newest.reasons]
    agree(one, other)


def test_what_a_partner_says_of_our_cluster_changes_nothing(agreed: Two) -> None:
    one, other = agreed
    ours = made(other, "Ours")
    forged = made(one, "Theirs", uuid=ours.uuid)
    with one.database.system() as session:
        session.execute(
            "UPDATE galaxy_cluster SET version = version + 1000 WHERE uuid = %s", (ours.uuid,)
        )
    assert forged.tag_name == ours.tag_name
    used(one, forged, "forged-cluster.example")
    carry(one)
    found = there(other, ours.uuid)
    assert found
    assert (found["value"], found["locked"]) == ("Ours", False)


def test_no_number_of_this_node_crosses(agreed: Two) -> None:
    one, other = agreed
    cluster = made(one, "Numbers")
    uuid = used(one, cluster, "numbers.example")
    bridge = one.bridge(other.name)
    with one.database.as_user(bridge.account_id) as session:
        number = session.value("SELECT id FROM event WHERE uuid = %s", (uuid,))
        document = reading.for_partner(session, int(number))
    assert document
    (galaxy,) = document["Galaxy"]
    (inside,) = galaxy["GalaxyCluster"]
    assert {"id", "galaxy_id", "org_id", "orgc_id", "sharing_group_id"}.isdisjoint(
        {*inside, *galaxy}
    )
    assert msgspec.json.encode(inside)
