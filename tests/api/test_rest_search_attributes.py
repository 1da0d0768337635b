# SPDX-License-Identifier: EUPL-1.2
"""`/attributes/restSearch`: each filter alone, some together, and what is beside the hits."""

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


IP = "198.51.100.1"
MD5 = "d41d8cd98f00b204e9800998ecf8427e"
COMPOSITE = f"a.exe|{MD5}"
BOTH_IPS = [IP, IP, IP]
HASHES = [MD5, COMPOSITE]
SEARCH = ["search.example", "http://search.example/p?q=1", "hidden.search.example"]

EXPECTED: list[tuple[dict[str, Any], list[str]]] = [
    ({"value": IP}, BOTH_IPS),
    ({"value": f" {IP} "}, BOTH_IPS),
    ({"value": [IP, "other.example"]}, [IP, IP, "other.example", IP]),
    ({"value": "OTHER.example"}, ["other.example"]),
    ({"value": "a.exe"}, [COMPOSITE]),
    ({"value": COMPOSITE}, []),
    ({"value": MD5.upper()}, HASHES),
    ({"value": {"OR": [IP], "NOT": ["x"]}}, BOTH_IPS),
    ({"value": {"AND": ["a.exe", MD5]}}, [COMPOSITE]),
    ({"value": "%search%"}, SEARCH),
    ({"value": "search%"}, ["search.example"]),
    ({"value": "%.search.example"}, ["hidden.search.example"]),
    ({"value": "198.51.%"}, [IP, "two.example|198.51.100.2", "198.51.100.0/24", IP, IP]),
    ({"value": "%Software\\noord%"}, ["HKLM\\Software\\noordland"]),
    ({"value": "%sec_nd%"}, []),
    ({"value": {"OR": ["%search%"], "NOT": ["%hidden%"]}}, SEARCH[:2]),
    ({"value": "!198.51.100.1", "type": "ip-dst"}, ["198.51.100.0/24", "203.0.113.8"]),
    ({"value1": "two.example"}, ["two.example|198.51.100.2"]),
    ({"value2": "198.51.100.2"}, ["two.example|198.51.100.2"]),
    ({"value2": "two.example"}, []),
    ({"type": "domain"}, ["search.example", "other.example", "hidden.search.example"]),
    ({"type": ["md5", "filename"]}, [MD5, "b" * 32, "object.exe"]),
    ({"type": "ip-%", "eventid": "beta"}, [IP]),
    ({"type": "!ip-dst", "eventid": "beta"}, ["other.example"]),
    ({"type": {"OR": ["ip-dst"], "NOT": ["domain"]}, "eventid": "beta"}, [IP]),
    ({"type": "nosuch"}, []),
    ({"category": "external ANALYSIS"}, ["note.txt"]),
    ({"category": ["Network activity", "!Other"], "eventid": "beta"}, [IP, "other.example"]),
    ({"org": "Noordland Bank", "eventid": "beta"}, [IP, "other.example"]),
    ({"org": "!Noordland Bank"}, []),
    ({"org": "noord%", "value": IP}, BOTH_IPS),
    ({"org": "nosuch"}, []),
    ({"tags": "item:one"}, [IP]),
    ({"tags": "tlp:green"}, [IP, IP, "other.example"]),
    ({"tags": "TLP:GREEN"}, []),
    ({"tags": "tlp:%", "type": "domain"}, ["search.example", "other.example"]),
    ({"tags": {"AND": ["tlp:red", "item:one"]}}, [IP]),
    ({"tags": {"OR": ["tlp:red", "tlp:green"], "NOT": ["case:one"]}}, [IP, "other.example"]),
    ({"tags": {"NOT": ["tlp:red"]}, "type": "domain"}, ["other.example", "hidden.search.example"]),
    ({"tags": "nosuch"}, []),
    ({"from": "2024-03-02"}, [IP, "hidden.search.example"]),
    ({"to": "2023-12-31"}, [IP, "other.example"]),
    ({"from": "2023-01-01", "to": "2024-03-01", "value": IP}, [IP, IP]),
    ({"from": "garbage", "value": IP}, BOTH_IPS),
    ({"date": ["2023-01-01", "2023-12-31"]}, [IP, "other.example"]),
    ({"eventid": ["beta"]}, [IP, "other.example"]),
    ({"eventid": "!alpha", "value": IP}, [IP, IP]),
    ({"eventid": "999999"}, []),
    ({"eventid": "abc"}, []),
    ({"uuid": "abc"}, []),
    ({"published": 1}, [IP, "other.example"]),
    ({"published": 0, "value": IP}, [IP, IP]),
    ({"published": [0, 1], "value": IP}, BOTH_IPS),
    ({"to_ids": 1, "value": IP}, [IP, IP]),
    ({"to_ids": "exclude", "value": IP}, [IP]),
    ({"to_ids": [0, 1], "value": IP}, BOTH_IPS),
    ({"deleted": 1}, ["gone"]),
    ({"deleted": "only"}, ["gone"]),
    ({"value": "gone"}, []),
    ({"value": "gone", "deleted": [0, 1]}, ["gone"]),
    ({"threat_level_id": 3}, [IP, "other.example"]),
    ({"threat_level_id": [1, 3], "value": IP}, [IP, IP]),
    ({"eventinfo": "search beta"}, [IP, "other.example"]),
    ({"eventinfo": "Search%", "value": IP}, [IP, IP]),
    ({"eventinfo": "search"}, []),
    ({"object_relation": "md5"}, ["b" * 32]),
    ({"first_seen": "2024-01-01"}, ["203.0.113.8"]),
    ({"last_seen": "2024-12-01"}, ["203.0.113.8"]),
    ({"first_seen": "2024-02-02"}, []),
    ({"last": "1h"}, [IP, "other.example"]),
    ({"last": ["2d", "1h"]}, []),
    ({"last": "garbage"}, []),
    ({"timestamp": "1h", "value": IP}, BOTH_IPS),
    ({"timestamp": ["2d", "1d"]}, []),
    ({"event_timestamp": "1000", "value": IP}, BOTH_IPS),
    ({"limit": 1, "value": IP}, [IP]),
    ({"limit": 2, "page": 2, "value": IP}, [IP]),
    ({"limit": 0, "value": IP}, BOTH_IPS),
    ({"order": "Attribute.value desc", "eventid": "beta"}, ["other.example", IP]),
    ({"order": "id; DROP TABLE attribute", "eventid": "beta"}, [IP, "other.example"]),
    ({"nosuchfield": "x", "value": IP}, BOTH_IPS),
    ({"type": "ip-dst", "to_ids": 1, "tags": ["tlp:green"]}, [IP]),
]  # fmt: skip


@pytest.mark.parametrize(("filters", "expected"), EXPECTED, ids=[str(one[0]) for one in EXPECTED])
def test_a_search_finds_what_its_filters_say(
    node: Searching, filters: dict[str, Any], expected: list[str]
) -> None:
    named = {name: _event_id(node, asked) if name == "eventid" else asked
             for name, asked in filters.items()}  # fmt: skip
    assert node.values(**named) == expected


def _event_id(node: Searching, asked: Any) -> Any:
    if isinstance(asked, list):
        return [_event_id(node, one) for one in asked]
    sign, name = ("!", asked[1:]) if asked.startswith("!") else ("", asked)
    return sign + node.events[name]["id"] if name in node.events else asked


def test_others_find_only_what_they_may_see(node: Searching) -> None:
    assert node.values(who="other", value=IP) == [IP, IP]
    assert node.values(who="other", value="%hidden%") == []
    assert node.values(who="other", tags="secret:tag") == []
    assert node.values(who="other", uuid=node.events["hidden"]["uuid"]) == []
    assert node.values(who="admin", value=IP) == BOTH_IPS


def test_a_wildcard_needs_three_letters_or_another_filter(node: Searching) -> None:
    reply = node.ask("/attributes/restSearch", {"value": "%.e%"})
    assert reply.status == 400
    assert "three letters" in reply.json["message"]
    beta = node.events["beta"]["id"]
    assert node.values(value="%.e%", eventid=beta) == ["other.example"]
