# SPDX-License-Identifier: EUPL-1.2
"""Feeds that are kept to compare with: look-ups on events, overlaps, coverage."""

from typing import Any

from tests.bridges.feeds.conftest import Provider, World
from tests.bridges.feeds.test_list_feeds import add_list
from tests.bridges.feeds.test_misp_feeds import add, event

from brug.intel.feed import caches

CACHED = "Caching the feeds has successfully completed."


def cache(node: World, scope: str) -> Any:
    return node.ask("admin", "POST", f"/feeds/cacheFeeds/{scope}")


def stored(node: World, *values: str) -> str:
    new = {
        "info": "held", "distribution": 1, "published": True,
        "Attribute": [{"type": "domain", "value": value} for value in values],
    }  # fmt: skip
    return str(node.ask("publisher", "POST", "/events/add", {"Event": new}).body["Event"]["id"])


def let_look(node: World) -> None:
    with node.database.system() as session:
        session.execute(
            "UPDATE role SET rights = rights || '{view_feed_correlations}' WHERE id = 3"
        )


def test_hits_are_shown_as_a_stock_misp_shows_them(node: World, provider: Provider) -> None:
    first, second = event("one", "a.example.com"), event("two", "b.example.com", "a.example.com")
    provider.put_events(first, second)
    feed = add(node, provider.url, lookup_visible=True, name="sync-feed")
    answer = cache(node, feed)
    assert (answer.status, answer.body["message"], answer.body["url"]) == (
        200, CACHED, "/feeds/cacheFeed",
    )  # fmt: skip
    assert provider.paths() == ["/hashes.csv"]
    held = stored(node, "a.example.com", "b.example.com", "c.example.com")
    let_look(node)
    plain = node.ask("user", "GET", f"/events/view/{held}").body["Event"]
    assert "Feed" not in plain
    shown = node.ask("user", "GET", f"/events/view/{held}/includeFeedCorrelations:1").body["Event"]
    hit = {
        "id": feed, "name": "sync-feed", "url": provider.url, "provider": "x",
        "source_format": "misp", "lookup_visible": True,
    }  # fmt: skip
    both = sorted([first["uuid"], second["uuid"]])
    assert [sorted(one.pop("event_uuids")) for one in shown["Feed"]] == [both]
    assert shown["Feed"] == [hit]
    by_value = {a["value"]: a.get("Feed") for a in shown["Attribute"]}
    assert by_value["b.example.com"] == [hit | {"event_uuids": [second["uuid"]]}]
    assert by_value["c.example.com"] is None
    found = node.ask("user", "POST", "/feeds/searchCaches", {"value": "a.example.com"}).body
    assert [(one["Feed"]["id"], one["Feed"]["type"]) for one in found] == [(feed, "MISP Feed")]
    assert sorted(found[0]["Feed"]["uuid"]) == both
    listed = node.ask("user", "GET", "/feeds/index").body[0]["Feed"]
    assert listed["cache_timestamp"].isdecimal()


def test_who_may_not_look_and_feeds_that_are_not_open_show_nothing(
    node: World, provider: Provider
) -> None:
    provider.put("/l.csv", "a.example.com\n")
    feed = add_list(node, f"{provider.url}/l.csv", lookup_visible=False)
    cache(node, feed)
    held = stored(node, "a.example.com")
    path = f"/events/view/{held}/includeFeedCorrelations:1"
    assert "Feed" not in node.ask("user", "GET", path).body["Event"]
    assert "Feed" in node.ask("admin", "GET", path).body["Event"]
    search = ("POST", "/feeds/searchCaches", {"value": "a.example.com"})
    assert node.ask("user", *search).body == []
    let_look(node)
    assert node.ask("user", *search).body == []
    assert "Feed" not in node.ask("user", "GET", path).body["Event"]
    assert node.ask("user", "GET", "/feeds/compareFeeds").body == []
    node.ask("admin", "POST", f"/feeds/edit/{feed}", {"Feed": {"lookup_visible": True}})
    assert len(node.ask("user", *search).body) == 1
    with node.database.system() as session:
        session.execute(
            "UPDATE role SET rights = array_remove(rights, 'view_feed_correlations')"
            " WHERE id = (SELECT role_id FROM account WHERE id = %s)", (node.ids["user"],),
        )  # fmt: skip
    assert node.ask("user", *search).body == []
    assert "Feed" not in node.ask("user", "GET", path).body["Event"]
    with node.database.as_user(node.ids["user"]) as session:
        assert session.value("SELECT count(*) FROM feed_value") == 0


def test_feeds_are_compared_with_each_other_and_with_what_is_held(
    node: World, provider: Provider
) -> None:
    provider.put("/a.csv", "\n".join(f"n{i}.example.com" for i in range(10)))
    provider.put("/b.txt", "n0.example.com n1.example.com\nown.example.com\n")
    one = add_list(node, f"{provider.url}/a.csv", name="a")
    two = add_list(node, f"{provider.url}/b.txt", "freetext", name="b")
    assert cache(node, "csv").status == 200
    assert cache(node, "freetext").status == 200
    assert cache(node, "all").body["message"] == CACHED
    assert [(a.path, a.status) for a in provider.asked[-2:]] == [("/a.csv", 304), ("/b.txt", 304)]
    found = {
        f["Feed"]["name"]: f["Feed"] for f in node.ask("admin", "GET", "/feeds/compareFeeds").body
    }
    assert (found["a"]["values"], found["b"]["values"]) == (10, 3)
    compared = found["a"]["ComparedFeed"]
    assert [(c["id"], c["overlap_count"], c["overlap_percentage"]) for c in compared] == [
        (two, 2, 20)
    ]
    assert found["b"]["ComparedFeed"][0]["overlap_percentage"] == 67
    assert node.ask("admin", "GET", f"/feeds/feedCoverage/{two}").body == 67
    shown = node.ask("admin", "GET", f"/feeds/view/{one}").body["Feed"]
    assert (shown["cached_elements"], shown["coverage_by_other_feeds"]) == (10, "20%")
    stored(node, "n3.example.com", "elsewhere.example.com")
    with node.database.system() as session:
        assert caches.held_here(session) == {int(one): 1}


def test_what_a_feed_no_longer_holds_is_forgotten_and_a_failure_changes_nothing(
    node: World, provider: Provider
) -> None:
    provider.put("/l.csv", "a.example.com\nb.example.com\n")
    feed = add_list(node, f"{provider.url}/l.csv")
    cache(node, feed)
    provider.put("/l.csv", "b.example.com\n")
    cache(node, feed)
    search = "/feeds/searchCaches"
    assert node.ask("admin", "POST", search, {"value": "a.example.com"}).body == []
    provider.documents.clear()
    failed = cache(node, feed)
    assert (failed.status, failed.body["saved"]) == (403, False)
    assert "404" in failed.body["errors"]
    assert len(node.ask("admin", "POST", search, {"value": "b.example.com"}).body) == 1


def test_a_misp_feed_without_hashes_is_cached_from_its_events(
    node: World, provider: Provider
) -> None:
    one = event("one", "a.example.com")
    provider.put_events(one)
    del provider.documents["/hashes.csv"]
    feed = add(node, provider.url)
    assert cache(node, feed).status == 200
    found = node.ask("admin", "POST", "/feeds/searchCaches", {"value": "a.example.com"}).body
    assert found[0]["Feed"]["uuid"] == [one["uuid"]]
