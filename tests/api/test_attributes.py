# SPDX-License-Identifier: EUPL-1.2
"""Attributes over MISP's interface: adding one and many, viewing, editing, deleting."""

from base64 import b64encode
from typing import Any
from uuid import uuid4

import pytest
from tests.api.conftest import World
from tests.api.event_world import add_object, attribute, event, is_refused, rows, values, viewed

SIMILAR = "A similar attribute already exists for this event."
ATTRIBUTE_LEVELS = (
    "Options: Your organisation only, This community only, Connected communities,"
    " All communities, Sharing group, Inherit event"
)
NOT_YOURS = "You do not have permission to do that."


def add(world: World, event_id: Any, body: Any, who: str = "orgadmin") -> Any:
    return world.ask(who, "POST", f"/attributes/add/{event_id}", body)


def test_one_attribute_answers_itself_with_both_parts_and_its_tags(world: World) -> None:
    added = event(world)
    reply = add(world, added["id"], {"type": "domain|ip", "value": "A.example|192.0.2.1",
                                     "Tag": [{"name": "a:one"}]})  # fmt: skip
    one = reply.body["Attribute"]
    assert (one["value1"], one["value2"], one["value"]) == (
        "a.example", "192.0.2.1", "a.example|192.0.2.1")  # fmt: skip
    assert (one["event_id"], one["object_id"], one["distribution"]) == (added["id"], "0", "5")
    assert [tag["Tag"]["name"] for tag in reply.body["AttributeTag"]] == ["a:one"]
    shown = world.ask("orgadmin", "GET", f"/attributes/view/{one['uuid']}").body["Attribute"]
    assert "value1" not in shown
    assert shown["event_uuid"] == added["uuid"]
    assert [tag["name"] for tag in shown["Tag"]] == ["a:one"]


def test_a_list_answers_those_stored_and_names_the_others_by_index(world: World) -> None:
    added = event(world)
    reply = add(world, added["id"], [
        {"type": "ip-dst", "value": "192.0.2.33"}, {"type": "ip-dst", "value": "bad"},
        {"type": "domain", "value": "list.example"}, {"type": "domain", "value": "list.example"},
        7, {"type": "domain"}])  # fmt: skip
    assert reply.status == 200
    assert [a["value"] for a in reply.body["Attribute"]] == ["192.0.2.33", "list.example"]
    assert reply.body["errors"]["attribute_1"] == {"value": ["IP address has an invalid format."]}
    assert reply.body["errors"]["attribute_3"] == {"value": [SIMILAR]}
    assert set(reply.body["errors"]) == {f"attribute_{i}" for i in (1, 3, 4, 5)}
    kept = rows(world, "SELECT place FROM refusal ORDER BY place")
    assert kept == [(f"attribute_{i}",) for i in (1, 3, 4, 5)]


def test_a_list_in_which_nothing_fits_is_refused_and_kept(world: World) -> None:
    added = event(world)
    reply = add(world, added["id"], [{"type": "ip-dst", "value": "bad1"}, {"value": "x"}])
    assert reply.status == 403
    assert set(reply.body["errors"]) == {"attribute_0", "attribute_1"}
    assert rows(world, "SELECT count(*) FROM refusal") == [(2,)]
    assert viewed(world, added["id"])["timestamp"] == added["timestamp"]


@pytest.mark.parametrize(
    ("body", "field", "text"),
    [
        ({"type": "ip-dst"}, "value", "Value cannot be empty."),
        ({"value": "x"}, "type", "No type set."),
        ({}, "type", "No type set."),
        ([], "type", "No type set."),
        ({"type": "nosuch", "value": "x"}, "type", "Invalid type."),
        ({"type": "ip-dst", "value": "x"}, "value", "IP address has an invalid format."),
        (
            {"type": "ip-dst", "value": "192.0.2.1", "category": "Person"},
            "type", "Options depend on the selected category.",
        ),
        (
            {"type": "ip-dst", "value": "192.0.2.1", "distribution": 9}, "distribution",
            ATTRIBUTE_LEVELS,
        ),
        (
            {"type": "ip-dst", "value": "192.0.2.1", "uuid": "x"},
            "uuid", "Please provide a valid RFC 4122 UUID",
        ),
        (
            {"type": "ip-dst", "value": "192.0.2.1", "first_seen": "2024-02-01",
             "last_seen": "2023-01-01"},
            "last_seen", "Last seen value should be greater than first seen value",
        ),
        (
            {"type": "ip-dst", "value": "192.0.2.1", "first_seen": "garbage"},
            "first_seen", "Invalid ISO 8601 format",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_in_misps_words(
    world: World, body: Any, field: str, text: str
) -> None:
    reply = add(world, event(world)["id"], body)
    assert reply.status == 403
    assert reply.body["errors"] == {field: [text]}


def test_seen_is_normalised_to_utc_with_microseconds(world: World) -> None:
    one = attribute(world, event(world)["id"], first_seen="2024-01-01",
                    last_seen="2024-02-01T10:00:00+02:00")  # fmt: skip
    assert one["first_seen"] == "2024-01-01T00:00:00.000000+00:00"
    assert one["last_seen"] == "2024-02-01T08:00:00.000000+00:00"


def test_an_event_holds_a_value_once_by_type_and_category(world: World) -> None:
    added = event(world)
    one = attribute(world, added["id"])
    assert is_refused(add(world, added["id"], {"type": "ip-dst", "value": "192.0.2.10"}),
                      403, SIMILAR)  # fmt: skip
    attribute(world, added["id"], category="Payload delivery")
    add_object(world, added["id"], Attribute=[
        {"type": "ip-dst", "object_relation": "ip", "value": "192.0.2.10"}])  # fmt: skip
    world.ask("orgadmin", "POST", f"/attributes/delete/{one['id']}")
    attribute(world, added["id"])


def test_an_event_counts_what_is_added_as_if_it_counted_all_of_it(world: World) -> None:
    added = event(world)
    add(world, added["id"], [
        {"type": "domain", "value": "one.example"}, {"type": "domain", "value": "bad"},
        {"type": "domain", "value": "two.example", "distribution": 0},
        {"type": "domain", "value": "gone.example", "deleted": True}])  # fmt: skip
    world.ask("orgadmin", "POST", f"/events/publish/{added['id']}")
    add(world, added["id"], {"type": "domain", "value": "three.example", "distribution": 0})
    add(world, f"{added['id']}/breakOnDuplicate:0", {"type": "domain", "value": "one.example"})
    counted = "SELECT attribute_count, narrowed, published FROM event WHERE id = %s"
    assert rows(world, counted, added["id"]) == [(3, 2, False)]
    gone = rows(world, "SELECT id FROM attribute WHERE value1 = 'two.example'")[0][0]
    world.ask("orgadmin", "POST", f"/attributes/delete/{gone}")
    assert rows(world, counted, added["id"]) == [(2, 1, False)]


def test_a_similar_attribute_that_is_hidden_is_not_confirmed(world: World) -> None:
    bank = world.orgs["Noordland Bank"]
    with world.database.system() as session:
        session.execute("UPDATE account SET role_id = 5 WHERE id = %s", (world.ids["other"],))
    theirs = event(world, "other", Orgc={
        "name": "Noordland Bank",
        "uuid": str(rows(world, "SELECT uuid::text FROM organisation WHERE id = %s", bank)[0][0]),
    })  # fmt: skip
    attribute(world, theirs["id"], who="other", distribution=0)
    seen = attribute(world, theirs["id"], who="user")
    assert seen["value"] == "192.0.2.10"
    assert viewed(world, theirs["id"])["attribute_count"] == "1"
    assert viewed(world, theirs["id"], "other")["attribute_count"] == "2"


def test_a_creator_cannot_hide_something_in_what_another_organisation_holds(world: World) -> None:
    with world.database.system() as session:
        session.execute("UPDATE account SET role_id = 5 WHERE id = %s", (world.ids["other"],))
    uuid = rows(world, "SELECT uuid::text FROM organisation WHERE name = 'Noordland Bank'")[0][0]
    theirs = event(world, "other", Orgc={"name": "Noordland Bank", "uuid": uuid})
    reply = add(world, theirs["id"], {"type": "ip-dst", "value": "192.0.2.1", "distribution": 0})
    assert is_refused(reply, 403, "Only the organisation that holds the event")
    one = attribute(world, theirs["id"], who="user")
    reply = world.ask("user", "POST", f"/attributes/edit/{one['id']}", {"distribution": 0})
    assert is_refused(reply, 403, "Only the organisation that holds the event")


def test_uuids_are_unique_per_holder_and_hidden_ones_are_not_confirmed(world: World) -> None:
    hidden = event(world, distribution=0)
    one = attribute(world, hidden["id"])
    again = add(world, event(world)["id"], {"type": "text", "value": "x", "uuid": one["uuid"]})
    assert is_refused(again, 403, "The UUID provided is not unique")
    theirs = event(world, "other")
    other = attribute(world, theirs["id"], who="other", uuid=one["uuid"])
    assert other["uuid"] == one["uuid"]


def test_several_values_are_several_attributes(world: World) -> None:
    added = event(world)
    reply = add(world, added["id"], {"type": "ip-dst", "value": ["192.0.2.30", "192.0.2.31"]})
    assert [a["value"] for a in reply.body["Attribute"]] == ["192.0.2.30", "192.0.2.31"]
    lines = {"type": "domain", "value": "a.example\n\n b.example ", "batch_import": True}
    reply = add(world, added["id"], lines)
    assert [a["value"] for a in reply.body["Attribute"]] == ["a.example", "b.example"]


def test_an_attachment_is_kept_and_shown(world: World) -> None:
    data = b64encode(b"hello").decode()
    one = attribute(world, event(world)["id"], type="attachment", value="a.txt", data=data)
    assert one["category"] == "External analysis"
    shown = world.ask("orgadmin", "GET", f"/attributes/view/{one['id']}").body["Attribute"]
    assert shown["data"] == data
    sample = attribute(world, one["event_id"], type="malware-sample", value="m.exe", data=data)
    assert sample["value2"] == "5d41402abc4b2a76b9719d911017c592"
    assert world.ask("orgadmin", "POST", f"/attributes/edit/{one['id']}",
                     {"data": b64encode(b"bye").decode()}).status == 200  # fmt: skip
    shown = world.ask("orgadmin", "GET", f"/attributes/view/{one['id']}").body["Attribute"]
    assert shown["data"] == b64encode(b"bye").decode()


def test_bytes_are_kept_of_attachments_only_and_within_the_limit(world: World) -> None:
    added = event(world)
    world.ask("admin", "POST", "/servers/serverSettingsEdit/MISP.max_attachment_size",
              {"value": 1024})  # fmt: skip
    large = b64encode(b"x" * 1025).decode()
    reply = add(world, added["id"], [
        {"type": "attachment", "value": "a.bin", "data": large},
        {"type": "text", "value": "b", "data": b64encode(b"y").decode()}])  # fmt: skip
    assert list(reply.body["errors"]) == ["attribute_0"]
    assert "limits.attachment_bytes" in str(reply.body["errors"])
    assert rows(world, "SELECT count(*) FROM attachment") == [(0,)]


def test_the_event_is_named_in_the_path_alone(world: World) -> None:
    added = event(world)
    body = {"type": "ip-dst", "value": "192.0.2.1", "event_id": added["id"]}
    reply = world.ask("orgadmin", "POST", "/attributes/add", body)
    assert is_refused(reply, 405, "No event ID set.")
    other = event(world)
    moved = add(world, other["id"], body | {"id": "1", "object_id": "1", "org_id": 1})
    assert moved.body["Attribute"]["event_id"] == other["id"]
    assert moved.body["Attribute"]["object_id"] == "0"


# Editing ------------------------------------------------------------------------------


def edit(world: World, key: Any, body: Any, who: str = "orgadmin") -> Any:
    return world.ask(who, "POST", f"/attributes/edit/{key}", body)


def test_an_edit_lays_its_fields_over_what_is_stored(world: World) -> None:
    one = attribute(world, event(world)["id"], comment="before", to_ids=False)
    after = edit(world, one["id"], {"Attribute": {"comment": "after"}}).body["Attribute"]
    assert after["comment"] == "after"
    for same in ("value", "type", "category", "to_ids", "distribution", "uuid"):
        assert after[same] == one[same]
    cleared = edit(world, one["uuid"], {"first_seen": "2024-05-01", "comment": ""})
    assert cleared.body["Attribute"]["comment"] == ""
    assert cleared.body["Attribute"]["first_seen"] == "2024-05-01T00:00:00.000000+00:00"


def test_a_composite_is_edited_by_its_parts_or_as_a_whole(world: World) -> None:
    one = attribute(world, event(world)["id"], type="domain|ip", value="a.example|192.0.2.1")
    after = edit(world, one["id"], {"value2": "192.0.2.2"}).body["Attribute"]
    assert after["value"] == "a.example|192.0.2.2"
    after = edit(world, one["id"], {"value": "b.example|192.0.2.3"}).body["Attribute"]
    assert after["value"] == "b.example|192.0.2.3"


def test_the_value_is_checked_though_only_the_type_changes(world: World) -> None:
    one = attribute(world, event(world)["id"])
    reply = edit(world, one["id"], {"type": "domain"})
    assert reply.status == 403
    assert "value" in reply.body["errors"]
    assert edit(world, one["id"], {"type": "ip-src"}).body["Attribute"]["type"] == "ip-src"


@pytest.mark.parametrize("field", ["id", "uuid", "event_id", "object_id", "org_id"])
def test_what_an_edit_cannot_change(world: World, field: str) -> None:
    one = attribute(world, event(world)["id"])
    before = rows(world, "SELECT id, uuid, event_id, object_id, org_id FROM attribute")
    sent = str(uuid4()) if field == "uuid" else "1"
    assert edit(world, one["id"], {field: sent, "comment": "c"}).status == 200
    assert rows(world, "SELECT id, uuid, event_id, object_id, org_id FROM attribute") == before


def test_an_older_edit_is_refused(world: World) -> None:
    one = attribute(world, event(world)["id"], timestamp=1_600_000_000)
    for stamp in (1_500_000_000, "1600000000"):
        reply = edit(world, one["id"], {"comment": "x", "timestamp": stamp})
        assert is_refused(reply, 405, "Attribute in the request not newer than the local copy.")
    newer = edit(world, one["id"], {"comment": "x", "timestamp": 1_600_000_001})
    assert newer.body["Attribute"]["timestamp"] == "1600000001"


def test_an_edit_cannot_make_a_second_one_of_the_same(world: World) -> None:
    added = event(world)
    attribute(world, added["id"], value="192.0.2.16")
    one = attribute(world, added["id"])
    assert is_refused(edit(world, one["id"], {"value": "192.0.2.16"}), 403, SIMILAR)


def test_an_edit_of_a_level_hides_what_hangs_on_the_attribute(world: World) -> None:
    added = event(world)
    one = attribute(world, added["id"], type="attachment", value="a.txt", data="aGVsbG8=",
                    Tag=[{"name": "a:secret"}])  # fmt: skip
    assert "a:secret" in str(world.ask("other", "GET", "/tags/index").body)
    assert edit(world, one["id"], {"distribution": 0}).status == 200
    assert world.ask("other", "GET", f"/attributes/view/{one['id']}").status == 405
    assert "a:secret" not in str(world.ask("other", "GET", "/tags/index").body)
    assert values(viewed(world, added["id"], "other")) == []
    assert edit(world, one["id"], {"distribution": 5}).status == 200
    assert "a:secret" in str(world.ask("other", "GET", "/tags/index").body)


def test_a_group_that_stands_may_stay_though_the_editor_may_not_name_it(world: World) -> None:
    group = world.ask("admin", "POST", "/sharing_groups/add", {
        "name": "Others", "releasability": "x",
        "SharingGroupOrg": [{"org_id": world.orgs["Zuidland Energie"]}]})  # fmt: skip
    number = group.body["SharingGroup"]["id"]
    one = attribute(world, event(world)["id"])
    body = {"distribution": 4, "sharing_group_id": number}
    assert edit(world, one["id"], body).status == 403
    assert edit(world, one["id"], body, "admin").status == 200
    kept = edit(world, one["id"], {"comment": "c"}).body["Attribute"]
    assert (kept["distribution"], kept["sharing_group_id"]) == ("4", number)


# Deleting -----------------------------------------------------------------------------


def test_deleted_is_marked_restored_and_removed(world: World) -> None:
    added = event(world)
    one = attribute(world, added["id"])
    path = f"/attributes/delete/{one['id']}"
    assert world.ask("orgadmin", "POST", path).body == {"message": "Attribute deleted."}
    assert viewed(world, added["id"])["Attribute"] == []
    assert viewed(world, added["id"], path="/deleted:1")["Attribute"][0]["deleted"] is True
    assert world.ask("orgadmin", "GET", f"/attributes/view/{one['id']}").status == 405
    assert world.ask("orgadmin", "HEAD", f"/attributes/view/{one['id']}").status == 404
    assert edit(world, one["id"], {"comment": "x"}).status == 404
    assert is_refused(world.ask("orgadmin", "POST", path), 404, "Invalid attribute")
    restored = world.ask("orgadmin", "POST", f"/attributes/restore/{one['id']}")
    assert restored.body["Attribute"]["deleted"] is False
    assert world.ask("orgadmin", "POST", path + "/1").status == 200
    assert rows(world, "SELECT count(*) FROM attribute") == [(0,)]
    assert attribute(world, added["id"], uuid=one["uuid"])["uuid"] == one["uuid"]


def test_several_are_deleted_of_one_event_only(world: World) -> None:
    added, other = event(world), event(world)
    ids = [attribute(world, added["id"], value=f"192.0.2.{i}")["id"] for i in range(3)]
    stays = attribute(world, other["id"])["id"]
    path = f"/attributes/deleteSelected/{added['id']}"
    reply = world.ask("orgadmin", "POST", path, {"id": [*ids[:2], stays, "abc", 10**30]})
    assert reply.body["message"] == "2 attributes deleted"
    assert world.ask("orgadmin", "POST", path, {"id": [stays]}).status == 404
    assert world.ask("orgadmin", "POST", path, {"id": "all"}).body["message"].startswith("1 ")
    assert len(values(viewed(world, other["id"]))) == 1


def test_who_may_change_attributes(world: World) -> None:
    seen, hidden = event(world), event(world, distribution=0)
    one, secret = attribute(world, seen["id"]), attribute(world, hidden["id"])
    body = {"type": "ip-dst", "value": "192.0.2.99"}
    for path, sent in (
        (f"/attributes/add/{seen['id']}", body),
        (f"/attributes/edit/{one['id']}", {"comment": "x"}),
        (f"/attributes/delete/{one['id']}", None),
        (f"/attributes/deleteSelected/{seen['id']}", {"id": "all"}),
    ):  # fmt: skip
        assert is_refused(world.ask("other", "POST", path, sent), 403, NOT_YOURS)
        assert world.ask("readonly", "POST", path, sent).status == 403
    for key in (secret["id"], secret["uuid"], 999_999, str(uuid4())):
        assert is_refused(edit(world, key, {"comment": "x"}, "other"), 404, "Invalid attribute")
        reply = world.ask("other", "POST", f"/attributes/delete/{key}")
        assert is_refused(reply, 404, "Invalid attribute")
        reply = world.ask("other", "POST", f"/attributes/restore/{key}")
        assert is_refused(reply, 405, "Invalid Attribute")
        assert world.ask("other", "GET", f"/attributes/view/{key}").status == 405
    for key in (hidden["id"], hidden["uuid"], 999_999):
        assert is_refused(add(world, key, body, "other"), 404, "Invalid event")


def test_a_read_only_key_writes_nothing(world: World) -> None:
    added = event(world)
    key = world.ask("user", "POST", "/auth_keys/add", {"read_only": True}).body["AuthKey"]
    for path, body in (
        ("/events/add", {"info": "x"}), (f"/events/edit/{added['id']}", {"info": "x"}),
        (f"/attributes/add/{added['id']}", {"type": "text", "value": "x"}),
        (f"/events/delete/{added['id']}", None), ("/sightings/add", {"value": "x"}),
        (f"/events/addTag/{added['id']}", {"tag": "x"}),
    ):  # fmt: skip
        assert world.ask(key["authkey_raw"], "POST", path, body).status == 403
    assert viewed(world, added["id"])["info"] == added["info"]
