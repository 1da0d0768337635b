# SPDX-License-Identifier: EUPL-1.2
"""Sharing groups through MISP's interface: who sees them, who changes them."""

from typing import Any

import pytest
from tests.api.event_world import event

NO_ACCESS = "Sharing group doesn&#039;t exist or you do not have permission to access it."


@pytest.fixture
def group(world: Any) -> str:
    """A group of the bank, with nobody in it."""
    body = {"name": "Banks", "releasability": "banks", "description": "d"}
    made = world.ask("orgadmin", "POST", "/sharing_groups/add", body)
    return str(made.body["SharingGroup"]["id"])


def test_an_org_admin_makes_a_group_in_misps_shape(world: Any, group: str) -> None:
    seen = world.ask("orgadmin", "GET", f"/sharing_groups/view/{group}").body
    assert set(seen) == {
        "SharingGroup", "Organisation", "SharingGroupOrg", "SharingGroupServer",
    }  # fmt: skip
    assert set(seen["SharingGroup"]) == {
        "id", "name", "releasability", "description", "uuid", "organisation_uuid", "org_id",
        "sync_user_id", "active", "created", "modified", "local", "roaming", "sync_org_name",
        "sync_org",
    }  # fmt: skip
    server = seen["SharingGroupServer"][0]
    assert server["Server"] == {"id": "0", "name": "Local instance", "url": "http://node.example"}
    listed = world.ask("orgadmin", "GET", "/sharing_groups").body["response"][0]
    assert set(listed) == {
        "SharingGroup", "Organisation", "SharingGroupOrg", "SharingGroupServer", "editable",
        "deletable",
    }  # fmt: skip
    assert (listed["editable"], listed["SharingGroup"]["org_count"]) == (True, "0")


def test_a_group_is_seen_by_its_owner_and_its_members(world: Any, group: str) -> None:
    path = f"/sharing_groups/view/{group}"
    hidden = world.ask("other", "GET", path)
    absent = world.ask("other", "GET", "/sharing_groups/view/999999")
    assert (hidden.status, hidden.body["name"]) == (absent.status, absent.body["name"])
    assert (hidden.status, hidden.body["name"]) == (405, NO_ACCESS)
    assert world.ask("other", "GET", "/sharing_groups").body == {"response": []}
    org = world.orgs["Zuidland Energie"]
    added = world.ask("orgadmin", "POST", f"/sharing_groups/addOrg/{group}/{org}")
    assert added.body["message"] == "Organisation added to the sharing group."
    seen = world.ask("other", "GET", path)
    assert seen.status == 200
    assert [one["org_id"] for one in seen.body["SharingGroupOrg"]] == [str(org)]
    listed = world.ask("other", "GET", "/sharing_groups").body["response"][0]
    assert (listed["editable"], listed["deletable"]) == (False, False)
    gone = world.ask(
        "orgadmin", "POST", "/sharing_groups/removeOrg", {"sg_id": group, "org_id": org}
    )
    assert gone.body["message"] == "Organisation removed from the sharing group."
    assert world.ask("other", "GET", path).status == 405


def test_all_organisations_of_the_node_can_be_in_a_group(world: Any, group: str) -> None:
    body = {"sg_id": group, "server_id": 0, "all_orgs": True}
    assert world.ask("orgadmin", "POST", "/sharing_groups/addServer", body).status == 200
    assert world.ask("other", "GET", f"/sharing_groups/view/{group}").status == 200
    assert world.ask("orgadmin", "POST", f"/sharing_groups/removeServer/{group}/0").status == 200
    assert world.ask("other", "GET", f"/sharing_groups/view/{group}").status == 405
    unknown = world.ask("orgadmin", "POST", f"/sharing_groups/addServer/{group}/7")
    assert (unknown.status, unknown.body["name"]) == (405, "Invalid Server.")


def test_adding_twice_and_removing_nobody_are_said_in_misps_words(world: Any, group: str) -> None:
    org = world.orgs["Zuidland Energie"]
    path = f"/sharing_groups/{{}}Org/{group}/{org}"
    gone = world.ask("orgadmin", "POST", path.format("remove"))
    assert (gone.status, gone.body["errors"]) == (403, "Organisation is not in the sharing group.")
    world.ask("orgadmin", "POST", path.format("add"))
    again = world.ask("orgadmin", "POST", path.format("add"))
    assert again.body["errors"] == "Organisation is already in the sharing group."
    unknown = world.ask("orgadmin", "POST", f"/sharing_groups/addOrg/{group}/999999")
    assert (unknown.status, unknown.body["name"]) == (405, "Invalid organisation.")


@pytest.mark.parametrize("who", ["otheradmin", "user", "other", "readonly"])
def test_others_change_no_group(world: Any, group: str, who: str) -> None:
    world.ask(
        "orgadmin", "POST", f"/sharing_groups/addOrg/{group}/{world.orgs['Zuidland Energie']}"
    )
    for path, body in (
        (f"/sharing_groups/edit/{group}", {"name": "x"}),
        (f"/sharing_groups/addOrg/{group}/1", None),
        (f"/sharing_groups/removeOrg/{group}/{world.orgs['Zuidland Energie']}", None),
        (f"/sharing_groups/addServer/{group}/0/1", None),
        (f"/sharing_groups/removeServer/{group}/0", None),
        (f"/sharing_groups/delete/{group}", None),
    ):
        assert world.ask(who, "POST", path, body).status in {403, 404, 405}
    seen = world.ask("orgadmin", "GET", f"/sharing_groups/view/{group}").body
    assert seen["SharingGroup"]["name"] == "Banks"
    assert len(seen["SharingGroupOrg"]) == 1


def test_an_organisation_that_may_extend_changes_the_group_but_not_its_owner(
    world: Any, group: str
) -> None:
    org = world.orgs["Zuidland Energie"]
    world.ask("orgadmin", "POST", f"/sharing_groups/addOrg/{group}/{org}/1")
    assert world.ask("otheradmin", "POST", f"/sharing_groups/addOrg/{group}/1").status == 200
    every = {
        "name": "New name", "id": 99, "org_id": org, "sync_user_id": 1, "local": True,
        "uuid": "00000000-0000-4000-8000-000000000000", "created": "2001-01-01",
        "organisation_uuid": "00000000-0000-4000-8000-000000000001",
    }  # fmt: skip
    before = world.ask("orgadmin", "GET", f"/sharing_groups/view/{group}").body["SharingGroup"]
    world.ask("otheradmin", "POST", f"/sharing_groups/edit/{group}", every)
    after = world.ask("orgadmin", "GET", f"/sharing_groups/view/{group}").body["SharingGroup"]
    changed = {name for name in after if after[name] != before[name]}
    assert "name" in changed
    assert changed <= {"name", "modified"}
    assert world.ask("otheradmin", "POST", f"/sharing_groups/delete/{group}").status == 405


def test_another_organisations_names_are_not_told(world: Any, group: str) -> None:
    """The same name is free for somebody who cannot see that it is taken."""
    made = world.ask("otheradmin", "POST", "/sharing_groups/add", {"name": "Banks"})
    assert made.body["SharingGroup"]["name"] == "Banks"
    again = world.ask("orgadmin", "POST", "/sharing_groups/add", {"name": "Banks"})
    assert again.body["SharingGroup"]["name"].startswith("Banks_")


def test_a_group_comes_with_its_organisations(world: Any) -> None:
    body = {
        "SharingGroup": {
            "name": "Whole",
            "SharingGroupOrg": [
                {"extend": True, "org_id": str(world.orgs["Zuidland Energie"])},
                {"org_id": "1"},
                {"org_id": "999999"},
            ],
            "SharingGroupServer": [{"server_id": "0", "all_orgs": False}],
        }
    }
    made = world.ask("orgadmin", "POST", "/sharing_groups/add", body).body
    assert [(m["org_id"], m["extend"]) for m in made["SharingGroupOrg"]] == [
        (str(world.orgs["Zuidland Energie"]), True),
        ("1", False),
    ]
    assert len(made["SharingGroupServer"]) == 1


def test_a_group_that_something_is_shared_with_stays(world: Any, group: str) -> None:
    with world.database.system() as session:
        session.execute(
            "INSERT INTO event (uuid, org_id, orgc_id, info, distribution, sharing_group_id,"
            " timestamp, audience) VALUES (gen_random_uuid(), 1, 1, 'x', 4, %s, 1, 1)",
            (int(group),),
        )
    path = f"/sharing_groups/delete/{group}"
    refused = world.ask("orgadmin", "POST", path)
    assert refused.body["errors"] == "The sharing group could not be deleted."
    with world.database.system() as session:
        session.execute("DELETE FROM event")
    assert world.ask("orgadmin", "POST", path).body["saved"] is True


@pytest.mark.parametrize("what", ["note", "collection", "cluster", "relation"])
def test_a_group_that_only_what_hangs_beside_events_uses_stays_too(
    world: Any, group: str, what: str
) -> None:
    shared = {"distribution": 4, "sharing_group_id": group}
    galaxy = world.ask("admin", "POST", "/galaxies/add", {
        "name": "Actors", "type": "noordland-actor", "namespace": "noordland",
    }).body["Galaxy"]["id"]  # fmt: skip
    relation = {
        "referenced_galaxy_cluster_uuid": "6a3f1a63-b3aa-4c35-a3fc-6f0a6b3b1d11",
        "referenced_galaxy_cluster_type": "uses",
    }
    cluster = {"value": "Heron", "description": "d", "distribution": 0}
    path, body = {
        "note": (f"/analystData/add/Note/{event(world)['uuid']}/Event", {"note": "n"} | shared),
        "collection": ("/collections/add", {"name": "Winter", "type": "campaign"} | shared),
        "cluster": (f"/galaxy_clusters/add/{galaxy}", cluster | shared),
        "relation": (
            f"/galaxy_clusters/add/{galaxy}",
            cluster | {"GalaxyClusterRelation": [relation | shared]},
        ),
    }[what]
    made = world.ask("orgadmin", "POST", path, body)
    assert made.status == 200, made.body
    refused = world.ask("orgadmin", "POST", f"/sharing_groups/delete/{group}")
    assert refused.body["errors"] == "The sharing group could not be deleted."
    assert world.ask("orgadmin", "GET", f"/sharing_groups/view/{group}").status == 200


def test_nameless_groups_are_refused(world: Any) -> None:
    reply = world.ask("orgadmin", "POST", "/sharing_groups/add", {"releasability": "r"})
    assert (reply.status, reply.body["errors"]) == (403, "Could not save sharing group.")
