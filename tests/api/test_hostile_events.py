# SPDX-License-Identifier: EUPL-1.2
"""Hostile input on every route that changes events: a 4xx or a kept refusal, never a 500.

`World.ask` lets through what the interface did not foresee, so that it fails the test.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from tests.api.conftest import World
from tests.api.event_world import add_object, an_object, attribute, event, rows, viewed
from tests.thorough import paired, share

pytestmark = pytest.mark.usefixtures("quiet")

DEEP: Any = []
for _ in range(40):
    DEEP = [DEEP]
KINDS: dict[str, Any] = {
    "null": None, "true": True, "number": 7, "fraction": 1.5, "negative": -1, "huge": 10**30,
    "empty": "", "text": "x", "NUL": "a\0b", "markup": "<script>", "rtl": "a\u202eb",
    "long": "y" * 70_000, "list": [1, "a"], "empty list": [], "object": {"a": {"b": 1}},
    "deep": DEEP, "list of lists": [[[]]], "year 0": "0000-01-01", "year 10000": "10000-01-01",
    "time of year 0": "0000-01-01T00:00:00Z", "id": "999999999999999999", "arabic digits": "\u0663",
}  # fmt: skip
EVENT_FIELDS = (
    "info", "date", "threat_level_id", "analysis", "distribution", "sharing_group_id", "published",
    "timestamp", "publish_timestamp", "extends_uuid", "disable_correlation", "protected", "uuid",
    "Orgc", "locked", "Tag", "EventTag", "Attribute", "Object", "EventReport", "SharingGroup",
)  # fmt: skip
ATTRIBUTE_FIELDS = (
    "type", "value", "value1", "category", "to_ids", "uuid", "timestamp", "distribution",
    "sharing_group_id", "comment", "deleted", "disable_correlation", "first_seen", "last_seen",
    "object_relation", "Tag", "Sighting", "data", "batch_import", "SharingGroup",
)  # fmt: skip
OBJECT_FIELDS = (
    "name", "meta-category", "description", "template_uuid", "template_version", "uuid",
    "timestamp", "distribution", "sharing_group_id", "comment", "deleted", "first_seen",
    "last_seen", "Attribute", "ObjectReference",
)  # fmt: skip
REPORT_FIELDS = ("name", "content", "distribution", "sharing_group_id", "uuid", "timestamp")
TAG_FIELDS = (
    "name", "colour", "exportable", "hide_tag", "org_id", "user_id", "numerical_value",
    "local_only",
)  # fmt: skip
SIGHTING_FIELDS = ("id", "uuid", "value", "values", "type", "source", "timestamp", "date", "time",
                   "filters")  # fmt: skip


@pytest.fixture
def node(world: World) -> Any:
    """A world, and the ids of one item of each kind in it."""
    added = event(world, Tag=[{"name": "a:one"}])
    one = attribute(world, added["id"])
    holder = add_object(world, added["id"], distribution=5)
    body = {"object_uuid": holder["uuid"], "referenced_uuid": one["uuid"]}
    reference = world.ask("orgadmin", "POST", "/objectReferences/add", body)
    report = world.ask("orgadmin", "POST", f"/eventReports/add/{added['id']}",
                       {"name": "r", "distribution": 5})  # fmt: skip
    sighting = world.ask("orgadmin", "POST", f"/sightings/add/{one['id']}")
    ids = {
        "event": added["id"], "attribute": one["id"], "object": holder["id"],
        "reference": reference.body["ObjectReference"]["id"],
        "report": report.body["EventReport"]["id"], "sighting": sighting.body["Sighting"]["id"],
        "tag": str(rows(world, "SELECT id FROM tag")[0][0]),
        "event_uuid": added["uuid"], "attribute_uuid": one["uuid"], "object_uuid": holder["uuid"],
    }  # fmt: skip
    return world, ids


ROUTES: dict[str, tuple[str, tuple[str, ...], dict[str, Any]]] = {
    "add event": ("/events/add", EVENT_FIELDS, {"info": "x"}),
    "edit event": ("/events/edit/{event}", EVENT_FIELDS, {}),
    "add attribute": ("/attributes/add/{event}", ATTRIBUTE_FIELDS, {"type": "text", "value": "v"}),
    "edit attribute": ("/attributes/edit/{attribute}", ATTRIBUTE_FIELDS, {}),
    "add object": ("/objects/add/{event}", OBJECT_FIELDS, an_object()),
    "edit object": ("/objects/edit/{object}", OBJECT_FIELDS, {}),
    "add report": ("/eventReports/add/{event}", REPORT_FIELDS, {"name": "n"}),
    "edit report": ("/eventReports/edit/{report}", REPORT_FIELDS, {}),
    "add tag": ("/tags/add", TAG_FIELDS, {"name": "a:two"}),
    "edit tag": ("/tags/edit/{tag}", TAG_FIELDS, {}),
    "search tags": ("/tags/search", ("tag", "tagname"), {}),
    "list tags": ("/tags/index", ("searchall", "name", "limit", "page"), {}),
    "sight": ("/sightings/add", SIGHTING_FIELDS, {}),
    "list sightings": ("/sightings/listSightings", ("id", "context", "org_id"), {}),
    "index sightings": ("/sightings/index", ("org_id", "limit"), {}),
    "refer": ("/objectReferences/add", ("object_uuid", "referenced_uuid", "relationship_type",
                                        "comment", "uuid"), {"object_uuid": "{object_uuid}"}),
    "tag event": ("/events/addTag/{event}", ("tag", "local", "relationship_type"), {}),
    "untag event": ("/events/removeTag", ("event", "tag"), {}),
    "tag attribute": ("/attributes/addTag/{attribute}", ("tag", "local"), {}),
    "untag attribute": ("/attributes/removeTag/{attribute}", ("tag",), {}),
    "attach tag": ("/tags/attachTagToObject", ("uuid", "tag", "local", "relationship_type"),
                   {"uuid": "{event_uuid}", "tag": "a:one"}),
    "detach tag": ("/tags/removeTagFromObject", ("uuid", "tag"), {"uuid": "{event_uuid}"}),
    "delete events": ("/events/delete", ("id",), {}),
    "delete selected": ("/attributes/deleteSelected/{event}", ("id", "allow_hard_delete"), {}),
    "view event": ("/events/view/{event}", ("deleted", "extended", "noSightings"), {}),
    "index reports": ("/eventReports/index", ("event_id", "context", "limit", "page"), {}),
}  # fmt: skip


@pytest.mark.parametrize("route", ROUTES)
def test_every_field_of_every_route_takes_every_kind_of_value(node: Any, route: str) -> None:
    world, ids = node
    path, fields, base = ROUTES[route]
    base = {k: v.format(**ids) if isinstance(v, str) else v for k, v in base.items()}
    for field in fields:
        for kind in share([*KINDS], f"{route} {field}", 3):
            reply = world.ask("admin", "POST", path.format(**ids), base | {field: KINDS[kind]})
            assert reply.status < 500, (route, field, kind)
    if route != "delete events":
        assert world.ask("admin", "GET", f"/events/view/{ids['event']}").status == 200


SHAPES: tuple[Callable[[Any], Any], ...] = (
    lambda value: value,
    lambda value: {"request": value},
    lambda value: {"Event": value},
    lambda value: [value],
)


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_takes_every_kind_of_body(node: Any, route: str) -> None:
    world, ids = node
    path = ROUTES[route][0].format(**ids)
    for kind, shape in paired([*KINDS], SHAPES, of=route):
        body = shape(KINDS[kind])
        assert world.ask("admin", "POST", path, body).status < 500, (route, kind, body)


def test_lone_surrogates_are_refused_where_they_stand(world: World) -> None:
    added = event(world)
    for path, body in (
        ("/events/add", {"info": "a\ud800"}), (f"/events/edit/{added['id']}", {"info": "\udfff"}),
        (f"/attributes/add/{added['id']}", {"type": "text", "value": "\ud800"}),
        (f"/attributes/add/{added['id']}", {"type": "text", "value": "x", "comment": "\ud800"}),
        ("/tags/add", {"name": "a:\ud800"}),
        (f"/eventReports/add/{added['id']}", {"name": "\ud83d"}),
    ):  # fmt: skip
        reply = world.ask("orgadmin", "POST", path, json.dumps(body).encode())
        assert 400 <= reply.status < 500, (path, reply.body)


def test_a_bad_item_anywhere_in_an_event_costs_no_other(world: World) -> None:
    bad: list[Any] = [None, 7, "x", [], {"type": 5}, {"type": "ip-dst", "value": "a\0b"},
           {"type": "text", "value": "x" * 70_000}, {"type": "text", "value": "v", "Tag": "x"},
           {"type": "text", "value": "w", "first_seen": "0000-01-01"},
           {"type": "text", "value": "u", "timestamp": 10**30}]  # fmt: skip
    reply = world.ask("orgadmin", "POST", "/events/add", {
        "info": "x",
        "Attribute": [*bad, {"type": "ip-dst", "value": "192.0.2.1"}],
        "Object": [None, {}, 7, an_object(Attribute=[*bad, {"type": "md5", "value": "a" * 32}]),
                   an_object(ObjectReference=[None, {}, {"referenced_uuid": "x"}])],
        "EventReport": [None, 7, {}, {"name": "r"}],
        "Tag": [None, 7, {}, {"name": ""}, "a:plain", {"name": "a:one"}]})  # fmt: skip
    assert reply.status == 200
    stored = reply.body["Event"]
    assert "192.0.2.1" in [a["value"] for a in stored["Attribute"]]
    assert "a" * 32 in [a["value"] for o in stored["Object"] for a in o["Attribute"]]
    assert [r["name"] for r in stored["EventReport"]] == ["r"]
    assert [t["name"] for t in stored["Tag"]] == ["a:plain", "a:one"]
    assert {"Attribute[0]", "Attribute[4]", "Object[0]", "Object[1]", "Object[3].Attribute[5]",
            "EventReport[0]"} <= stored["refused"].keys()  # fmt: skip
    assert rows(world, "SELECT count(*) FROM refusal") == [(len(stored["refused"]),)]


def test_a_reference_given_twice_is_stored_once(world: World) -> None:
    known, target = str(uuid4()), str(uuid4())
    link = {"uuid": known, "referenced_uuid": target, "relationship_type": "x"}
    one = an_object(uuid=target, ObjectReference=[link, link])
    added = event(world, Object=[one, an_object(ObjectReference=[link])])
    assert [len(o["ObjectReference"]) for o in added["Object"]] == [1, 0]


def test_columns_that_no_client_may_set_stay_as_they_are(node: Any) -> None:
    """Mass assignment: every column of every table is sent to every route."""
    world, ids = node
    columns = rows(world, "SELECT DISTINCT column_name::text FROM information_schema.columns"
                          " WHERE table_schema = 'brug'")  # fmt: skip
    said = {name for route in ROUTES.values() for name in route[1]} | {"deleted", "published"}
    extra = {name: 1 for (name,) in columns if name not in said}
    owned = "SELECT org_id, orgc_id, user_id, audience, extra, locked FROM event ORDER BY id"
    held = "SELECT id, event_id, org_id, object_id, audience, extra FROM attribute ORDER BY id"
    before = rows(world, owned), rows(world, held)
    for path, _, base in ROUTES.values():
        if "delete" in path.lower() or "add" in path.lower():
            continue
        world.ask("user", "POST", path.format(**ids), base | extra)
    assert (rows(world, owned), rows(world, held)) == before


WRITES = (
    ("/events/edit/{event}", {"info": "taken"}), ("/events/delete/{event}", None),
    ("/events/publish/{event}", None), ("/events/unpublish/{event}", None),
    ("/attributes/add/{event}", {"type": "text", "value": "taken"}),
    ("/attributes/edit/{attribute}", {"value": "192.0.2.99"}),
    ("/attributes/delete/{attribute}", None), ("/attributes/delete/{attribute}/1", None),
    ("/attributes/restore/{attribute}", None),
    ("/attributes/deleteSelected/{event}", {"id": ["{attribute}"]}),
    ("/objects/add/{event}", an_object()), ("/objects/edit/{object}", {"comment": "taken"}),
    ("/objects/delete/{object}", None), ("/objects/delete/{object}/1", None),
    ("/objectReferences/add", {"object_uuid": "{object_uuid}", "referenced_uuid": "{object_uuid}"}),
    ("/objectReferences/delete/{reference}", None), ("/eventReports/add/{event}", {"name": "t"}),
    ("/eventReports/edit/{report}", {"name": "taken"}), ("/eventReports/delete/{report}", None),
    ("/eventReports/restore/{report}", None), ("/sightings/delete/{sighting}", None),
    ("/events/addTag/{event}", {"tag": "a:two"}), ("/events/removeTag/{event}", {"tag": "a:one"}),
    ("/attributes/addTag/{attribute}", {"tag": "a:two"}),
    ("/tags/attachTagToObject", {"uuid": "{event_uuid}", "tag": "a:two"}),
    ("/tags/attachTagToObject", {"uuid": "{attribute_uuid}", "tag": "a:two"}),
    ("/tags/removeTagFromObject", {"uuid": "{event_uuid}", "tag": "a:one"}),
)  # fmt: skip


def _filled(value: Any, ids: dict[str, str]) -> Any:
    return json.loads(
        json.dumps(value), object_hook=lambda d: {k: _text(v, ids) for k, v in d.items()}
    )


def _text(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_text(item, ids) for item in value]
    return value.format(**ids) if isinstance(value, str) and value.startswith("{") else value


@pytest.mark.parametrize("hidden", [False, True])
def test_another_organisation_changes_nothing_by_any_id(node: Any, hidden: bool) -> None:
    world, ids = node
    world.ask("admin", "POST", "/tags/add", {"name": "a:two"})
    if hidden:
        world.ask("orgadmin", "POST", f"/events/edit/{ids['event']}", {"distribution": 0})
    before = viewed(world, ids["event"], path="/deleted:1")
    for path, body in WRITES:
        reply = world.ask("otheradmin", "POST", path.format(**ids), _filled(body, ids))
        said = reply.body.get("saved") if isinstance(reply.body, dict) else None
        assert reply.status in {401, 403, 404, 405} or said is False, (path, reply.body)
    assert viewed(world, ids["event"], path="/deleted:1") == before


@pytest.mark.parametrize("hidden", [False, True])
def test_ids_of_another_organisation_inside_a_body_change_nothing(node: Any, hidden: bool) -> None:
    world, ids = node
    if hidden:
        world.ask("orgadmin", "POST", f"/events/edit/{ids['event']}", {"distribution": 0})
    before = viewed(world, ids["event"], path="/deleted:1")
    mine = event(world, "other")
    inside = {"uuid": ids["attribute_uuid"], "id": ids["attribute"], "event_id": ids["event"],
              "type": "ip-dst", "value": "192.0.2.200", "deleted": True}  # fmt: skip
    holder = an_object(uuid=ids["object_uuid"], id=ids["object"], event_id=ids["event"])
    for path, body in (
        (f"/events/edit/{mine['id']}", {"Attribute": [inside], "Object": [holder],
                                        "uuid": ids["event_uuid"], "id": ids["event"]}),
        (f"/attributes/add/{mine['id']}", inside), (f"/objects/add/{mine['id']}", holder),
        (f"/attributes/deleteSelected/{mine['id']}", {"id": [ids["attribute"],
                                                             ids["attribute_uuid"]]}),
        ("/events/delete", {"id": [ids["event"], ids["event_uuid"]]}),
    ):  # fmt: skip
        world.ask("other", "POST", path, body)
    assert viewed(world, ids["event"], path="/deleted:1") == before
    assert viewed(world, mine["id"], "other")["uuid"] == mine["uuid"]


def test_hidden_and_absent_are_one_answer_to_every_write(node: Any) -> None:
    world, ids = node
    world.ask("orgadmin", "POST", f"/events/edit/{ids['event']}", {"distribution": 0})
    world.ask("admin", "POST", "/tags/add", {"name": "a:two"})
    absent = {name: str(uuid4()) if "uuid" in name else "999999" for name in ids}
    for path, body in WRITES:
        replies = []
        for known in (ids, absent):
            reply = world.ask("otheradmin", "POST", path.format(**known), _filled(body, known))
            text = json.dumps(reply.body)
            for name in ids:
                text = text.replace(path.format(**known), "PATH").replace(
                    json.dumps(path.format(**known))[1:-1].replace("/", "\\/"), "PATH"
                )
                text = text.replace(known[name], "ID") if "uuid" in name else text
            replies.append((reply.status, text.replace("999999", "ID")))
        assert replies[0] == replies[1], path
