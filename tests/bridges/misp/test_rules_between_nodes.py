# SPDX-License-Identifier: EUPL-1.2
"""Rules of a server's record between two nodes: just what they let through crosses, each way."""

import json
from typing import Any
from uuid import uuid4

import pytest
from pymisp import MISPServer, PyMISP
from tests.bridges.misp.test_two_nodes import Side, Sides, sides, spare_sides

from brug.bridges.misp import rule_names
from brug.directory import organisations, servers
from brug.directory.refusals import Refused
from brug.intel.finding import claim
from brug.intel.label import tags
from brug.model.new_event import NewTag
from brug.store import settings

__all__ = ["sides", "spare_sides"]
GREEN, AMBER, MINE = "tlp:green", "tlp:amber", "sync:mine"
TEMPLATE = "43b3b146-77eb-4931-b4cc-b66c60f28734"


def rule(side: Side, **rules: Any) -> None:
    """Sets them as a script of somebody's does."""
    misp = PyMISP(side.served.url, side.served.key, ssl=False)
    record = MISPServer()
    record.from_dict(**{name: json.dumps(value) for name, value in rules.items()})
    said = misp.update_server(record, side.server)
    assert said["Server"]["pull_rules" if "pull_rules" in rules else "push_rules"], said


def named(side: Side, *names: str) -> list[str]:
    """The numbers of tags there."""
    found = {one["name"]: one["id"] for one in side.ask("GET", "/tags/index")["Tag"]}
    return [found[name] for name in names]


def tag(*names: str) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


def crossed(to: Side, made: dict[str, dict[str, Any]]) -> set[str]:
    return {name for name, one in made.items() if to.held(one)}


@pytest.fixture
def made(sides: Sides) -> dict[str, dict[str, Any]]:
    """Published on A, which pushes nothing by itself."""
    a, _ = sides
    switch(a, push=False)
    elsewhere = {"uuid": str(uuid4()), "name": "Elsewhere"}
    found = {
        "plain": a.add("plain"),
        "green": a.add("green", Tag=tag(GREEN)),
        "amber": a.add("amber", Tag=tag(AMBER)),
        "both": a.add("both", Tag=tag(GREEN, AMBER)),
        "theirs": a.add("theirs", Tag=tag(GREEN), Orgc=elsewhere, uuid=str(uuid4())),
    }
    for one in found.values():
        a.publish(one)
    a.work()
    return found


def switch(side: Side, **flags: bool) -> None:
    with side.served.database.as_user(1) as session:
        servers.edit(session, side.server, flags)


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        ({}, {"plain", "green", "amber", "both", "theirs"}),
        ({"tags": {"OR": [GREEN], "NOT": []}}, {"green", "both", "theirs"}),
        ({"tags": {"OR": [], "NOT": [AMBER]}}, {"plain", "green", "theirs"}),
        ({"tags": {"OR": [GREEN], "NOT": [AMBER]}}, {"green", "theirs"}),
        ({"tags": {"OR": [GREEN, AMBER]}, "orgs": {"NOT": ["Elsewhere"]}},
         {"green", "amber", "both"}),
        ({"orgs": {"OR": ["Elsewhere"], "NOT": []}}, {"theirs"}),
        ({"orgs": {"OR": ["Nobody"]}}, set()),
        ({"tags": {"OR": ["no:such"]}}, set()),
        ({"url_params": json.dumps({"eventinfo": "plai"})}, {"plain"}),
        ({"tags": {"OR": [AMBER]}, "url_params": json.dumps({"tag": f"!{GREEN}"})}, {"amber"}),
        ({"orgs": {"NOT": ["Elsewhere"]}, "url_params": {"tags": [GREEN], "limit": 50}},
         {"green", "both"}),
    ],
)  # fmt: skip
def test_what_is_pulled(
    sides: Sides, made: dict[str, dict[str, Any]], rules: dict[str, Any], wanted: set[str]
) -> None:
    _, b = sides
    rule(b, pull_rules=rules)
    run = b.pull()
    assert (run.state, run.failures) == ("done", [])
    assert crossed(b, made) == wanted


@pytest.mark.parametrize(
    ("names", "orgs", "wanted"),
    [
        ({}, {}, {"plain", "green", "amber", "both", "theirs"}),
        ({"OR": [GREEN]}, {}, {"green", "both", "theirs"}),
        ({"NOT": [AMBER]}, {}, {"plain", "green", "theirs"}),
        ({"OR": [GREEN], "NOT": [AMBER]}, {}, {"green", "theirs"}),
        ({"OR": [GREEN]}, {"NOT": ["Elsewhere"]}, {"green", "both"}),
        ({}, {"OR": ["Elsewhere"]}, {"theirs"}),
    ],
)
@pytest.mark.parametrize("how", ["full", "publish"])
def test_what_is_pushed(
    sides: Sides, made: dict[str, dict[str, Any]], names: Any, orgs: Any, wanted: set[str],
    how: str,
) -> None:  # fmt: skip
    a, b = sides
    with a.served.database.system() as session:
        elsewhere = organisations.view(session, "Elsewhere")
    numbers = {"Elsewhere": str(elsewhere.id)}
    rule(a, push_rules={
        "tags": {part: named(a, *several) for part, several in names.items()},
        "orgs": {part: [numbers[one] for one in several] for part, several in orgs.items()},
    })  # fmt: skip
    switch(a, push=True)
    if how == "full":
        assert a.push().failures == []
    else:
        for one in made.values():
            a.publish(one)
        assert all(not run.failures for run in a.work())
    assert crossed(b, made) == wanted


def test_organisations_are_named_by_uuid_as_well(
    sides: Sides, made: dict[str, dict[str, Any]]
) -> None:
    a, b = sides
    rule(a, push_rules={"orgs": {"NOT": [a.org.uuid.upper()]}})
    switch(a, push=True)
    a.push()
    assert crossed(b, made) == {"theirs"}


def test_a_local_tag_chooses_what_goes_and_stays_here(
    sides: Sides, made: dict[str, dict[str, Any]]
) -> None:
    a, b = sides
    with a.served.database.as_user(1) as session:
        held = claim(session, int(made["plain"]["id"]))
        tags.attach_to_event(session, held, [NewTag(MINE, local=True)])
    rule(a, push_rules={"tags": {"OR": named(a, MINE)}})
    switch(a, push=True)
    a.push()
    assert crossed(b, made) == {"plain"}
    there = b.held(made["plain"])
    assert there is not None
    assert not there.get("Tag")


def attribute(value: str, kind: str = "domain", *names: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "value": value, "timestamp": "1795000000", "Tag": tag(*names)} | more


def values(side: Side, event: dict[str, Any]) -> set[str] | None:
    held = side.held(event)
    if held is None:
        return None
    inside = [one for item in held["Object"] for one in item["Attribute"]]
    return {one["value"] for one in (*held["Attribute"], *inside)}


def of_objects(side: Side, *parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    item = {
        "name": "domain-ip",
        "meta-category": "network",
        "template_uuid": TEMPLATE,
        "template_version": "9",
        "distribution": "5",
        "timestamp": "1795000000",
        "Attribute": parts,
    }
    return side.add("mixed", Object=[item], **more)


def test_attributes_with_an_unwanted_tag_stay_when_their_event_is_pushed(sides: Sides) -> None:
    a, b = sides
    switch(a, push=False)
    red = attribute("in.example", "domain", "tlp:red", object_relation="domain")
    mixed = of_objects(
        a, red, Attribute=[attribute("kept.example"), attribute("red.example", "domain", "tlp:red")]
    )
    only = a.add("only", Attribute=[attribute("bare.example", "domain", "tlp:red")])
    assert values(a, mixed) == {"kept.example", "red.example", "in.example"}
    for one in (mixed, only):
        a.publish(one)
    a.work()
    rule(a, push_rules={"tags": {"OR": [], "NOT": named(a, "tlp:red")}})
    switch(a, push=True)
    run = a.push()
    assert run.failures == []
    assert values(b, mixed) == {"kept.example"}
    there = b.held(mixed)
    assert there is not None
    assert there["Object"] == []
    assert b.held(only) is None
    assert {(o.reason, o.count) for o in run.losses} == {
        ("left out by the rules of tags", 2), ("the rules of tags leave nothing of it", 1),
    }  # fmt: skip


def test_types_are_left_out_of_what_is_pulled(sides: Sides) -> None:
    a, b = sides
    switch(a, push=False)
    inside = attribute("evil.exe", "filename", object_relation="domain")
    mixed = of_objects(
        a, inside, Attribute=[attribute("kept.example"), attribute("a.exe", "filename")]
    )
    only = a.add("only", Attribute=[attribute("b.exe", "filename")])
    shaped = of_objects(a, attribute("deep.example", object_relation="domain"),
                        Attribute=[attribute("flat.example")])  # fmt: skip
    for one in (mixed, only, shaped):
        a.publish(one)
    a.work()
    rule(b, pull_rules={"type_attributes": {"NOT": ["filename"]}})
    run = b.pull()
    assert (run.state, run.failures) == ("done", [])
    assert values(b, mixed) == {"kept.example"}
    there = b.held(mixed)
    assert there is not None
    assert there["Object"] == [], "nothing is left of it"
    assert b.held(only) is None
    assert values(b, shaped) == {"deep.example", "flat.example"}
    rule(b, pull_rules={"type_objects": {"NOT": [TEMPLATE]}})
    later = of_objects(
        a,
        attribute("low.example", object_relation="domain"),
        Attribute=[attribute("even.example")],
    )
    a.publish(later)
    a.work()
    b.pull()
    assert values(b, later) == {"even.example"}
    assert values(b, shaped) == {"deep.example", "flat.example"}, "what was taken stays"


def test_sightings_of_what_stays_by_the_rules_stay(
    sides: Sides, made: dict[str, dict[str, Any]]
) -> None:
    a, b = sides
    switch(a, push=True)
    a.push()
    assert crossed(b, made) >= {"amber", "green"}
    rule(a, push_rules={"tags": {"NOT": named(a, AMBER)}})
    with a.served.database.system() as session:
        settings.set_value(session, "sightings.policy", 2)
    for name in ("amber", "green"):
        a.ask("POST", "/sightings/add", {"values": [f"{name}.example"]})
        a.ask("POST", f"/events/publishSightings/{made[name]['id']}", {})
    a.work()
    seen = {name: b.ask("GET", f"/sightings/index/{held['id']}")
            for name in ("amber", "green") if (held := b.held(made[name]))}  # fmt: skip
    assert [len(seen["amber"]), len(seen["green"])] == [0, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"tags": {"OR": "tlp:green"}}, {"tags": ["tlp:green"]}, {"orgs": {"EXCEPT": ["1"]}},
        {"tags": {"NOT": [{"name": "x"}]}}, {"url_params": "no json"}, {"url_params": [1]},
        {"type_attributes": {"NOT": "filename"}}, {"tag": {"NOT": ["tlp:red"]}}, {"tag": 1},
    ],
)  # fmt: skip
def test_what_would_be_no_rule_is_refused(sides: Sides, wrong: dict[str, Any]) -> None:
    a, _ = sides
    before = a.ask("GET", f"/servers/index/{a.server}")
    for field in ("pull_rules", "push_rules"):
        for value in (wrong, json.dumps(wrong)):
            said = a.ask("POST", f"/servers/edit/{a.server}", {field: value})
            assert field in json.dumps(said["errors"]), said
    assert a.ask("GET", f"/servers/index/{a.server}") == before


def test_names_become_the_numbers_of_this_node(
    sides: Sides, made: dict[str, dict[str, Any]]
) -> None:
    a, b = sides
    text = json.dumps({"tags": {"OR": [GREEN]}, "orgs": {"NOT": ["Elsewhere"]}})
    with a.served.database.as_user(1) as session:
        stored = rule_names.for_pushing(session, "push_rules", text)
        servers.edit(session, a.server, {"push_rules": stored, "push": True})
        with pytest.raises(Refused):
            rule_names.for_pushing(session, "push_rules", '{"tags": {"OR": ["no:such"]}}')
    a.push()
    assert crossed(b, made) == {"green", "both"}
