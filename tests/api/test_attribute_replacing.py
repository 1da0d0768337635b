# SPDX-License-Identifier: EUPL-1.2
"""A list of values in the place of another, over MISP's interface."""

from typing import Any

from tests.api.conftest import World
from tests.api.event_world import (
    add_object,
    attribute,
    event,
    is_refused,
    published,
    rows,
    values,
    viewed,
)


def replace(world: World, event_id: Any, value: Any, who: str = "orgadmin", **more: Any) -> Any:
    body = {"type": "ip-dst", "category": "Network activity", "value": value, **more}
    return world.ask(who, "POST", f"/attributes/attributeReplace/{event_id}", {"Attribute": body})


def test_the_new_list_stands_and_what_was_in_both_stays(world: World) -> None:
    added = event(world)
    kept = attribute(world, added["id"], value="192.0.2.1", comment="known")
    attribute(world, added["id"], value="192.0.2.2")
    attribute(world, added["id"], type="ip-src", value="192.0.2.3")
    attribute(world, added["id"], value="192.0.2.4", category="Payload delivery")
    inside = add_object(world, added["id"], Attribute=[
        {"type": "ip-dst", "object_relation": "ip", "value": "192.0.2.9"}])  # fmt: skip
    reply = replace(
        world, added["id"], "192.0.2.1\r\n 192.0.2.7 \n\n192.0.2.8\n192.0.2.7", to_ids="0"
    )
    assert reply.body == {
        "saved": True,
        "success": "Update completed without any issues. 2 attributes created. 1 attribute deleted."
        " 1 attribute left untouched.",
    }
    after = viewed(world, added["id"])
    assert sorted(values(after)) == [
        "192.0.2.1", "192.0.2.3", "192.0.2.4", "192.0.2.7", "192.0.2.8"
    ]  # fmt: skip
    by_value = {a["value"]: a for a in after["Attribute"]}
    assert by_value["192.0.2.1"]["uuid"] == kept["uuid"]
    assert by_value["192.0.2.7"]["to_ids"] is False
    assert [o["id"] for o in after["Object"]] == [inside["id"]]
    assert len(after["Object"][0]["Attribute"]) == 1
    again = replace(world, added["id"], "192.0.2.1\n192.0.2.7\n192.0.2.8").body["success"]
    assert again.endswith("issues. 3 attributes left untouched.")


def test_what_was_published_is_marked_as_deleted(world: World) -> None:
    added = event(world)
    gone = attribute(world, added["id"], value="192.0.2.1")
    published(world, added["id"])
    assert replace(world, added["id"], "192.0.2.2").status == 200
    query = "SELECT deleted FROM attribute WHERE uuid = %s"
    assert rows(world, query, gone["uuid"]) == [(True,)]
    assert viewed(world, added["id"])["published"] is False


def test_one_value_that_does_not_fit_stops_all_of_it(world: World) -> None:
    added = event(world)
    attribute(world, added["id"], value="192.0.2.1")
    reply = replace(world, added["id"], "192.0.2.7\nnonsense\n192.0.2.8")
    assert (reply.status, list(reply.body["errors"])) == (403, ["attribute_1"])
    for value in (None, "", " \n ", "x\n" * 10_001):
        assert is_refused(replace(world, added["id"], value), 400, "value: expected 1 to 10000")
    assert replace(world, added["id"], ["192.0.2.7"]).status == 400
    assert is_refused(replace(world, added["id"], "192.0.2.7", type="nosuch"), 403, "type")
    assert is_refused(replace(world, added["id"], "192.0.2.7", category="nosuch"), 403, "category")
    assert replace(world, added["id"], "192.0.2.7", type=["ip-dst"]).status == 400
    assert values(viewed(world, added["id"])) == ["192.0.2.1"]


def test_only_whoever_may_change_the_event_replaces(world: World) -> None:
    added = event(world, distribution="3")
    attribute(world, added["id"], value="192.0.2.1")
    published(world, added["id"])
    text = "Event not found or you don't have permissions to create attributes"
    assert is_refused(replace(world, added["id"], "192.0.2.7", "other"), 405, text)
    assert is_refused(replace(world, "nonsense", "192.0.2.7", "other"), 405, text)
    assert replace(world, added["id"], "192.0.2.7", "readonly").status == 403
    assert world.ask("orgadmin", "GET", "/attributes/attributeReplace/1").status == 405
    assert values(viewed(world, added["id"])) == ["192.0.2.1"]
