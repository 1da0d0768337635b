# SPDX-License-Identifier: EUPL-1.2
"""`/events/restSearch` and `/objects/restSearch`: which they find, and what they show."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.api.conftest import World
from tests.api.search_world import Searching, searching

from brug.store.server import EmbeddedServer


@pytest.fixture(scope="module")
def node(embedded: EmbeddedServer, settled: World) -> Iterator[Searching]:
    with searching(embedded, settled) as found:
        yield found


ALL = ["alpha", "beta", "hidden"]
IP = "198.51.100.1"
EVENTS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ALL),
    ({"value": IP}, ALL),
    ({"value": "a.exe"}, ["alpha"]),
    ({"value": "a.exe|d41d8cd98f00b204e9800998ecf8427e"}, []),
    ({"value": "%other%"}, ["beta"]),
    ({"value": "!198.51.100.1"}, ALL),
    ({"value1": "nothing"}, ALL),
    ({"type": "url"}, ["alpha"]),
    ({"type": "!domain"}, ALL),
    ({"category": "Payload delivery"}, ["alpha"]),
    ({"type": "ip-dst", "value": "other.example"}, ["beta"]),
    ({"org": "noordland bank"}, ALL),
    ({"org": "!noordland bank"}, []),
    ({"tags": "item:one"}, ["alpha"]),
    ({"tags": ["case:one", "tlp:green"]}, ["alpha", "beta"]),
    ({"tags": {"AND": ["tlp:red", "case:one"]}}, ["alpha"]),
    ({"tag": "case:one"}, ["alpha"]),
    ({"event_tags": "tlp:green"}, ["beta"]),
    ({"event_tags": ["!tlp:green"]}, ["alpha", "hidden"]),
    ({"from": "2024-03-01"}, ["alpha", "hidden"]),
    ({"to": "2023-12-31"}, ["beta"]),
    ({"date": ["2024-01-01", "2024-03-01"]}, ["alpha"]),
    ({"last": "1h"}, ["beta"]),
    ({"last": "garbage"}, []),
    ({"eventid": "{beta}"}, ["beta"]),
    ({"eventid": "!{beta}"}, ["alpha", "hidden"]),
    ({"uuid": "{uuid}"}, ["beta"]),
    ({"published": 1}, ["beta"]),
    ({"published": 0}, ["alpha", "hidden"]),
    ({"timestamp": "1h"}, ALL),
    ({"timestamp": ["2d", "1d"]}, []),
    ({"to_ids": 0}, ["alpha", "beta"]),
    ({"deleted": 1}, ["alpha"]),
    ({"threat_level_id": [1, 3]}, ["alpha", "beta"]),
    ({"eventinfo": "search beta"}, ["beta"]),
    ({"eventinfo": "search%"}, ["alpha", "beta"]),
    ({"object_relation": "md5"}, ["alpha"]),
    ({"first_seen": "2030-01-01"}, ALL),
    ({"object_name": "nothing"}, ALL),
    ({"searchall": "search"}, []),
    ({"searchall": "search beta"}, ["beta"]),
    ({"searchall": "%search%"}, ALL),
    ({"searchall": "%secret:%"}, ["hidden"]),
    ({"searchall": "first"}, ["alpha"]),
    ({"searchall": 1, "value": "%beta%"}, ["beta"]),
    ({"limit": 2}, ["alpha", "beta"]),
    ({"limit": 2, "page": 2}, ["hidden"]),
    ({"limit": 1, "order": "Event.id desc"}, ["hidden"]),
    ({"nosuchfield": "x"}, ALL),
]  # fmt: skip


@pytest.mark.parametrize(("filters", "expected"), EVENTS, ids=[str(e[0]) for e in EVENTS])
def test_events_are_found_by_filters(
    node: Searching, filters: dict[str, Any], expected: list[str]
) -> None:
    beta = node.events["beta"]
    named = {
        k: v.format(beta=beta["id"], uuid=beta["uuid"]) if isinstance(v, str) else v
        for k, v in filters.items()
    }
    reply = node.ask("/events/restSearch", named)
    assert reply.status == 200, reply.content
    names = {event["id"]: name for name, event in node.events.items()}
    assert [names[e["Event"]["id"]] for e in reply.json["response"]] == expected


def test_a_page_of_events_says_how_many_there_are(node: Searching) -> None:
    reply = node.ask("/events/restSearch", {"limit": 1})
    assert reply.headers["X-Result-Count"] == "3"
    assert 'filename="misp.event.list.json"' in reply.headers["Content-Disposition"]


def test_a_found_event_is_as_viewed_with_its_relations(node: Searching) -> None:
    beta = node.events["beta"]["id"]
    found = node.ask("/events/restSearch", {"eventid": beta}).json["response"][0]["Event"]
    viewed = node.ask(f"/events/view/{beta}").json["Event"]
    assert found == viewed
    assert [r["Event"]["info"] for r in found["RelatedEvent"]] == ["search alpha", "for ourselves"]


def test_metadata_leaves_out_what_is_in_an_event(node: Searching) -> None:
    found = node.ask("/events/restSearch", {"metadata": 1}).json["response"]
    assert all("Attribute" not in e["Event"] and "Object" not in e["Event"] for e in found)
    assert found[0]["Event"]["Tag"]


def test_attachments_come_only_where_asked(node: Searching) -> None:
    alpha = node.events["alpha"]["id"]
    for wanted, expected in ((0, None), (1, "aGVsbG8=")):
        found = node.ask("/events/restSearch", {"eventid": alpha, "withAttachments": wanted})
        items = found.json["response"][0]["Event"]["Attribute"]
        (note,) = [a for a in items if a["type"] == "attachment"]
        assert note.get("data") == expected


def test_others_find_no_event_that_is_hidden(node: Searching) -> None:
    for asked in ({"value": IP}, {"searchall": "%hidden%"}, {"eventinfo": "for ourselves"},
                  {"tags": "secret:tag"}, {"searchall": "%secret:%"}, {}):  # fmt: skip
        reply = node.ask("/events/restSearch", asked, who="other")
        assert b"ourselves" not in reply.content
        assert b"secret:tag" not in reply.content


OBJECTS: list[tuple[dict[str, Any], int]] = [
    ({}, 1), ({"value": "object.exe"}, 1), ({"value": IP}, 0), ({"value": "%object%"}, 1),
    ({"type": "md5"}, 1), ({"type": "url"}, 0), ({"category": "Payload delivery"}, 1),
    ({"object_name": "file"}, 1), ({"object_name": "fi%"}, 1), ({"object_name": "!file"}, 0),
    ({"object_relation": "md5"}, 1), ({"object_relation": ["md5", "!filename"]}, 1),
    ({"tags": "case:one"}, 1), ({"tags": "item:one"}, 0), ({"tags": "tlp:green"}, 0),
    ({"eventid": "{alpha}"}, 1), ({"eventid": "!{alpha}"}, 0), ({"to": "2023-12-31"}, 0),
    ({"published": 1}, 0), ({"to_ids": 1}, 1), ({"deleted": 1}, 0), ({"deleted": [0, 1]}, 1),
    ({"first_seen": "2024-01-01"}, 0), ({"timestamp": "1h"}, 1), ({"last": "1h"}, 0),
    ({"attribute_timestamp": "1h"}, 1), ({"enforceWarninglist": 1}, 1), ({"org": "nosuch"}, 0),
    ({"limit": 1, "page": 2}, 0), ({"eventinfo": "nothing"}, 1),
]  # fmt: skip


@pytest.mark.parametrize(("filters", "expected"), OBJECTS, ids=[str(e[0]) for e in OBJECTS])
def test_objects_are_found_by_filters(
    node: Searching, filters: dict[str, Any], expected: int
) -> None:
    named = {
        k: v.format(alpha=node.events["alpha"]["id"]) if isinstance(v, str) else v
        for k, v in filters.items()
    }
    reply = node.ask("/objects/restSearch", named)
    assert reply.status == 200, reply.content
    assert len(reply.json["response"]) == expected


def test_an_object_comes_with_its_attributes_and_their_parts(node: Searching) -> None:
    (found,) = node.ask("/objects/restSearch", {}).json["response"]
    one = found["Object"]
    assert [(a["object_relation"], a["value1"]) for a in one["Attribute"]] == [
        ("md5", "b" * 32), ("filename", "object.exe"),
    ]  # fmt: skip
    assert one["Event"]["info"] == "search alpha"
    (bare,) = node.ask("/objects/restSearch", {"metadata": 1}).json["response"]
    assert "Attribute" not in bare["Object"]


def test_objects_are_answered_in_json_only(node: Searching) -> None:
    assert node.ask("/objects/restSearch", {"returnFormat": "csv"}).status == 404
