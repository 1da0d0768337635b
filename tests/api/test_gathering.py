# SPDX-License-Identifier: EUPL-1.2
"""Attributes made into objects, and several references at once, over MISP's interface."""

import json
from typing import Any
from uuid import uuid4

from tests.api.conftest import World
from tests.api.event_world import (
    add_object,
    attribute,
    edited,
    event,
    is_refused,
    published,
    rows,
    viewed,
)
from tests.api.test_objects import learn_template

MD5 = "d41d8cd98f00b204e9800998ecf8427e"


def two(world: World, **fields: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """An event with a name and a digest that stand alone."""
    learn_template(world)
    added = event(world, **fields)
    name = attribute(world, added["id"], type="filename", value="a.exe", comment="seen first",
                     Tag=[{"name": "tlp:amber"}])  # fmt: skip
    digest = attribute(world, added["id"], type="md5", value=MD5)
    return added, name, digest


def group(world: World, event_id: Any, mapping: Any, who: str = "orgadmin", **fields: Any) -> Any:
    body = {"selectedObjectRelationMapping": mapping, **fields}
    path = f"/objects/groupAttributesIntoObject/{event_id}/1"
    return world.ask(who, "POST", path, {"Object": body})


def test_attributes_become_an_object_with_what_hangs_on_them(world: World) -> None:
    added, name, digest = two(world)
    sighted = world.ask("user", "POST", f"/sightings/add/{name['id']}", {"source": "sensor"})
    assert sighted.status == 200
    other = add_object(world, added["id"])
    pointing = {"object_uuid": other["uuid"], "referenced_uuid": name["uuid"],
                "relationship_type": "drops"}  # fmt: skip
    assert world.ask("orgadmin", "POST", "/objectReferences/add", pointing).status == 200
    reply = group(
        world, added["id"], json.dumps({name["id"]: "filename", digest["id"]: "md5"}),
        selectedAttributeIds=json.dumps([name["id"], digest["id"]]), comment="both",
    )  # fmt: skip
    assert (reply.status, reply.body["saved"]) == (200, True), reply.body
    after = viewed(world, added["id"])
    assert after["Attribute"] == []
    made = next(one for one in after["Object"] if one["id"] == reply.body["id"])
    assert (made["name"], made["comment"], made["distribution"]) == ("file", "both", "5")
    inside = {a["object_relation"]: a for a in made["Attribute"]}
    moved = inside["filename"]
    assert (moved["value"], moved["comment"]) == ("a.exe", "seen first")
    assert moved["uuid"] != name["uuid"]
    assert [tag["name"] for tag in moved["Tag"]] == ["tlp:amber"]
    assert [s["source"] for s in moved["Sighting"]] == ["sensor"]
    assert inside["md5"]["value"] == MD5
    source = next(one for one in after["Object"] if one["id"] == other["id"])
    assert source["ObjectReference"][0]["referenced_uuid"] == moved["uuid"]
    # Nobody can have had them: nothing is left behind.
    assert rows(world, "SELECT id FROM attribute WHERE deleted") == []


def test_what_was_published_is_marked_so_that_partners_hear_of_it(world: World) -> None:
    added, name, _ = two(world)
    published(world, added["id"])
    assert group(world, added["id"], {name["uuid"]: "filename"}).status == 200
    assert rows(world, "SELECT id, deleted FROM attribute WHERE uuid = %s", name["uuid"]) == [
        (int(name["id"]), True)
    ]
    assert viewed(world, added["id"])["published"] is False


def test_an_attachment_keeps_its_bytes(world: World) -> None:
    learn_template(world)
    with world.database.system() as session:
        session.execute(
            "INSERT INTO object_template_element (object_template_id, object_relation, type,"
            " ui_priority, description, categories, sane_default, values_list, multiple)"
            " VALUES (1, 'attachment', 'attachment', 0, '', '{}', '{}', '{}', false)"
        )
    added = event(world)
    name = attribute(world, added["id"], type="filename", value="a.txt")
    held = attribute(world, added["id"], type="attachment", value="a.txt", data="aGVsbG8=")
    done = group(world, added["id"], {name["id"]: "filename", held["id"]: "attachment"})
    assert done.status == 200
    inside = viewed(world, added["id"])["Object"][0]["Attribute"]
    moved = next(a for a in inside if a["type"] == "attachment")
    assert world.ask("orgadmin", "GET", f"/attributes/download/{moved['id']}").raw == b"hello"


def test_what_does_not_fit_the_template_is_refused_and_changes_nothing(world: World) -> None:
    added, name, digest = two(world)
    address = attribute(world, added["id"], value="192.0.2.7")
    cases: list[tuple[Any, str]] = [
        ({address["id"]: "filename"}, "no relation of the template file"),
        ({name["id"]: "nonsense"}, "those are: filename"),
        ({digest["id"]: "filename"}, "those are: md5"),
        ({"99999999": "filename"}, "Selected Attributes do not exist."),
        ({str(uuid4()): "filename"}, "Selected Attributes do not exist."),
    ]
    for mapping, text in cases:
        assert is_refused(group(world, added["id"], mapping), 403, text), mapping
    for rubbish in (None, {}, [], 7, "x", "[", '{"a": 1}', [["filename"]], {name["id"]: None}):
        reply = group(world, added["id"], rubbish)
        assert is_refused(reply, 400, "selectedObjectRelationMapping"), (rubbish, reply.body)
    assert is_refused(
        group(world, added["id"], {name["id"]: "filename"}, distribution="9"), 403, "distribution"
    )
    assert is_refused(
        group(world, added["id"], {name["id"]: "filename"}, distribution=[1]), 403, "distribution"
    )
    assert is_refused(
        group(world, added["id"], {name["id"]: "filename"}, selectedAttributeIds=["5"]), 405,
        "No Attribute selected.",
    )  # fmt: skip
    path = f"/objects/groupAttributesIntoObject/{added['id']}/nosuch"
    body = {"selectedObjectRelationMapping": {name["id"]: "filename"}}
    assert is_refused(world.ask("orgadmin", "POST", path, body), 404, "Invalid template.")
    after = viewed(world, added["id"])
    assert (len(after["Attribute"]), after["Object"]) == (3, [])


def test_a_relation_that_stands_once_takes_one_attribute(world: World) -> None:
    added, name, _ = two(world)
    with world.database.system() as session:
        session.execute("UPDATE object_template_element SET multiple = false")
    second = attribute(world, added["id"], type="filename", value="b.exe")
    reply = group(world, added["id"], {name["id"]: "filename", second["id"]: "filename"})
    assert is_refused(reply, 403, "a unique relationship within the object")


def test_only_whoever_may_change_the_event_groups(world: World) -> None:
    added, name, _ = two(world, distribution="3")
    published(world, added["id"])
    mapping = {name["id"]: "filename"}
    assert group(world, added["id"], mapping, "other").status == 403
    assert group(world, added["id"], mapping, "readonly").status == 403
    hidden = event(world, distribution="0")
    inner = attribute(world, hidden["id"], type="filename", value="c.exe")
    assert group(world, hidden["id"], {inner["id"]: "filename"}, "other").status == 404
    # An attribute of another event is not taken along.
    assert is_refused(group(world, added["id"], {inner["id"]: "filename"}), 403, "do not exist")


def test_templates_are_proposed_the_fittest_first(world: World) -> None:
    added, name, digest = two(world, distribution="0")
    path = f"/objects/proposeObjectsFromAttributes/{added['id']}"
    found = world.ask("orgadmin", "GET", f'{path}/["{name["id"]}", "{digest["id"]}"]').body
    assert found["types"] == ["filename", "md5"]
    (template,) = found["templates"]
    assert template["ObjectTemplate"]["compatibility"] is True
    address = attribute(world, added["id"], value="192.0.2.7")
    body = {"selectedAttributeIds": [name["uuid"], address["id"]]}
    (template,) = world.ask("orgadmin", "POST", path, body).body["templates"]
    assert template["ObjectTemplate"]["invalidTypes"] == ["ip-dst"]
    assert {e["object_relation"] for e in template["ObjectTemplateElement"]} == {"filename", "md5"}
    body = {"selectedAttributeIds": [address["id"]]}
    assert world.ask("orgadmin", "POST", path, body).body == {"templates": [], "types": ["ip-dst"]}
    assert world.ask("other", "POST", path, body).status == 404
    assert world.ask("orgadmin", "GET", f"{path}/rubbish").body["templates"] == []
    assert world.ask("orgadmin", "GET", f"{path}/[").status == 400


def test_values_of_a_text_become_an_object(world: World) -> None:
    learn_template(world)
    added = event(world, distribution="0")
    sent = {
        "selectedTemplateId": "1",
        "attributes": json.dumps(
            [{"type": "filename", "value": "a.exe", "tags": "tlp:red, mine"},
             {"type": "md5", "value": MD5, "to_ids": False}]
        ),
        "selectedObjectRelationMapping": json.dumps(["filename", "md5"]),
        "distribution": "1", "comment": "from a text",
    }  # fmt: skip
    path = f"/objects/createFromFreetext/{added['id']}"
    reply = world.ask("orgadmin", "POST", path, {"Object": sent})
    assert reply.status == 200, reply.body
    (made,) = viewed(world, added["id"])["Object"]
    assert (made["id"], made["distribution"]) == (reply.body["id"], "1")
    name, digest = made["Attribute"]
    assert [tag["name"] for tag in name["Tag"]] == ["tlp:red", "mine"]
    assert digest["to_ids"] is False
    assert is_refused(world.ask("orgadmin", "POST", path, {}), 404, "Invalid template.")
    for field, rubbish in (
        ("attributes", "["), ("attributes", [7]), ("attributes", [{"type": "md5"}] * 3),
        ("selectedObjectRelationMapping", "{"),
    ):  # fmt: skip
        assert is_refused(
            world.ask("orgadmin", "POST", path, {"Object": sent | {field: rubbish}}), 400, field
        )
    bad = sent | {"attributes": [{"type": "filename", "value": "a"}, {"type": "md5", "value": "x"}]}
    reply = world.ask("orgadmin", "POST", path, bad)
    assert is_refused(reply, 403, "at least one attribute has failed validation")
    crossed = sent | {"selectedObjectRelationMapping": ["md5", "filename"]}
    assert is_refused(world.ask("orgadmin", "POST", path, crossed), 403, "those are: filename")
    assert is_refused(
        world.ask("orgadmin", "POST", path, sent | {"attributes": []}), 403, "no attributes"
    )
    assert world.ask("other", "POST", path, sent).status == 404
    assert world.ask("readonly", "POST", path, sent).status == 403
    assert len(viewed(world, added["id"])["Object"]) == 1


def test_one_object_refers_to_several_attributes_at_once(world: World) -> None:
    added, name, digest = two(world, distribution="0")
    source = add_object(world, added["id"])
    path = f"/objectReferences/bulkAdd/{added['id']}"
    body = {"source_uuid": source["uuid"], "relationship_type_select": "custom",
            "relationship_type": "drops", "comment": "both"}  # fmt: skip
    reply = world.ask("orgadmin", "POST", f'{path}/["{name["id"]}","{digest["id"]}"]', body)
    assert reply.status == 200, reply.body
    assert reply.body["message"] == "Added 2 Object references."
    found = {r["referenced_uuid"]: r for r in reply.body["ObjectReference"]}
    assert set(found) == {name["uuid"], digest["uuid"]}
    assert found[name["uuid"]]["relationship_type"] == "drops"
    (shown,) = viewed(world, added["id"])["Object"]
    assert len(shown["ObjectReference"]) == 2
    chosen = {"selectedAttributeIds": [name["uuid"]]}
    assert is_refused(
        world.ask("orgadmin", "POST", path, body | chosen | {"source_uuid": str(uuid4())}), 404,
        "Invalid object.",
    )  # fmt: skip
    assert is_refused(world.ask("orgadmin", "POST", path, body), 400, "No attribute selected.")
    assert world.ask("orgadmin", "POST", path, body | chosen | {"source_uuid": 7}).status == 400
    assert world.ask("other", "POST", path, body | chosen).status == 404
    assert world.ask("readonly", "POST", path, body | chosen).status == 403


def test_an_object_of_another_event_is_no_source(world: World) -> None:
    added, name, _ = two(world)
    foreign = add_object(world, event(world)["id"])
    edited(world, added["id"], {"distribution": "3"})
    body = {"source_uuid": foreign["uuid"], "selectedAttributeIds": [name["id"]]}
    path = f"/objectReferences/bulkAdd/{added['id']}"
    assert is_refused(world.ask("orgadmin", "POST", path, body), 404, "Invalid object.")
