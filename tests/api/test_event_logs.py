# SPDX-License-Identifier: EUPL-1.2
"""The record of an event, and saved arrangements of its graph."""

from typing import Any

from tests.api.conftest import World


def added(world: World, who: str, **fields: Any) -> str:
    body = {"info": "recorded", "distribution": 1} | fields
    return str(world.ask(who, "POST", "/events/add", body).body["Event"]["id"])


def test_the_record_of_an_event_is_read_by_those_who_may_read_it(world: World) -> None:
    event = added(world, "user")
    world.ask("user", "POST", f"/events/edit/{event}", {"info": "changed"})
    for who, acts in (("user", 2), ("orgadmin", 2), ("admin", 2), ("user2", 0), ("other", 0)):
        log = world.ask(who, "GET", f"/logs/event_index/{event}").body["Log"]
        assert len(log) == acts, who
        assert len(world.ask(who, "GET", f"/audit_logs/eventIndex/{event}").body) == acts, who
    hidden = added(world, "user", distribution=0)
    for path in ("logs/event_index", "audit_logs/eventIndex"):
        assert world.ask("other", "GET", f"/{path}/{hidden}").status == 404
    days = world.ask("user", "GET", "/logs/returnDates").body
    assert list(days.values()) == [3]
    assert world.ask("user", "GET", "/admin/access_logs/index").status == 403


def test_arrangements_of_a_graph_are_seen_by_the_own_organisation(world: World) -> None:
    event = added(world, "user")
    graph = {"EventGraph": {"network_name": "mine", "network_json": '{"nodes": []}'}}
    number = world.ask("user", "POST", f"/eventGraph/add/{event}", graph).body["id"]
    for who, seen in (("user2", 1), ("orgadmin", 1), ("other", 0)):
        assert len(world.ask(who, "GET", f"/eventGraph/view/{event}").body) == seen, who
    assert world.ask("other", "POST", f"/eventGraph/delete/{number}").status == 404
    assert world.ask("user2", "POST", f"/eventGraph/delete/{number}").status == 403
    assert world.ask("user", "POST", f"/eventGraph/delete/{number}").body["saved"]
    hidden = added(world, "user", distribution=0)
    assert world.ask("other", "POST", f"/eventGraph/add/{hidden}", graph).status == 404
