# SPDX-License-Identifier: EUPL-1.2
"""Tags over MISP's interface: the node's list, and attaching them."""

from typing import Any
from uuid import uuid4

import pytest
from tests.api.conftest import World
from tests.api.event_world import attribute, event, is_refused, published, rows, viewed

EXCLUSIVE = "Tag is not allowed due to taxonomy exclusivity settings"
OTHERS = "Cannot alter the tags of this data"


def make(world: World, name: str, who: str = "orgadmin", **fields: Any) -> dict[str, Any]:
    reply = world.ask(who, "POST", "/tags/add", {"name": name, **fields})
    assert reply.status == 200, reply.body
    return dict(reply.body["Tag"])


def listed(world: World, who: str = "orgadmin", path: str = "") -> dict[str, Any]:
    reply = world.ask(who, "GET", f"/tags/index{path}")
    return {tag["name"]: tag for tag in reply.body["Tag"]}


def learn_tlp(world: World) -> None:
    """An exclusive taxonomy as a catalogue publishes it."""
    with world.database.system() as session:
        taxonomy = session.value(
            "INSERT INTO taxonomy (namespace, description, version, exclusive)"
            " VALUES ('tlp', 'Traffic Light Protocol', 1, true) RETURNING id"
        )
        for value, colour in (("red", "#FF2B2B"), ("green", "#33FF00")):
            session.execute(
                "INSERT INTO taxonomy_predicate (taxonomy_id, value, expanded, colour)"
                " VALUES (%s, %s, %s, %s)",
                (taxonomy, value, value, colour),
            )


def names(event_or_attribute: dict[str, Any]) -> list[str]:
    return [tag["name"] for tag in event_or_attribute.get("Tag", [])]


def test_a_tag_is_made_once_and_answered_again(world: World) -> None:
    first = make(world, "bank:one", colour="#123456")
    assert make(world, "bank:one", colour="#654321") == first
    assert make(world, "BANK:one")["id"] != first["id"]
    plain = make(world, "bank:two")
    assert plain["exportable"] is True
    assert plain["numerical_value"] is None
    full = make(world, "bank:three", exportable=False, hide_tag=True, numerical_value=7,
                local_only=True)  # fmt: skip
    assert (full["exportable"], full["hide_tag"], full["numerical_value"], full["local_only"]) == (
        False, True, "7", True)  # fmt: skip
    assert make(world, 'misp-galaxy:threat-actor="X"')["is_galaxy"] is True


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"name": "x", "colour": "red"}, "[colour]: Colour has to be in the RGB format (#FFFFFF)"),
        ({"name": "x", "colour": "#fff"}, "[colour]: Colour has to be in the RGB format (#FFFFFF)"),
        ({"name": ""}, "[name]: This field is required."),
        ({}, "[name]: This field is required."),
    ],
)
def test_a_tag_that_does_not_fit_is_refused_in_misps_words(
    world: World, body: Any, text: str
) -> None:
    reply = world.ask("orgadmin", "POST", "/tags/add", body)
    assert (reply.status, reply.body["message"]) == (405, f"Could not add the Tag. {text}")


def test_who_makes_changes_and_deletes_tags(world: World) -> None:
    one, two = make(world, "bank:one"), make(world, "bank:two", who="sync")
    for who in ("user", "readonly", "publisher", "other"):
        assert world.ask(who, "POST", "/tags/add", {"name": "x"}).status == 403
    path = f"/tags/edit/{one['id']}"
    assert world.ask("orgadmin", "POST", path, {"name": "y"}).status == 403
    changed = world.ask("admin", "POST", path, {"Tag": {"colour": "#222222", "hide_tag": 1}})
    assert changed.body["Tag"]["name"] == "bank:one"
    assert changed.body["Tag"]["colour"] == "#222222"
    taken = world.ask("admin", "POST", path, {"name": "bank:two"})
    assert is_refused(taken, 405, "[name]: A similar name already exists.")
    assert world.ask("admin", "POST", "/tags/edit/999999", {"name": "y"}).status == 404
    assert world.ask("orgadmin", "POST", f"/tags/delete/{two['id']}").status == 403
    assert world.ask("admin", "GET", f"/tags/delete/{two['id']}").status == 405
    assert world.ask("admin", "POST", f"/tags/delete/{two['id']}").body["name"] == "Tag deleted."
    assert is_refused(world.ask("admin", "POST", f"/tags/delete/{two['id']}"), 404, "Invalid tag")


def test_a_tag_that_came_along_is_listed_for_those_who_see_what_carries_it(world: World) -> None:
    event(world, distribution=0, Tag=[{"name": "operation:nightfall", "colour": "#111111"}])
    assert "operation:nightfall" in listed(world)
    assert "operation:nightfall" not in listed(world, "other")
    (hidden,) = rows(world, "SELECT id FROM tag")[0]
    for path in (f"/tags/view/{hidden}", "/tags/view/999999", "/tags/view/operation:nightfall"):
        assert is_refused(world.ask("other", "GET", path), 405, "Invalid Tag")
    assert world.ask("other", "POST", "/tags/search", {"tag": "operation%"}).body == []
    mine = make(world, "operation:nightfall", who="otheradmin", colour="#222222")
    assert mine["colour"] == "#222222"
    assert listed(world, "other")["operation:nightfall"]["count"] == 0


def test_uses_are_counted_by_what_is_seen(world: World) -> None:
    make(world, "bank:one")
    hidden = event(world, distribution=0, Tag=[{"name": "bank:one"}])
    attribute(world, hidden["id"], Tag=[{"name": "bank:one"}])
    seen = event(world, Tag=[{"name": "bank:one"}])
    attribute(world, seen["id"], Tag=[{"name": "bank:one"}], distribution=0)
    tag = listed(world)["bank:one"]
    assert (tag["count"], tag["attribute_count"]) == (2, 2)
    tag = listed(world, "other")["bank:one"]
    assert (tag["count"], tag["attribute_count"]) == (1, 0)
    view = world.ask("other", "GET", f"/tags/view/{tag['id']}").body
    assert (view["count"], view["attribute_count"]) == (1, 0)


def test_the_list_is_searched_and_paged(world: World) -> None:
    for name in ("a:one", "a:two", "b:one"):
        make(world, name)
    assert list(listed(world, path="/searchall:ONE")) == ["a:one", "b:one"]
    assert list(listed(world, path="/name:a:two")) == ["a:two"]
    assert list(listed(world, path="/limit:1/page:2")) == ["a:two"]
    assert "count" not in listed(world, path="/exclude_statistics:1")["a:one"]


def test_a_search_is_exact_but_for_percent_signs(world: World) -> None:
    for name in ("a:one", "a:one_x", "a_one"):
        make(world, name)

    def found(body: Any) -> list[str]:
        return [r["Tag"]["name"] for r in world.ask("user", "POST", "/tags/search", body).body]

    assert found({"tag": "A:one"}) == ["a:one"]
    assert found({"tag": "one"}) == []
    assert found({"tag": ["%one", "a:%"]}) == ["a:one", "a:one_x", "a_one"]
    assert found({"tagname": "a_one", "strict_tagname": False}) == ["a_one"]
    assert world.ask("user", "GET", "/tags/search/a:%25").body == []
    assert world.ask("user", "GET", "/tags/search").body == []


# Attaching ----------------------------------------------------------------------------


def ajax(world: World, path: str, body: Any = None, who: str = "orgadmin") -> Any:
    reply = world.ask(who, "POST", path, body)
    assert reply.status == 200, reply.body
    return reply.body


def test_a_tag_that_exists_is_attached_by_number_or_name(world: World) -> None:
    tag, added = make(world, "bank:one"), event(world)
    one = attribute(world, added["id"])
    done = {"saved": True, "success": "Tag added.", "check_publish": True}
    assert ajax(world, f"/events/addTag/{added['id']}/{tag['id']}") == done
    assert ajax(world, f"/events/addTag/{added['id']}/{tag['id']}") == {
        "saved": False, "errors": "Tag is already attached to this event."}  # fmt: skip
    assert ajax(world, "/attributes/addTag", {"attribute": one["id"], "tag": "bank:one"}) == done
    assert ajax(world, f"/attributes/addTag/{one['uuid']}", {"tag": "bank:one"})["errors"] == (
        "Tag could not be added.")  # fmt: skip
    shown = viewed(world, added["id"])
    assert names(shown) == names(shown["Attribute"][0]) == ["bank:one"]
    gone = {"saved": True, "success": "Tag removed.", "check_publish": True}
    assert ajax(world, "/events/removeTag", {"event": added["id"], "tag": "bank:one"}) == gone
    assert ajax(world, f"/events/removeTag/{added['id']}/{tag['id']}")["errors"] == (
        "Invalid event - tag combination.")  # fmt: skip
    assert ajax(world, f"/attributes/removeTag/{one['id']}/{tag['id']}") == gone
    assert ajax(world, f"/attributes/removeTag/{one['id']}/{tag['id']}")["errors"] == (
        "Invalid attribute - tag combination.")  # fmt: skip


def test_add_tag_never_makes_one(world: World) -> None:
    added = event(world)
    for who in ("orgadmin", "admin"):
        path = f"/events/addTag/{added['id']}"
        bodies: list[Any] = [{"tag": "bank:new"}, {}, {"tag": []}, {"tag": {"a": "b"}}]
        for body in bodies:
            assert ajax(world, path, body, who) == {"saved": False, "errors": "Invalid Tag."}
        assert ajax(world, path, {"tag": 999_999}, who)["errors"] == "Tag not found."
    assert ajax(world, "/events/addTag/999999/1")["errors"] == "Invalid event."
    assert world.ask("orgadmin", "POST", "/attributes/addTag/999999/1").status == 404
    one = attribute(world, added["id"])
    path = f"/attributes/addTag/{one['id']}"
    assert ajax(world, path, {"tag": "bank:new"}) == {"saved": False, "errors": "Invalid Tag."}
    # A name with a colon in the path is no tag, but a parameter.
    named = world.ask("orgadmin", "POST", path + "/bank:new")
    assert (named.status, named.body["message"]) == (404, "Invalid tag")
    assert rows(world, "SELECT count(*) FROM tag") == [(0,)]


def test_an_exclusive_taxonomy_allows_one_tag_by_add_tag(world: World) -> None:
    learn_tlp(world)
    added = event(world, Tag=[{"name": "tlp:red"}])
    assert added["Tag"][0]["colour"] == "#FF2B2B"
    make(world, "tlp:green")
    path = f"/events/addTag/{added['id']}"
    assert ajax(world, path, {"tag": "tlp:green"}) == {"saved": False, "errors": EXCLUSIVE}
    one = attribute(world, added["id"], Tag=[{"name": "tlp:red"}])
    refused = ajax(world, f"/attributes/addTag/{one['id']}", {"tag": "tlp:green"})
    assert refused["errors"] == "Tag could not be added."
    attached = world.ask("orgadmin", "POST", "/tags/attachTagToObject",
                         {"uuid": added["uuid"], "tag": "tlp:green"})  # fmt: skip
    assert attached.status == 200


def attach(world: World, uuid: Any, tag: Any, who: str = "orgadmin", **more: Any) -> Any:
    body = {"uuid": uuid, "tag": tag, **more}
    return world.ask(who, "POST", "/tags/attachTagToObject", body)


def test_attaching_by_uuid_makes_tags_for_tag_editors(world: World) -> None:
    added = event(world)
    reply = attach(world, added["uuid"], "bank:one")
    (made,) = rows(world, "SELECT id FROM tag")[0]
    assert reply.body["message"] == (
        f"Global tag bank:one({made}) successfully attached to Event({added['id']}).")  # fmt: skip
    again = attach(world, added["uuid"], "bank:one")
    assert is_refused(again, 200, "no changes had to be made for tag bank:one.")
    both = attach(world, added["uuid"], ["bank:two", "bank:three"])
    assert both.body["name"] == f"Successfully attached 2 tags to Event ({added['id']})"
    refused = attach(world, added["uuid"], "bank:four", "user")
    assert is_refused(refused, 403, "Tag not found and insufficient privileges to create it.")
    assert attach(world, added["uuid"], "bank:two", "user").status == 200


def test_who_may_tag_brings_a_new_tag_along_with_an_event_also_without_editing_tags(
    world: World,
) -> None:
    new = [{"name": "bank:along", "colour": "#123456"}]
    items = [{"type": "ip-dst", "value": "192.0.2.9", "Tag": [{"name": "bank:inside"}]}]
    added = event(world, "user", Tag=new, Attribute=items)
    assert names(added) == ["bank:along"]
    assert names(added["Attribute"][0]) == ["bank:inside"]
    one = attribute(world, added["id"], "user", Tag=[{"name": "bank:alone"}])
    assert names(viewed(world, added["id"])["Attribute"][-1]) == ["bank:alone"]
    world.ask("user", "POST", f"/attributes/edit/{one['id']}", {"Tag": [{"name": "bank:later"}]})
    assert names(viewed(world, added["id"])["Attribute"][-1]) == ["bank:alone", "bank:later"]


def test_a_relation_can_be_given_to_a_tag(world: World) -> None:
    added = event(world)
    assert attach(world, added["uuid"], "bank:one", relationship_type="targets").status == 200
    assert viewed(world, added["id"])["Tag"][0]["relationship_type"] == "targets"


@pytest.mark.parametrize("way", ["addTag", "attachTagToObject"])
def test_local_tags_are_the_hosts_and_the_creators_business(world: World, way: str) -> None:
    added = event(world)
    item = attribute(world, added["id"])
    for name in ("bank:one", "bank:two", "bank:three"):
        make(world, name)
    published(world, added["id"])

    def local(name: str, who: str, of: str = "event") -> bool:
        if way == "attachTagToObject":
            uuid = added["uuid"] if of == "event" else item["uuid"]
            reply = attach(world, uuid, name, who, local=1)
            assert reply.status == 200 or is_refused(reply, 403, "Local tags can only be added by")
            return bool(reply.status == 200)
        path = {
            "event": f"/events/addTag/{added['id']}",
            "attribute": f"/attributes/addTag/{item['id']}",
        }
        return bool(ajax(world, f"{path[of]}/local:1", {"tag": name}, who)["saved"])

    assert local("bank:one", "admin")
    assert local("bank:two", "user")
    assert not local("bank:three", "other")
    assert local("bank:two", "user", "attribute")
    assert not local("bank:three", "other", "attribute")
    shown = viewed(world, added["id"])
    assert {tag["name"]: tag["local"] for tag in shown["Tag"]} == {
        "bank:one": True, "bank:two": True}  # fmt: skip
    assert [(tag["name"], tag["local"]) for tag in shown["Attribute"][0]["Tag"]] == [
        ("bank:two", True)]  # fmt: skip
    assert shown["published"] is True
    assert names(viewed(world, added["id"], path="/excludeLocalTags:1")) == []


def test_a_user_of_the_host_tags_locally_what_others_made_and_globally_only_what_is_the_hosts(
    world: World,
) -> None:
    with world.database.system() as session:
        world.add(session, "host_user", 1, 3)
    added = event(world, distribution=1)
    make(world, "bank:one")
    make(world, "bank:two")
    assert is_refused(attach(world, added["uuid"], "bank:one", "host_user"), 403, OTHERS)
    assert attach(world, added["uuid"], "bank:one", "host_user", local=1).status == 200
    path = f"/events/addTag/{added['id']}"
    assert ajax(world, path, {"tag": "bank:two"}, "host_user")["saved"] is False
    assert ajax(world, f"{path}/local:1", {"tag": "bank:two"}, "host_user")["saved"] is True
    hidden = event(world, distribution=0)
    reply = attach(world, hidden["uuid"], "bank:one", "host_user", local=1)
    assert is_refused(reply, 404, "Invalid Target.")


def test_a_local_tag_that_comes_along_stays_local(world: World) -> None:
    tag = {"name": "bank:one", "local": 1}
    items = [{"type": "ip-dst", "value": "192.0.2.9", "Tag": [tag]}]
    added = event(world, "user", Tag=[tag], Attribute=items)
    alone = attribute(world, added["id"], "user", Tag=[tag])
    shown = viewed(world, added["id"])
    for one in (shown, *shown["Attribute"]):
        assert [(t["name"], t["local"]) for t in one["Tag"]] == [("bank:one", True)]
    assert alone["id"] == shown["Attribute"][1]["id"]
    body = {"event_id": added["id"], "type": "ip-dst", "value": "192.0.2.11", "Tag": [tag]}
    reply = world.ask("other", "POST", f"/attributes/add/{added['id']}", body)
    assert reply.status == 403, "who may not change the event brings no tag of any kind"


def test_a_tag_kept_for_one_organisation_is_attached_by_no_other(world: World) -> None:
    make(world, "bank:own", org_id=world.orgs["Noordland Bank"])
    theirs = event(world, "other")
    path = f"/events/addTag/{theirs['id']}"
    assert ajax(world, path, {"tag": "bank:own"}, "other")["saved"] is False
    mine = event(world)
    assert ajax(world, f"/events/addTag/{mine['id']}", {"tag": "bank:own"})["saved"] is True


def test_a_tag_for_this_node_only_is_attached_locally_only(world: World) -> None:
    make(world, "bank:inside", local_only=True)
    added = event(world)
    path = f"/events/addTag/{added['id']}"
    assert ajax(world, path, {"tag": "bank:inside"})["saved"] is False
    assert ajax(world, f"{path}/local:1", {"tag": "bank:inside"})["saved"] is True


def test_a_tag_for_this_node_only_comes_along_as_a_local_one(world: World) -> None:
    make(world, "bank:inside", local_only=True)
    tags = [{"name": "bank:inside"}, {"name": "bank:out"}]
    items = [{"type": "ip-dst", "value": "192.0.2.9", "Tag": tags}]
    for who in ("orgadmin", "admin"):
        added = event(world, who, Tag=tags, Attribute=items)
        for one in (added, added["Attribute"][0]):
            assert {tag["name"]: tag["local"] for tag in one["Tag"]} == {
                "bank:inside": True, "bank:out": False}  # fmt: skip


def test_who_may_change_global_tags(world: World) -> None:
    make(world, "bank:one")
    seen, hidden = event(world), event(world, distribution=0)
    reply = attach(world, seen["uuid"], "bank:one", "other")
    assert is_refused(reply, 403, OTHERS)
    assert ajax(world, f"/events/addTag/{seen['id']}", {"tag": "bank:one"}, "other") == {
        "saved": False, "errors": "You don't have permission to do that."}  # fmt: skip
    for uuid in (hidden["uuid"], str(uuid4()), "x"):
        assert is_refused(attach(world, uuid, "bank:one", "other"), 404, "Invalid Target.")
    for key in (hidden["id"], hidden["uuid"], 999_999):
        reply = ajax(world, f"/events/addTag/{key}", {"tag": "bank:one"}, "other")
        assert reply["errors"] == "Invalid event."
    attach(world, seen["uuid"], "bank:one")
    remove = {"uuid": seen["uuid"], "tag": "bank:one"}
    assert is_refused(world.ask("other", "POST", "/tags/removeTagFromObject", remove), 403, OTHERS)
    assert names(viewed(world, seen["id"])) == ["bank:one"]


def test_taking_a_tag_off_by_uuid(world: World) -> None:
    added = event(world, Tag=[{"name": "bank:one"}, {"name": "bank:two"}])
    path = "/tags/removeTagFromObject"
    gone = world.ask("user", "POST", path, {"uuid": added["uuid"], "tag": "bank:one"})
    assert "successfully removed from Event" in gone.body["message"]
    make(world, "bank:one")
    again = world.ask("user", "POST", path, {"uuid": added["uuid"], "tag": "bank:one"})
    assert is_refused(again, 404, "not attached to the target Event")
    unknown = world.ask("user", "POST", path, {"uuid": added["uuid"], "tag": "bank:nosuch"})
    assert is_refused(unknown, 405, "Invalid Tag.")
    nowhere = world.ask("user", "POST", path, {"uuid": str(uuid4()), "tag": "bank:two"})
    assert is_refused(nowhere, 404, "Invalid Target.")
    assert is_refused(world.ask("user", "POST", path, {"tag": "bank:two"}), 405, "Invalid object")


def test_a_graph_says_what_a_taxonomy_says_of_a_tag(world: World) -> None:
    learn_tlp(world)
    made = event(world, Tag=[{"name": "tlp:green"}, {"name": "bank:own"}])
    drawn = world.ask("orgadmin", "GET", f"/events/updateGraph/{made['id']}").body["nodes"]
    told = {node["name"]: node for node in drawn if node["type"] == "tag"}
    assert told["tlp:green"]["taxonomy"] == "tlp"
    assert told["tlp:green"]["taxonomy_description"] == "Traffic Light Protocol"
    assert [told[name]["imgClass"] for name in ("tlp:green", "bank:own")] == ["tags", "tag"]
    assert "taxonomy" not in told["bank:own"]
