# SPDX-License-Identifier: EUPL-1.2
"""Feeds' records through PyMISP, and what those who are no site admins see of them."""

import json
from typing import Any

import pytest
from pymisp import MISPFeed, PyMISP


def test_feeds_go_in_and_out_whole(served_node: Any) -> None:
    admin: Any = PyMISP(served_node.url, served_node.keys["admin"])
    feed: Any = MISPFeed()
    feed.name, feed.provider, feed.url = "list", "CSIRT Noordland", "https://feeds.example/list/"
    feed.source_format, feed.input_source = "freetext", "network"
    feed.headers = "X-Key: secret"
    made = admin.add_feed(feed, pythonify=True)
    assert type(made).__name__ == "MISPFeed"
    assert (made.name, made.enabled, made.headers) == ("list", False, "X-Key: secret")
    assert admin.enable_feed(made, pythonify=True).enabled is True
    assert admin.enable_feed_cache(made, pythonify=True).caching_enabled is True
    assert admin.disable_feed(made, pythonify=True).enabled is False
    assert admin.get_feed(made, pythonify=True).url == "https://feeds.example/list/"
    assert [one.id for one in admin.feeds(pythonify=True)] == [made.id]
    assert "not enabled" in admin.fetch_feed(made)["result"]
    assert "completed" in admin.fetch_all_feeds()["result"]
    admin.disable_feed_cache(made)
    assert admin.cache_feed(made)["errors"][0] == 403
    for scope in (admin.cache_all_feeds, admin.cache_misp_feeds, admin.cache_freetext_feeds):
        assert scope()["saved"] is True
    assert admin.compare_feeds() == []
    assert admin.search_feeds("192.0.2.1") == []
    assert admin.load_default_feeds()["saved"] is True
    known = admin.feeds(pythonify=True)
    assert all(not one.enabled for one in known)
    assert admin.load_default_feeds()["saved"] is True
    assert len(admin.feeds()) == len(known) > 3
    assert admin.delete_feed(made)["saved"] is True


def test_others_see_feeds_that_are_open_for_look_ups_without_their_headers(world: Any) -> None:
    common = {"provider": "x", "source_format": "csv", "headers": "X-Key: secret"}
    for name, visible in (("open", True), ("closed", False)):
        url = f"https://feeds.example/{name}.csv"
        new = common | {"name": name, "url": url, "lookup_visible": visible}
        assert world.ask("admin", "POST", "/feeds/add", {"Feed": new}).status == 200
    seen = world.ask("user", "GET", "/feeds/index").body
    assert [(one["Feed"]["name"], one["Feed"]["headers"]) for one in seen] == [("open", None)]
    feed_id = seen[0]["Feed"]["id"]
    for method, path in (
        ("GET", f"/feeds/view/{feed_id}"), ("POST", "/feeds/add"),
        ("POST", f"/feeds/edit/{feed_id}"), ("POST", f"/feeds/delete/{feed_id}"),
        ("POST", f"/feeds/enable/{feed_id}"), ("POST", "/feeds/importFeeds"),
        ("POST", "/feeds/loadDefaultFeeds"), ("POST", f"/feeds/toggleSelected/1/0/[{feed_id}]"),
    ):  # fmt: skip
        for who in ("user", "orgadmin", "sync"):
            assert world.ask(who, method, path, {} if method == "POST" else None).status == 403


def test_several_feeds_are_switched_and_imported_at_once(world: Any) -> None:
    new = {"provider": "x", "source_format": "misp"}
    several = [{"Feed": new | {"name": n, "url": f"https://{n}.example/"}} for n in ("a", "b")]
    added = world.ask("admin", "POST", "/feeds/importFeeds", several).body
    assert added["name"] == "2 new feeds added."
    again = world.ask("admin", "POST", "/feeds/importFeeds", several).body
    assert again["name"] == "0 new feeds added."
    ids = [one["Feed"]["id"] for one in world.ask("admin", "GET", "/feeds").body]
    path = "/feeds/toggleSelected/1/0"
    assert world.ask("admin", "POST", path, {"Feed": {"feed_ids": ids}}).status == 200
    enabled = world.ask("admin", "GET", "/feeds/index/scope:enabled").body
    assert [one["Feed"]["id"] for one in enabled] == ids


def test_a_feed_from_a_file_of_the_node_is_refused(world: Any) -> None:
    new = {"name": "x", "provider": "x", "url": "/etc/passwd", "input_source": "local"}
    local = world.ask("admin", "POST", "/feeds/add", new)
    assert (local.status, list(local.body["errors"])) == (403, ["input_source"])
    assert "feeds.local_folders" in str(local.body["errors"])
    for url in ("file:///etc/passwd", "https://u:p@feeds.example/", "gopher://feeds.example/"):
        refused = world.ask(
            "admin", "POST", "/feeds/add", new | {"url": url, "input_source": "network"}
        )
        assert refused.status == 403, url


@pytest.mark.parametrize(
    "rules",
    [
        {"tags": {"NOT": "tlp:red"}}, {"tag": {"NOT": ["tlp:red"]}}, {"orgs": ["1"]},
        {"url_params": "no json"}, ["tags"],
    ],
)  # fmt: skip
def test_what_would_be_no_rule_is_refused(world: Any, rules: Any) -> None:
    feed = {"name": "n", "provider": "p", "url": "https://f.example"}
    for value in (rules, json.dumps(rules)):
        refused = world.ask("admin", "POST", "/feeds/add", feed | {"rules": value})
        assert list(refused.body["errors"]) == ["rules"], value
    assert "errors" not in world.ask("admin", "POST", "/feeds/add", feed | {"rules": []}).body
