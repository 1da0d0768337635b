# SPDX-License-Identifier: EUPL-1.2
"""Events over MISP's interface: editing, extending, publishing."""

import time
from typing import Any
from uuid import uuid4

import pytest
from tests.api.conftest import World
from tests.api.event_world import (
    an_object,
    attribute,
    edited,
    event,
    is_refused,
    published,
    rows,
    values,
    viewed,
)

NOT_NEWER = "Event in the request not newer than the local copy."


def test_an_edit_changes_what_it_names_and_leaves_the_rest(world: World) -> None:
    before = event(world, threat_level_id=1, date="2026-01-02")
    after = edited(world, before["id"], {"Event": {"analysis": 2}})
    assert after["analysis"] == "2"
    for same in ("info", "threat_level_id", "date", "distribution", "uuid", "Orgc"):
        assert after[same] == before[same]


@pytest.mark.parametrize("how", ["id", "uuid", "PUT", "bare"])
def test_an_event_is_edited_by_every_spelling(world: World, how: str) -> None:
    before = event(world)
    method = "PUT" if how == "PUT" else "POST"
    key = before["uuid"] if how == "uuid" else before["id"]
    path = f"/events/{key}" if how == "bare" else f"/events/edit/{key}"
    reply = world.ask("orgadmin", method, path, {"info": "Changed"})
    assert reply.body["Event"]["info"] == "Changed"


def test_an_edit_with_a_time_has_to_be_newer(world: World) -> None:
    before = event(world, timestamp=1_600_000_000)
    url = f"/events/edit/{before['id']}"
    for stamp in ("1600000000", 1_500_000_000):
        reply = world.ask("orgadmin", "POST", url, {"info": "x", "timestamp": stamp})
        assert reply.status == 403
        assert reply.body["errors"] == f"Event could not be saved: {NOT_NEWER}"
        assert reply.body["id"] == before["id"]
    later = edited(world, before["id"], {"info": "y", "timestamp": int(time.time()) + 3600})
    assert int(later["timestamp"]) > time.time()
    now = edited(world, before["id"], {"info": "z"})
    assert int(now["timestamp"]) <= time.time()


def test_every_edit_makes_a_draft_unless_it_publishes(world: World) -> None:
    added = event(world, Attribute=[{"type": "ip-dst", "value": "192.0.2.1"}])
    published(world, added["id"])
    stamp = viewed(world, added["id"])["publish_timestamp"]
    assert edited(world, added["id"], {})["published"] is False
    again = edited(world, added["id"], {"published": True})
    assert again["published"] is True
    assert int(again["publish_timestamp"]) >= int(stamp)


def test_items_inside_an_edit_are_found_by_uuid_or_added(world: World) -> None:
    before = event(world, Attribute=[{"type": "ip-dst", "value": "192.0.2.1"}])
    known = before["Attribute"][0]
    after = edited(world, before["id"], {"Attribute": [
        {"uuid": known["uuid"], "value": "192.0.2.2"},
        {"type": "ip-src", "value": "198.51.100.1"}, {"type": "ip-src", "value": "198.51.100.1"},
    ]})  # fmt: skip
    assert sorted(values(after)) == ["192.0.2.2", "198.51.100.1", "198.51.100.1"]
    assert after["attribute_count"] == "3"
    assert after["Attribute"][0]["id"] == known["id"]


def test_an_item_that_is_not_newer_is_left_alone(world: World) -> None:
    before = event(world, Attribute=[
        {"type": "ip-dst", "value": "192.0.2.1", "timestamp": 1_600_000_000}])  # fmt: skip
    known = before["Attribute"][0]
    for stamp, expected in ((1_600_000_000, "192.0.2.1"), (1_600_000_001, "192.0.2.9")):
        sent = {"uuid": known["uuid"], "value": "192.0.2.9", "timestamp": stamp}
        assert values(edited(world, before["id"], {"Attribute": [sent]})) == [expected]


def test_deleted_items_in_an_edit_are_marked(world: World) -> None:
    before = event(world, Attribute=[{"type": "ip-dst", "value": "192.0.2.1"}],
                   Object=[an_object()], EventReport=[{"name": "r"}])  # fmt: skip
    after = edited(world, before["id"], {
        "Attribute": [{"uuid": before["Attribute"][0]["uuid"], "deleted": True}],
        "Object": [{"uuid": before["Object"][0]["uuid"], "deleted": True}],
        "EventReport": [{"uuid": before["EventReport"][0]["uuid"], "deleted": True}],
    })  # fmt: skip
    assert (after["Attribute"], after["Object"], after["EventReport"]) == ([], [], [])
    assert after["attribute_count"] == "0"
    everything = viewed(world, before["id"], path="/deleted:1")
    assert everything["Attribute"][0]["deleted"] is True
    assert everything["Object"][0]["Attribute"][0]["deleted"] is True


def test_objects_and_reports_inside_an_edit_are_changed(world: World) -> None:
    before = event(world, Object=[an_object(distribution=5)], EventReport=[{"name": "r"}])
    inner = before["Object"][0]["Attribute"][0]
    after = edited(world, before["id"], {
        "Object": [{"uuid": before["Object"][0]["uuid"], "comment": "seen twice", "Attribute": [
            {"uuid": inner["uuid"], "value": "b.exe"},
            {"type": "md5", "object_relation": "md5", "value": "a" * 32}]}],
        "EventReport": [{"uuid": before["EventReport"][0]["uuid"], "content": "# More"}],
        "Tag": [{"name": "tlp:green"}],
    })  # fmt: skip
    changed = after["Object"][0]
    assert changed["comment"] == "seen twice"
    assert sorted(a["value"] for a in changed["Attribute"]) == ["a" * 32, "b.exe"]
    assert after["EventReport"][0]["content"] == "# More"
    assert after["EventReport"][0]["name"] == "r"
    assert [tag["name"] for tag in after["Tag"]] == ["tlp:green"]


def test_tags_of_an_edit_are_added_and_taken_off(world: World) -> None:
    before = event(world, Tag=[{"name": "a:one"}, {"name": "a:two"}])
    sent = [{"name": "a:three"}, {"name": "a:one", "deleted": True}]
    after = edited(world, before["id"], {"Tag": sent})
    assert sorted(tag["name"] for tag in after["Tag"]) == ["a:three", "a:two"]


def test_a_changed_value_is_found_under_its_new_key_at_once(world: World) -> None:
    one = event(world, Attribute=[{"type": "domain", "value": "one.example"}])
    two = event(world, Attribute=[{"type": "domain", "value": "two.example"}])
    assert viewed(world, two["id"])["RelatedEvent"] == []
    known = one["Attribute"][0]["uuid"]
    edited(world, one["id"], {"Attribute": [{"uuid": known, "value": "TWO.example"}]})
    related = viewed(world, two["id"])["RelatedEvent"]
    assert [r["Event"]["id"] for r in related] == [one["id"]]


def test_a_changed_value_is_found_by_a_part_of_it_though_the_old_one_was_indexed(
    world: World,
) -> None:
    added = event(world, Attribute=[{"type": "domain", "value": "lighthouse.example"}])
    item = added["Attribute"][0]["id"]
    rows(world, "SELECT index_values(1000)")
    world.ask("orgadmin", "POST", f"/attributes/edit/{item}", {"value": "windmill.example"})

    def found(part: str) -> list[str]:
        reply = world.ask("orgadmin", "POST", "/attributes/restSearch", {"value": f"%{part}%"})
        return [a["id"] for a in reply.body["response"]["Attribute"]]

    assert found("indmil") == [item]
    assert found("ghthou") == []


def test_a_narrower_level_hides_event_and_children_in_the_same_edit(world: World) -> None:
    added = event(
        world, Attribute=[{"type": "ip-dst", "value": "192.0.2.1", "Tag": [{"name": "x:y"}]}],
        Object=[an_object(distribution=5)], EventReport=[{"name": "r", "distribution": 5}],
    )  # fmt: skip
    a, o = added["Attribute"][0]["id"], added["Object"][0]["id"]
    r = added["EventReport"][0]["id"]
    paths = (f"/events/view/{added['id']}", f"/attributes/view/{a}", f"/objects/view/{o}",
             f"/eventReports/view/{r}")  # fmt: skip
    assert [world.ask("other", "GET", path).status for path in paths] == [200] * 4
    edited(world, added["id"], {"distribution": 0})
    assert [world.ask("other", "GET", path).status for path in paths] == [404, 405, 404, 404]
    edited(world, added["id"], {"distribution": 1})
    assert [world.ask("other", "GET", path).status for path in paths] == [200] * 4


def test_private_drafts_are_seen_when_published_and_hidden_when_edited(world: World) -> None:
    assert world.ask("admin", "POST", "/servers/serverSettingsEdit/MISP.unpublishedprivate",
                     {"value": True}).status == 200  # fmt: skip
    added = event(world, Attribute=[{"type": "ip-dst", "value": "192.0.2.1"}])
    path = f"/events/view/{added['id']}"
    item = f"/attributes/view/{added['Attribute'][0]['id']}"
    assert world.ask("other", "GET", path).status == 404
    published(world, added["id"])
    assert [world.ask("other", "GET", p).status for p in (path, item)] == [200, 200]
    attribute(world, added["id"], value="192.0.2.2")
    assert [world.ask("other", "GET", p).status for p in (path, item)] == [404, 405]
    assert world.ask("orgadmin", "GET", path).status == 200


def test_an_event_cannot_be_shared_with_a_group_that_one_is_not_in(world: World) -> None:
    reply = world.ask("admin", "POST", "/sharing_groups/add",
                      {"name": "Others", "releasability": "x"})  # fmt: skip
    group = reply.body["SharingGroup"]["id"]
    added = event(world)
    for number in (group, 999_999, "nonsense"):
        body = {"distribution": 4, "sharing_group_id": number}
        for path in ("/events/add", f"/events/edit/{added['id']}"):
            reply = world.ask("orgadmin", "POST", path, {"info": "x"} | body)
            assert reply.status in {400, 403, 405}, reply.body
    assert viewed(world, added["id"])["distribution"] == "1"


@pytest.mark.parametrize("who", ["user", "publisher", "sync", "admin"])
def test_who_may_edit(world: World, who: str) -> None:
    added = event(world)
    assert edited(world, added["id"], {"info": f"by {who}"}, who)["info"] == f"by {who}"


def test_who_may_not_edit(world: World) -> None:
    seen, hidden = event(world), event(world, distribution=0)
    edit = {"info": "taken"}
    reply = world.ask("readonly", "POST", f"/events/edit/{seen['id']}", edit)
    assert is_refused(reply, 403, "You do not have permission to use this functionality.")
    reply = world.ask("other", "POST", f"/events/edit/{seen['id']}", edit)
    assert is_refused(reply, 403, "You are not authorised to do that.")
    replies = [world.ask("other", "POST", f"/events/edit/{key}", edit)
               for key in (hidden["id"], hidden["uuid"], 999_999, str(uuid4()))]  # fmt: skip
    assert {r.status for r in replies} == {404}
    assert {r.body["message"] for r in replies} == {"Invalid event"}


def test_an_extended_view_takes_in_what_extends_the_event_and_is_seen(world: World) -> None:
    base = event(world, Attribute=[{"type": "text", "value": "base"}])
    extra = event(
        world, "other", extends_uuid=base["uuid"], Tag=[{"name": "a:one"}],
        Attribute=[{"type": "text", "value": "extra"},
                   {"type": "text", "value": "own", "distribution": 0}],
    )  # fmt: skip
    event(world, "other", extends_uuid=base["uuid"], distribution=0,
          Attribute=[{"type": "text", "value": "secret"}])  # fmt: skip
    assert extra["extends_uuid"] == base["uuid"]
    assert values(viewed(world, base["id"])) == ["base"]
    shown = viewed(world, base["id"], path="/extended:1")
    assert values(shown) == ["base", "extra"]
    assert [tag["name"] for tag in shown["Tag"]] == ["a:one"]
    assert list(shown["extensionEvents"]) == [extra["id"]]
    assert shown["extensionEvents"][extra["id"]]["Orgc"]["name"] == "Zuidland Energie"
    (named,) = viewed(world, base["id"], path="/extensionList:1")["ExtendedBy"]
    zuidland = {"id": extra["orgc_id"], "uuid": extra["Orgc"]["uuid"], "name": "Zuidland Energie"}
    told = {"id": extra["id"], "uuid": extra["uuid"], "info": extra["info"], "Orgc": zuidland}
    assert named == told
    asked = {"eventid": [base["id"], extra["id"]], "extensionList": 1}
    found = world.ask("orgadmin", "POST", "/events/restSearch", asked).body["response"]
    assert [one["Event"]["ExtendedBy"] for one in found] == [[told], []]
    cleared = edited(world, extra["id"], {"extends_uuid": ""}, "other")
    assert cleared["extends_uuid"] == ""
    assert values(viewed(world, base["id"], path="/extended:1")) == ["base"]


# Publishing and deleting --------------------------------------------------------------


def test_publishing_sets_its_time_and_not_the_events(world: World) -> None:
    added = event(world, timestamp=1_600_000_000)
    reply = world.ask("orgadmin", "POST", f"/events/publish/{added['uuid']}")
    assert reply.body["name"] == "Event published without alerts"
    assert reply.body["id"] == added["id"]
    after = viewed(world, added["id"])
    assert after["published"] is True
    assert after["timestamp"] == "1600000000"
    assert int(after["publish_timestamp"]) > 1_700_000_000
    reply = world.ask("user", "POST", f"/events/unpublish/{added['id']}")
    assert reply.body["name"] == "Event unpublished."


def test_who_may_publish(world: World) -> None:
    added = event(world)
    for who in ("user", "readonly", "other"):
        assert world.ask(who, "POST", f"/events/publish/{added['id']}").status == 403
    assert world.ask("otheradmin", "POST", f"/events/publish/{added['id']}").status == 403
    assert world.ask("orgadmin", "GET", f"/events/publish/{added['id']}").status == 405
    assert viewed(world, added["id"])["published"] is False


CHANGES: dict[str, Any] = {
    "adding an attribute": ("/attributes/add/{event}", {"type": "ip-dst", "value": "192.0.2.9"}),
    "editing an attribute": ("/attributes/edit/{attribute}", {"comment": "c"}),
    "deleting an attribute": ("/attributes/delete/{attribute}", None),
    "a tag on the event": ("/events/addTag/{event}", {"tag": "a:one"}),
    "a report": ("/eventReports/add/{event}", {"name": "r"}),
    "an object": ("/objects/add/{event}", {"Object": an_object()}),
    "a reference": (
        "/objectReferences/add",
        {"object_uuid": "{object}", "referenced_uuid": "{item}", "relationship_type": "x"},
    ),
}
NO_CHANGES: dict[str, Any] = {
    "a tag on an attribute": ("/attributes/addTag/{attribute}", {"tag": "a:one"}),
    "a sighting": ("/sightings/add/{attribute}", None),
    "viewing": ("/events/view/{event}", None),
}


@pytest.mark.parametrize("what", [*CHANGES, *NO_CHANGES])
def test_what_makes_a_draft_of_a_published_event(world: World, what: str) -> None:
    world.ask("orgadmin", "POST", "/tags/add", {"name": "a:one"})
    added = event(world, Attribute=[{"type": "ip-dst", "value": "192.0.2.1"}],
                  Object=[an_object()])  # fmt: skip
    published(world, added["id"])
    item, holder = added["Attribute"][0], added["Object"][0]
    places = {"event": added["id"], "attribute": item["id"], "object": holder["uuid"],
              "item": item["uuid"]}  # fmt: skip
    path, body = (CHANGES | NO_CHANGES)[what]
    if isinstance(body, dict) and "object_uuid" in body:
        body = {k: v.format(**places) for k, v in body.items()}
    reply = world.ask("orgadmin", "POST", path.format(**places), body)
    assert reply.status == 200
    assert not (isinstance(reply.body, dict) and reply.body.get("saved") is False), reply.body
    assert viewed(world, added["id"])["published"] is (what in NO_CHANGES)
