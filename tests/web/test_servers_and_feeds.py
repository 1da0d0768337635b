# SPDX-License-Identifier: EUPL-1.2
"""A site admin keeps the servers and feeds of the node."""

from __future__ import annotations

from tests.web.node import Node, post

SERVERS, FEEDS = "/administration/servers", "/administration/feeds"
KEY = "q" * 40


def test_a_server_is_added_tested_changed_and_removed(node: Node) -> None:
    form = {"name": "CSIRT Westland", "url": "nonsense", "authkey": KEY, "remote_org_id": "1"}
    with node.browser("admin") as client:
        wrong = post(client, f"{SERVERS}/new", form)
        assert wrong.status_code == 400
        assert 'aria-invalid="true"' in wrong.text
        assert KEY not in wrong.text
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
        post(client, f"{address}/delete", {})


def test_feeds_are_added_changed_and_removed(node: Node) -> None:
    form = {"name": "Reeds", "provider": "x", "url": "file:///etc/passwd", "source_format": "csv"}
    with node.browser("admin") as client:
        assert post(client, f"{FEEDS}/new", form).status_code == 400
        fine = form | {"url": "https://reeds.example/list.csv", "headers": "X-Key: kept-close-7"}
        assert post(client, f"{FEEDS}/new", fine).status_code == 303
        page = client.get(FEEDS).text
        assert "https://reeds.example/list.csv" in page
        assert post(client, f"{FEEDS}/defaults", {}).status_code == 303
        listed = client.get(FEEDS).text
        address = listed.split(">Reeds</a>")[0].rsplit('href="', 1)[1].rstrip('"')
        assert "kept-close-7" not in client.get(address).text
        assert post(client, address, fine | {"enabled": "1"}).status_code == 303
        assert post(client, f"{address}/delete", {}).status_code == 303
        assert ">Reeds</a>" not in client.get(FEEDS).text
