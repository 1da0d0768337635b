# SPDX-License-Identifier: EUPL-1.2
"""A site admin keeps the servers and feeds of the node."""

from __future__ import annotations

from tests.web.node import Node, post

from brug.bridges.misp import rules
from brug.directory import servers
from brug.formats.misp_feed import NO_EVENT
from brug.intel import attributes
from brug.intel.feed import caches, feed_jobs, feeds, refusing

SERVERS, FEEDS = "/administration/servers", "/administration/feeds"
KEY = "q" * 40


def test_a_server_is_added_tested_changed_and_removed(node: Node) -> None:
    form = {"name": "CSIRT Westland", "url": "nonsense", "authkey": KEY, "remote_org_id": "1"}
    with node.browser("admin") as client:
        wrong = post(client, f"{SERVERS}/new", form)
        assert wrong.status_code == 400
        assert 'aria-invalid="true"' in wrong.text
        assert KEY not in wrong.text
        nobody = form | {"url": "http://127.0.0.1:9", "remote_org_id": "999999"}
        refused = post(client, f"{SERVERS}/new", nobody)
        assert refused.status_code == 400
        assert 'name="remote_org_id"' in refused.text
        assert "There is no such thing on this node." in refused.text
        made = post(client, f"{SERVERS}/new", form | {"url": "http://127.0.0.1:9", "pull": "1"})
        address = made.headers["location"]
        page = client.get(address).text
        assert "CSIRT Westland" in page
        assert KEY not in page
        tested = post(client, f"{address}/test", {})
        assert "can not be reached" in tested.text
        assert "is at 127.0.0.1" in tested.text
        changed = form | {"url": "https://westland.example", "authkey": "", "name": "Westland"}
        assert post(client, address, changed).status_code == 303
        assert "westland.example" in client.get(SERVERS).text
        assert post(client, f"{address}/delete", {}).status_code == 303
        assert "westland.example" not in client.get(SERVERS).text


def test_the_rules_of_a_server_are_fields_of_its_form(node: Node) -> None:
    form = {"name": "Ruled", "url": "https://ruled.example", "authkey": KEY, "remote_org_id": "1"}
    ruled = {
        "internal": "1", "caching_enabled": "1", "unpublish_event": "1",
        "pull_want_tags": "tlp:green\n there:only \n", "pull_not_orgs": "Elsewhere",
        "pull_not_types": "filename\nip-dst", "pull_parameters": '{"eventinfo": "water"}',
        "pull_not_objects": "43b3b146-77eb-4931-b4cc-b66c60f28734",
    }  # fmt: skip
    with node.database.system() as session:
        tag = session.value(
            "INSERT INTO tag (name, colour) VALUES ('go:out', '#112233') RETURNING id"
        )
        org = session.value("SELECT name FROM organisation WHERE id = 1")
    wrong = {
        "push_want_tags": "no:such", "push_not_orgs": "Nobody", "pull_not_types": "colour",
        "pull_not_objects": "file", "pull_parameters": "[1]",
    }  # fmt: skip
    with node.browser("admin") as client:
        for field, text in wrong.items():
            refused = post(client, f"{SERVERS}/new", form | ruled | {field: text})
            assert refused.status_code == 400, field
            assert f'id="f-{field}-error"' in refused.text
            assert text in refused.text
        out = {"push_want_tags": "go:out", "push_not_orgs": org}
        made = post(client, f"{SERVERS}/new", form | ruled | out)
        address = made.headers["location"]
        number = int(address.rsplit("/", 1)[1])
        with node.database.system() as session:
            found = servers.view(session, number)
        assert (found.internal, found.caching_enabled, found.unpublish_event) == (True,) * 3
        assert rules.read(found.push_rules).tags == ((str(tag),), ())
        assert rules.read(found.push_rules).orgs == ((), ("1",))
        assert rules.index_question(rules.read(found.pull_rules)) == {
            "tag": ["tlp:green", "there:only"], "org": ["!Elsewhere"],
            "type_attribute": ["!filename", "!ip-dst"],
            "type_object": ["!43b3b146-77eb-4931-b4cc-b66c60f28734"],
            "eventinfo": "water", "minimal": 1, "published": 1,
        }  # fmt: skip
        page = client.get(address).text
        assert "go:out</textarea>" in page
        assert "tlp:green\nthere:only</textarea>" in page
        # Saved again as it was shown, with one thing taken away.
        shown = form | ruled | out | {"authkey": "", "pull_not_types": "", "internal": ""}
        assert post(client, address, shown).status_code == 303
        with node.database.system() as session:
            again = servers.view(session, number)
        assert again.internal is False
        assert again.push_rules == found.push_rules
        assert rules.read(again.pull_rules).attribute_types == frozenset()
        post(client, f"{address}/delete", {})


def test_a_server_without_a_key_says_so_wherever_it_stands(node: Node) -> None:
    with node.database.system() as session:
        number = session.value(
            "INSERT INTO server (name, url, org_id, remote_org_id, pull_rules, push_rules,"
            " priority) VALUES ('Moved', 'https://moved.example', 1, 1, '{}', '{}', 9) RETURNING id"
        )
    address, said = f"{SERVERS}/{number}", "The key that this server made for us is not known here"
    form = {"name": "Moved", "url": "https://moved.example", "remote_org_id": "1", "push": "1"}
    with node.browser("admin") as client:
        assert client.get(SERVERS).text.count("Its key is not known yet") == 1
        assert said in client.get(address).text
        assert said in post(client, f"{address}/test", {}).text
        refused = post(client, address, form | {"authkey": ""})
        assert (refused.status_code, 'id="f-authkey-error"' in refused.text) == (400, True)
        assert post(client, address, form | {"authkey": KEY}).status_code == 303
        assert said not in client.get(address).text
        assert "Its key is not known yet" not in client.get(SERVERS).text
        when = {"minutes": "60", "days": "45"}
        assert post(client, f"{address}/schedule", when).status_code == 303
        assert 'type="number" value="45"' in client.get(f"{address}/work").text
        post(client, f"{address}/delete", {})


def test_feeds_are_added_changed_and_removed(node: Node) -> None:
    form = {"name": "Reeds", "provider": "x", "url": "file:///etc/passwd", "source_format": "csv"}
    with node.browser("admin") as client:
        assert post(client, f"{FEEDS}/new", form).status_code == 400
        fine = form | {"url": "https://reeds.example/list.csv", "headers": "X-Key: kept-close-7"}
        for field, wrong in (("csv_value", "nought"), ("csv_delimiter", "ab"),
                             ("excluderegex", "/(?<=a)b/")):  # fmt: skip
            refused = post(client, f"{FEEDS}/new", fine | {field: wrong})
            assert (refused.status_code, f'id="f-{field}-error"' in refused.text) == (400, True)
        made = fine | {
            "csv_value": "2", "csv_delimiter": ";", "want_tags": "tlp:clear\nosint",
            "every_minutes": "30", "delta_merge": "1", "warninglists": "soft",
        }  # fmt: skip
        assert post(client, f"{FEEDS}/new", made).status_code == 303
        page = client.get(FEEDS).text
        assert "https://reeds.example/list.csv" in page
        assert post(client, f"{FEEDS}/defaults", {}).status_code == 303
        listed = client.get(FEEDS).text
        address = listed.split(">Reeds</a>")[0].rsplit('href="', 1)[1].rstrip('"')
        shown = client.get(address).text
        assert "kept-close-7" not in shown
        for value in ('value="2"', 'value=";"', "tlp:clear\nosint", 'value="30"'):
            assert value in shown, value
        assert post(client, address, made | {"enabled": "1"}).status_code == 303
        assert post(client, f"{address}/fetch", {}).status_code == 303
        with node.database.system() as session:
            number = int(address.rpartition("/")[2])
            assert feed_jobs.of_feed(session, number)["fetch"].late_seconds == 0
            feed_jobs.fail(session, number, "fetch", "the provider is away")
            stored = session.one("SELECT settings, rules FROM feed WHERE id = %s", (number,))
        assert stored is not None
        assert '"value": "2"' in stored[0]
        assert '"OR": ["tlp:clear", "osint"]' in stored[1]
        failing = client.get(FEEDS).text
        assert "the provider is away" in failing
        assert "Try again now" in failing
        assert post(client, f"{address}/delete", {}).status_code == 303
        assert ">Reeds</a>" not in client.get(FEEDS).text


def test_what_a_feed_had_refused_is_shown_and_tried_again(node: Node) -> None:
    with node.database.as_user(node.ids["admin"]) as session:
        made = feeds.add(session, {
            "name": "Rushes", "provider": "x", "url": "https://rushes.example/l.csv",
            "source_format": "csv",
        })  # fmt: skip
        bad = [refusing.NewRefusal("value", "line 7", "<b>what</b>", "no type")]
        refusing.note(session, made.id, bad)
    address = f"{FEEDS}/{made.id}/refusals"
    with node.browser("admin") as client:
        page = client.get(address).text
        assert "line 7" in page
        assert "&lt;b&gt;what&lt;/b&gt;" in page
        again = post(client, address, {})
        assert (again.status_code, again.headers["location"]) == (303, address)
        assert "line 7" in client.get(address).text
        assert "No feed is cached" in client.get(f"{FEEDS}/compare").text
        post(client, f"{FEEDS}/{made.id}/delete", {})


def test_a_feed_is_published_and_its_token_told_once(node: Node) -> None:
    place = "/bridges/feeds"
    form = {"name": "public-reeds", "format": "values", "filters": '{"to_ids": 1}', "token": "1"}
    with node.browser("admin") as client:
        for field, wrong in (("name", "reeds"), ("filters", "{"), ("filters", '{"nonsense": 1}')):
            refused = post(client, f"{place}/new", form | {field: wrong})
            assert (refused.status_code, f'id="f-{field}-error"' in refused.text) == (400, True)
        told = post(client, f"{place}/new", form)
        token = told.text.split('class="secret">')[1].split("<")[0]
        assert len(token) == 43
        page = client.get(place).text
        assert "/feeds/public-reeds/values.txt" in page
        assert token not in page
        address = page.split(">public-reeds</a>")[0].rsplit('href="', 1)[1].rstrip('"')
        other = post(client, f"{address}/token", {})
        assert token not in other.text
        changed = form | {"name": "public-rushes", "enabled": ""}
        assert post(client, address, changed).status_code == 303
        assert "public-rushes" in client.get(place).text
        assert post(client, f"{address}/delete", {}).status_code == 303
        assert ">public-rushes</a>" not in client.get(place).text
    with node.browser("lead") as client:
        assert client.get(place).status_code == 403
        assert post(client, f"{place}/new", form).status_code == 403


def test_a_value_that_a_feed_holds_says_so_to_those_who_may_know(node: Node) -> None:
    event_id = node.events["open"]
    with node.database.as_user(node.ids["admin"]) as session:
        made = feeds.add(session, {
            "name": "Sedges", "provider": "x", "url": "https://sedges.example/l.csv",
            "source_format": "csv", "lookup_visible": False,
        })  # fmt: skip
        item = attributes.of_event(session, event_id)[0]
        caches.replace(session, made.id, [(caches.md5(item.value1).bytes, NO_EVENT)])
    for who, sees in (("admin", True), ("analyst", False)):
        with node.browser(who) as client:
            assert ("Sedges" in client.get(f"/intelligence/events/{event_id}").text) is sees
            assert ("Sedges" in client.get(f"/intelligence/attributes/{item.id}").text) is sees
    with node.browser("admin") as client:
        post(client, f"{FEEDS}/{made.id}/delete", {})
