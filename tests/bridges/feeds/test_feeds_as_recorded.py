# SPDX-License-Identifier: EUPL-1.2
"""A feed as it was recorded, fetched by this node instead of by a stock MISP 2.5.1.

What the node asks, and what its events look like afterwards, is what was recorded, but for the
differences that are named.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.bridges.feeds.conftest import Provider, World
from tests.bridges.feeds.test_list_feeds import add_list, event_of
from tests.bridges.feeds.test_misp_feeds import add, fetch, view
from tests.sync.recorded import FOLDER

_HEAD = ("uuid", "info", "published", "publish_timestamp", "timestamp", "distribution", "locked",
         "attribute_count", "extends_uuid")  # fmt: skip
# Names below .example are names here; a stock MISP takes them for names of files.
_TOLD_OTHERWISE = {"csv1.sync.example", "free2.sync[.]example.org", "added.sync.example.org"}


def records(name: str) -> list[dict[str, Any]]:
    path = FOLDER / name
    if not path.is_file():
        pytest.skip("the recordings are not here")
    return [json.loads(line) for line in path.read_text().splitlines()]


def served(several: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What the feed's server answered, in order."""
    return (one for one in several if one["kind"] == "feed")


def told(attribute: dict[str, Any]) -> tuple[Any, ...]:
    names = ("uuid", "type", "value", "distribution", "to_ids", "deleted", "timestamp")
    return tuple(attribute[name] for name in names)


def compare(held: dict[str, Any], recorded: dict[str, Any]) -> None:
    assert {n: held[n] for n in _HEAD} == {n: recorded[n] for n in _HEAD}
    assert held["Orgc"]["name"] == recorded["Orgc"]
    assert [tag["name"] for tag in held.get("Tag", [])] == recorded["tags"]
    assert sorted(map(told, held["Attribute"])) == sorted(map(told, recorded["attributes"]))
    inside = [a for one in held["Object"] for a in one["Attribute"]]
    wanted = [a for one in recorded["objects"] for a in one["attributes"]]
    assert sorted(map(told, inside)) == sorted(map(told, wanted))
    assert [(o["uuid"], o["name"], o["distribution"]) for o in held["Object"]] == [
        (o["uuid"], o["name"], o["distribution"]) for o in recorded["objects"]
    ]


def test_a_misp_feed_becomes_the_events_that_were_recorded(node: World, provider: Provider) -> None:
    several = records("06-feeds.jsonl")
    first: list[dict[str, Any]] = []
    second: list[dict[str, Any]] = []
    for one in served(several):
        if one["response_body"] is not None and one["status"] == 200:
            (first if one["seq"] < 20 else second).append(one)
    for one in first:
        provider.put(one["path"], one["response_body"])
    feed = add(node, provider.url)
    assert "3 new event" in fetch(node, feed)
    assert provider.paths() == [
        "/manifest.json",
        *(f"/{uuid}.json" for uuid in first[0]["response_body"]),
    ]
    states = [one["event"] for one in several if one["kind"] == "state"]
    for recorded in states[:3]:
        compare(view(node, recorded["uuid"]), recorded)
    changed = [one for one in second if one["seq"] in {23, 24}]
    for one in changed:
        provider.put(one["path"], one["response_body"])
    assert "Updated 1 event" in fetch(node, feed)
    assert provider.paths() == [one["path"] for one in changed]
    compare(view(node, states[3]["uuid"]), states[3])


def test_lists_become_the_values_that_were_recorded(node: World, provider: Provider) -> None:
    several = records("06b-feeds-csv-freetext.jsonl")
    for path, form in (("/l.csv", "csv"), ("/l.txt", "freetext")):
        feed = add_list(node, provider.url + path, form, name=f"sync-{form}", delta_merge=True)
        bodies = list(dict.fromkeys(
            one["response_body"] for one in served(several) if one["path"] == path
        ))  # fmt: skip
        states = [
            one["event"] for one in several
            if one["kind"] == "state" and one["event"]["info"] == f"sync-{form} feed"
        ]  # fmt: skip
        assert len(bodies) == len(states) == 2
        for body, recorded in zip(bodies, states, strict=True):
            provider.put(path, body)
            fetch(node, feed)
            held = event_of(node, feed)
            assert (held["info"], held["published"], held["locked"], held["distribution"]) == (
                recorded["info"], recorded["published"], recorded["locked"],
                recorded["distribution"],
            )  # fmt: skip
            same = {
                (a["type"], a["value"], a["distribution"], a["to_ids"])
                for a in recorded["attributes"] if a["value"] not in _TOLD_OTHERWISE
            }  # fmt: skip
            here = {(a["type"], a["value"], a["distribution"], a["to_ids"])
                    for a in held["Attribute"]}  # fmt: skip
            assert same <= here
            assert {kind for kind, *_ in here - same} <= {"hostname"}
            assert len(here) == len(recorded["attributes"])
