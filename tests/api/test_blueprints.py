# SPDX-License-Identifier: EUPL-1.2
"""Blueprints of sharing groups: rules that name organisations, and the group they fill."""

import json
from typing import Any

import pytest


def _add(world: Any, who: str, rules: Any) -> Any:
    body = {"name": "Banks of the north", "rules": rules}
    return world.ask(who, "POST", "/sharingGroupBlueprints/add", body)


def _members(world: Any, group: str) -> set[str]:
    seen = world.ask("orgadmin", "GET", f"/sharing_groups/view/{group}").body
    return {one["Organisation"]["name"] for one in seen["SharingGroupOrg"]}


def test_executing_fills_the_group_and_empties_it_of_those_no_longer_named(world: Any) -> None:
    rules = {"OR": {"org_name": ["noordland bank", "Zuidland Energie"]}}
    number = _add(world, "orgadmin", json.dumps(rules)).body["SharingGroupBlueprint"]["id"]
    done = world.ask("orgadmin", "POST", f"/sharingGroupBlueprints/execute/{number}")
    assert "Created: 1. Updated: 1." in done.body["message"]
    seen = world.ask("orgadmin", "GET", f"/sharingGroupBlueprints/view/{number}").body
    group = seen["SharingGroup"]["id"]
    assert _members(world, group) == {"Noordland Bank", "Zuidland Energie"}
    path = f"/sharingGroupBlueprints/edit/{number}"
    fewer = {"AND": {"org_name": ["Zuidland Energie"]}, "NOT": {"org_id": 1}}
    assert world.ask("orgadmin", "POST", path, {"rules": fewer}).status == 200
    done = world.ask("orgadmin", "POST", f"/sharingGroupBlueprints/execute/{number}")
    assert "Created: 0." in done.body["message"]
    assert _members(world, group) == {"Zuidland Energie"}
    named = world.ask("orgadmin", "GET", f"/sharingGroupBlueprints/viewOrgs/{number}").body
    assert [one["name"] for one in named] == ["Zuidland Energie"]


def test_detaching_leaves_the_group_alone(world: Any) -> None:
    number = _add(world, "orgadmin", {"org_name": "Noordland Bank"}).body
    number = number["SharingGroupBlueprint"]["id"]
    world.ask("orgadmin", "POST", f"/sharingGroupBlueprints/execute/{number}")
    seen = world.ask("orgadmin", "GET", f"/sharingGroupBlueprints/view/{number}").body
    group = seen["SharingGroup"]["id"]
    assert world.ask("orgadmin", "POST", f"/sharingGroupBlueprints/detach/{number}").status == 200
    assert world.ask("orgadmin", "POST", f"/sharingGroupBlueprints/delete/{number}").status == 200
    assert _members(world, group) == {"Noordland Bank"}


def test_a_blueprint_is_its_organisations_own(world: Any) -> None:
    number = _add(world, "orgadmin", {"org_id": 1}).body["SharingGroupBlueprint"]["id"]
    for verb, path in (("GET", "view"), ("GET", "viewOrgs"), ("POST", "execute"),
                       ("POST", "edit"), ("POST", "delete"), ("POST", "detach")):  # fmt: skip
        hidden = world.ask("otheradmin", verb, f"/sharingGroupBlueprints/{path}/{number}", {})
        assert hidden.status == 404, path
    assert world.ask("otheradmin", "GET", "/sharingGroupBlueprints/index").body == []
    assert _add(world, "user", {"org_id": 1}).status == 403


@pytest.mark.parametrize(
    "rules",
    [None, [], {}, "no JSON", {"OR": []}, {"OR": {"org_colour": "red"}}, {"org_id": {"x": 1}},
     {"org_id": [None]}, {"OR": {"OR": {"OR": {"OR": {"OR": {"OR": {"OR": {"OR": {"OR": {"OR": {
         "OR": {"org_id": 1}}}}}}}}}}}}],
)  # fmt: skip
def test_rules_that_do_not_fit_are_refused_by_name(world: Any, rules: Any) -> None:
    refused = _add(world, "orgadmin", rules)
    assert refused.status == 403
    assert "rules" in refused.body["errors"]
    assert world.ask("orgadmin", "GET", "/sharingGroupBlueprints/index").body == []
