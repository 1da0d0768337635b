# SPDX-License-Identifier: EUPL-1.2
"""Sightings over MISP's interface, under each of the node's policies."""

from typing import Any
from uuid import uuid4

import pytest
from tests.api.conftest import World
from tests.api.event_world import attribute, event, is_refused, rows, viewed

REASON = "Could not add the Sighting. Reason: "


def report(world: World, body: Any, who: str = "orgadmin", path: str = "") -> Any:
    reply = world.ask(who, "POST", f"/sightings/add{path}", body)
    assert reply.status == 200, reply.body
    return reply.body


def listed(world: World, event_id: Any, who: str) -> list[dict[str, Any]]:
    body = {"id": event_id, "context": "event"}
    return list(world.ask(who, "POST", "/sightings/listSightings", body).body)


@pytest.mark.parametrize("how", ["id", "uuid", "value", "values", "path", "path uuid"])
def test_an_attribute_is_named_by_every_spelling(world: World, how: str) -> None:
    one = attribute(world, event(world)["id"])
    bodies: dict[str, Any] = {
        "id": {"id": one["id"]}, "uuid": {"uuid": one["uuid"]}, "value": {"value": one["value"]},
        "values": {"values": [one["value"]]}, "path": None, "path uuid": None,
    }  # fmt: skip
    path = {"path": f"/{one['id']}", "path uuid": f"/{one['uuid']}"}.get(how, "")
    made = report(world, bodies[how], path=path)["Sighting"]
    assert (made["attribute_id"], made["event_id"], made["type"], made["source"]) == (
        one["id"], one["event_id"], "0", "")  # fmt: skip


def test_a_value_is_found_in_any_case_and_either_part(world: World) -> None:
    one = attribute(world, event(world)["id"], type="domain|ip", value="s.example|192.0.2.211")
    for value in ("S.EXAMPLE", "192.0.2.211", "s.example|192.0.2.211"):
        assert report(world, {"value": value})["Sighting"]["attribute_id"] == one["id"]
    nothing = report(world, {"value": "s.example|192.0.2.212"})
    assert nothing["message"] == f"{REASON}No valid attributes found that match the criteria."


def test_a_value_sights_all_that_carry_it_and_are_seen(world: World) -> None:
    first, second = attribute(world, event(world)["id"]), attribute(world, event(world)["id"])
    hidden = attribute(world, event(world, distribution=0)["id"])
    deleted = attribute(world, event(world)["id"])
    world.ask("orgadmin", "POST", f"/attributes/delete/{deleted['id']}")
    last = report(world, {"values": ["192.0.2.10"]}, "other")["Sighting"]
    assert last["attribute_id"] == second["id"]
    sighted = rows(world, "SELECT attribute_id FROM sighting ORDER BY attribute_id")
    assert sighted == [(int(first["id"]),), (int(second["id"]),)]
    assert hidden["id"] not in str(sighted)


def test_filters_narrow_what_a_value_sights(world: World) -> None:
    added = event(world)
    attribute(world, added["id"])
    attribute(world, added["id"], type="ip-src")
    report(world, {"values": ["192.0.2.10"], "filters": {"type": "ip-src"}})
    assert rows(world, "SELECT a.type FROM sighting s JOIN attribute a ON a.id = s.attribute_id"
                ) == [("ip-src",)]  # fmt: skip


def test_type_source_and_time_are_kept(world: World) -> None:
    one = attribute(world, event(world)["id"])
    made = report(world, {"id": one["id"], "type": "1", "source": "<b>x</b>",
                          "timestamp": 1_700_000_000})["Sighting"]  # fmt: skip
    assert (made["type"], made["source"], made["date_sighting"]) == ("1", "<b>x</b>", "1700000000")
    made = report(world, {"id": one["id"], "type": 2, "date": "2024-01-02", "time": "03:04:05"})
    assert made["Sighting"]["date_sighting"] == "1704164645"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "No valid attributes found."),
        ([{"id": "1"}], "No valid attributes found."),
        ({"id": 999_999}, "No valid attributes found that match the criteria."),
        ({"uuid": str(uuid4())}, "No valid attributes found that match the criteria."),
        ({"values": ["none.example"]}, "No valid attributes found that match the criteria."),
        ({"value": "x", "type": 3},
         "Invalid type, please change it before you POST 1000000 sightings."),
    ],
)  # fmt: skip
def test_what_cannot_be_sighted_is_told_with_200(world: World, body: Any, reason: str) -> None:
    assert report(world, body) == {"message": REASON + reason}


def test_a_hidden_attribute_and_an_absent_one_are_one_answer(world: World) -> None:
    hidden = attribute(world, event(world, distribution=0)["id"])
    answers = [
        report(world, {"id": hidden["id"]}, "other"), report(world, {"id": 999_999}, "other"),
        report(world, {"uuid": hidden["uuid"]}, "other"),
        report(world, {"value": hidden["value"]}, "other"),
    ]  # fmt: skip
    assert len({str(answer) for answer in answers}) == 1
    for key in (hidden["id"], hidden["uuid"], 999_999, "abc"):
        reply = world.ask("other", "GET", f"/sightings/listSightings/{key}/attribute")
        assert is_refused(reply, 405, "Invalid object.")
    assert world.ask("other", "GET", f"/sightings/index/{hidden['event_id']}").body == []


def test_lists_are_newest_first_and_the_event_carries_them(world: World) -> None:
    one = attribute(world, event(world)["id"])
    made = [report(world, {"id": one["id"]})["Sighting"]["id"] for _ in range(3)]
    shown = listed(world, one["event_id"], "orgadmin")
    assert [row["Sighting"]["id"] for row in shown] == made[::-1]
    assert shown[0]["Organisation"] == {"name": "Noordland Bank"}
    index = world.ask("orgadmin", "GET", f"/sightings/index/{one['event_id']}").body
    assert [row["id"] for row in index] == made
    assert index[0]["attribute_uuid"] == one["uuid"]
    carried = viewed(world, one["event_id"])["Attribute"][0]["Sighting"]
    assert carried == index
    assert "Sighting" not in viewed(world, one["event_id"], path="/noSightings:1")["Attribute"][0]


def test_one_organisations_sightings_are_asked_for(world: World) -> None:
    one = attribute(world, event(world)["id"])
    report(world, {"id": one["id"]})
    theirs = report(world, {"id": one["id"]}, "other")["Sighting"]
    path = f"/sightings/listSightings/{one['id']}/attribute/{world.orgs['Zuidland Energie']}"
    found = world.ask("orgadmin", "GET", path).body
    assert [row["Sighting"]["id"] for row in found] == [theirs["id"]]


# Who sees what: (policy, whether the reader has reported) -> organisations seen by the reader.
SEEN = {
    (0, True): {"Zuidland Energie"}, (0, False): set(),
    (1, True): {"Zuidland Energie", "Noordland Bank", "CSIRT Noordland"}, (1, False): set(),
    (2, True): {"Zuidland Energie", "Noordland Bank", "CSIRT Noordland"},
    (2, False): {"Noordland Bank", "CSIRT Noordland"},
    (3, True): {"Zuidland Energie", "CSIRT Noordland"}, (3, False): {"CSIRT Noordland"},
}  # fmt: skip


@pytest.mark.parametrize(("policy", "has_reported"), SEEN)
def test_each_policy_shows_what_it_says(world: World, policy: int, has_reported: bool) -> None:
    setting = "/servers/serverSettingsEdit/Plugin.Sightings_policy"
    assert world.ask("admin", "POST", setting, {"value": policy}).status == 200
    one = attribute(world, event(world)["id"])
    for who in ("orgadmin", "admin", *(["other"] if has_reported else [])):
        report(world, {"id": one["id"]}, who)
    expected = SEEN[policy, has_reported]
    seen = {row["Organisation"]["name"] for row in listed(world, one["event_id"], "other")}
    assert seen == expected
    carried = viewed(world, one["event_id"], "other")["Attribute"][0].get("Sighting", [])
    assert {row["Organisation"]["name"] for row in carried} == expected
    owner = {row["Organisation"]["name"] for row in listed(world, one["event_id"], "orgadmin")}
    assert len(owner) == 2 + has_reported


def test_reporters_can_be_kept_to_themselves(world: World) -> None:
    for setting, value in (("Plugin.Sightings_policy", 2), ("Plugin.Sightings_anonymise", True)):
        world.ask("admin", "POST", f"/servers/serverSettingsEdit/{setting}", {"value": value})
    one = attribute(world, event(world)["id"])
    report(world, {"id": one["id"]}, "other")
    (seen,) = listed(world, one["event_id"], "orgadmin")
    assert seen["Organisation"] == {"name": "Others"}
    assert seen["Sighting"]["org_id"] == "0"
    assert "Zuidland Energie" not in str(viewed(world, one["event_id"]))
    assert listed(world, one["event_id"], "other")[0]["Organisation"]["name"] == "Zuidland Energie"
    by_org = f"/sightings/listSightings/{one['id']}/attribute/{world.orgs['Zuidland Energie']}"
    assert world.ask("orgadmin", "GET", by_org).body == []


def test_a_sighting_is_deleted_by_its_organisation_only(world: World) -> None:
    one = attribute(world, event(world)["id"])
    made = report(world, {"id": one["id"]}, "other")["Sighting"]
    path = f"/sightings/delete/{made['id']}"
    assert world.ask("other", "GET", path).status == 405
    for who in ("user", "orgadmin"):
        assert is_refused(world.ask(who, "POST", path), 404, "Invalid sighting.")
    reply = world.ask("otheradmin", "POST", f"/sightings/delete/{made['uuid']}")
    assert reply.body["message"] == "Sighting successfully deleted."
    assert is_refused(world.ask("other", "POST", path), 404, "Invalid sighting.")


def test_who_may_not_report(world: World) -> None:
    one = attribute(world, event(world)["id"])
    assert world.ask("readonly", "POST", f"/sightings/add/{one['id']}").status == 403


def test_a_synchronising_user_keeps_reporter_and_uuid(world: World) -> None:
    known = str(uuid4())
    reporter = {"name": "ISAC Zuidzee", "uuid": str(uuid4())}
    sighting = {"uuid": known, "date_sighting": "1700000000", "type": "0", "source": "s",
                "Organisation": reporter}  # fmt: skip
    sent = [{"type": "ip-dst", "value": "192.0.2.1", "Sighting": [sighting]}]
    theirs = event(world, "sync", Attribute=sent)["Attribute"][0]["Sighting"][0]
    assert (theirs["uuid"], theirs["Organisation"]["name"]) == (known, "ISAC Zuidzee")
    mine = event(
        world,
        "user",
        Attribute=[
            {"type": "ip-dst", "value": "192.0.2.2", "Sighting": [sighting | {"uuid": None}]}
        ],
    )
    shown = mine["Attribute"][0]["Sighting"][0]
    assert shown["Organisation"]["name"] == "Noordland Bank"
