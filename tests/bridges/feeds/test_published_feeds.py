# SPDX-License-Identifier: EUPL-1.2
"""Published feeds: who gets what, how a poll is answered, and that nothing else gets out."""

import csv
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pymisp import MISPEvent
from tests.bridges.feeds.conftest import World, serving
from tests.listening import NO_TLS

from brug.bridges import agreements, partners
from brug.bridges.feeds import folders, published, publishing, readers
from brug.directory import organisations
from brug.intel import publishing as events
from brug.store import settings

CLEAR, GREEN, RED = ({"name": f"tlp:{label}"} for label in ("clear", "green", "red"))


@pytest.fixture
def house(world: World) -> Iterator[World]:
    """A served node whose published feeds are looked at for every reader."""
    with world.database.system() as session:
        settings.set_value(session, "feeds.published_seconds", 0)
    with serving(world) as served:
        yield served


def md5(value: str) -> str:
    return hashlib.md5(value.encode(), usedforsecurity=False).hexdigest()


def put(house: World, info: str, level: int, *tags: Any, values: Any = None, **more: Any) -> Any:
    """A published event of the host."""
    event = {
        "info": info, "distribution": level, "Tag": list(tags), "published": True,
        "Attribute": values or [{"type": "domain", "value": f"{info}.example.com"}],
    }  # fmt: skip
    made = house.ask("admin", "POST", "/events/add", {"Event": event | more})
    assert made.status == 200, made.body
    return made.body["Event"]


def publish(house: World, **given: Any) -> tuple[published.Published, str]:
    with house.database.as_user(house.ids["admin"]) as session:
        return published.add(session, given)


def bridge(house: World, org: str, relation: str = "community") -> partners.BridgeRow:
    with house.database.as_user(house.ids["admin"]) as session:
        return readers.bridge_to(session, org, relation)


def agree(house: World, to: partners.BridgeRow, **terms: Any) -> None:
    with house.database.as_user(house.ids["admin"]) as session:
        given = {
            "our_country": "NL", "their_country": "NL", "purposes": ["cyber-defence"],
            "senders": sorted(p.uuid for p in _both(session, to)),
            "legal_basis": "NIS2 art. 29", "document": "on paper",
            "valid_from": "2020-01-01T00:00:00Z",
            "personal_data": {"regime": "gdpr", "handling": "drop",
                              "transfer": {"tool": "eea", "document": "x"}},
            **terms,
        }  # fmt: skip
        wanted = agreements.draft(session, to, given)
        made = agreements.propose(session, to, wanted)
        agreements.accept_on_paper(session, made, "letter 1")


def _both(session: Any, to: partners.BridgeRow) -> list[Any]:
    host = organisations.view(session, settings.get(session, "node.host_org_id"))
    return [host, organisations.view(session, to.org_id)]


def get(house: World, path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{house.url}/feeds/{path}", headers=headers, timeout=20, verify=NO_TLS)


def infos(house: World, path: str, **headers: str) -> set[str]:
    answer = get(house, f"{path}/manifest.json", **headers)
    assert answer.status_code == 200, answer.text
    return {one["info"] for one in answer.json().values()}


def test_anyone_gets_what_is_clear_and_for_all_and_nothing_else(house: World) -> None:
    put(house, "clear", 3, CLEAR)
    put(house, "unmarked", 3)
    put(house, "green", 3, GREEN)
    put(house, "community", 1, CLEAR)
    put(house, "connected", 2, CLEAR)
    put(house, "draft", 3, CLEAR, published=False)
    mixed = put(house, "mixed", 3, CLEAR, values=[
        {"type": "domain", "value": "open.example.com"},
        {"type": "domain", "value": "red.example.com", "Tag": [RED]},
        {"type": "domain", "value": "near.example.com", "distribution": 1},
        {"type": "full-name", "category": "Person", "value": "Jan Jansen"},
    ])  # fmt: skip
    publish(house, name="public-indicators")
    assert infos(house, "public-indicators") == {"clear", "mixed"}
    file = get(house, f"public-indicators/{mixed['uuid']}.json")
    values = {a["value"] for a in file.json()["Event"]["Attribute"]}
    assert values == {"open.example.com"}
    for hidden in ("red.example.com", "near.example.com", "Jan Jansen"):
        assert hidden not in file.text
        assert md5(hidden) not in get(house, "public-indicators/hashes.csv").text
    with house.database.system() as session:
        feed = published.view(session, "public-indicators")
    assert feed.left_out["marking"] >= 2
    assert feed.left_out["personal data"] == 1


def test_the_files_are_a_misp_feed_that_clients_and_other_nodes_read(house: World) -> None:
    sent = put(house, "clear", 3, CLEAR, values=[
        {"type": "domain", "value": "a.example.com", "comment": "c"},
        {"type": "filename|md5", "value": "x.exe|d41d8cd98f00b204e9800998ecf8427e"},
    ])  # fmt: skip
    publish(house, name="public-indicators")
    listed = get(house, "public-indicators/manifest.json").json()
    entry = listed[sent["uuid"]]
    assert set(entry) == {
        "Orgc", "Tag", "info", "date", "analysis", "threat_level_id", "timestamp",
    }  # fmt: skip
    assert entry["timestamp"] == int(sent["timestamp"])
    raw = get(house, f"public-indicators/{sent['uuid']}.json").json()
    read = MISPEvent()
    read.from_dict(**raw["Event"])
    assert sorted(a.value for a in read.attributes) == sorted(a["value"] for a in sent["Attribute"])
    for local in ("id", "org_id", "distribution", "event_creator_email", "Org", "locked"):
        assert local not in raw["Event"], local
    hashes = get(house, "public-indicators/hashes.csv").text.split()
    wanted = [md5(v) for v in ("a.example.com", "x.exe", "d41d8cd98f00b204e9800998ecf8427e")]
    assert sorted(hashes) == sorted(f"{digest},{sent['uuid']}" for digest in wanted)


def test_a_poll_is_answered_by_what_changed(house: World) -> None:
    one = put(house, "one", 3, CLEAR)
    publish(house, name="public-indicators")
    first = get(house, "public-indicators/manifest.json")
    etag = first.headers["etag"]
    again = get(house, "public-indicators/manifest.json", **{"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    house.ask("admin", "POST", f"/events/edit/{one['uuid']}", {"info": "one v2", "published": True})
    changed = get(house, "public-indicators/manifest.json", **{"If-None-Match": etag})
    assert changed.status_code == 200
    assert {entry["info"] for entry in changed.json().values()} == {"one v2"}
    house.ask("admin", "POST", f"/events/unpublish/{one['uuid']}")
    assert infos(house, "public-indicators") == set()
    assert get(house, f"public-indicators/{one['uuid']}.json").status_code == 404


def test_a_poll_by_time_alone_is_answered_by_what_changed(house: World) -> None:
    """As `curl -z` and simple sensors ask; of what changed just now no time is told."""
    one = put(house, "one", 3, CLEAR)
    publish(house, name="public-indicators")
    path = "public-indicators/manifest.json"
    assert "last-modified" not in get(house, path).headers
    with house.database.system() as session:
        session.execute("UPDATE published_feed SET changed = now() - interval '1 minute'")
    told = get(house, path).headers
    since = {"If-Modified-Since": told["last-modified"]}
    assert get(house, path, **since).status_code == 304
    assert get(house, path, **since, **{"If-None-Match": '"other"'}).status_code == 200
    for earlier in ("Sun, 06 Nov 1994 08:49:37 GMT", "yesterday", ""):
        assert get(house, path, **{"If-Modified-Since": earlier}).status_code == 200, earlier
    house.ask("admin", "POST", f"/events/edit/{one['uuid']}", {"info": "one v2", "published": True})
    assert {e["info"] for e in get(house, path, **since).json().values()} == {"one v2"}


def test_a_tag_that_changes_no_time_is_noticed(house: World) -> None:
    """A marking on an attribute moves no timestamp; a cursor by clock would miss it."""
    one = put(house, "one", 3, CLEAR, values=[
        {"type": "domain", "value": "a.example.com"}, {"type": "domain", "value": "b.example.com"},
    ])  # fmt: skip
    publish(house, name="public-values", format="values")
    assert get(house, "public-values/values.txt").text == "a.example.com\nb.example.com\n"
    uuid = one["Attribute"][0]["uuid"]
    tag = house.ask("admin", "POST", "/tags/add", {"Tag": RED}).body["Tag"]["id"]
    made = house.ask("admin", "POST", f"/tags/attachTagToObject/{uuid}/{tag}")
    assert made.status == 200, made.body
    assert get(house, "public-values/values.txt").text == "b.example.com\n"


def test_an_open_transaction_that_commits_late_is_not_passed_over(house: World) -> None:
    put(house, "early", 3, CLEAR)
    publish(house, name="public-indicators")
    late = put(house, "late", 3, CLEAR, published=False)
    with house.database.as_user(house.ids["admin"]) as session:
        events.publish(session, late["uuid"])
        put(house, "between", 3, CLEAR)
        assert infos(house, "public-indicators") == {"early", "between"}
    assert infos(house, "public-indicators") == {"early", "between", "late"}


def test_a_partner_gets_what_the_agreement_lets_through_with_its_token(house: World) -> None:
    put(house, "green", 1, GREEN)
    put(house, "amber", 3, {"name": "tlp:amber"})
    put(house, "red", 3, RED)
    put(house, "unmarked", 3)
    put(house, "own", 0, GREEN)
    put(house, "connected", 2, GREEN)
    to = bridge(house, "Zuidland Energie")
    feed, token = publish(house, name="for-zuidland", bridge_id=to.id)
    assert infos(house, token) == set()  # nothing is agreed yet
    agree(house, to, ceiling={"tlp": "green", "pap": "red"})
    assert infos(house, token) == {"unmarked", "connected"}  # level 1 stays, TLP above is held
    assert infos(house, "for-zuidland", Authorization=token) == {"unmarked", "connected"}
    for path, header in (("for-zuidland", ""), ("for-zuidland", "x" * 43), ("no-such-feed", token),
                         ("x" * 43, ""), (token[:-1] + "-", token)):  # fmt: skip
        refused = get(house, f"{path}/manifest.json", Authorization=header)
        assert (refused.status_code, refused.json()["code"]) == (404, "no_such_feed"), path
    with house.database.as_user(house.ids["admin"]) as session:
        _, other = published.new_token(session, feed.id)
    assert get(house, f"{token}/manifest.json").status_code == 404
    assert infos(house, other) == {"unmarked", "connected"}
    with house.database.as_user(house.ids["admin"]) as session:
        partners.pause(session, partners.view(session, to.id))
    assert infos(house, other) == set()
    with house.database.system() as session:
        kinds = session.all(
            "SELECT payload->>'feed', payload->>'events' FROM ledger_entry WHERE kind = 'feed'"
            " ORDER BY number"
        )
    assert kinds[0] == ("for-zuidland", "0")
    assert ("for-zuidland", "2") in kinds


def test_the_partners_own_rights_hold_in_its_feed(house: World) -> None:
    new = {"name": "only bank", "releasability": "x", "roaming": True}
    group = house.ask("admin", "POST", "/sharing_groups/add", new).body["SharingGroup"]
    member = f"/sharing_groups/addOrg/{group['id']}/{house.orgs['Noordland Bank']}"
    assert house.ask("admin", "POST", member).status == 200
    put(house, "bank", 4, GREEN, sharing_group_id=group["id"])
    tokens = {}
    for org in ("Noordland Bank", "Zuidland Energie"):
        to = bridge(house, org)
        agree(house, to)
        name = "for-" + org.split()[0].lower()
        tokens[org] = publish(house, name=name, bridge_id=to.id)[1]
    assert infos(house, tokens["Noordland Bank"]) == {"bank"}
    assert infos(house, tokens["Zuidland Energie"]) == set()


def test_lists_and_zones(house: World) -> None:
    put(house, '=cmd|" info', 3, CLEAR, values=[
        {"type": "domain", "value": "bad.example.com"},
        {"type": "ip-dst", "value": "198.51.100.7"},
        {"type": "hostname", "value": "www.bad.example.com"},
        {"type": "text", "category": "Other", "value": "=1+1", "to_ids": False},
        {"type": "domain", "value": "alert.example.com", "Tag": [{"name": "PAP:AMBER"}]},
    ])  # fmt: skip
    search = {"to_ids": 1, "type": ["domain", "hostname", "ip-dst"]}
    publish(house, name="public-values", format="values", filters=search)
    publish(house, name="public-rows", format="csv")
    publish(house, name="public-zone", format="rpz", filters=search)
    assert set(get(house, "public-values/values.txt").text.split()) == {
        "bad.example.com", "198.51.100.7", "www.bad.example.com", "alert.example.com",
    }  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(get(house, "public-rows/values.csv").text)))
    assert {row["value"] for row in rows} >= {"bad.example.com", "'=1+1"}
    assert {row["info"] for row in rows} == {"'=cmd|\" info"}
    zone = get(house, "public-zone/zone.rpz").text
    for line in ("bad.example.com CNAME .", "*.bad.example.com CNAME .",
                 "www.bad.example.com CNAME .", "32.7.100.51.198.rpz-ip CNAME ."):  # fmt: skip
        assert f"\n{line}\n" in zone
    assert "alert.example.com" not in zone
    for name in ("public-values/manifest.json", "public-rows/zone.rpz"):
        assert get(house, name).status_code == 404


def test_a_feed_is_written_into_a_folder_and_read_from_there(house: World, tmp_path: Path) -> None:
    one, two = put(house, "one", 3, CLEAR), put(house, "two", 3, CLEAR)
    feed, _ = publish(house, name="public-indicators")
    (tmp_path / "keep.json").write_text("mine")
    (tmp_path / f"{uuid4()}.json").write_text("mine as well")
    told = folders.write(house.database, feed, tmp_path)
    assert (told.written, told.removed) == (4, 0)
    assert folders.write(house.database, feed, tmp_path).written == 0
    house.ask("admin", "DELETE", f"/events/delete/{one['uuid']}")
    told = folders.write(house.database, feed, tmp_path)
    assert (told.written, told.removed) == (2, 1)
    names = {path.name for path in tmp_path.iterdir()}
    assert {"keep.json", "manifest.json", "hashes.csv", f"{two['uuid']}.json"} < names
    assert f"{one['uuid']}.json" not in names
    assert len(names) == 5


def test_what_is_no_name_form_or_search_is_refused_by_field(house: World) -> None:
    publish(house, name="public-indicators")
    for field, given in (
        ("name", {"name": "index"}), ("name", {"name": "a/b-c"}), ("name", {"name": ""}),
        ("name", {"name": "public-indicators"}), ("format", {"name": "a-b", "format": "xml"}),
        ("filters", {"name": "a-b", "filters": {"nonsense": 1}}),
        ("filters", {"name": "a-b", "filters": {"deleted": 1}}),
    ):  # fmt: skip
        with pytest.raises(Exception, match=rf"^{field}: ") as found:
            publish(house, **given)
        assert getattr(found.value, "field", "") == field
    with house.database.as_user(house.ids["user"]) as session:
        assert published.listed(session) == []
        with pytest.raises(Exception, match="does not look after bridges"):
            published.add(session, {"name": "a-b"})


def test_only_reading_is_answered_and_the_rest_of_feeds_is_misps(house: World) -> None:
    publish(house, name="public-indicators")
    posted = httpx.post(f"{house.url}/feeds/public-indicators/manifest.json", verify=NO_TLS)
    assert (posted.status_code, posted.headers["allow"]) == (405, "GET, HEAD")
    head = httpx.head(f"{house.url}/feeds/public-indicators/manifest.json", verify=NO_TLS)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "2")
    assert get(house, "index/x").status_code == 403  # MISP's interface, without a key


def test_only_what_changed_is_made_anew(house: World) -> None:
    for number in range(5):
        put(house, f"e{number}", 3, CLEAR)
    feed, _ = publish(house, name="public-indicators")
    publishing.refreshed(house.database, feed, now=True)

    def written() -> dict[int, str]:
        with house.database.system() as session:
            return dict(session.all("SELECT event_id, xmin::text FROM published_part"))

    before = written()
    put(house, "e5", 3, CLEAR)
    with house.database.system() as session:
        feed = published.view(session, feed.id)
    publishing.refreshed(house.database, feed, now=True)
    after = written()
    assert {key: after[key] for key in before} == before
    assert len(after) == len(before) + 1
