# SPDX-License-Identifier: EUPL-1.2
"""Counts over what the reader sees, and nothing that is made up."""

from typing import Any

import pytest
from tests.api.conftest import World
from tests.api.event_world import event

from brug.intel.counting import community_counts

SHARED = {"type": "ip-dst", "value": "192.0.2.40"}
ALONE = {"type": "ip-dst", "value": "192.0.2.41"}


def stats(world: World, who: str) -> dict[str, Any]:
    return dict(world.ask(who, "GET", "/users/statistics/data").body["stats"])


def test_pairs_of_events_that_share_a_value_are_counted(world: World) -> None:
    for distribution in (1, 1, 0):
        event(world, distribution=distribution, Attribute=[SHARED, ALONE | {"type": "comment"}])
    event(world, Attribute=[ALONE])
    assert stats(world, "orgadmin")["correlation_count"] == "3"
    assert stats(world, "other")["correlation_count"] == "1"  # does not see the third


def test_counting_that_takes_too_long_is_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(community_counts, "_CORRELATIONS", "SELECT pg_sleep(10)")
    monkeypatch.setattr(community_counts, "CORRELATING_SECONDS", 0.05)
    found = stats(world, "user")
    assert found["correlation_count"] is None
    assert found["event_count"] == "0"


def test_open_proposals_are_counted(world: World) -> None:
    added = event(world, Attribute=[SHARED])
    path = f"/shadow_attributes/add/{added['id']}"
    world.ask("other", "POST", path, {"type": "ip-dst", "value": "192.0.2.42"})
    (open_one,) = world.ask("orgadmin", "GET", "/shadow_attributes").body
    assert stats(world, "orgadmin")["proposal_count"] == "1"
    world.ask("orgadmin", "POST", f"/shadow_attributes/discard/{open_one['ShadowAttribute']['id']}")
    assert stats(world, "orgadmin")["proposal_count"] == "0"


def test_users_are_counted_by_when_they_came(world: World) -> None:
    told = world.ask("user", "GET", "/users/statistics/users").body["user"]["data"]
    assert told == {"total": 9, "month": 9, "year": 9}
    assert stats(world, "user")["user_count"] == "9"
    assert stats(world, "user")["user_count_pgp"] == "0"


def test_a_galaxy_is_shown_as_a_matrix_with_what_the_reader_sees(world: World) -> None:
    made = {"name": "Heron ways", "type": "heron-way", "namespace": "noordland"}
    galaxy = world.ask("admin", "POST", "/galaxies/add", made).body["Galaxy"]["id"]
    path = f"/users/statistics/galaxyMatrix/galaxy_id:{galaxy}"
    plain = world.ask("user", "GET", path)
    assert (plain.status, plain.body["message"]) == (
        405,
        "Galaxy cannot be represented as a matrix",
    )
    with world.database.system() as session:
        order = '{"heron": ["wait", "strike"]}'
        session.execute("UPDATE galaxy SET kill_chain_order = %s WHERE id = %s", (order, galaxy))
    tags = {}
    for value, phases in (("Stand", ["wait"]), ("Freeze", ["wait", "strike"])):
        elements = [{"key": "external_id", "value": value[0]}]
        elements += [{"key": "kill_chain", "value": f"heron:{phase}"} for phase in phases]
        cluster = {"value": value, "description": "d", "distribution": 1}
        body = {"GalaxyCluster": cluster | {"GalaxyElement": elements}}
        added = world.ask("user", "POST", f"/galaxy_clusters/add/{galaxy}", body).body
        tags[value] = added["GalaxyCluster"]["tag_name"]
        number = added["GalaxyCluster"]["id"]
        assert world.ask("user", "POST", f"/galaxy_clusters/publish/{number}").status == 200
    stand = {"name": tags["Stand"]}
    event(world, date="2024-05-01", Tag=[stand], Attribute=[SHARED | {"Tag": [stand]}])
    event(world, distribution=0, Tag=[stand])
    found = world.ask("user", "GET", path).body
    names = {
        phase: [(one["value"], one["external_id"]) for one in several]
        for phase, several in found["matrix"]["heron"].items()
    }
    assert names == {"wait": [("Stand", "S"), ("Freeze", "F")], "strike": [("Freeze", "F")]}
    assert found["matrix"]["heron"]["strike"][0]["GalaxyElement"][0]["key"] == "external_id"
    assert found["scores"] == {tags["Stand"]: 3}
    assert world.ask("other", "GET", path).body["scores"] == {tags["Stand"]: 2}
    assert world.ask("user", "GET", path + "/dateTo:2024-06-01").body["scores"] == {
        tags["Stand"]: 2
    }
    other = f"/organisation:{world.orgs['Zuidland Energie']}"
    assert world.ask("user", "GET", path + other).body["scores"] == []
    assert found["instance-uuid"] == "-"
    assert len(world.ask("sync", "GET", path).body["instance-uuid"]) == 36
    assert world.ask("user", "GET", path + "/organisation:0").body["scores"] == found["scores"]
    nothing = "/users/statistics/galaxyMatrix/galaxy_id:999999"
    assert world.ask("user", "GET", nothing).status == 404
