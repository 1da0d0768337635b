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
