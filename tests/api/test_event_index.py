# SPDX-License-Identifier: EUPL-1.2
"""The list of events and its filters, the list of attributes, and the statistics."""

import csv
import io
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
FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ALL),
    ({"all": "search"}, ALL),
    ({"searchall": "beta"}, ["beta"]),
    ({"attribute": "198.51.100.1"}, ALL),
    ({"value": "other.example"}, ["beta"]),
    ({"published": 1}, ["beta"]),
    ({"published": 0}, ["alpha", "hidden"]),
    ({"published": 2}, ALL),
    ({"eventid": "{beta}"}, ["beta"]),
    ({"eventid": "{alpha}|{beta}"}, ["alpha", "beta"]),
    ({"eventid": "!{beta}"}, ["alpha", "hidden"]),
    ({"datefrom": "2024-01-01"}, ["alpha", "hidden"]),
    ({"dateuntil": "2023-12-31"}, ["beta"]),
    ({"datefrom": "garbage"}, ALL),
    ({"org": "Noordland Bank"}, ALL),
    ({"org": "!Noordland Bank"}, []),
    ({"eventinfo": "search"}, ["alpha", "beta"]),
    ({"eventinfo": "beta|ourselves"}, ["beta", "hidden"]),
    ({"tag": "tlp:red"}, ["alpha"]),
    ({"tags": ["tlp:red", "tlp:green"]}, ["alpha", "beta"]),
    ({"tags": "!tlp:red"}, ["beta", "hidden"]),
    ({"distribution": 0}, ["hidden"]),
    ({"sharinggroup": "5"}, []),
    ({"analysis": 2}, ["alpha"]),
    ({"threatlevel": "1|3"}, ["alpha", "beta"]),
    ({"email": "orgadmin@people.example"}, ALL),
    ({"hasproposal": 1}, []),
    ({"timestamp": "1h"}, ALL),
    ({"timestamp": ["1d", "1h"]}, []),
    ({"publish_timestamp": "1h"}, ["beta"]),
    ({"publishtimestamp": "1h"}, ["beta"]),
    ({"toIDS": 1, "nosuch": "x"}, ALL),
    ({"limit": 2}, ["alpha", "beta"]),
    ({"limit": 2, "page": 2}, ["hidden"]),
    ({"limit": 0}, ALL),
    ({"page": 9999}, ALL),
    ({"sort": "date", "direction": "asc"}, ["beta", "alpha", "hidden"]),
    ({"direction": "desc", "sort": "date"}, ["hidden", "alpha", "beta"]),
    ({"sort": "Orgc.name", "direction": "desc"}, ["hidden", "beta", "alpha"]),
    ({"sort": "nosuch; SELECT 1"}, ALL),
]  # fmt: skip


def _ids(node: Searching) -> dict[str, str]:
    return {name: event["id"] for name, event in node.events.items()}


@pytest.mark.parametrize(("given", "expected"), FILTERS, ids=[str(f[0]) for f in FILTERS])
def test_a_body_filters_the_list(
    node: Searching, given: dict[str, Any], expected: list[str]
) -> None:
    ids = _ids(node)
    named = {k: v.format(**ids) if isinstance(v, str) else v for k, v in given.items()}
    reply = node.ask("/events/index", named)
    assert reply.status == 200, reply.content
    assert [e["id"] for e in reply.json] == [ids[name] for name in expected]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/searchorg:Noordland Bank/searchpublished:1", ["beta"]),
        ("/searchDatefrom:2024-03-01/searchDateuntil:2024-03-01", ["alpha"]),
        ("/searchtag:!tlp:red/limit:1", ["beta"]),
        ("/searcheventinfo:beta", ["beta"]),
        ("/published:1", ALL),
        ("?published=1&limit=1", ALL),
        ("/searchlimit:1", ["alpha"]),
        ("/limit:2/page:2", ["hidden"]),
        ("/sort:date/direction:desc/limit:1.json", ["hidden"]),
    ],
)
def test_a_path_filters_the_list_by_names_with_a_prefix(
    node: Searching, path: str, expected: list[str]
) -> None:
    reply = node.ask("/events/index" + path)
    ids = _ids(node)
    assert [e["id"] for e in reply.json] == [ids[name] for name in expected]


def test_a_page_says_how_many_there_are_on_all(node: Searching) -> None:
    assert node.ask("/events/index/limit:1").headers["X-Result-Count"] == "3"
    assert node.ask("/events/index", who="other").headers["X-Result-Count"] == "2"


def test_minimal_leaves_out_events_without_attributes(
    embedded: EmbeddedServer, settled: World
) -> None:
    with searching(embedded, settled) as own:
        own.ask("/events/add", {"info": "empty"})
        assert len(own.ask("/events/index").json) == 4
        found = own.ask("/events/index", {"minimal": 1}).json
    assert [e["uuid"] for e in found] == [own.events[name]["uuid"] for name in ALL]
    assert set(found[0]) == {
        "id", "timestamp", "sighting_timestamp", "published", "uuid", "orgc_uuid",
    }  # fmt: skip


def test_the_list_comes_as_csv_too(node: Searching) -> None:
    reply = node.ask("/events/index.csv")
    rows = list(csv.DictReader(io.StringIO(reply.content.decode())))
    assert [row["info"] for row in rows] == ["search alpha", "search beta", "for ourselves"]
    assert rows[0]["tags"] == "tlp:red,case:one"


def test_others_are_told_of_no_event_that_is_hidden(node: Searching) -> None:
    for given in ({}, {"all": "ourselves"}, {"email": "orgadmin@people.example"},
                  {"eventid": node.events["hidden"]["id"]}, {"attribute": "%hidden%"}):  # fmt: skip
        assert b"ourselves" not in node.ask("/events/index", given, who="other").content
    assert node.ask("/events/index", {"email": "orgadmin@people.example"}, who="other").json == []


def test_attributes_are_listed_newest_first(node: Searching) -> None:
    found = node.ask("/attributes/index/limit:2").json
    assert [a["value1"] for a in found] == ["hidden.search.example", "198.51.100.1"]
    oldest = node.ask("/attributes/index/sort:id/direction:asc/limit:1").json
    assert oldest[0]["value1"] == "198.51.100.1"
    assert node.ask("/attributes/index/page:9999").status == 404
    assert len(node.ask("/attributes/index/limit:0").json) == 1
    assert b"hidden" not in node.ask("/attributes", who="other").content


def test_statistics_count_what_the_reader_sees(node: Searching) -> None:
    mine = node.ask("/attributes/attributeStatistics").json
    theirs = node.ask("/attributes/attributeStatistics/type", who="other").json
    assert (mine["domain"], theirs["domain"]) == ("3", "2")
    shares = node.ask("/attributes/attributeStatistics/category/1").json
    assert shares["External analysis"].endswith("%")
    assert node.ask("/attributes/attributeStatistics/nosuch").status == 405
    tags = node.ask("/tags/tagStatistics").json
    assert tags["tags"] == {"case:one": "1", "secret:tag": "1", "tlp:green": "1", "tlp:red": "1"}
    assert "secret:tag" not in node.ask("/tags/tagStatistics", who="other").json["tags"]


def test_types_are_described(node: Searching) -> None:
    result = node.ask("/attributes/describeTypes.json").json["result"]
    assert result["sane_defaults"]["md5"] == {"default_category": "Payload delivery", "to_ids": 1}
