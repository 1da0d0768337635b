# SPDX-License-Identifier: EUPL-1.2
"""Event reports over MISP's interface."""

from typing import Any
from uuid import uuid4

import pytest
from tests.api.conftest import World
from tests.api.event_world import event, is_refused, viewed


def add(world: World, event_id: Any, body: Any, who: str = "orgadmin") -> Any:
    return world.ask(who, "POST", f"/eventReports/add/{event_id}", body)


def made(world: World, event_id: Any, **fields: Any) -> dict[str, Any]:
    reply = add(world, event_id, {"name": "Findings", "distribution": 5, **fields})
    assert reply.status == 200, reply.body
    return dict(reply.body["EventReport"])


def test_a_report_answers_itself_its_event_and_group(world: World) -> None:
    added = event(world)
    body = add(world, added["uuid"], {"EventReport": {"name": "n", "content": "# T"}}).body
    assert body["EventReport"]["content"] == "# T"
    assert body["EventReport"]["distribution"] == "0"
    assert body["Event"]["id"] == added["id"]
    assert body["Event"]["Org"]["name"] == "Noordland Bank"
    assert body["SharingGroup"] == {"id": None, "name": None, "uuid": None}
    assert viewed(world, added["id"])["EventReport"][0]["name"] == "n"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "This field cannot be left blank"),
        ({"content": "x"}, "This field cannot be left blank"),
        ({"name": "d", "distribution": 9}, "Options: Your organisation only"),
        ({"name": "d", "distribution": 4}, "Invalid Sharing Group"),
        ({"name": "u", "uuid": "x"}, "Please provide a valid RFC 4122 UUID"),
    ],
)
def test_what_does_not_fit_is_told_as_one_text(world: World, body: Any, text: str) -> None:
    reply = add(world, event(world)["id"], body)
    assert reply.status == 403
    assert reply.body["errors"].startswith(text)
    assert reply.body["url"] == "/event_reports/add"


def test_a_taken_uuid_is_refused_and_a_hidden_one_is_not_confirmed(world: World) -> None:
    added = event(world, distribution=0)
    one = made(world, added["id"])
    reply = add(world, added["id"], {"name": "u", "uuid": one["uuid"]})
    assert is_refused(reply, 403, "The UUID provided is not unique")
    theirs = event(world, "other")
    assert add(world, theirs["id"], {"name": "u", "uuid": one["uuid"]}, "other").status == 200


def test_an_edit_changes_what_it_names(world: World) -> None:
    one = made(world, event(world)["id"], content="# One")
    path = f"/eventReports/edit/{one['uuid']}"
    after = world.ask("user", "POST", path, {"EventReport": {"content": "# Two", "event_id": 1}})
    shown = after.body["EventReport"]
    assert (shown["name"], shown["content"], shown["event_id"]) == (
        one["name"], "# Two", one["event_id"])  # fmt: skip
    bad = world.ask("user", "POST", path, {"distribution": 9})
    assert is_refused(bad, 403, "Options: ")


def test_a_reports_level_is_its_own_within_the_events(world: World) -> None:
    added = event(world)
    open_one, closed = made(world, added["id"]), made(world, added["id"], distribution=0)

    def index(who: str, path: str) -> list[str]:
        reply = world.ask(who, "GET", f"/eventReports/index{path}")
        return [row["EventReport"]["id"] for row in reply.body]

    assert index("other", f"/event_id:{added['id']}") == [open_one["id"]]
    assert index("orgadmin", f"/event_id:{added['id']}") == [open_one["id"], closed["id"]]
    assert index("other", "") == [open_one["id"]]
    for key in (closed["id"], closed["uuid"], 999_999, "abc"):
        for method, verb in (("GET", "view"), ("POST", "edit"), ("POST", "delete")):
            reply = world.ask("other", method, f"/eventReports/{verb}/{key}", {"name": "x"})
            assert is_refused(reply, 404, "Invalid report")
    world.ask("orgadmin", "POST", f"/eventReports/edit/{open_one['id']}", {"distribution": 0})
    assert index("other", "") == []


def test_seen_and_not_yours_is_401(world: World) -> None:
    one = made(world, event(world)["id"])
    for verb in ("edit", "delete", "restore"):
        reply = world.ask("other", "POST", f"/eventReports/{verb}/{one['id']}", {"name": "x"})
        assert is_refused(reply, 401, "Unauthorized")
    reply = add(world, one["event_id"], {"name": "x"}, "other")
    assert is_refused(reply, 403, "You do not have permission to do that.")
    hidden = event(world, distribution=0)
    for key in (hidden["id"], hidden["uuid"], str(uuid4())):
        assert is_refused(add(world, key, {"name": "x"}, "other"), 404, "Invalid event")


def test_a_report_is_marked_restored_and_removed(world: World) -> None:
    one = made(world, event(world)["id"])
    number = one["id"]
    reply = world.ask("orgadmin", "POST", f"/eventReports/delete/{number}")
    assert reply.body["message"] == f"Event Report {number} soft deleted"
    shown = world.ask("orgadmin", "GET", f"/eventReports/view/{number}").body["EventReport"]
    assert shown["deleted"] is True
    assert world.ask("orgadmin", "GET", "/eventReports/index").body == []
    assert len(world.ask("orgadmin", "GET", "/eventReports/index/context:deleted").body) == 1
    reply = world.ask("orgadmin", "POST", f"/eventReports/restore/{number}")
    assert reply.body["message"] == f"Event Report {number} restored"
    reply = world.ask("orgadmin", "POST", f"/eventReports/delete/{number}", {"hard": 1})
    assert reply.body["message"] == f"Event Report {number} hard deleted"
    assert world.ask("orgadmin", "GET", f"/eventReports/view/{number}").status == 404
