# SPDX-License-Identifier: EUPL-1.2
"""The hop rule, level by level, and as two stock servers were seen to follow it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.bridges.gate.worlds import OTHER, PARTNER, attribute, event, tagged

from brug.bridges.gate import hop

Document = dict[str, Any]
FOLDER = Path(__file__).parents[3].parent / "shared" / "reference" / "misp-sync"
ORG_C = "e4914148-430a-5629-8dd9-27c1ed0d6ca2"
ORG_D = "9fb8cce0-6487-5f8e-8c9c-d919230c1ce2"

# What becomes of levels 0 to 5 of an attribute in an event that goes.
TABLE = {
    "native": (None, None, 1, 3, None, 5),
    "misp": (None, None, 1, 3, None, 5),
    "feed": (None, None, 1, 3, None, 5),
    "served": (None, 1, 2, 3, None, 5),
    "pull": (0, 0, 1, 3, 4, 5),
    "taken": (0, 1, 2, 3, 4, 5),
}


def levels(document: Document | None) -> dict[str, int]:
    """By UUID: the event's own level and those of what is in it."""
    assert document is not None
    items = [document, *document.get("Attribute", []), *document.get("Object", [])]
    items += [a for o in document.get("Object", []) for a in o.get("Attribute", [])]
    items += document.get("EventReport", [])
    return {item["uuid"]: int(item.get("distribution", 5)) for item in items}


@pytest.mark.parametrize("way", TABLE)
def test_each_attribute_is_lowered_on_its_own(way: str) -> None:
    document = event(*(attribute(n, "x", distribution=str(n)) for n in range(6)), distribution="3")
    found = levels(hop.lowered(document, way, PARTNER))
    expected = {attribute(n, "x")["uuid"]: to for n, to in enumerate(TABLE[way]) if to is not None}
    assert found == {document["uuid"]: 3, **expected}


@pytest.mark.parametrize("way", TABLE)
def test_an_event_goes_at_its_own_lowered_level_or_not_at_all(way: str) -> None:
    for level, to in enumerate(TABLE[way][:5]):
        found = hop.lowered(event(distribution=str(level)), way, PARTNER)
        assert (None if found is None else int(found["distribution"])) == to, level
    assert hop.lowered(event(distribution="5"), way, PARTNER) is None


@pytest.mark.parametrize("level", ["9", "-1", "", None, True, [], "٣"])
def test_what_is_no_level_does_not_go(level: Any) -> None:
    for way in TABLE:
        assert hop.lowered(event(distribution=level), way, PARTNER) is None
    inside = event(attribute(1, "x", distribution=level))
    assert levels(hop.lowered(inside, "native", PARTNER)) == {inside["uuid"]: 3}


def group(*members: str) -> Document:
    named = [{"Organisation": {"uuid": uuid, "name": "x"}} for uuid in members]
    return {"uuid": "dddddddd-0000-4000-8000-000000000001", "SharingGroupOrg": named}


@pytest.mark.parametrize("way", ["native", "misp", "served"])
def test_a_group_is_its_members_by_uuid_and_an_empty_one_is_nobody(way: str) -> None:
    def goes(**more: Any) -> bool:
        shared = event(distribution="4", sharing_group_id="7", **more)
        return hop.lowered(shared, way, PARTNER) is not None

    assert goes(SharingGroup=group(OTHER, PARTNER.upper()))
    assert not goes(SharingGroup=group(OTHER))
    assert not goes(SharingGroup=group())
    assert not goes()
    assert not goes(SharingGroup={"SharingGroupOrg": None})


def test_an_attribute_of_the_events_group_needs_no_copy_of_it() -> None:
    one = attribute(1, "x", distribution="4", sharing_group_id="7")
    document = event(one, distribution="4", sharing_group_id="7", SharingGroup=group(PARTNER))
    assert levels(hop.lowered(document, "native", PARTNER))[one["uuid"]] == 4


def test_what_hangs_on_what_stays_here_stays_here() -> None:
    inside = attribute(2, "x", distribution="5")
    stays, goes = "cccccccc-0000-4000-8000-000000000001", "cccccccc-0000-4000-8000-000000000002"
    target = attribute(1, "secret.example", distribution="1")
    note = {"uuid": "ffffffff-0000-4000-8000-000000000001", "distribution": "2", "note": "n"}
    document = event(
        {**attribute(3, "y"), "Note": [note, {**note, "distribution": "0"}]}, target,
        Object=[
            {"uuid": stays, "distribution": "0", "Attribute": [inside]},
            {
                "uuid": goes, "distribution": "2", "Attribute": [attribute(4, "z")],
                "ObjectReference": [
                    {"referenced_uuid": target["uuid"], "Attribute": {"value": "secret.example"}},
                    {"referenced_uuid": attribute(3, "y")["uuid"]},
                ],
            },
        ],
    )  # fmt: skip
    made = hop.lowered(document, "native", PARTNER)
    assert made is not None
    found = levels(made)
    assert found[goes] == 1
    assert stays not in found
    assert inside["uuid"] not in found
    assert [n["distribution"] for n in made["Attribute"][0]["Note"]] == [1]
    assert len(made["Object"][0]["ObjectReference"]) == 1
    assert "secret.example" not in json.dumps(made)


def test_drafts_local_tags_and_tags_not_for_export_stay() -> None:
    assert hop.lowered(event(published=False), "native", PARTNER) is None
    assert hop.lowered(event(published="0"), "served", PARTNER) is None
    tags = [*tagged("tlp:green"), {"name": "ours", "local": True}, {"name": "x", "exportable": "0"}]
    made = hop.lowered({**event(), "Tag": tags}, "misp", PARTNER)
    assert made is not None
    assert [tag["name"] for tag in made["Tag"]] == ["tlp:green"]


def test_an_internal_link_lowers_nothing() -> None:
    document = event(*(attribute(n, "x", distribution=str(n)) for n in range(4)), distribution="1")
    found = levels(hop.lowered(document, "misp", PARTNER, internal=True))
    assert sorted(found.values()) == [0, 1, 1, 2, 3]


def test_nothing_of_what_was_given_is_changed() -> None:
    document = event(attribute(1, "x", distribution="2"), attribute(2, "y", distribution="0"))
    before = json.dumps(document)
    hop.lowered(document, "native", PARTNER)
    assert json.dumps(document) == before


# What was recorded between two stock MISP 2.5.1, C and D.


def records(name: str) -> list[Document]:
    text = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def seeded(name: str) -> Iterator[Document]:
    """The events of a seed, with their groups as they were made there."""
    groups: dict[str, Document] = {}
    for row in records(name):
        if row["kind"] != "operator" or row["status"] != 200:
            continue
        if row["path"] == "/sharing_groups/add":
            made = row["response_body"]
            of_group = {"SharingGroupOrg": made["SharingGroupOrg"]}
            groups[str(made["SharingGroup"]["id"])] = of_group
        elif row["path"] == "/events/add":
            given = row["request_body"].get("Event", row["request_body"])
            yield _with_groups(given, groups) | {"published": "unpub" not in given["info"]}


def _with_groups(item: Document, groups: dict[str, Document]) -> Document:
    made = dict(item)
    if str(item.get("distribution")) == "4":
        made["SharingGroup"] = groups[str(item["sharing_group_id"])]
    for name in ("Attribute", "Object", "EventReport"):
        if name in item:
            made[name] = [_with_groups(one, groups) for one in item[name]]
    return made


def on_wire(name: str, start: str, body: str) -> dict[str, Document]:
    """Events in messages between the two, by UUID; the first of each."""
    found: dict[str, Document] = {}
    for row in records(name):
        fits = row["kind"] == "wire" and row["path"].startswith(start) and not row.get("injected")
        if fits and isinstance(row.get(body), dict) and "Event" in row[body]:
            found.setdefault(row[body]["Event"]["uuid"], row[body]["Event"])
    return found


def test_we_push_what_a_stock_server_pushes() -> None:
    sent = on_wire("03b-push-techniques", "/events/add", "request_body")
    seeds = {seed["uuid"]: seed for seed in seeded("03a-push-first")}
    compared = 0
    for uuid, seed in seeds.items():
        made = hop.lowered(seed, "misp", ORG_C)
        if uuid not in sent:
            # 0, 1, and the group without C never reached the wire.
            assert made is None, seed["info"]
            continue
        assert levels(made) == levels(sent[uuid]), seed["info"]
        compared += 1
    assert compared >= 5
    assert {int(seeds[uuid]["distribution"]) for uuid in seeds if uuid not in sent} == {0, 1, 4}


def test_we_serve_what_a_stock_server_serves() -> None:
    served = on_wire("02c-pull-full", "/events/view/", "response_body")
    compared = 0
    for seed in seeded("02a-seed"):
        made = hop.lowered(seed, "served", ORG_D)
        if seed["uuid"] in served:
            found = levels(made)
            for uuid, level in levels(served[seed["uuid"]]).items():
                assert found[uuid] == level, (seed["info"], uuid)
            assert len(found) == len(levels(served[seed["uuid"]])), seed["info"]
            compared += 1
    assert compared >= 5


def test_what_we_pull_we_lower_as_a_stock_server_does() -> None:
    served = on_wire("02c-pull-full", "/events/view/", "response_body")
    states = [r["event"] for r in records("02c-pull-full") if r["kind"] == "state" and r["event"]]
    compared = 0
    for state in (s for s in states if s.get("uuid") in served):
        found = levels(hop.lowered(served[state["uuid"]], "pull", ORG_D))
        assert found[state["uuid"]] == int(state["distribution"]), state["info"]
        for one in state["attributes"]:
            assert found[one["uuid"]] == int(one["distribution"]), (state["info"], one["value"])
        compared += 1
    assert compared >= 5
