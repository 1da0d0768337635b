# SPDX-License-Identifier: EUPL-1.2
"""Collections and bookmarks over MISP's interface."""

from typing import Any

import pytest
from tests.api.conftest import World
from tests.api.event_world import event, is_refused


def collection(world: World, who: str = "user", **fields: Any) -> dict[str, Any]:
    body = {"name": "Winter", "type": "campaign", "distribution": 1, **fields}
    reply = world.ask(who, "POST", "/collections/add", body)
    assert reply.status == 200, reply.body
    return dict(reply.body["Collection"])


def put(world: World, number: str, uuid: str, who: str = "user") -> Any:
    body = {"element_uuid": uuid, "element_type": "Event"}
    return world.ask(who, "POST", f"/collectionElements/add/{number}", body)


def held(world: World, number: str, who: str) -> list[str]:
    shown = world.ask(who, "GET", f"/collections/view/{number}").body["Collection"]
    return [one["element_uuid"] for one in shown["CollectionElement"]]


def test_a_collection_shows_of_its_elements_what_its_reader_sees(world: World) -> None:
    open_one, closed = event(world, distribution=1), event(world, distribution=0)
    made = collection(world)
    for one in (open_one, closed):
        assert put(world, made["id"], one["uuid"]).status == 200
    assert held(world, made["id"], "user") == [open_one["uuid"], closed["uuid"]]
    assert held(world, made["id"], "other") == [open_one["uuid"]]
    (line,) = world.ask("other", "GET", "/collections/index").body
    assert line["Collection"]["element_count"] == 1
    shown = world.ask("other", "GET", f"/collections/view/{made['uuid']}").body["Collection"]
    assert "User" not in shown


def test_a_level_hides_it_and_an_edit_shows_it(world: World) -> None:
    made = collection(world, distribution=0)
    path = f"/collections/view/{made['id']}"
    assert is_refused(world.ask("other", "GET", path), 404, "Invalid Collection.")
    assert world.ask("other", "GET", "/collections/index").body == []
    body = {"distribution": 1, "name": "Spring"}
    changed = world.ask("user", "POST", f"/collections/edit/{made['id']}", body).body["Collection"]
    assert (changed["name"], changed["type"]) == ("Spring", "campaign")
    assert world.ask("other", "GET", path).status == 200


def test_who_may_change_it(world: World) -> None:
    made = collection(world)
    added = event(world, distribution=1)
    for path in (f"/collections/edit/{made['id']}", f"/collections/delete/{made['id']}"):
        assert is_refused(world.ask("other", "POST", path, {"name": "x"}), 405, "insuficient")
    assert is_refused(put(world, made["id"], added["uuid"], "other"), 405, "insuficient")
    assert world.ask("readonly", "POST", "/collections/add", {"name": "x"}).status == 403
    put(world, made["id"], added["uuid"])
    (element,) = world.ask("user", "GET", f"/collectionElements/index/{made['id']}").body
    number = element["CollectionElement"]["id"]
    assert world.ask("other", "POST", f"/collectionElements/delete/{number}").status == 405
    assert world.ask("orgadmin", "POST", f"/collectionElements/delete/{number}").status == 200
    assert world.ask("orgadmin", "POST", f"/collections/delete/{made['id']}").status == 200


def test_an_element_that_is_hidden_or_absent_is_refused_alike(world: World) -> None:
    made = collection(world, "other")
    secret = event(world, distribution=0)
    absent = "8c9f4f0e-6d7c-4b2a-9a54-0b8a4b7b8f10"
    answers = [put(world, made["id"], uuid, "other") for uuid in (secret["uuid"], absent)]
    assert answers[0].body == answers[1].body
    assert answers[0].status == 403


def test_one_event_goes_into_several(world: World) -> None:
    first, second = collection(world), collection(world, name="Summer")
    added = event(world)
    path = f"/collectionElements/addElementToCollection/Event/{added['uuid']}"
    body = {"CollectionElement": {"collection_id": [first["id"], second["id"]]}}
    assert world.ask("user", "POST", path, body).status == 200
    assert held(world, second["id"], "user") == [added["uuid"]]


def test_bookmarks_are_ones_own_unless_shown(world: World) -> None:
    for name, shown in (("mine", False), ("ours", True)):
        body = {"name": name, "url": "https://node.example/events", "exposed_to_org": shown}
        assert world.ask("user", "POST", "/bookmarks/add", body).status == 200
    for who, names in (("user", ["mine", "ours"]), ("user2", ["ours"]), ("other", [])):
        listed = world.ask(who, "GET", "/bookmarks/index").body
        assert [one["Bookmark"]["name"] for one in listed] == names
    number = world.ask("user2", "GET", "/bookmarks/index").body[0]["Bookmark"]["id"]
    for who in ("user2", "other"):
        for action in ("edit", "delete"):
            reply = world.ask(who, "POST", f"/bookmarks/{action}/{number}", {"name": "x"})
            assert is_refused(reply, 405, "insuficient")
    changed = world.ask("user", "POST", f"/bookmarks/edit/{number}", {"comment": "daily"}).body
    assert changed["Bookmark"]["comment"] == "daily"
    assert world.ask("user", "POST", f"/bookmarks/delete/{number}").status == 200


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "/events/index", "data:text/html,x", "http://", "https://a b.example"],
)
def test_a_bookmark_leads_to_a_page(world: World, url: str) -> None:
    reply = world.ask("user", "POST", "/bookmarks/add", {"name": "x", "url": url})
    assert is_refused(reply, 403, "Invalid baseurl")
