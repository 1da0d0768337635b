# SPDX-License-Identifier: EUPL-1.2
"""CSV and freetext feeds: one event that stays or one for each version, line by line."""

import gzip
import io
import json
import zipfile
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from tests.bridges.feeds.conftest import Provider, World
from tests.bridges.feeds.test_misp_feeds import FETCHED, add, fetch, refusals, view

from brug.bridges.feeds import replaying, working
from brug.store import settings

CSV = "# comment\nvalue,type,comment\ncsv1.example.com,x,first\n203.0.113.77,x,second\n"
SETTINGS = {"csv": {"value": "1", "delimiter": ","}, "common": {"excluderegex": ""}}


def add_list(node: World, url: str, source_format: str = "csv", **more: Any) -> str:
    fields = {"source_format": source_format, "fixed_event": True, "settings": SETTINGS}
    return add(node, url, **fields | more)


def event_of(node: World, feed: str) -> Any:
    number = node.ask("admin", "GET", f"/feeds/view/{feed}").body["Feed"]["event_id"]
    return view(node, number)


def values(event: Any) -> list[tuple[str, str]]:
    return sorted((a["type"], a["value"]) for a in event["Attribute"] if not a["deleted"])


def test_a_list_with_delta_merge_follows_what_it_holds(node: World, provider: Provider) -> None:
    provider.put("/l.csv", CSV)
    feed = add_list(node, f"{provider.url}/l.csv", delta_merge=True)
    assert fetch(node, feed) == FETCHED
    held = event_of(node, feed)
    assert (held["info"], held["published"], held["locked"]) == ("feed feed", False, False)
    assert values(held) == [("hostname", "csv1.example.com"), ("ip-dst", "203.0.113.77")]
    assert {(a["distribution"], a["to_ids"]) for a in held["Attribute"]} == {("5", True)}
    assert fetch(node, feed) == FETCHED
    assert [one.status for one in provider.asked] == [200, 304]
    provider.put("/l.csv", "# comment\ncsv1.example.com,x,first\nadded.example.org,x,new\n")
    fetch(node, feed)
    after = event_of(node, feed)
    assert after["uuid"] == held["uuid"]
    assert values(after) == [("hostname", "added.example.org"), ("hostname", "csv1.example.com")]
    kept = {a["value"]: a["uuid"] for a in held["Attribute"]}
    assert {a["value"]: a["uuid"] for a in after["Attribute"]}["csv1.example.com"] == kept[
        "csv1.example.com"
    ]
    provider.put("/l.csv", CSV)  # what was taken back comes back
    fetch(node, feed)
    assert values(event_of(node, feed)) == values(held)


def test_without_delta_merge_values_stay_and_without_a_fixed_event_each_version_has_its_own(
    node: World, provider: Provider
) -> None:
    provider.put("/l.txt", "text http://free1.example.com/a and 203.0.113.88\n")
    stays = add_list(node, f"{provider.url}/l.txt", "freetext", name="stays")
    each = add_list(node, f"{provider.url}/l.txt", "freetext", name="each", fixed_event=False)
    for feed in (stays, each):
        fetch(node, feed)
        fetch(node, feed)
    provider.put("/l.txt", "d41d8cd98f00b204e9800998ecf8427e\nfree2.example[.]org\n")
    for feed in (stays, each):
        fetch(node, feed)
    assert values(event_of(node, stays)) == [
        ("hostname", "free2.example.org"), ("ip-dst", "203.0.113.88"),
        ("md5", "d41d8cd98f00b204e9800998ecf8427e"), ("url", "http://free1.example.com/a"),
    ]  # fmt: skip
    found = node.ask("admin", "POST", "/events/restSearch", {"eventinfo": "each feed"}).body
    assert [len(e["Event"]["Attribute"]) for e in found["response"]] == [2, 2]


def test_columns_delimiter_and_exclusion_are_the_settings(node: World, provider: Provider) -> None:
    provider.put("/l.csv", "x;192.0.2.1;a.example.com\ny;192.0.2.2;skip.example.com\nz;\n")
    said = {"csv": {"value": "2,3", "delimiter": ";"}, "common": {"excluderegex": "/^skip\\./"}}
    feed = add_list(node, f"{provider.url}/l.csv", settings=said)
    fetch(node, feed)
    assert [value for _, value in values(event_of(node, feed))] == [
        "a.example.com", "192.0.2.1", "192.0.2.2",
    ]  # fmt: skip
    for wrong in ({"csv": {"value": "nought"}}, {"common": {"excluderegex": "/(?<=a)b/"}}):
        bad = add_list(node, f"{provider.url}/l.csv", settings=wrong)
        answer = node.ask("admin", "POST", f"/feeds/fetchFromFeed/{bad}").body
        assert answer["result"] == "Fetching the feed has failed."
        assert "settings." in answer["reason"]


def test_a_bad_line_is_kept_with_its_reason_and_can_be_replayed(
    node: World, provider: Provider
) -> None:
    rule = {"Regexp": {"regexp": "/^blocked\\./", "replacement": "", "type": "ALL"}}
    made = node.ask("admin", "POST", "/admin/regexp/add", rule)
    assert made.status == 200, made.body
    provider.put("/l.csv", "good.example.com\nblocked.example.com\nwhat is this\n")
    feed = add_list(node, f"{provider.url}/l.csv")
    fetch(node, feed)
    fetch(node, feed)
    assert [(kind, place) for kind, place, _ in refusals(node)] == [
        ("value", "line 3"), ("value", "line 2"),
    ]  # fmt: skip
    assert values(event_of(node, feed)) == [("hostname", "good.example.com")]
    number = made.body["Regexp"]["id"]
    node.ask("admin", "POST", f"/admin/regexp/delete/{number}")
    told = replaying.replay(working.as_account(node.database, 1), int(feed))
    assert (told.tried, told.fit) == (2, 1)
    assert [value for _, value in values(event_of(node, feed))] == [
        "blocked.example.com", "good.example.com",
    ]  # fmt: skip
    assert [place for _, place, _ in refusals(node)] == ["line 3"]


def test_an_empty_document_takes_nothing_back(node: World, provider: Provider) -> None:
    provider.put("/l.csv", CSV)
    feed = add_list(node, f"{provider.url}/l.csv", delta_merge=True)
    fetch(node, feed)
    for nothing in ("", "<html>We are closed for maintenance.</html>"):
        provider.put("/l.csv", nothing)
        assert fetch(node, feed) == "Fetching the feed has failed."
    assert len(values(event_of(node, feed))) == 2


def test_half_of_a_packed_list_takes_nothing_back(node: World, provider: Provider) -> None:
    """A gzip answer that ends too early looks like a shorter list."""
    text = "".join(f"203.0.113.{number}\n" for number in range(1, 200)).encode()
    packed = {"whole": gzip.compress(text[:1000]) + gzip.compress(text[1000:])}
    packed["half"] = packed["whole"][:300]
    sent = ["whole"]

    def answering(handler: BaseHTTPRequestHandler) -> None:
        content = packed[sent[0]]
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    provider.answering["/l.txt"] = answering
    feed = add_list(node, f"{provider.url}/l.txt", "freetext", delta_merge=True)
    assert fetch(node, feed) == FETCHED
    assert len(values(event_of(node, feed))) == 199
    sent[0] = "half"
    assert fetch(node, feed) != FETCHED
    assert len(values(event_of(node, feed))) == 199


def test_a_list_that_lies_there_packed_is_read(node: World, provider: Provider) -> None:
    provider.put("/l.txt.gz", gzip.compress(b"203.0.113.1\n203.0.113.2\n"))
    feed = add_list(node, f"{provider.url}/l.txt.gz", "freetext")
    assert fetch(node, feed) == FETCHED
    assert values(event_of(node, feed)) == [("ip-dst", "203.0.113.1"), ("ip-dst", "203.0.113.2")]
    assert fetch(node, feed) == FETCHED
    assert [one.status for one in provider.asked] == [200, 304]
    with zipfile.ZipFile(made := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("in/l.txt", "203.0.113.2\n203.0.113.3\n")
    provider.put("/l.txt.gz", made.getvalue())
    assert fetch(node, feed) == FETCHED
    assert ("ip-dst", "203.0.113.3") in values(event_of(node, feed))


def test_a_run_that_was_cut_off_goes_on_in_the_same_event(node: World, provider: Provider) -> None:
    provider.put("/l.csv", "\n".join(f"n{i}.example.com" for i in range(5000)))
    feed = add_list(node, f"{provider.url}/l.csv", fixed_event=False)
    entered = working.as_account(node.database, 1)
    first = working.run_now(entered, int(feed), "fetch", 0.0)
    assert (first.unfinished, first.values) == (True, 2000)
    assert working.run_once(node.database) == 1  # it was put on the list at once
    found = node.ask("admin", "POST", "/events/restSearch", {"eventinfo": "feed feed"}).body
    assert [e["Event"]["attribute_count"] for e in found["response"]] == ["5000"]


def test_more_values_than_the_node_takes_are_refused_and_named(
    node: World, provider: Provider
) -> None:
    with node.database.system() as session:
        settings.set_value(session, "feeds.values", 3)
    provider.put("/l.csv", "\n".join(f"n{i}.example.com" for i in range(5)))
    feed = add_list(node, f"{provider.url}/l.csv")
    fetch(node, feed)
    assert len(values(event_of(node, feed))) == 3
    assert all("feeds.values" in reason for _, _, reason in refusals(node))
    assert len(refusals(node)) == 2


def test_a_local_file_is_read_where_the_settings_allow_it(node: World, tmp_path: Path) -> None:
    allowed, secret = tmp_path / "feeds", tmp_path / "secret.csv"
    allowed.mkdir()
    secret.write_text("secret.example.com\n")
    (allowed / "l.csv").write_text("local.example.com\n")
    (allowed / "link.csv").symlink_to(secret)
    with node.database.system() as session:
        settings.set_value(session, "feeds.local_folders", [str(allowed)])
    local = {"input_source": "local"}
    feed = add_list(node, str(allowed / "l.csv"), **local, delete_local_file=True)
    fetch(node, feed)
    assert values(event_of(node, feed)) == [("hostname", "local.example.com")]
    assert not (allowed / "l.csv").exists()
    link = add_list(node, str(allowed / "link.csv"), **local)
    assert fetch(node, link) == "Fetching the feed has failed."
    for path in (str(secret), f"{allowed}/../secret.csv", "/etc/passwd", "l.csv"):
        refused = node.ask("admin", "POST", "/feeds/add", {"Feed": {
            "name": "x", "provider": "x", "url": path, "source_format": "csv", **local,
        }})  # fmt: skip
        assert refused.status == 403, path
    manifest = {"Orgc": {}, "info": "x", "timestamp": 1}
    (allowed / "manifest.json").write_text(json.dumps({"../secret.csv": manifest}))
    misp = add(node, str(allowed), **local)
    assert fetch(node, misp) == FETCHED
    assert ("event", "../secret.csv") in [(kind, place) for kind, place, _ in refusals(node)]


def test_what_warninglists_know_is_left_out_where_the_feed_says_so(
    node: World, provider: Provider
) -> None:
    known = {"Warninglist": {
        "name": "ours", "description": "x", "type": "string", "category": "false_positive",
        "entries": "known.example.com", "matching_attributes": ["hostname"], "enabled": True,
    }}  # fmt: skip
    made = node.ask("admin", "POST", "/warninglists/add", known)
    assert made.status == 200, made.body
    number = made.body["Warninglist"]["id"]
    on = {"id": number, "enabled": True}
    assert node.ask("admin", "POST", "/warninglists/toggleEnable", on).status == 200
    provider.put("/l.csv", "known.example.com\nnew.example.com\n")
    kept = add_list(node, f"{provider.url}/l.csv", name="kept")
    soft = add_list(node, f"{provider.url}/l.csv", name="soft",
                    settings={"common": {"warninglists": "soft"}})  # fmt: skip
    drop = add_list(node, f"{provider.url}/l.csv", name="drop",
                    settings={"common": {"warninglists": "drop"}})  # fmt: skip
    for feed in (kept, soft, drop):
        fetch(node, feed)
    flags = [
        {a["value"]: a["to_ids"] for a in event_of(node, feed)["Attribute"]}
        for feed in (kept, soft, drop)
    ]
    assert flags == [
        {"known.example.com": True, "new.example.com": True},
        {"known.example.com": False, "new.example.com": True},
        {"new.example.com": True},
    ]
    assert "warninglist" in refusals(node)[0][2]


def test_chosen_values_of_a_preview_are_taken_in(node: World, provider: Provider) -> None:
    provider.put("/l.txt", "text http://free1.example.com/a and 203.0.113.88\n")
    feed = add_list(node, f"{provider.url}/l.txt", "freetext")
    shown = node.ask("admin", "GET", f"/feeds/previewIndex/{feed}").body
    assert [(one["value"], one["default_type"]) for one in shown] == [
        ("http://free1.example.com/a", "url"), ("203.0.113.88", "ip-dst"),
    ]  # fmt: skip
    assert shown[1]["types"] == ["ip-dst", "ip-src", "ip-src/ip-dst"]
    chosen = [{"value": "203.0.113.88", "type": "ip-src", "category": "Network activity"},
              {"value": "nonsense", "type": "ip-src"}]  # fmt: skip
    path = f"/feeds/fetchSelectedFromFreetextIndex/{feed}"
    told = node.ask("admin", "POST", path, {"Feed": {"data": json.dumps(chosen)}})
    assert told.body["message"] == "Data pulled. 1 value(s) added, 1 refused."
    assert values(event_of(node, feed)) == [("ip-src", "203.0.113.88")]
    for wrong in (None, [], ["x"], [{"type": "ip-src"}], {"data": "{"}):
        assert node.ask("admin", "POST", path, wrong).status == 400, wrong
