# SPDX-License-Identifier: EUPL-1.2
"""Clusters of one's own through MISP's interface: who sees, changes, attaches and pushes them."""

from typing import Any
from uuid import uuid4

import pytest
from tests.api.conftest import World

GALAXY = {"name": "Noordland actors", "type": "noordland-actor", "namespace": "noordland"}


@pytest.fixture
def galaxy(world: World) -> str:
    made = world.ask("admin", "POST", "/galaxies/add", GALAXY)
    assert made.status == 200, made.body
    return str(made.body["Galaxy"]["id"])


def add(world: World, galaxy: str, who: str = "user", **more: Any) -> dict[str, Any]:
    body = {"value": "Grey heron", "description": "d", "distribution": 1, **more}
    made = world.ask(who, "POST", f"/galaxy_clusters/add/{galaxy}", {"GalaxyCluster": body})
    assert made.status == 200, made.body
    found: dict[str, Any] = made.body["GalaxyCluster"]
    return found


def sees(world: World, who: str, cluster: dict[str, Any]) -> bool:
    view = world.ask(who, "GET", f"/galaxy_clusters/view/{cluster['uuid']}")
    listed = world.ask(who, "GET", f"/galaxy_clusters/index/{cluster['galaxy_id']}").body
    searched = world.ask(who, "POST", "/galaxy_clusters/restSearch", {"custom": 1, "minimal": 1})
    ways = {
        view.status == 200,
        cluster["uuid"] in str(listed),
        cluster["uuid"] in str(searched.body),
    }
    assert len(ways) == 1, "three ways, one answer"
    return ways.pop()


def test_an_unpublished_cluster_is_its_organisations_alone(world: World, galaxy: str) -> None:
    made = add(world, galaxy)
    assert made["published"] is False
    assert sees(world, "orgadmin", made)
    assert not sees(world, "other", made)
    published = world.ask("user", "POST", f"/galaxy_clusters/publish/{made['id']}")
    assert published.body["message"] == "GalaxyCluster published"
    assert sees(world, "other", made)
    again = world.ask("user", "POST", f"/galaxy_clusters/publish/{made['id']}")
    assert again.status == 405
    world.ask("user", "POST", f"/galaxy_clusters/unpublish/{made['id']}")
    assert not sees(world, "other", made)


def test_a_published_cluster_for_its_own_organisation_stays_there(
    world: World, galaxy: str
) -> None:
    made = add(world, galaxy, distribution=0)
    world.ask("user", "POST", f"/galaxy_clusters/publish/{made['id']}")
    assert sees(world, "orgadmin", made)
    assert not sees(world, "other", made)


def test_elements_and_relations_follow_their_cluster(world: World, galaxy: str) -> None:
    target = add(world, galaxy, value="Black stork")
    made = add(
        world,
        galaxy,
        GalaxyElement=[{"key": "country", "value": "NL"}],
        GalaxyClusterRelation=[
            {
                "referenced_galaxy_cluster_uuid": target["uuid"],
                "referenced_galaxy_cluster_type": "similar",
                "distribution": 1,
                "tags": ["tlp:green"],
            },
            {
                "referenced_galaxy_cluster_uuid": str(uuid4()),
                "referenced_galaxy_cluster_type": "uses",
                "distribution": 0,
            },
        ],
    )
    world.ask("user", "POST", f"/galaxy_clusters/publish/{made['id']}")
    mine = world.ask("user", "GET", f"/galaxy_clusters/view/{made['id']}").body["GalaxyCluster"]
    assert len(mine["GalaxyClusterRelation"]) == 2
    theirs = world.ask("other", "GET", f"/galaxy_clusters/view/{made['id']}").body["GalaxyCluster"]
    assert [e["value"] for e in theirs["GalaxyElement"]] == ["NL"]
    (relation,) = theirs["GalaxyClusterRelation"]
    assert relation["referenced_galaxy_cluster_type"] == "similar"
    assert relation["referenced_galaxy_cluster_id"] == "0", "the target is hidden"
    assert relation["Tag"] == [{"name": "tlp:green"}]
    inward = world.ask("user", "GET", f"/galaxy_clusters/view/{target['id']}").body
    assert inward["GalaxyCluster"]["TargetingClusterRelation"][0]["galaxy_cluster_id"] == made["id"]


def test_only_the_creators_organisation_changes_a_cluster(world: World, galaxy: str) -> None:
    made = add(world, galaxy)
    world.ask("user", "POST", f"/galaxy_clusters/publish/{made['id']}")
    for path in ("edit", "unpublish", "delete", "restore"):
        refused = world.ask(
            "other", "POST", f"/galaxy_clusters/{path}/{made['id']}", {"value": "x"}
        )
        assert refused.status == 405, path
    relation = {
        "galaxy_cluster_uuid": made["uuid"],
        "referenced_galaxy_cluster_uuid": made["uuid"],
        "referenced_galaxy_cluster_type": "similar",
    }
    assert world.ask("other", "POST", "/galaxy_cluster_relations/add", relation).status == 405
    readonly = world.ask("readonly", "POST", f"/galaxy_clusters/delete/{made['id']}")
    assert readonly.status == 403
    view = world.ask("other", "GET", f"/galaxy_clusters/view/{made['id']}").body["GalaxyCluster"]
    assert (view["value"], view["published"]) == ("Grey heron", True)


def test_an_edit_keeps_what_it_does_not_name_and_makes_a_new_version(
    world: World, galaxy: str
) -> None:
    made = add(world, galaxy, authors=["A"], source="s", GalaxyElement=[{"key": "k", "value": "v"}])
    world.ask("user", "POST", f"/galaxy_clusters/publish/{made['id']}")
    path = f"/galaxy_clusters/edit/{made['id']}"
    changed = world.ask("user2", "POST", path, {"GalaxyCluster": {"description": "e"}}).body
    shown = changed["GalaxyCluster"]
    assert (shown["value"], shown["description"], shown["source"]) == ("Grey heron", "e", "s")
    assert (shown["authors"], shown["published"]) == (["A"], False)
    assert int(shown["version"]) > int(made["version"])
    assert [e["value"] for e in shown["GalaxyElement"]] == ["v"]
    body = {"GalaxyCluster": {"GalaxyElement": [{"key": "k", "value": "w"}]}}
    elements = world.ask("user2", "POST", path, body).body["GalaxyCluster"]["GalaxyElement"]
    assert [e["value"] for e in elements] == ["w"]


def test_deleting_softly_can_be_undone_and_deleting_for_good_cannot(
    world: World, galaxy: str
) -> None:
    made = add(world, galaxy)
    assert world.ask("user", "POST", f"/galaxy_clusters/delete/{made['id']}").status == 200
    deleted = world.ask("user", "GET", f"/galaxy_clusters/index/{galaxy}/context:deleted").body
    assert [one["GalaxyCluster"]["id"] for one in deleted] == [made["id"]]
    assert world.ask("user", "POST", f"/galaxy_clusters/restore/{made['id']}").status == 200
    assert world.ask("user", "POST", f"/galaxy_clusters/delete/{made['id']}/1").status == 200
    assert world.ask("user", "GET", f"/galaxy_clusters/view/{made['id']}").status == 404


def test_a_cluster_is_attached_to_events_and_attributes_and_taken_off(
    world: World, galaxy: str
) -> None:
    made = add(world, galaxy)
    event = world.ask(
        "user",
        "POST",
        "/events/add",
        {
            "info": "heron seen",
            "distribution": 1,
            "Attribute": [{"type": "domain", "value": "heron.example"}],
        },
    ).body["Event"]
    attribute = event["Attribute"][0]["id"]
    for item, kind in ((event["id"], "event"), (attribute, "attribute")):
        path = f"/galaxies/attachCluster/{item}/{kind}/local:0"
        done = world.ask("user", "POST", path, {"Galaxy": {"target_id": made["id"]}})
        assert done.body["success"] == "Cluster attached."
    again = world.ask(
        "user",
        "POST",
        f"/galaxies/attachMultipleClusters/{event['id']}/event",
        {"Galaxy": {"target_ids": f'["{made["id"]}"]'}},
    )
    assert again.body["success"] == "Cluster already attached."
    mine = world.ask("user", "GET", f"/events/view/{event['id']}").body["Event"]
    assert mine["Galaxy"][0]["GalaxyCluster"][0]["Orgc"]["name"] == "Noordland Bank"
    assert mine["Attribute"][0]["Galaxy"][0]["GalaxyCluster"][0]["value"] == "Grey heron"
    theirs = world.ask("other", "GET", f"/events/view/{event['id']}").body["Event"]
    assert theirs["Galaxy"] == [], "the cluster is a draft of another organisation"
    (tag,) = mine["Tag"]
    off = world.ask("user", "POST", f"/galaxy_clusters/detach/{event['id']}/event/{tag['id']}")
    assert off.body["saved"] is True
    assert "Tag" not in world.ask("user", "GET", f"/events/view/{event['id']}").body["Event"]


def test_a_hidden_cluster_cannot_be_attached(world: World, galaxy: str) -> None:
    made = add(world, galaxy)
    event = world.ask("other", "POST", "/events/add", {"info": "e", "distribution": 1}).body[
        "Event"
    ]
    for reference in (made["id"], made["uuid"], made["tag_name"], "999999"):
        path = f"/galaxies/attachCluster/{event['id']}/event"
        refused = world.ask("other", "POST", path, {"Galaxy": {"target_id": reference}})
        assert refused.status == 404, reference


def pushed(**more: Any) -> dict[str, Any]:
    return {
        "GalaxyCluster": {
            "uuid": "52a16e34-cb8f-5a8a-a526-15331965050b",
            "type": "noordland-actor",
            "value": "Night heron",
            "tag_name": 'misp-galaxy:noordland-actor="Night heron"',
            "description": "first",
            "version": "100",
            "distribution": "1",
            "published": True,
            "default": False,
            "Galaxy": {
                "uuid": "a5f4ea49-45a8-4a1f-8a5c-9e0c8a4a0f11",
                "type": "noordland-bird",
                "name": "Birds",
            },
            "GalaxyElement": [{"key": "country", "value": "ZZ"}],
            "Orgc": {"uuid": "9fb8cce0-6487-5f8e-8c9c-d919230c1ce2", "name": "Verweg CERT"},
            **more,
        }
    }


def test_a_pushed_cluster_is_stored_as_received_and_replaced_by_newer_versions_alone(
    world: World,
) -> None:

    def push(body: Any) -> Any:
        return world.ask("sync", "POST", "/galaxies/pushCluster", body).body

    told = push([pushed()])
    assert told["message"] == "Galaxy clusters imported. 1 imported, 0 ignored, 0 failed. "
    uuid = pushed()["GalaxyCluster"]["uuid"]
    view = world.ask("other", "GET", f"/galaxy_clusters/view/{uuid}").body["GalaxyCluster"]
    assert (view["Orgc"]["name"], view["Org"]["name"]) == ("Verweg CERT", "Noordland Bank")
    assert (view["locked"], view["version"], view["distribution"]) == (True, "100", "1")
    assert view["tag_name"] == f'misp-galaxy:noordland-bird="{uuid}"'
    assert "1 ignored" in push([pushed(description="same version")])["message"]
    assert "1 imported" in push([pushed(version="101", description="second")])["message"]
    view = world.ask("other", "GET", f"/galaxy_clusters/view/{uuid}").body["GalaxyCluster"]
    assert (view["description"], view["version"]) == ("second", "101")
    listed = world.ask("sync", "POST", "/galaxy_clusters/restSearch",
                       {"published": 1, "minimal": 1, "custom": 1, "uuid": [uuid]})  # fmt: skip
    assert listed.body == {"response": [{"GalaxyCluster": {"uuid": uuid, "version": "101"}}]}
    assert listed.headers["X-Result-Count"] == "1"


def test_an_own_cluster_is_not_overwritten_by_a_push(world: World, galaxy: str) -> None:
    made = add(world, galaxy)
    sent = pushed(uuid=made["uuid"], version="99999999999", description="taken over")
    assert "1 ignored" in world.ask("sync", "POST", "/galaxies/pushCluster", [sent]).body["message"]
    view = world.ask("user", "GET", f"/galaxy_clusters/view/{made['id']}").body["GalaxyCluster"]
    assert view["description"] == "d"


def test_a_pushed_cluster_that_cannot_be_read_is_named_and_the_others_are_stored(
    world: World,
) -> None:
    sent = [pushed(uuid="x"), pushed(), 5]
    told = world.ask("sync", "POST", "/galaxies/pushCluster", sent).body
    assert "1 imported, 0 ignored, 2 failed" in told["message"]
    assert len(told["errors"]) == 2


def test_a_galaxy_that_a_hidden_cluster_brought_is_hidden_with_it(world: World) -> None:
    world.ask("sync", "POST", "/galaxies/pushCluster", [pushed(distribution="0")])

    def names(who: str) -> str:
        return str(world.ask(who, "GET", "/galaxies/index").body)

    assert "noordland-bird" in names("user")
    assert "noordland-bird" not in names("other")


def test_search_does_what_each_parameter_says(world: World, galaxy: str) -> None:
    heron = add(world, galaxy, GalaxyElement=[{"key": "synonyms", "value": "Ardea"}])
    stork = add(world, galaxy, value="Black stork", distribution=0, description="a long_legged one")

    def found(**asked: Any) -> set[str]:
        body = world.ask("user", "POST", "/galaxy_clusters/restSearch", asked).body
        return {one["GalaxyCluster"]["value"] for one in body["response"]}

    both = {"Grey heron", "Black stork"}
    assert found(custom=True) == both
    assert found(galaxy_id=galaxy) == both
    assert found(value="grey%") == {"Grey heron"}
    assert found(value=["black stork", "nothing"]) == {"Black stork"}
    assert found(uuid=heron["uuid"]) == {"Grey heron"}
    assert found(uuid="x") == set()
    assert found(tag_name=stork["tag_name"]) == {"Black stork"}
    assert found(distribution=0) == {"Black stork"}
    assert found(elements={"synonyms": "ardea"}) == {"Grey heron"}
    assert found(elements={"synonyms": ["nothing", "ard%"]}, custom=1) == {"Grey heron"}
    assert found(elements={"synonyms": "ardea", "country": "NL"}) == set()
    assert found(description="%long_legged%") == {"Black stork"}
    assert found(published=1, custom=1) == set()
    assert found(org="Noordland Bank") == both
    assert found(org="Zuidland Energie") == set()
    assert found(limit=1) == {"Grey heron"}
    assert found(limit=1, page=2) == {"Black stork"}
    assert found(eventid="28", custom=1) == both, "a stock server sends it and expects no filter"


def test_a_fork_takes_over_what_is_not_said_and_can_follow_its_origin(
    world: World, galaxy: str
) -> None:
    origin = add(world, galaxy, GalaxyElement=[{"key": "k", "value": "v"}])
    path = f"/galaxy_clusters/add/{galaxy}/forkUUID:{origin['uuid']}"
    fork = world.ask("user", "POST", path, {"distribution": 0}).body["GalaxyCluster"]
    assert (fork["value"], fork["extends_uuid"]) == ("Grey heron", origin["uuid"])
    assert fork["extends_version"] == origin["version"]
    assert [e["value"] for e in fork["GalaxyElement"]] == ["v"]
    tree = world.ask("user", "GET", f"/galaxies/forkTree/{galaxy}").body
    (branch,) = tree[0]["children"]
    assert branch["GalaxyCluster"]["uuid"] == origin["uuid"]
    assert branch["children"][0]["children"][0]["GalaxyCluster"]["uuid"] == fork["uuid"]
    body = {"GalaxyElement": [{"key": "k", "value": "w"}]}
    world.ask("user", "POST", f"/galaxy_clusters/edit/{origin['id']}", body)
    updated = world.ask("user", "POST", f"/galaxy_clusters/updateCluster/{fork['id']}").body
    assert [e["value"] for e in updated["GalaxyCluster"]["GalaxyElement"]] == ["w"]


def test_a_json_document_becomes_elements(world: World, galaxy: str) -> None:
    made = add(world, galaxy)
    document = {"tools": [{"name": "nest"}, {"name": "beak"}], "active": True, "none": None}
    path = f"/galaxy_elements/flattenJson/{made['id']}"
    told = world.ask("user", "POST", path, {"jsonData": document})
    assert told.status == 200, told.body
    rows = world.ask("user", "GET", f"/galaxy_elements/index/{made['id']}").body
    pairs = [(one["GalaxyElement"]["key"], one["GalaxyElement"]["value"]) for one in rows]
    assert pairs == [("tools.name", "nest"), ("tools.name", "beak"), ("active", "1")]
    assert world.ask("other", "POST", path, {"jsonData": document}).status == 404


def test_a_galaxy_comes_back_as_it_went_out(world: World, galaxy: str) -> None:
    made = add(world, galaxy, GalaxyElement=[{"key": "k", "value": "v"}])
    exported = world.ask("user", "POST", f"/galaxies/export/{galaxy}", {"custom": 1, "default": 0})
    world.ask("user", "POST", f"/galaxy_clusters/delete/{made['id']}/1")
    told = world.ask("user", "POST", "/galaxies/import", exported.body).body
    assert "1 ignored" in told["message"], "what was removed for good is on a block list"
    world.ask("admin", "POST", f"/galaxyClusterBlocklists/delete/{made['uuid']}")
    told = world.ask("user", "POST", "/galaxies/import", exported.body).body
    assert "1 imported" in told["message"]
    back = world.ask("user", "GET", f"/galaxy_clusters/view/{made['uuid']}").body["GalaxyCluster"]
    for name in ("value", "description", "version", "tag_name", "distribution"):
        assert back[name] == made[name], name
    project = world.ask("user", "POST", f"/galaxies/export/{galaxy}", {"format": "misp-galaxy"})
    assert project.body["values"][0]["meta"] == {"k": ["v"]}


def test_what_was_removed_for_good_does_not_come_back(world: World) -> None:
    world.ask("sync", "POST", "/galaxies/pushCluster", [pushed()])
    uuid = pushed()["GalaxyCluster"]["uuid"]
    world.ask("admin", "POST", f"/galaxy_clusters/delete/{uuid}", {"hard": 1})
    told = world.ask("sync", "POST", "/galaxies/pushCluster", [pushed(version="200")]).body
    assert "1 ignored" in told["message"]


def test_what_does_not_fit_a_cluster_is_named(world: World, galaxy: str) -> None:
    for said, text in (
        ({"elements": "x"}, "elements: expected a list of keys and values"),
        ({"authors": 7}, "authors: expected a list of names"),
        ({"uuid": "x"}, "Please provide a valid RFC 4122 UUID"),
        ({"value": ""}, "A cluster needs a value."),
    ):
        body = {"GalaxyCluster": {"value": "Grey heron", "distribution": 1} | said}
        refused = world.ask("user", "POST", f"/galaxy_clusters/add/{galaxy}", body)
        assert (refused.status, refused.body["errors"]) == (403, text)
