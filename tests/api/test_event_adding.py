# SPDX-License-Identifier: EUPL-1.2
"""Events over MISP's interface: adding and viewing."""

from uuid import uuid4

from tests.api.conftest import World
from tests.api.event_world import (
    an_object,
    attribute,
    edited,
    event,
    is_refused,
    rows,
    values,
    viewed,
)


def test_an_event_that_says_only_its_info_gets_misps_defaults(world: World) -> None:
    added = event(world)
    assert added["distribution"] == "1"
    assert added["threat_level_id"] == "4"
    assert added["analysis"] == "0"
    assert added["extends_uuid"] == ""
    assert added["protected"] is None
    assert added["sharing_group_id"] == "0"
    assert "Tag" not in added
    for empty in ("Attribute", "Object", "Galaxy", "RelatedEvent", "ShadowAttribute",
                  "EventReport", "CryptographicKey"):  # fmt: skip
        assert added[empty] == []


def test_only_the_own_organisation_and_site_admins_read_the_creators_address(world: World) -> None:
    added = event(world)
    assert viewed(world, added["id"])["event_creator_email"] == "orgadmin@people.example"
    assert viewed(world, added["id"], "admin")["event_creator_email"]
    assert "event_creator_email" not in viewed(world, added["id"], "other")


def test_a_published_event_without_content_is_refused(world: World) -> None:
    body = {"info": "x", "published": True}
    reply = world.ask("orgadmin", "POST", "/events/add", body)
    assert is_refused(reply, 403, "Received a published event that was empty.")


def test_whoever_may_not_publish_adds_and_edits_drafts(world: World) -> None:
    items = [{"type": "ip-dst", "value": "192.0.2.1"}]
    added = event(world, "user", published=True, Attribute=items)
    assert added["published"] is False
    assert edited(world, added["id"], {"published": True}, "user")["published"] is False
    assert edited(world, added["id"], {"published": True}, "publisher")["published"] is True


def test_a_synchronising_user_keeps_creator_and_times(world: World) -> None:
    creator = {"name": "ISAC Zuidzee", "uuid": str(uuid4())}
    added = event(
        world, "sync", Orgc=creator, timestamp="1600000000", published=True,
        Attribute=[{"type": "ip-dst", "value": "192.0.2.99", "timestamp": "1500000000"}],
    )  # fmt: skip
    assert added["Orgc"]["name"] == "ISAC Zuidzee"
    assert added["timestamp"] == "1600000000"
    assert added["Attribute"][0]["timestamp"] == "1500000000"


def test_an_ordinary_user_cannot_add_in_anothers_name(world: World) -> None:
    added = event(
        world, "user", orgc_id=1, org_id=1, user_id=1,
        Orgc={"name": "CSIRT Elders", "uuid": str(uuid4())},
    )  # fmt: skip
    assert added["org_id"] == added["orgc_id"] == str(world.orgs["Noordland Bank"])


def test_a_known_uuid_is_refused_with_the_way_to_it(world: World) -> None:
    added = event(world)
    reply = world.ask("orgadmin", "POST", "/events/add", {"info": "x", "uuid": added["uuid"]})
    assert is_refused(reply, 404, "Event already exists")
    assert reply.headers["Location"].endswith(f"/events/{added['id']}")


def test_a_uuid_that_is_hidden_from_the_sender_is_not_confirmed(world: World) -> None:
    hidden = event(world, distribution=0)
    own = event(world, "other", uuid=hidden["uuid"])
    assert own["uuid"] == hidden["uuid"]
    assert own["id"] != hidden["id"]
    assert viewed(world, hidden["uuid"])["id"] == hidden["id"]
    assert viewed(world, hidden["uuid"], "other")["id"] == own["id"]


def test_an_attribute_that_does_not_fit_is_named_and_kept_and_costs_nothing(world: World) -> None:
    reply = world.ask(
        "orgadmin", "POST", "/events/add",
        {"info": "x", "Attribute": [
            {"type": "md5", "value": "short"}, {"type": "ip-dst", "value": "192.0.2.1"}]},
    )  # fmt: skip
    assert reply.status == 200
    assert values(reply.body["Event"]) == ["192.0.2.1"]
    assert reply.body["errors"] == reply.body["Event"]["refused"]
    assert list(reply.body["Event"]["refused"]) == ["Attribute[0]"]
    kept = rows(world, "SELECT place, item, org_id FROM refusal")
    assert kept == [
        ("Attribute[0]", '{"type": "md5", "value": "short"}', world.orgs["Noordland Bank"])
    ]


def test_a_uuid_twice_in_one_event_is_stored_once_and_the_second_named(world: World) -> None:
    twice = str(uuid4())
    reply = world.ask(
        "orgadmin", "POST", "/events/add",
        {"info": "x", "Attribute": [
            {"type": "md5", "value": "bad"},
            {"type": "ip-dst", "value": "192.0.2.1", "uuid": twice},
            {"type": "ip-dst", "value": "192.0.2.2", "uuid": twice}],
         "Object": [an_object(uuid=twice), an_object(uuid=twice)],
         "EventReport": [{"name": "r", "uuid": twice}, {"name": "s", "uuid": twice}]},
    )  # fmt: skip
    assert reply.status == 200
    assert values(reply.body["Event"]) == ["192.0.2.1"]
    assert set(reply.body["Event"]["refused"]) == {
        "Attribute[0]", "Attribute[2]", "Object[1]", "EventReport[1]",
    }  # fmt: skip
    assert reply.body["Event"]["attribute_count"] == "2"


def test_references_given_with_an_event_find_their_targets(world: World) -> None:
    target, first, second = (str(uuid4()) for _ in range(3))
    added = event(
        world,
        Attribute=[{"type": "ip-dst", "value": "192.0.2.1", "uuid": target}],
        Object=[
            an_object(uuid=first, ObjectReference=[
                {"referenced_uuid": target, "relationship_type": "connects-to"},
                {"referenced_uuid": second, "relationship_type": "drops"}]),
            an_object(uuid=second)],
    )  # fmt: skip
    found = {r["referenced_uuid"]: r for r in added["Object"][0]["ObjectReference"]}
    assert found[target]["referenced_type"] == "0"
    assert found[target]["Attribute"]["value"] == "192.0.2.1"
    assert found[second]["referenced_type"] == "1"
    assert found[second]["Object"]["uuid"] == second


def test_a_reference_to_something_hidden_is_hidden(world: World) -> None:
    target = str(uuid4())
    added = event(
        world,
        Attribute=[{"type": "ip-dst", "value": "192.0.2.1", "uuid": target, "distribution": 0}],
        Object=[an_object(distribution=5, ObjectReference=[
            {"referenced_uuid": target, "relationship_type": "connects-to", "comment": "psst"}])],
    )  # fmt: skip
    assert viewed(world, added["id"])["Object"][0]["ObjectReference"]
    theirs = viewed(world, added["id"], "other")
    assert theirs["Object"][0]["ObjectReference"] == []
    assert target not in str(theirs)
    (one,) = rows(world, "SELECT id FROM object_reference")
    assert world.ask("other", "GET", f"/objectReferences/view/{one[0]}").status == 404


def test_the_count_of_attributes_is_of_those_that_are_seen(world: World) -> None:
    items = [{"type": "ip-dst", "value": f"192.0.2.{i}", "distribution": i % 2} for i in range(4)]
    added = event(world, Attribute=items)
    assert added["attribute_count"] == "4"
    assert viewed(world, added["id"], "other")["attribute_count"] == "2"
    attribute(world, added["id"], value="192.0.2.77", distribution="0")
    assert viewed(world, added["id"])["attribute_count"] == "5"
    assert viewed(world, added["id"], "other")["attribute_count"] == "2"
    assert viewed(world, added["id"], "admin")["attribute_count"] == "5"


# Edits --------------------------------------------------------------------------------
