# SPDX-License-Identifier: EUPL-1.2
"""Notes, opinions and relationships over MISP's interface: who sees what, and how they nest."""

from typing import Any
from uuid import uuid4

import pytest
from tests.api.conftest import Reply, World
from tests.api.event_world import add_object, attribute, edited, event, is_refused, viewed


def say(world: World, about: Any, body: Any, who: str = "orgadmin", kind: str = "Note") -> Reply:
    """Something about an item, given as (kind, UUID)."""
    return world.ask(who, "POST", f"/analystData/add/{kind}/{about[1]}/{about[0]}", body)


def note(world: World, about: Any, who: str = "orgadmin", **fields: Any) -> dict[str, Any]:
    reply = say(world, about, {"note": "Seen before", "distribution": 1, **fields}, who)
    assert reply.status == 200, reply.body
    return dict(reply.body["Note"])


def opinion(world: World, about: Any, who: str = "orgadmin", **fields: Any) -> dict[str, Any]:
    body = {"opinion": 80, "comment": "agree", "distribution": 1, **fields}
    reply = say(world, about, body, who, "Opinion")
    assert reply.status == 200, reply.body
    return dict(reply.body["Opinion"])


def shared(world: World, **fields: Any) -> dict[str, Any]:
    return event(world, distribution=1, **fields)


def test_an_event_shows_what_is_said_of_it_and_of_what_it_holds_nested(world: World) -> None:
    added = shared(world)
    item = attribute(world, added["id"])
    holder = add_object(world, added["id"])
    first = note(world, ("Event", added["uuid"]))
    second = opinion(world, ("Note", first["uuid"]), "other", comment="no", opinion=10)
    note(world, ("Opinion", second["uuid"]), note="why?")
    note(world, ("Attribute", item["uuid"]), note="of the attribute")
    note(world, ("Object", holder["uuid"]), note="of the object")
    seen = viewed(world, added["id"], "user")
    (of_event,) = seen["Note"]
    assert of_event["Opinion"][0]["Note"][0]["note"] == "why?"
    assert of_event["Opinion"][0]["Orgc"]["name"] == "Zuidland Energie"
    assert seen["Attribute"][0]["Note"][0]["note"] == "of the attribute"
    assert seen["Object"][0]["Note"][0]["note"] == "of the object"
    assert not of_event["Opinion"][0]["_canEdit"]
    assert of_event["_canEdit"]


def test_a_search_shows_it_where_that_is_asked(world: World) -> None:
    added = shared(world)
    item = attribute(world, added["id"])
    note(world, ("Attribute", item["uuid"]))
    for asked in (True, False):
        body = {"uuid": item["uuid"], "includeAnalystData": asked}
        found = world.ask("user", "POST", "/attributes/restSearch", body).body
        assert ("Note" in found["response"]["Attribute"][0]) is asked
        body = {"eventid": added["id"], "includeAnalystData": asked}
        found = world.ask("user", "POST", "/events/restSearch", body).body
        assert ("Note" in found["response"][0]["Event"]["Attribute"][0]) is asked


def test_what_is_said_of_a_hidden_item_is_hidden_with_it(world: World) -> None:
    added = shared(world)
    item = attribute(world, added["id"])
    made = note(world, ("Attribute", item["uuid"]))
    path = f"/analystData/view/Note/{made['id']}"
    assert world.ask("other", "GET", path).status == 200
    edited(world, added["id"], {"distribution": 0})
    assert world.ask("other", "GET", path).status == 404
    assert world.ask("other", "GET", "/analystData/index/Note").body == []
    edited(world, added["id"], {"distribution": 1})
    assert world.ask("other", "GET", path).status == 200
    world.ask("orgadmin", "POST", f"/attributes/delete/{item['id']}/1")
    assert world.ask("other", "GET", path).status == 404
    assert world.ask("orgadmin", "GET", path).status == 200


def test_a_level_of_its_own_narrows_and_that_of_what_it_is_about_too(world: World) -> None:
    added = shared(world)
    own = note(world, ("Event", added["uuid"]), "other", distribution=0)
    inner = opinion(world, ("Note", own["uuid"]), "other", distribution=3)
    for kind, made in (("Note", own), ("Opinion", inner)):
        path = f"/analystData/view/{kind}/{made['uuid']}"
        assert world.ask("orgadmin", "GET", path).status == 404
        assert world.ask("other", "GET", path).status == 200
        assert world.ask("admin", "GET", path).status == 200
    world.ask("other", "POST", f"/analystData/edit/Note/{own['id']}", {"distribution": 1})
    assert world.ask("orgadmin", "GET", f"/analystData/view/Opinion/{inner['id']}").status == 200


def test_a_group_sees_what_is_shared_with_it(world: World) -> None:
    group = world.ask("orgadmin", "POST", "/sharing_groups/add", {"name": "Cash", "active": True})
    number = group.body["SharingGroup"]["id"]
    added = shared(world)
    made = note(world, ("Event", added["uuid"]), distribution=4, sharing_group_id=number)
    assert world.ask("other", "GET", f"/analystData/view/Note/{made['id']}").status == 404
    world.ask(
        "orgadmin", "POST", f"/sharing_groups/addOrg/{number}/{world.orgs['Zuidland Energie']}"
    )
    assert world.ask("other", "GET", f"/analystData/view/Note/{made['id']}").status == 200
    refused = say(world, ("Event", added["uuid"]), {"note": "x", "distribution": 4})
    assert is_refused(refused, 403, "Invalid Sharing Group")


def test_what_is_about_something_unknown_or_hidden_is_its_authors_alone(world: World) -> None:
    secret = event(world, distribution=0)
    answers = []
    for uuid in (secret["uuid"], str(uuid4())):
        made = note(world, ("Event", uuid), "other", note="x")
        answers.append(made.keys())
        assert world.ask("other", "GET", f"/analystData/view/Note/{made['id']}").status == 200
        assert world.ask("orgadmin", "GET", f"/analystData/view/Note/{made['id']}").status == 404
        related = world.ask("other", "GET", f"/analystData/getRelatedElement/Event/{uuid}")
        assert related.body == []
    assert answers[0] == answers[1]
    assert "Note" not in viewed(world, secret["id"])


def test_it_joins_what_it_is_about_when_that_arrives(world: World) -> None:
    uuid, inner = str(uuid4()), str(uuid4())
    waiting = note(world, ("Event", uuid), "other")
    note(world, ("Attribute", inner), "other", note="of the attribute")
    items = [{"type": "ip-dst", "value": "192.0.2.1", "uuid": inner}]
    added = shared(world, uuid=uuid, Attribute=items)
    seen = viewed(world, added["id"])
    assert seen["Note"][0]["uuid"] == waiting["uuid"]
    assert seen["Attribute"][0]["Note"][0]["note"] == "of the attribute"


def test_an_event_brings_what_is_said_of_it(world: World) -> None:
    note_uuid = str(uuid4())
    first = {"note": "one", "uuid": note_uuid, "Opinion": [{"opinion": 5, "comment": "no"}]}
    item = {"type": "ip-dst", "value": "192.0.2.1", "Note": [{"note": "of the attribute"}]}
    report = {"name": "R", "Note": [{"note": "of the report"}]}
    wrong = [{"opinion": 101}]
    reply = world.ask(
        "orgadmin",
        "POST",
        "/events/add",
        {
            "info": "Brought", "Note": [first], "Opinion": wrong, "Attribute": [item],
            "EventReport": [report],
        },
    )  # fmt: skip
    seen = reply.body["Event"]
    assert seen["Note"][0]["Opinion"][0]["opinion"] == "5"
    assert seen["Attribute"][0]["Note"][0]["note"] == "of the attribute"
    assert seen["EventReport"][0]["Note"][0]["note"] == "of the report"
    assert "number from 0 to 100" in str(reply.body["errors"])
    changed = first | {"note": "two", "modified": "2000-01-01 00:00:00"}
    assert edited(world, seen["id"], {"Note": [changed]})["Note"][0]["note"] == "one"
    changed["modified"] = "2099-01-01 00:00:00"
    assert edited(world, seen["id"], {"Note": [changed]})["Note"][0]["note"] == "two"


def test_an_event_comes_back_with_all_of_it_on_another_node(world: World) -> None:
    added = shared(world)
    item = attribute(world, added["id"])
    first = note(world, ("Attribute", item["uuid"]))
    opinion(world, ("Note", first["uuid"]))
    whole = viewed(world, added["id"])
    world.ask("orgadmin", "POST", f"/events/delete/{added['id']}")
    for entry in world.ask("admin", "GET", "/eventBlocklists/index").body:
        world.ask("admin", "POST", f"/eventBlocklists/delete/{entry['id']}")
    again = world.ask("orgadmin", "POST", "/events/add", {"Event": whole}).body["Event"]
    assert again["Attribute"][0]["Note"][0]["uuid"] == first["uuid"]
    assert again["Attribute"][0]["Note"][0]["Opinion"][0]["opinion"] == "80"


def test_only_its_organisation_changes_it(world: World) -> None:
    added = shared(world)
    made = note(world, ("Event", added["uuid"]))
    for action in ("edit", "delete"):
        path = f"/analystData/{action}/Note/{made['id']}"
        assert is_refused(world.ask("other", "POST", path, {"note": "x"}), 405, "not authorised")
        assert world.ask("readonly", "POST", path, {"note": "x"}).status == 403
    reply = world.ask("user", "POST", f"/analystData/edit/Note/{made['uuid']}", {"note": "better"})
    assert reply.body["Note"]["note"] == "better"
    gone = world.ask("user", "DELETE", f"/analystData/delete/Note/{made['id']}")
    assert gone.body["message"] == "Note deleted."
    assert world.ask("user", "GET", f"/analystData/view/Note/{made['id']}").status == 404


def test_an_edit_moves_nothing_and_lies_about_nobody(world: World) -> None:
    added, elsewhere = shared(world), shared(world)
    made = note(world, ("Event", added["uuid"]))
    body = {
        "note": "n", "object_uuid": elsewhere["uuid"], "orgc_uuid": str(uuid4()), "id": "77",
        "uuid": str(uuid4()), "Orgc": {"name": "Else", "uuid": str(uuid4())}, "locked": True,
    }  # fmt: skip
    changed = world.ask("user", "POST", f"/analystData/edit/Note/{made['id']}", body).body["Note"]
    for field in ("id", "uuid", "object_uuid", "orgc_uuid", "org_uuid", "locked", "created"):
        assert changed[field] == made[field]
    brought = say(world, ("Event", added["uuid"]), body | {"uuid": str(uuid4())}).body["Note"]
    assert (brought["orgc_uuid"], brought["locked"]) == (made["orgc_uuid"], False)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("Note", {}),
        ("Note", {"note": " "}),
        ("Opinion", {"opinion": 101}),
        ("Opinion", {"opinion": "abc"}),
        ("Opinion", {"comment": "x"}),
        ("Relationship", {"relationship_type": "x"}),
        ("Relationship", {"related_object_uuid": str(uuid4()), "related_object_type": "User"}),
    ],
)
def test_what_says_nothing_is_refused(world: World, kind: str, body: Any) -> None:
    reply = say(world, ("Event", shared(world)["uuid"]), body, kind=kind)
    assert reply.status == 403
    assert reply.body["errors"]


def test_a_relationship_shows_its_target_to_whoever_sees_it_and_points_back(world: World) -> None:
    added, target = shared(world), event(world, distribution=0)
    body = {
        "relationship_type": "related-to", "related_object_type": "Event",
        "related_object_uuid": target["uuid"], "distribution": 1,
    }  # fmt: skip
    made = say(world, ("Event", added["uuid"]), body, kind="Relationship").body["Relationship"]
    assert made["related_object"]["Event"]["info"] == "Phishing wave"
    path = f"/analystData/view/Relationship/{made['id']}"
    assert world.ask("other", "GET", path).body["Relationship"]["related_object"] == []
    pointing = viewed(world, target["id"])["RelationshipInbound"]
    assert [one["uuid"] for one in pointing] == [made["uuid"]]


def test_partners_ask_what_is_here_and_send_what_is_wanted(world: World) -> None:
    added = shared(world)
    here = note(world, ("Event", added["uuid"]), modified="2026-01-01 10:00:00")
    minimal = world.ask("sync", "POST", "/analyst_data/indexMinimal", {"orgc_name": []}).body
    assert minimal == {"Note": {here["uuid"]: "2026-01-01 10:00:00"}}
    fewer = world.ask("sync", "POST", "/analyst_data/indexMinimal", {"orgc_name": ["Nobody"]})
    assert fewer.body == []
    listed = world.ask(
        "sync", "GET", f"/analyst_data/index/Note/uuid[]:{here['uuid']}/uuid[]:x.json"
    )
    assert [one["Note"]["uuid"] for one in listed.body] == [here["uuid"]]

    sent = {
        "uuid": str(uuid4()), "object_uuid": added["uuid"], "object_type": "Event",
        "note": "From far", "distribution": 1, "modified": "2026-01-01 10:00:00", "locked": True,
        "Orgc": {"name": "Far", "uuid": str(uuid4())},
    }  # fmt: skip
    asked = {"Note": {sent["uuid"]: sent["modified"], here["uuid"]: "2030-01-01 00:00:00"}}
    wanted = world.ask("sync", "POST", "/analyst_data/filterAnalystDataForPush", asked).body
    assert wanted == {"Note": {sent["uuid"]: sent["modified"]}, "Opinion": [], "Relationship": []}
    for told in ("1 imported, 0 ignored, 0 failed", "0 imported, 1 ignored, 0 failed"):
        pushed = world.ask("sync", "POST", "/analyst_data/pushAnalystData", {"Note": sent})
        assert told in pushed.body["message"]
    stored = world.ask("user", "GET", f"/analyst_data/view/Note/{sent['uuid']}").body["Note"]
    assert (stored["Orgc"]["name"], stored["locked"]) == ("Far", True)
    newer = sent | {"note": "Better", "modified": "2026-02-01 10:00:00"}
    world.ask("sync", "POST", "/analyst_data/pushAnalystData", {"Note": newer})
    stored = world.ask("user", "GET", f"/analyst_data/view/Note/{sent['uuid']}").body["Note"]
    assert stored["note"] == "Better"
    assert world.ask("user", "POST", "/analyst_data/pushAnalystData", {"Note": sent}).status == 403


def test_what_was_taken_back_is_not_taken_in_again(world: World) -> None:
    added = shared(world)
    made = note(world, ("Event", added["uuid"]))
    world.ask("orgadmin", "POST", f"/analystData/delete/Note/{made['id']}")
    (entry,) = world.ask("admin", "GET", "/analystDataBlocklists/index").body
    assert entry["analyst_data_uuid"] == made["uuid"]
    assert entry["analyst_data_info"] == "Seen before"
    pushed = world.ask("sync", "POST", "/analystData/pushAnalystData", {"Note": made})
    assert "0 imported, 1 ignored" in pushed.body["message"]
    edited(world, added["id"], {"Note": [made]})
    assert "Note" not in viewed(world, added["id"])


def test_nothing_that_is_said_makes_an_event_a_draft(world: World) -> None:
    added = shared(world, Attribute=[{"type": "ip-dst", "value": "192.0.2.1"}])
    world.ask("orgadmin", "POST", f"/events/publish/{added['id']}")
    note(world, ("Event", added["uuid"]))
    assert viewed(world, added["id"])["published"]
