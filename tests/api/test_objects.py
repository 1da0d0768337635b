# SPDX-License-Identifier: EUPL-1.2
"""Objects and references over MISP's interface."""

from typing import Any
from uuid import uuid4

from psycopg.types.json import Jsonb
from tests.api.conftest import World
from tests.api.event_world import (
    FILE_TEMPLATE,
    add_object,
    an_object,
    attribute,
    event,
    is_refused,
    rows,
    viewed,
)


def learn_template(world: World) -> None:
    """A template as a catalogue publishes it, small."""
    with world.database.system() as session:
        template = session.value(
            "INSERT INTO object_template (uuid, name, meta_category, description, version,"
            " requirements, fixed, active, definition, is_default)"
            " VALUES (%s, 'file', 'file', 'File object describing a file', 24, %s, true, true,"
            " '{}', true) RETURNING id",
            (FILE_TEMPLATE, Jsonb({"requiredOneOf": ["filename", "md5"]})),
        )
        for relation, kind in (("filename", "filename"), ("md5", "md5")):
            session.execute(
                "INSERT INTO object_template_element (object_template_id, object_relation, type,"
                " ui_priority, description, categories, sane_default, values_list, multiple)"
                " VALUES (%s, %s, %s, 0, '', '{}', '{}', '{}', true)",
                (template, relation, kind),
            )


def add(world: World, event_id: Any, body: Any, who: str = "orgadmin") -> Any:
    return world.ask(who, "POST", f"/objects/add/{event_id}", body)


def edit(world: World, key: Any, body: Any, who: str = "orgadmin") -> Any:
    return world.ask(who, "POST", f"/objects/edit/{key}", body)


def test_an_object_answers_its_attributes_with_both_parts(world: World) -> None:
    added = event(world)
    one = add_object(world, added["id"], comment="c")
    assert (one["event_id"], one["distribution"], one["comment"]) == (added["id"], "0", "c")
    inner = one["Attribute"][0]
    assert (inner["value1"], inner["object_id"], inner["distribution"]) == ("a.exe", one["id"], "5")
    assert viewed(world, added["id"])["attribute_count"] == "1"


def test_a_template_gives_name_and_description_and_says_what_is_needed(world: World) -> None:
    learn_template(world)
    added = event(world)
    named = {"Attribute": [{"type": "filename", "object_relation": "filename", "value": "a.exe"}]}
    for path in (f"{added['id']}/{FILE_TEMPLATE}", f"{added['id']}/1"):
        one = add(world, path, named).body["Object"]
        assert (one["name"], one["template_version"]) == ("file", "24")
        assert one["description"] == "File object describing a file"
    known = an_object(template_version="24", Attribute=[
        {"type": "text", "object_relation": "nosuch", "value": "x"}])  # fmt: skip
    reply = add(world, added["id"], {"Object": known})
    assert is_refused(reply, 403, "requires at least one of the following attributes to be set:"
                                  " filename, md5")  # fmt: skip
    older = an_object(template_version="1", name="old", Attribute=known["Attribute"])
    assert add(world, added["id"], {"Object": older}).body["Object"]["name"] == "old"


def test_an_object_without_a_known_template_says_itself_what_it_is(world: World) -> None:
    added = event(world)
    for missing in ("name", "meta-category", "description", "template_uuid"):
        body = {k: v for k, v in an_object().items() if k != missing}
        reply = add(world, added["id"], {"Object": body})
        assert is_refused(reply, 403, "No valid template found and object lacking template"
                                      f" information. ({missing})")  # fmt: skip
    assert viewed(world, added["id"])["Object"] == []


def test_one_attribute_that_does_not_fit_refuses_the_object(world: World) -> None:
    added = event(world)
    good = {"type": "filename", "object_relation": "filename", "value": "a.exe"}
    bad = {"type": "md5", "object_relation": "md5", "value": "bad"}
    reply = add(world, added["id"], {"Object": an_object(Attribute=[good, bad])})
    assert is_refused(reply, 403, "at least one attribute has failed validation (md5)")
    untyped = {"object_relation": "filename", "value": "x"}
    reply = add(world, added["id"], {"Object": an_object(Attribute=[untyped])})
    assert is_refused(reply, 403, 'failed validation (filename). {"type":["No type set."]}')
    nothings: list[Any] = [[], None, {}]
    for nothing in nothings:
        reply = add(world, added["id"], {"Object": an_object(Attribute=nothing)})
        assert is_refused(reply, 403, "no attributes were set")
    assert rows(world, "SELECT count(*) FROM object") == [(0,)]


def test_an_object_whose_uuid_is_taken_is_refused_with_all_in_it(world: World) -> None:
    added = event(world)
    one = add_object(world, added["id"])
    taken = an_object(uuid=one["uuid"])
    assert is_refused(
        add(world, added["id"], {"Object": taken}), 403, "UUID provided is not unique"
    )
    inside = an_object(Attribute=[{"type": "text", "object_relation": "x", "value": "y",
                                   "uuid": one["Attribute"][0]["uuid"]}])  # fmt: skip
    assert is_refused(add(world, added["id"], {"Object": inside}), 403, "is not unique")
    assert rows(world, "SELECT count(*) FROM object") == [(1,)]


def test_attributes_sent_with_an_edit_are_all_that_the_object_has(world: World) -> None:
    one = add_object(world, event(world)["id"], Attribute=[
        {"type": "filename", "object_relation": "filename", "value": "a.exe"},
        {"type": "md5", "object_relation": "md5", "value": "a" * 32}])  # fmt: skip
    kept = one["Attribute"][0]
    after = edit(world, one["id"], {"Object": {"Attribute": [
        {"uuid": kept["uuid"], "value": "b.exe"},
        {"type": "sha1", "object_relation": "sha1", "value": "b" * 40}]}})  # fmt: skip
    assert [a["value"] for a in after.body["Object"]["Attribute"]] == ["b.exe", "b" * 40]
    assert after.body["Object"]["Attribute"][0]["id"] == kept["id"]
    assert after.body["Event"]["id"] == one["event_id"]
    deleted = rows(world, "SELECT value1 FROM attribute WHERE deleted")
    assert deleted == [("a" * 32,)]


def test_an_edit_without_attributes_leaves_them(world: World) -> None:
    one = add_object(world, event(world)["id"])
    after = edit(world, one["uuid"], {"comment": "c2", "first_seen": "2024-03-01", "name": "x",
                                      "template_uuid": str(uuid4()), "event_id": 1})  # fmt: skip
    shown = after.body["Object"]
    assert shown["comment"] == "c2"
    assert shown["first_seen"] == "2024-03-01T00:00:00.000000+00:00"
    assert (shown["name"], shown["template_uuid"]) == (one["name"], one["template_uuid"])
    assert len(shown["Attribute"]) == 1


def test_an_edit_with_one_attribute_that_does_not_fit_changes_nothing(world: World) -> None:
    one = add_object(world, event(world)["id"])
    reply = edit(world, one["id"], {"comment": "new", "Attribute": [
        {"type": "md5", "object_relation": "md5", "value": "bad"}]})  # fmt: skip
    assert is_refused(reply, 403, "failed validation (md5)")
    shown = world.ask("orgadmin", "GET", f"/objects/view/{one['id']}").body["Object"]
    assert shown["comment"] == ""
    assert [a["value"] for a in shown["Attribute"]] == ["a.exe"]


def test_an_attribute_of_another_object_cannot_be_taken_over(world: World) -> None:
    added = event(world)
    mine, others = add_object(world, added["id"]), add_object(world, event(world)["id"])
    stolen = others["Attribute"][0]
    reply = edit(world, mine["id"], {"Attribute": [
        {"uuid": stolen["uuid"], "id": stolen["id"], "type": "filename",
         "object_relation": "filename", "value": "taken.exe"}]})  # fmt: skip
    assert reply.status == 403
    shown = world.ask("orgadmin", "GET", f"/objects/view/{others['id']}").body["Object"]
    assert shown["Attribute"][0]["value"] == "a.exe"


def test_who_sees_an_event_sees_its_objects_under_objects_too(world: World) -> None:
    added = event(world)
    open_one = add_object(world, added["id"], distribution=5)
    closed = add_object(world, added["id"])
    assert [o["id"] for o in viewed(world, added["id"], "other")["Object"]] == [open_one["id"]]
    assert world.ask("other", "GET", f"/objects/view/{open_one['id']}").status == 200
    for key in (closed["id"], closed["uuid"], 999_999, str(uuid4())):
        for method, path in (("GET", "view"), ("POST", "edit"), ("POST", "delete")):
            reply = world.ask("other", method, f"/objects/{path}/{key}", {"comment": "x"})
            assert is_refused(reply, 404, "Invalid object.")
    for path in ("edit", "delete"):
        reply = world.ask("other", "POST", f"/objects/{path}/{open_one['id']}", {"comment": "x"})
        assert is_refused(reply, 403, "You do not have permission to do that.")


def test_an_objects_level_holds_for_its_attributes(world: World) -> None:
    added = event(world)
    one = add_object(world, added["id"], distribution=5)
    path = f"/attributes/view/{one['Attribute'][0]['id']}"
    assert world.ask("other", "GET", path).status == 200
    edit(world, one["id"], {"distribution": 0})
    assert world.ask("other", "GET", path).status == 405
    assert world.ask("other", "HEAD", path).status == 404


def test_deleting_answers_the_event_and_takes_the_attributes_along(world: World) -> None:
    added = event(world)
    one = add_object(world, added["id"])
    reply = world.ask("orgadmin", "POST", f"/objects/delete/{one['id']}")
    assert (reply.body["url"], reply.body["id"]) == (f"/objects/delete/{added['id']}", added["id"])
    assert viewed(world, added["id"])["Object"] == []
    everything = viewed(world, added["id"], path="/deleted:1")["Object"][0]
    assert (everything["deleted"], everything["Attribute"][0]["deleted"]) == (True, True)
    assert world.ask("orgadmin", "POST", f"/objects/delete/{one['id']}").status == 200
    assert world.ask("orgadmin", "DELETE", f"/objects/delete/{one['id']}/1").status == 200
    assert rows(world, "SELECT count(*) FROM attribute") == [(0,)]
    assert world.ask("orgadmin", "GET", f"/objects/view/{one['id']}").status == 404


# References ---------------------------------------------------------------------------


def refer(world: World, source: Any, target: Any, who: str = "orgadmin", **more: Any) -> Any:
    body = {"object_uuid": source, "referenced_uuid": target, "relationship_type": "drops", **more}
    return world.ask(who, "POST", "/objectReferences/add", body)


def test_an_object_refers_to_objects_and_attributes_of_its_event(world: World) -> None:
    added = event(world)
    one, two = add_object(world, added["id"]), add_object(world, added["id"])
    loose = attribute(world, added["id"])
    to_object = refer(world, one["uuid"], two["uuid"], comment="c").body["ObjectReference"]
    assert (to_object["referenced_id"], to_object["referenced_type"]) == (two["id"], "1")
    assert (to_object["source_uuid"], to_object["comment"]) == (one["uuid"], "c")
    to_attribute = refer(world, one["uuid"], loose["uuid"]).body["ObjectReference"]
    assert (to_attribute["referenced_id"], to_attribute["referenced_type"]) == (loose["id"], "0")
    assert refer(world, one["uuid"], one["uuid"]).status == 200
    by_path = world.ask("orgadmin", "POST", f"/objectReferences/add/{one['id']}",
                        {"ObjectReference": {"referenced_uuid": two["uuid"]}})  # fmt: skip
    assert by_path.body["ObjectReference"]["relationship_type"] == ""
    shown = world.ask("orgadmin", "GET", f"/objects/view/{one['id']}").body["Object"]
    assert len(shown["ObjectReference"]) == 4


def test_what_a_reference_cannot_point_to(world: World) -> None:
    added = event(world)
    one = add_object(world, added["id"])
    elsewhere = attribute(world, event(world)["id"])
    gone = attribute(world, added["id"])
    world.ask("orgadmin", "POST", f"/attributes/delete/{gone['id']}")
    for target in (elsewhere["uuid"], gone["uuid"], added["uuid"], str(uuid4()), None):
        assert is_refused(refer(world, one["uuid"], target), 404, "Invalid target.")
    assert refer(world, one["uuid"], "nonsense").status == 403
    assert is_refused(world.ask("orgadmin", "POST", "/objectReferences/add", {}),
                      404, "No object defined.")  # fmt: skip
    for source in (str(uuid4()), "nonsense", 7):
        assert is_refused(refer(world, source, one["uuid"]), 404, "Invalid object.")
    assert is_refused(refer(world, one["uuid"], one["uuid"], "other"), 404, "Invalid object.")


def test_references_are_viewed_and_deleted(world: World) -> None:
    added = event(world)
    one, two = add_object(world, added["id"], distribution=5), add_object(world, added["id"])
    made = refer(world, one["uuid"], one["uuid"]).body["ObjectReference"]
    hidden = refer(world, one["uuid"], two["uuid"]).body["ObjectReference"]
    path = f"/objectReferences/view/{made['uuid']}"
    assert world.ask("other", "GET", path).body["ObjectReference"]["id"] == made["id"]
    assert world.ask("other", "GET", f"/objectReferences/view/{hidden['id']}").status == 404
    reply = world.ask("other", "POST", f"/objectReferences/delete/{made['id']}")
    assert is_refused(reply, 403, "Invalid object reference.")
    reply = world.ask("user", "POST", f"/objectReferences/delete/{made['id']}")
    assert reply.body["message"] == "ObjectReference deleted"
    assert viewed(world, added["id"], "other")["Object"][0]["ObjectReference"] == []
    assert world.ask("user", "POST", f"/objectReferences/delete/{made['id']}/true").status == 200
    assert world.ask("user", "GET", path).status == 404


def test_a_reference_finds_its_target_when_that_arrives_later(world: World) -> None:
    later = str(uuid4())
    added = event(world, Object=[an_object(distribution=5, ObjectReference=[
        {"referenced_uuid": later, "relationship_type": "drops"}])])  # fmt: skip
    assert added["Object"][0]["ObjectReference"][0]["referenced_id"] == "0"
    one = attribute(world, added["id"], uuid=later, distribution=0)
    shown = viewed(world, added["id"])["Object"][0]["ObjectReference"][0]
    assert shown["referenced_id"] == one["id"]
    assert viewed(world, added["id"], "other")["Object"][0]["ObjectReference"] == []
