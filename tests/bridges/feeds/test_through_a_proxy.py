# SPDX-License-Identifier: EUPL-1.2
"""Feeds and pages of others are fetched through the node's proxy, which alone knows the names."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.bridges.feeds.conftest import Provider, World
from tests.bridges.feeds.test_list_feeds import CSV, add_list, event_of, values
from tests.bridges.feeds.test_misp_feeds import fetch
from tests.proxying import Proxy, proxy

from brug.store import settings

NAME = "feeds.provider.test"


@pytest.fixture
def forward(node: World) -> Iterator[Proxy]:
    with proxy({NAME: "127.0.0.1"}) as made:
        with node.database.system() as session:
            settings.set_value(session, "outgoing.proxy_host", "127.0.0.1")
            settings.set_value(session, "outgoing.proxy_port", made.port)
            # Nothing near may be asked: where the proxy goes is the proxy's matter.
            settings.set_value(session, "outgoing.private_networks", [])
        yield made


def test_a_feed_comes_through_the_proxy(node: World, provider: Provider, forward: Proxy) -> None:
    provider.put("/l.csv", CSV)
    feed = add_list(node, f"http://{NAME}:{provider.port}/l.csv")
    fetch(node, feed)
    assert values(event_of(node, feed)) == [
        ("hostname", "csv1.example.com"), ("ip-dst", "203.0.113.77"),
    ]  # fmt: skip
    assert forward.asked == [f"GET http://{NAME}:{provider.port}/l.csv"]


def test_what_is_excepted_is_asked_directly(
    node: World, provider: Provider, forward: Proxy
) -> None:
    with node.database.system() as session:
        settings.set_value(session, "outgoing.proxy_except", "127.0.0.0/8, near.example")
        settings.set_value(session, "outgoing.private_networks", ["127.0.0.0/8"])
    provider.put("/l.csv", CSV)
    feed = add_list(node, f"{provider.url}/l.csv")
    fetch(node, feed)
    assert provider.paths() == ["/l.csv"]
    assert forward.asked == []


def test_a_page_becomes_a_report_through_the_proxy(
    node: World, provider: Provider, forward: Proxy
) -> None:
    provider.put("/page.html", "<html><title>Reeds</title><p>beneath</p></html>")
    made = node.ask("admin", "POST", "/events/add", {"info": "e"}).body["Event"]
    path = f"/eventReports/importReportFromUrl/{made['id']}"
    url = f"http://{NAME}:{provider.port}/page.html"
    said: Any = node.ask("admin", "POST", path, {"url": url}).body
    assert said["EventReport"]["name"] == "From Reeds", said
    assert forward.asked == [f"GET {url}"]
    for bad in ("http://[", "http://[x]/", "//", "gopher://x"):
        assert node.ask("admin", "POST", path, {"url": bad}).body == []
