# SPDX-License-Identifier: EUPL-1.2
"""Attack names as test names: what a feed may send, and what becomes of it."""

import gzip
import re
import time
import tracemalloc
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from tests.bridges.feeds.conftest import Provider, World
from tests.bridges.feeds.test_list_feeds import add_list, event_of, values
from tests.bridges.feeds.test_misp_feeds import FETCHED, add, event, fetch, refusals
from tests.thorough import IS_THOROUGH

from brug.bridges.feeds import sources, working
from brug.formats.feed_lines import cells_of, columns_of
from brug.intel.feed import recognising
from brug.store import settings

FAILED = "Fetching the feed has failed."


def reason(node: World, feed: str) -> str:
    with node.database.system() as session:
        return str(
            session.value(
                "SELECT reason FROM feed_job WHERE feed_id = %s AND action = 'fetch'", (feed,)
            )
        )


def limit(node: World, **given: Any) -> None:
    with node.database.system() as session:
        for name, value in given.items():
            settings.set_value(session, f"feeds.{name}", value)


def test_an_endless_body_ends_at_the_limit(node: World, provider: Provider) -> None:
    sent = []

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x.example.com\n" * 1000)
                sent.append(14_000)
        except OSError:
            return

    provider.answering["/l.csv"] = endless
    limit(node, document_bytes=100_000)
    feed = add_list(node, f"{provider.url}/l.csv")
    assert fetch(node, feed) == FAILED
    assert "longer than 100000 bytes" in reason(node, feed)
    assert sum(sent) < 20_000_000


def test_a_body_that_trickles_ends_in_time(node: World, provider: Provider) -> None:
    """By the limit, long before it would be whole."""
    whole, sent = 600, []

    def trickling(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for number in range(whole):
                handler.wfile.write(b"x")
                handler.wfile.flush()
                sent.append(number)
                time.sleep(0.05)
        except OSError:
            return

    provider.answering["/l.csv"] = trickling
    limit(node, seconds=1)
    feed = add_list(node, f"{provider.url}/l.csv")
    assert fetch(node, feed) == FAILED
    assert 0 < len(sent) < whole
    assert re.search("took longer|timed out", reason(node, feed))


def test_a_gzip_bomb_does_not_unfold(node: World, provider: Provider) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)

    def zipped(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(bomb)))
        handler.end_headers()
        handler.wfile.write(bomb)

    provider.answering["/manifest.json"] = zipped
    limit(node, document_bytes=1_000_000)
    feed = add(node, provider.url)
    assert fetch(node, feed) == FAILED
    assert "over the limit" in reason(node, feed)


def test_an_encoding_that_nobody_asked_for_is_named(node: World, provider: Provider) -> None:
    def answering(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Encoding", "br")
        handler.send_header("Content-Length", "3")
        handler.end_headers()
        handler.wfile.write(b"abc")

    provider.answering["/l.txt"] = answering
    feed = add_list(node, f"{provider.url}/l.txt", "freetext")
    assert fetch(node, feed) == FAILED
    assert "'br'" in reason(node, feed)


def test_a_redirect_to_a_private_address_is_not_followed(world: World, provider: Provider) -> None:
    """Loopback is allowed for one address here, which stands for the internet."""
    with world.database.system() as session:
        settings.set_value(session, "outgoing.private_networks", ["127.0.0.1/32"])
    for place in ("http://127.0.0.2:80/", "http://169.254.169.254/latest/meta-data/",
                  "http://[::1]/", "http://10.0.0.1/", "file:///etc/passwd"):  # fmt: skip

        def moved(handler: BaseHTTPRequestHandler, to: str = place) -> None:
            handler.send_response(302)
            handler.send_header("Location", to)
            handler.end_headers()

        provider.answering["/l.csv"] = moved
        feed = add_list(world, f"{provider.url}/l.csv", name=place)
        assert fetch(world, feed) == FAILED
        told = reason(world, feed)
        assert " is at " in told or "no http or https address" in told, told


def test_a_feed_at_loopback_is_not_asked(world: World, provider: Provider) -> None:
    provider.put("/l.csv", "a.example.com\n")
    feed = add_list(world, f"{provider.url}/l.csv")
    assert fetch(world, feed) == FAILED
    assert provider.asked == []


def test_headers_with_keys_stay_with_their_host(node: World, provider: Provider) -> None:
    other = Provider()
    try:
        other.put("/l.csv", "a.example.com\n")

        def moved(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(302)
            handler.send_header("Location", f"{other.url}/l.csv")
            handler.end_headers()

        provider.answering["/l.csv"] = moved
        feed = add_list(
            node, f"{provider.url}/l.csv",
            headers="X-Api-Key: kept-close\nAuthorization: also\nHost: evil\nbad header: x",
        )  # fmt: skip
        assert fetch(node, feed) == FETCHED
        sent = {name.lower(): value for name, value in provider.asked[0].headers.items()}
        assert (sent["x-api-key"], sent["authorization"]) == ("kept-close", "also")
        assert sent["host"].startswith("127.0.0.1")
        assert "kept-close" not in str(other.asked[0].headers)
        assert "also" not in str(other.asked[0].headers)
    finally:
        other.close()


@pytest.mark.parametrize(
    "manifest",
    [
        b"", b"{", b"[1]", b'"x"', b"null", b"\xff\xfe", b'{"a":' * 5000, b"<html></html>",
        b'{"x": NaN}', b'{"\\u0000": {}}',
    ],
)  # fmt: skip
def test_a_manifest_that_is_none(node: World, provider: Provider, manifest: bytes) -> None:
    provider.put("/manifest.json", manifest)
    feed = add(node, provider.url)
    assert fetch(node, feed) == FAILED
    assert "manifest.json" in reason(node, feed)


def test_entries_of_a_manifest_that_are_none_cost_no_other(node: World, provider: Provider) -> None:
    good = event("good", "a.example.com")
    provider.put_events(good)
    manifest = {
        "../../etc/passwd": {"info": "x", "timestamp": 1}, "..%2f..%2fx": {"timestamp": 1},
        "http://evil.example/": {"timestamp": 1},
        "6f1c0d56-0000-4000-8000-000000000001": {"info": "x", "timestamp": "soon"},
        "6f1c0d56-0000-4000-8000-000000000002": {"info": "x", "timestamp": 10**30},
        "6f1c0d56-0000-4000-8000-000000000003": ["x"],
        good["uuid"]: {"info": "good", "timestamp": 1, "Tag": "x", "Orgc": "x"},
    }  # fmt: skip
    provider.put("/manifest.json", manifest)
    feed = add(node, provider.url)
    assert "1 new event" in fetch(node, feed)
    assert provider.paths() == ["/manifest.json", f"/{good['uuid']}.json"]
    assert len(refusals(node)) == 6


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"{}", b'{"Event": []}', b'{"Event": {"uuid": "x"}}', b"{" * 100_000,
        b'{"Event": {"uuid": "6f1c0d56-0000-4000-8000-000000000009", "info": "another"}}',
        b'{"Event": {"uuid": "%s", "info": {"a": 1}, "Attribute": 7, "Object": "x"}}',
        b'{"Event": {"uuid": "%s", "info": "\\ud800", "Orgc": {"uuid": "x", "name": []}}}',
    ],
)  # fmt: skip
def test_a_file_that_is_no_event_of_its_name(
    node: World, provider: Provider, content: bytes
) -> None:
    one = event("one", "a.example.com")
    provider.put_events(one)
    provider.put(f"/{one['uuid']}.json", content.replace(b"%s", one["uuid"].encode()))
    feed = add(node, provider.url)
    assert fetch(node, feed) == FETCHED
    assert node.ask("admin", "GET", f"/events/view/{one['uuid']}").status == 404
    assert [kind for kind, _, _ in refusals(node)] == ["event"]


def test_lines_of_a_list_that_are_none_cost_no_other(node: World, provider: Provider) -> None:
    rubbish = [
        b"good.example.com", b"\xff\xfe\xfa", b'"open quote', b"x" * 100_000, b"a\x00b",
        b"=cmd|' /C calc'!A0", b"<script>alert(1)</script>", b"fine.example.com",
    ]  # fmt: skip
    provider.put("/l.csv", b"\n".join(rubbish))
    feed = add_list(node, f"{provider.url}/l.csv")
    fetch(node, feed)
    assert [value for _, value in values(event_of(node, feed))] == [
        "fine.example.com", "good.example.com",
    ]  # fmt: skip
    assert len(refusals(node)) == 6


def test_an_expression_that_explodes_elsewhere_does_not_here(
    node: World, provider: Provider
) -> None:
    provider.put("/l.csv", "a" * 5000 + "!\ngood.example.com\n")
    said = {"common": {"excluderegex": "/^(a+)+$/"}}
    feed = add_list(node, f"{provider.url}/l.csv", settings=said)
    assert fetch(node, feed) == FETCHED, "whoever tries every way is never done"
    assert [value for _, value in values(event_of(node, feed))] == ["good.example.com"]


def test_of_many_lines_one_is_kept_at_a_time() -> None:
    many = 200_000 if IS_THOROUGH else 20_000
    raw = b"\n".join(b"n%d.example.com,x,y" % number for number in range(many))
    tracemalloc.start()
    try:
        lines = recognising.cells(cells_of(raw, columns_of("1", ",")))
        assert sum(1 for line in lines if line.found) == many
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Whoever keeps what was found keeps 300 bytes of each.
    assert most < 200_000, f"{most} bytes"


def test_lines_of_rubbish_without_end_are_given_up(node: World, provider: Provider) -> None:
    provider.put("/l.csv", b"\n".join(b"rubbish %d" % number for number in range(30_000)))
    feed = add_list(node, f"{provider.url}/l.csv")
    assert fetch(node, feed) == FAILED
    read = re.search(r"it holds no value \((\d+) lines were read\)", reason(node, feed))
    assert read
    assert int(read[1]) <= 10_000


def test_what_is_sealed_is_told_to_nobody(node: World, provider: Provider) -> None:
    provider.put("/l.csv", "a.example.com\n")
    feed = add_list(
        node, f"{provider.url}/l.csv", headers="X-Api-Key: kept-close", lookup_visible=True
    )
    for path in (f"/feeds/previewIndex/{feed}", "/feeds/index", "/feeds/compareFeeds"):
        answer = node.ask("user", "GET", path)
        assert b"kept-close" not in answer.raw, path
    assert sources.headers_in("a: b\r\nX-É: x\nc d: e\nContent-Length: 5\n: x\nq: \x07") == {
        "a": "b",
    }
    assert working.run_once(node.database) == 0


PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Sign in</title>"
    b"<link href='https://cdn.example.com/style.css'></head>\n"
    b"<body><a href='https://login.example.com/'>log in</a> from 203.0.113.7</body></html>\n"
)


def as_page(content: bytes, called: str = "text/html; charset=utf-8") -> Any:
    def answering(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", called)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answering


@pytest.mark.parametrize("form", ["freetext", "csv"])
def test_a_page_to_sign_in_is_no_list_and_takes_nothing_back(
    node: World, provider: Provider, form: str
) -> None:
    provider.put("/l", "a.example.com\n203.0.113.9\n")
    feed = add_list(node, f"{provider.url}/l", form, delta_merge=True)
    assert fetch(node, feed) == FETCHED
    held = values(event_of(node, feed))
    assert len(held) == 2
    for content in (PAGE, b"\n" + PAGE, PAGE.removeprefix(b"<!DOCTYPE html>\n")):
        provider.answering["/l"] = as_page(content, "text/plain")
        assert fetch(node, feed) == FAILED
        assert reason(node, feed).startswith(
            f"{provider.url}/l answered with a web page ('Sign in') and not with a feed"
        )
    provider.answering["/l"] = as_page(b"<h1>One moment</h1> https://captcha.example.com/x")
    assert fetch(node, feed) == FAILED
    assert "a web page and not" in reason(node, feed)
    shown = node.ask("admin", "GET", f"/feeds/previewIndex/{feed}").body
    assert "a web page and not" in shown["name"]
    assert values(event_of(node, feed)) == held
    # And what a server calls a page that is none is read.
    provider.answering["/l"] = as_page(b"a.example.com\nb.example.com\n")
    assert fetch(node, feed) == FETCHED
    assert [value for _, value in values(event_of(node, feed))] == [
        "a.example.com", "b.example.com",
    ]  # fmt: skip


def test_a_page_in_the_place_of_a_manifest_an_event_or_hashes_is_told_as_one(
    node: World, provider: Provider
) -> None:
    good, bad = event("good", "a.example.com"), event("bad", "b.example.com")
    provider.put_events(good, bad)
    feed = add(node, provider.url)
    provider.answering["/manifest.json"] = provider.answering["/hashes.csv"] = as_page(PAGE)
    assert fetch(node, feed) == FAILED
    assert "manifest.json answered with a web page ('Sign in')" in reason(node, feed)
    assert node.ask("admin", "POST", f"/feeds/cacheFeeds/{feed}").status == 403
    with node.database.system() as session:
        cached = session.value(
            "SELECT reason FROM feed_job WHERE feed_id = %s AND action = 'cache'", (feed,)
        )
    assert "answered with a web page" in cached
    del provider.answering["/manifest.json"]
    provider.answering[f"/{bad['uuid']}.json"] = as_page(PAGE)
    fetch(node, feed)
    assert "1 of 2 events could not be fetched" in reason(node, feed)
    assert "answered with a web page" in reason(node, feed)
    assert refusals(node) == []
    del provider.answering[f"/{bad['uuid']}.json"]
    assert fetch(node, feed).startswith(FETCHED)


def test_a_page_that_lies_in_a_folder_is_none_either(
    node: World, provider: Provider, tmp_path: Path
) -> None:
    (tmp_path / "l.txt").write_bytes(PAGE)
    limit(node, local_folders=[str(tmp_path)])
    feed = add_list(node, str(tmp_path / "l.txt"), "freetext", input_source="local",
                    delete_local_file=True)  # fmt: skip
    assert fetch(node, feed) == FAILED
    assert "answered with a web page" in reason(node, feed)
    assert (tmp_path / "l.txt").exists()
