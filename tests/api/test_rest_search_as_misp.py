# SPDX-License-Identifier: EUPL-1.2
"""The recorded searches of a MISP 2.5.1, asked again here about the two events they were for.

Of each recorded answer that is whole, the items of those two events must be what this node
finds in them. Differences stand in DIFFERENT with their reason; one that is no longer there
fails too.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.api.conftest import World
from tests.api.search_world import Searching, searching

from brug.store.server import EmbeddedServer

RECORDINGS = Path(__file__).resolve().parents[3] / "shared/reference/misp-golden/transcripts"
pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="the recordings of a MISP 2.5.1 are not beside the project"
)
SCOPES = ("attributes", "events", "objects")
# What was asked of the recorded instance by its numbers.
ALPHA, BETA, ORG = "1323", "1325", "14"

# (scope, parameter with its value): why this node answers otherwise.
DIFFERENT = {
    ("events", '{"distribution": [0, 1]}'): "it counts 44 events and shows 1; here it is ignored",
    ("events", '{"protected": 1}'): "it counts 44 events and shows none; here it is ignored",
    ("objects", '{"uuid": "2030e0b6-c8aa-4d4f-9786-097d981b8e22"}'): "an object is found by its own"
    " UUID here",
}


@cache
def _lines(name: str) -> list[dict[str, Any]]:
    text = (RECORDINGS / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def _rows(scope: str) -> Iterator[tuple[str, dict[str, Any], set[str]]]:
    """Of whole answers: the parameters, and which items of the two events they found."""
    for line in _lines(f"restsearch-{scope}"):
        note, body = str(line.get("note")), line["request"]["body"]
        if not note.startswith(("parameter", "combination")):
            continue
        found = _whole(line, scope)
        if found is not None:
            asked = {k: v for k, v in body.items() if k not in {"returnFormat", "limit", "page"}}
            if asked and not _speaks_of_its_clock(asked):
                yield json.dumps(asked), asked, found


def _speaks_of_its_clock(asked: dict[str, Any]) -> bool:
    return re.search(r"17955\d{5}", json.dumps(asked)) is not None


def _whole(line: dict[str, Any], scope: str) -> set[str] | None:
    response, limit = line["response"], line["request"]["body"].get("limit")
    if response["status"] != 200 or "page" in line["request"]["body"]:
        return None
    try:
        answer = json.loads(response["body"])["response"]
    except ValueError:
        return None
    items = answer["Attribute"] if scope == "attributes" else answer
    if isinstance(limit, int) and 0 < limit <= len(items):
        return None
    return {_name(scope, item) for item in items if _event(scope, item) in {ALPHA, BETA}}


def _event(scope: str, item: dict[str, Any]) -> str:
    if scope == "attributes":
        return str(item["event_id"])
    return str(item["Event"]["id"] if scope == "events" else item["Object"]["event_id"])


def _name(scope: str, item: dict[str, Any]) -> str:
    if scope == "attributes":
        return f"{item['type']} {item['value']} {item['to_ids']}"
    return str(item["Event"]["info"] if scope == "events" else item["Object"]["name"])


def _answer(scope: str, asked: dict[str, Any]) -> Any:
    """What was answered to a recorded search."""
    for line in _lines(f"restsearch-{scope}"):
        if line["request"]["body"] == {"returnFormat": "json", **asked}:
            return json.loads(line["response"]["body"])["response"]
    raise LookupError(asked)


def _organisation() -> str:
    recorded = json.loads(_lines("restsearch-setup")[0]["response"]["body"])
    return str(recorded["Organisation"]["uuid"])


class Replayed:
    """A node with the two events, and the recorded numbers translated to its own."""

    def __init__(self, node: Searching) -> None:
        self.node = node
        setup = _lines("restsearch-setup")
        self.own: dict[str, str] = {ORG: node.events["alpha"]["Orgc"]["id"]}
        added = {
            number: node.ask("/events/add", setup[place]["request"]["body"]).json["Event"]
            for number, place in ((ALPHA, 3), (BETA, 4))
        }
        self.own |= {number: event["id"] for number, event in added.items()}
        for item in _answer("attributes", {"eventid": [ALPHA, BETA]})["Attribute"]:
            event = added[item["event_id"]]
            self.own[item["Event"]["uuid"]] = event["uuid"]
            inside = [*event["Attribute"], *(a for o in event["Object"] for a in o["Attribute"])]
            (mine,) = [a for a in inside if a["value"] == item["value"]]
            self.own[item["uuid"]] = mine["uuid"]
        (one,) = _answer("objects", {"eventid": ALPHA})
        self.own[one["Object"]["uuid"]] = added[ALPHA]["Object"][0]["uuid"]
        self.own[_organisation()] = node.events["alpha"]["Orgc"]["uuid"]
        alpha = self.own[ALPHA]
        gone = node.ask(f"/attributes/add/{alpha}", setup[9]["request"]["body"]).json
        node.ask(f"/attributes/delete/{gone['Attribute']['id']}", {})
        assert node.ask(f"/events/publish/{self.own[BETA]}", {}).status == 200

    def translated(self, asked: Any) -> Any:
        if isinstance(asked, dict):
            return {name: self.translated(value) for name, value in asked.items()}
        if isinstance(asked, list):
            return [self.translated(value) for value in asked]
        if isinstance(asked, str):
            sign, text = ("!", asked[1:]) if asked.startswith("!") else ("", asked)
            named = {"tr-search": "Noordland Bank", "tr-alpha": "Zuidland Energie"}
            return sign + self.own.get(text, named.get(text, text))
        return asked

    def found(self, scope: str, asked: dict[str, Any]) -> set[str]:
        reply = self.node.ask(f"/{scope}/restSearch", self.translated(asked))
        assert reply.status == 200, reply.content[:300]
        answer = reply.json["response"]
        items = answer["Attribute"] if scope == "attributes" else answer
        ours = {self.own[ALPHA], self.own[BETA]}
        return {_name(scope, item) for item in items if _event(scope, item) in ours}


@pytest.fixture(scope="module")
def replayed(embedded: EmbeddedServer, settled: World) -> Iterator[Replayed]:
    with searching(embedded, settled) as node:
        yield Replayed(node)


@pytest.mark.parametrize("scope", SCOPES)
def test_recorded_searches_find_the_same_here(replayed: Replayed, scope: str) -> None:
    rows = list(_rows(scope))
    assert len(rows) > 20
    different = {
        (scope, name): (sorted(expected), sorted(found))
        for name, asked, expected in rows
        if (found := replayed.found(scope, asked)) != expected
    }
    known = {key for key in DIFFERENT if key[0] == scope}
    assert {k: v for k, v in different.items() if k not in known} == {}
    assert known - set(different) == set()
