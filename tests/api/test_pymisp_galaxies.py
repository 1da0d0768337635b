# SPDX-License-Identifier: EUPL-1.2
"""PyMISP, unchanged, on a node that is served: galaxies, clusters, relations, noticelists."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from pymisp import MISPEvent, MISPGalaxyCluster, MISPGalaxyClusterRelation, PyMISP

from brug.intel.vocabulary.sources import notices

GALAXY = {"name": "Noordland actors", "type": "noordland-actor", "namespace": "noordland"}


@pytest.fixture
def user(served: Any) -> Any:
    return PyMISP(served.url, served.keys["user"], ssl=False)


@pytest.fixture
def galaxy(served: Any, user: Any) -> Any:
    served.ask("admin", "POST", "/galaxies/add", GALAXY)
    (found,) = user.search_galaxy("Noordland actors", pythonify=True)
    return found


def new(value: str) -> Any:
    made: Any = MISPGalaxyCluster()
    made.value, made.description, made.distribution = value, "d", 1
    made.authors, made.source = ["A"], "s"
    made.add_cluster_element("synonyms", "Ardea")
    return made


def test_clusters_round_trip(user: Any, galaxy: Any) -> None:
    made = user.add_galaxy_cluster(galaxy, new("Grey heron"), pythonify=True)
    assert (made.value, made.authors, made.distribution) == ("Grey heron", ["A"], 1)
    assert [(one.key, one.value) for one in made.cluster_elements] == [("synonyms", "Ardea")]
    made.description = "changed"
    made.add_cluster_element("country", "NL")
    changed = user.update_galaxy_cluster(made, pythonify=True)
    assert changed.description == "changed"
    assert {one.key for one in changed.cluster_elements} == {"synonyms", "country"}
    assert user.publish_galaxy_cluster(changed)["saved"]
    assert user.get_galaxy_cluster(made.uuid, pythonify=True).published
    whole = user.get_galaxy(galaxy, withCluster=True, pythonify=True)
    assert [one.value for one in whole.clusters] == ["Grey heron"]
    found = user.search_galaxy_clusters(galaxy, context="custom", searchall="ardea", pythonify=True)
    assert [one.uuid for one in found] == [made.uuid]
    assert user.delete_galaxy_cluster(made)["saved"]
    assert user.delete_galaxy_cluster(made, hard=True)["saved"]
    assert "errors" in user.get_galaxy_cluster(made.uuid)


def test_a_cluster_is_forked(user: Any, galaxy: Any) -> None:
    made = user.add_galaxy_cluster(galaxy, new("Grey heron"), pythonify=True)
    fork = user.fork_galaxy_cluster(galaxy, made, pythonify=True)
    assert fork.uuid != made.uuid
    assert (fork.extends_uuid, fork.extends_version) == (made.uuid, made.version)


def test_relations_round_trip(user: Any, galaxy: Any) -> None:
    one = user.add_galaxy_cluster(galaxy, new("Grey heron"), pythonify=True)
    two = user.add_galaxy_cluster(galaxy, new("Black stork"), pythonify=True)
    relation: Any = MISPGalaxyClusterRelation()
    relation.from_dict(
        galaxy_cluster_uuid=one.uuid,
        referenced_galaxy_cluster_uuid=two.uuid,
        referenced_galaxy_cluster_type="similar",
        distribution=1,
    )
    relation.add_tag("tlp:green")
    assert user.add_galaxy_cluster_relation(relation)["saved"]
    (held,) = user.get_galaxy_cluster(one, pythonify=True).cluster_relations
    assert [tag.name for tag in held.tags] == ["tlp:green"]
    held.referenced_galaxy_cluster_type = "uses"
    assert user.update_galaxy_cluster_relation(held)["saved"]
    (held,) = user.get_galaxy_cluster(one, pythonify=True).cluster_relations
    assert held.referenced_galaxy_cluster_type == "uses"
    assert user.delete_galaxy_cluster_relation(held)["saved"]
    assert user.get_galaxy_cluster(one, pythonify=True).cluster_relations == []


def test_a_cluster_is_attached_to_an_event_and_its_attributes(user: Any, galaxy: Any) -> None:
    made = user.add_galaxy_cluster(galaxy, new("Grey heron"), pythonify=True)
    event: Any = MISPEvent()
    event.info = "seen"
    event.add_attribute("domain", "heron.example")
    event = user.add_event(event, pythonify=True)
    assert user.attach_galaxy_cluster(event, made)["saved"]
    assert user.attach_galaxy_cluster(event.attributes[0], made.id)["saved"]
    shown = user.get_event(event, pythonify=True)
    assert [one.value for one in shown.galaxies[0].clusters] == ["Grey heron"]
    assert [one.value for one in shown.attributes[0].galaxies[0].clusters] == ["Grey heron"]


def test_noticelists_are_listed_and_switched(
    served: Any, as_role: Callable[[str, str], str]
) -> None:
    with psycopg.connect(as_role(served.dsn, "brug_owner")) as owner:
        owner.execute("SET search_path = brug")
        notices.install(owner)
    admin: Any = PyMISP(served.url, served.keys["admin"], ssl=False)
    found = {one.name: one for one in admin.noticelists(pythonify=True)}
    assert {"gdpr", "led"} <= set(found)
    assert admin.enable_noticelist(found["gdpr"])["Noticelist"]["enabled"] is True
    shown = admin.get_noticelist(found["gdpr"], pythonify=True)
    assert shown.enabled
    assert shown.NoticelistEntry[0]["data"]["message"].keys() >= {"en", "nl"}
    assert admin.disable_noticelist(found["gdpr"])["Noticelist"]["enabled"] is False
    assert not admin.get_noticelist(found["gdpr"], pythonify=True).enabled
    assert admin.update_noticelists()["saved"]
