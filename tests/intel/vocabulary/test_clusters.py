# SPDX-License-Identifier: EUPL-1.2
"""Galaxy clusters by tag, and who sees a node's own."""

from tests.intel.vocabulary.conftest import Node

from brug.intel.vocabulary.clusters import cluster, clusters_by_tag
from brug.intel.vocabulary.clusters_as_misp import galaxies_by_tag
from brug.store.session import Session

APT28 = 'misp-galaxy:threat-actor="APT28"'


def test_tags_find_their_clusters_in_bulk_whatever_their_case(session: Session) -> None:
    asked = [APT28, APT28.upper(), "tlp:red", 'misp-galaxy:threat-actor="nobody"', ""]
    found = clusters_by_tag(session, asked)
    assert set(found) == {APT28, APT28.upper()}
    assert found[APT28].value == "APT28"
    assert "Sofacy" in found[APT28].meta["synonyms"]
    galaxy = found[APT28].galaxy
    assert galaxy is not None
    assert galaxy.name == "Threat Actor"


def test_an_event_carries_a_galaxy_with_the_one_cluster_and_its_meta(session: Session) -> None:
    shown = galaxies_by_tag(session, [APT28])[APT28]
    assert shown["type"] == "threat-actor"
    [inside] = shown["GalaxyCluster"]
    assert inside["tag_name"] == APT28
    assert inside["meta"]["synonyms"]


def test_a_uuid_in_two_galaxies_means_the_one_that_is_not_deprecated(session: Session) -> None:
    doubled = session.value(
        """
        SELECT c.uuid::text FROM galaxy_cluster c JOIN galaxy g ON g.id = c.galaxy_id
        GROUP BY c.uuid HAVING bool_or(g.namespace = 'deprecated')
                           AND bool_or(g.namespace <> 'deprecated') LIMIT 1
        """
    )
    found = cluster(session, doubled)
    assert found.galaxy is not None
    assert found.galaxy.namespace != "deprecated"


def test_a_clusters_relations_go_both_ways(session: Session) -> None:
    found = cluster(session, APT28)
    assert all(relation.source_uuid == found.uuid for relation in found.relations)
    assert all(relation.target_uuid == found.uuid for relation in found.targeting)
    assert found.relations
    assert found.targeting


def test_a_nodes_own_cluster_is_seen_by_its_audience_alone(fresh_node: Node) -> None:
    with fresh_node.database.system() as system:
        host = system.value("SELECT id FROM organisation WHERE name = 'CSIRT Noordland'")
        for value, published in (("open", True), ("closed", False)):
            system.execute(
                """
                WITH made AS (
                    INSERT INTO galaxy_cluster (uuid, galaxy_id, type, value, tag_name, org_id,
                                                orgc_id, distribution, published)
                    SELECT gen_random_uuid(), id, type, %s, %s, %s, %s, 1, %s
                    FROM galaxy WHERE type = 'tea-matrix' RETURNING id, audience)
                INSERT INTO galaxy_element (galaxy_cluster_id, key, value, audience)
                SELECT id, 'note', 'kept', audience FROM made
                """,
                [value, f'misp-galaxy:tea-matrix="{value}"', host, host, published],
            )
    tags = [f'misp-galaxy:tea-matrix="{value}"' for value in ("open", "closed")]
    with fresh_node.database.as_user(fresh_node.user_id) as session:
        seen = clusters_by_tag(session, tags)
        assert set(seen) == {tags[0]}
        assert seen[tags[0]].meta == {"note": ["kept"]}
        assert session.value("SELECT count(*) FROM galaxy_element WHERE value = 'kept'") == 1
