# SPDX-License-Identifier: EUPL-1.2
"""Events over MISP's interface: deleting, and what is left to count and to read in the log."""

import pytest
from tests.api.conftest import World
from tests.api.event_world import (
    an_object,
    event,
    rows,
    viewed,
)


def test_deleting_leaves_nothing(world: World) -> None:
    added = event(
        world, Attribute=[{"type": "attachment", "value": "a.txt", "data": "aGVsbG8=",
                           "Tag": [{"name": "a:one"}]}],
        Object=[an_object()], EventReport=[{"name": "r"}], Tag=[{"name": "a:two"}],
    )  # fmt: skip
    world.ask("user", "POST", f"/sightings/add/{added['Attribute'][0]['id']}")
    reply = world.ask("user", "POST", f"/events/delete/{added['id']}")
    assert reply.body["name"] == "Event deleted."
    for query in (
        "SELECT count(*) FROM event", "SELECT count(*) FROM attribute",
        "SELECT count(*) FROM object", "SELECT count(*) FROM event_report",
        "SELECT count(*) FROM event_tag", "SELECT count(*) FROM attribute_tag",
        "SELECT count(*) FROM sighting", "SELECT count(*) FROM attachment",
    ):  # fmt: skip
        assert rows(world, query) == [(0,)]
    assert world.ask("user", "GET", f"/events/view/{added['id']}").status == 404


def test_several_events_are_deleted_by_a_list(world: World) -> None:
    keys = [event(world)["id"], event(world)["uuid"]]
    reply = world.ask("orgadmin", "POST", "/events/delete", {"id": keys})
    assert reply.body["name"] == "2 events deleted."


@pytest.mark.parametrize("method", ["DELETE", "POST"])
def test_deleting_what_is_not_yours_and_what_is_not_there_are_one_answer(
    world: World, method: str
) -> None:
    seen, hidden = event(world), event(world, distribution=0)
    keys = (seen["id"], hidden["id"], hidden["uuid"], 999_999, "abc")
    replies = [world.ask("other", method, f"/events/delete/{key}") for key in keys]
    assert {r.status for r in replies} == {403}
    assert {str(r.body["errors"]) for r in replies} == {"Event was not deleted."}
    assert viewed(world, seen["id"])


def test_every_change_leaves_a_line_in_the_log(world: World) -> None:
    added = event(world, Attribute=[{"type": "ip-dst", "value": "192.0.2.1"}])
    item = added["Attribute"][0]["id"]
    for path, body in (
        (f"/events/edit/{added['id']}", {"info": "y"}), (f"/events/publish/{added['id']}", None),
        (f"/events/unpublish/{added['id']}", None), (f"/attributes/edit/{item}", {"comment": "c"}),
        (f"/attributes/delete/{item}", None), (f"/attributes/restore/{item}", None),
        (f"/attributes/delete/{item}/1", None), (f"/events/delete/{added['id']}", None),
    ):  # fmt: skip
        assert world.ask("orgadmin", "POST", path, body).status == 200
    lines = rows(world, "SELECT action, model FROM audit WHERE model IN ('Event', 'Attribute')"
                        " ORDER BY id")  # fmt: skip
    assert lines == [
        ("add", "Event"), ("edit", "Event"), ("publish", "Event"), ("unpublish", "Event"),
        ("edit", "Attribute"), ("soft-delete", "Attribute"), ("restore", "Attribute"),
        ("delete", "Attribute"), ("delete", "Event"),
    ]  # fmt: skip


def test_statistics_count_what_is_seen(world: World) -> None:
    event(world, Attribute=[{"type": "text", "value": "a"},
                            {"type": "text", "value": "b", "distribution": 0}])  # fmt: skip

    def counted(who: str) -> str:
        body = world.ask(who, "GET", "/users/statistics/orgs").body
        return str(body["Noordland Bank"]["attributeCount"])

    assert (counted("orgadmin"), counted("other")) == ("2", "1")
