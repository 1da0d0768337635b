# SPDX-License-Identifier: EUPL-1.2
"""MISP feeds: what is asked of them, and what becomes of their events."""

from typing import Any
from uuid import uuid4

from tests.bridges.feeds.conftest import Provider, World

from brug.bridges.feeds import replaying, working

ORGC = {"name": "CSIRT Westland", "uuid": "e4914148-430a-5629-8dd9-27c1ed0d6ca2"}
FETCHED = "Fetching the feed has successfully completed."


def event(info: str, *values: str, uuid: str = "", timestamp: int = 1_700_000_000) -> Any:
    return {
        "uuid": uuid or str(uuid4()), "info": info, "date": "2026-11-22", "analysis": "0",
        "threat_level_id": "4", "timestamp": str(timestamp), "publish_timestamp": "0",
        "published": True, "extends_uuid": "", "Orgc": ORGC,
        "Tag": [{"colour": "#00ff00", "local": False, "name": "tlp:green"}],
        "Attribute": [
            {"uuid": str(uuid4()), "type": "domain", "category": "Network activity",
             "value": value, "to_ids": True, "timestamp": str(timestamp), "comment": "",
             "deleted": False, "disable_correlation": False}
            for value in values
        ],
    }  # fmt: skip


def add(node: World, url: str, **more: Any) -> str:
    fields = {
        "name": "feed", "provider": "x", "url": url, "source_format": "misp", "enabled": True,
        "fixed_event": False, "distribution": "0", "caching_enabled": True,
    }  # fmt: skip
    made = node.ask("admin", "POST", "/feeds/add", {"Feed": fields | more})
    assert made.status == 200, made.body
    return str(made.body["Feed"]["id"])


def fetch(node: World, feed: str) -> str:
    answer = node.ask("admin", "GET", f"/feeds/fetchFromFeed/{feed}")
    assert answer.status == 200, answer.body
    return str(answer.body["result"])


def view(node: World, uuid: str, more: str = "") -> Any:
    answer = node.ask("admin", "GET", f"/events/view/{uuid}{more}")
    assert answer.status == 200, answer.body
    return answer.body["Event"]


def refusals(node: World) -> list[tuple[str, str, str]]:
    with node.database.system() as session:
        return session.all("SELECT kind, place, reason FROM feed_refusal ORDER BY id")


def test_events_come_in_as_a_stock_misp_takes_them(node: World, provider: Provider) -> None:
    first, second = event("one", "a.example.com"), event("two", "b.example.com", "c.example.com")
    provider.put_events(first, second)
    feed = add(node, provider.url)
    assert fetch(node, feed) == f"{FETCHED} Downloaded 2 new event(s)."
    assert provider.paths() == [
        "/manifest.json",
        f"/{first['uuid']}.json",
        f"/{second['uuid']}.json",
    ]
    held = view(node, second["uuid"])
    assert (held["published"], held["locked"], held["distribution"]) == (False, False, "0")
    assert held["Orgc"]["name"] == "CSIRT Westland"
    assert held["Org"]["name"] == "CSIRT Noordland"
    assert (held["timestamp"], held["publish_timestamp"]) == ("1700000000", "0")
    assert {a["distribution"] for a in held["Attribute"]} == {"5"}
    assert [t["name"] for t in held["Tag"]] == ["tlp:green"]


def test_only_what_changed_is_asked_for_again(node: World, provider: Provider) -> None:
    first, second = event("one", "a.example.com"), event("two", "b.example.com")
    provider.put_events(first, second)
    feed = add(node, provider.url)
    fetch(node, feed)
    provider.paths()
    assert fetch(node, feed) == FETCHED
    assert [(one.path, one.status) for one in provider.asked] == [("/manifest.json", 304)]
    provider.paths()
    newer = first | {"info": "one v2", "timestamp": "1700000100"}
    provider.put_events(newer, second)
    assert fetch(node, feed) == f"{FETCHED} Updated 1 event(s)."
    assert provider.paths() == ["/manifest.json", f"/{first['uuid']}.json"]
    assert view(node, first["uuid"])["info"] == "one v2"
    # What leaves the manifest stays.
    provider.put_events(newer)
    assert fetch(node, feed) == FETCHED
    assert view(node, second["uuid"])["info"] == "two"


def test_a_provider_without_conditions_is_read_and_changes_nothing(
    node: World, provider: Provider
) -> None:
    provider.knows_conditions = False
    provider.put_events(event("one", "a.example.com"))
    feed = add(node, provider.url)
    fetch(node, feed)
    provider.paths()
    assert fetch(node, feed) == FETCHED
    assert provider.paths() == ["/manifest.json"]


def test_rules_tags_and_level_are_the_feeds(node: World, provider: Provider) -> None:
    wanted = event("wanted", "a.example.com")
    marked = event("not wanted", "b.example.com") | {"Tag": [{"name": "osint:lifetime"}]}
    provider.put_events(wanted, marked)
    tag = node.ask("admin", "POST", "/tags/add", {"Tag": {"name": "feed:westland"}}).body["Tag"]
    rules = '{"tags":{"OR":["TLP:"],"NOT":[]},"orgs":{"OR":["westland"],"NOT":["x"]}}'
    feed = add(node, provider.url, rules=rules, tag_id=int(tag["id"]), distribution="3",
               publish=True, override_ids=True)  # fmt: skip
    assert "1 new event" in fetch(node, feed)
    held = view(node, wanted["uuid"])
    assert {t["name"] for t in held["Tag"]} == {"tlp:green", "feed:westland"}
    assert (held["distribution"], held["published"]) == ("3", True)
    assert [a["to_ids"] for a in held["Attribute"]] == [False]
    newer = wanted | {"timestamp": "1700000100", "info": "v2"}
    provider.put_events(newer, marked)
    fetch(node, feed)
    held = view(node, wanted["uuid"])
    assert (held["published"], held["info"], len(held["Tag"])) == (True, "v2", 2)
    assert node.ask("admin", "GET", f"/events/view/{marked['uuid']}").status == 404


def test_an_event_forged_as_one_of_this_node_is_refused(node: World, provider: Provider) -> None:
    with node.database.system() as session:
        host = session.value("SELECT uuid::text FROM organisation WHERE name = 'CSIRT Noordland'")
    forged = event("ours", "a.example.com") | {"Orgc": {"name": "CSIRT Noordland", "uuid": host}}
    nobody = event("nobody's", "b.example.com") | {"Orgc": {}}
    provider.put_events(forged, nobody)
    feed = add(node, provider.url)
    assert fetch(node, feed) == FETCHED
    for one in (forged, nobody):
        assert node.ask("admin", "GET", f"/events/view/{one['uuid']}").status == 404
    reasons = " ".join(reason for _, _, reason in refusals(node))
    assert "an organisation of this node" in reasons
    assert "does not say which organisation" in reasons
    provider.paths()
    fetch(node, feed)  # and not asked for again as long as it is the same
    assert provider.paths() == ["/manifest.json"]


def test_a_feed_changes_no_event_of_a_partner_or_of_another_creator(
    node: World, provider: Provider
) -> None:
    ours = node.ask("admin", "POST", "/events/add", {"Event": {
        "info": "ours", "Attribute": [{"type": "domain", "value": "ours.example.com"}],
    }}).body["Event"]  # fmt: skip
    pulled = event("pulled", "p.example.com")
    sent = pulled | {"locked": True, "distribution": "1"}
    assert node.ask("sync", "POST", "/events/add", {"Event": sent}).status == 200
    late = 2_000_000_000
    provider.put_events(
        event("taken over", "x.example.com", uuid=ours["uuid"], timestamp=late),
        event("taken over", "x.example.com", uuid=pulled["uuid"], timestamp=late),
    )
    fetch(node, add(node, provider.url))
    assert view(node, ours["uuid"])["info"] == "ours"
    assert view(node, pulled["uuid"])["info"] == "pulled"
    assert len(refusals(node)) == 2


def test_what_hangs_on_an_event_cannot_speak_for_others(node: World, provider: Provider) -> None:
    sent = event("one", "a.example.com")
    with node.database.system() as session:
        host = session.value("SELECT uuid::text FROM organisation WHERE name = 'CSIRT Noordland'")
    us = {"name": "CSIRT Noordland", "uuid": host}
    sent["Attribute"][0]["Sighting"] = [
        {"uuid": str(uuid4()), "date_sighting": "1700000000", "source": "", "type": "0",
         "Organisation": us},
    ]  # fmt: skip
    sent["Note"] = [{"uuid": str(uuid4()), "note": "ours", "orgc_uuid": host, "Orgc": us}]
    sent["protected"] = True
    provider.put_events(sent)
    fetch(node, add(node, provider.url))
    held = view(node, sent["uuid"])
    assert "Sighting" not in held["Attribute"][0]
    assert "Note" not in held
    assert not held["protected"]


def test_one_bad_event_or_attribute_costs_no_other_and_is_replayed_after_a_fix(
    node: World, provider: Provider
) -> None:
    good, bad = event("good", "a.example.com"), event("bad", "b.example.com")
    good["Attribute"].append(
        {
            "uuid": str(uuid4()),
            "type": "ip-dst",
            "category": "Network activity",
            "value": "nonsense",
        }
    )
    provider.put_events(good, bad)
    provider.put(f"/{bad['uuid']}.json", b'{"Event": {"info": ')
    feed = add(node, provider.url)
    assert "1 new event" in fetch(node, feed)
    assert [kind for kind, _, _ in refusals(node)] == ["attribute", "event"]
    good["Attribute"][1]["value"] = "192.0.2.7"
    provider.put_events(good, bad)
    entered = working.as_account(node.database, node.ids["admin"])
    told = replaying.replay(entered, int(feed))
    assert (told.tried, told.fit) == (2, 2)
    assert refusals(node) == []
    held = view(node, good["uuid"])
    assert sorted(a["value"] for a in held["Attribute"]) == ["192.0.2.7", "a.example.com"]
    assert (held["timestamp"], held["attribute_count"]) == ("1700000000", "2")
    assert view(node, bad["uuid"])["info"] == "bad"


def test_an_event_that_does_not_come_is_fetched_the_next_time(
    node: World, provider: Provider
) -> None:
    one, two = event("one", "a.example.com"), event("two", "b.example.com")
    provider.put_events(one, two)
    missing = provider.documents.pop(f"/{one['uuid']}.json")
    feed = add(node, provider.url)
    assert fetch(node, feed) == "Fetching the feed has failed."
    assert view(node, two["uuid"])["info"] == "two"
    provider.documents[f"/{one['uuid']}.json"] = missing
    assert "1 new event" in fetch(node, feed)
    assert view(node, one["uuid"])["info"] == "one"


def test_an_event_deleted_here_stays_away(node: World, provider: Provider) -> None:
    one = event("one", "a.example.com")
    provider.put_events(one)
    feed = add(node, provider.url)
    fetch(node, feed)
    assert node.ask("admin", "DELETE", f"/events/delete/{one['uuid']}").status == 200
    provider.put_events(one | {"timestamp": "1700000100"})
    assert fetch(node, feed) == FETCHED
    assert node.ask("admin", "GET", f"/events/view/{one['uuid']}").status == 404
    assert refusals(node) == []


def test_previews_and_single_events(node: World, provider: Provider) -> None:
    one = event("one", "a.example.com")
    provider.put_events(one)
    feed = add(node, provider.url, enabled=False)
    assert (
        node.ask("admin", "GET", f"/feeds/previewIndex/{feed}").body[one["uuid"]]["info"] == "one"
    )
    shown = node.ask("admin", "GET", f"/feeds/previewEvent/{feed}/{one['uuid']}").body["Event"]
    assert [(a["value"], a["distribution"]) for a in shown["Attribute"]] == [("a.example.com", 5)]
    assert "not enabled" in fetch(node, feed)
    got = node.ask("admin", "POST", f"/feeds/getEvent/{feed}/{one['uuid']}")
    assert got.body["message"] == "Event added."
    for path in (f"previewEvent/{feed}/../manifest", f"previewEvent/{feed}/x", "previewIndex/999"):
        assert node.ask("admin", "GET", f"/feeds/{path}").status == 404
    assert node.ask("user", "GET", f"/feeds/previewIndex/{feed}").status == 404
    assert node.ask("user", "POST", f"/feeds/getEvent/{feed}/{one['uuid']}").status == 403


def test_what_a_newer_version_of_an_event_mends_is_refused_no_more(
    node: World, provider: Provider
) -> None:
    first = event("one", "a.example.com", "no domain", "nor this")
    other = event("two", "not one either")
    provider.put_events(first, other)
    feed = add(node, provider.url)
    fetch(node, feed)
    assert len(refusals(node)) == 3
    later = 1_700_000_100
    first["timestamp"] = first["Attribute"][1]["timestamp"] = str(later)
    first["Attribute"][1]["value"] = "b.example.com"
    provider.put_events(first, other)
    fetch(node, feed)
    places = sorted(place for _, place, _ in refusals(node))
    assert places == sorted([f"{first['uuid']} Attribute[2]", f"{other['uuid']} Attribute[0]"])
    held = {a["value"] for a in view(node, first["uuid"])["Attribute"]}
    assert held == {"a.example.com", "b.example.com"}
