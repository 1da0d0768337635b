# SPDX-License-Identifier: EUPL-1.2
"""Notes, blocklists and collections on the pages."""

from __future__ import annotations

import re
from uuid import uuid4

from tests.web.node import CANARY, Node, plain, post


def uuid_of(node: Node, event_id: int) -> str:
    with node.database.system() as session:
        return str(session.value("SELECT uuid::text FROM event WHERE id = %s", (event_id,)))


def test_an_analyst_says_something_another_answers_and_takes_it_back(node: Node) -> None:
    event_id = node.events["open"]
    base = f"/intelligence/events/{event_id}"
    about = {"kind": "Event", "uuid": uuid_of(node, event_id), "level": "1"}
    with node.browser("analyst") as client:
        assert post(client, f"{base}/notes", about | {"text": " "}).status_code == 400
        said = post(client, f"{base}/notes", about | {"text": "Seen **before** " + CANARY})
        assert said.status_code == 303
        page = client.get(base).text
        assert "Seen <strong>before</strong>" in page
        assert "<script>window.hit" not in page
    with node.browser("police") as client:
        page = client.get(base).text
        said_here = page[page.index("Seen <strong>before") :]
        answer = re.search(r'href="([^"]*/notes\?[^"#]*)', said_here)
        assert answer is not None
        form = client.get(answer[1].replace("&amp;", "&")).text
        uuid = re.search(r'name="uuid" value="([0-9a-f-]{36})">', form[form.index("say-title") :])
        assert uuid is not None
        opinion = {"kind": "Note", "uuid": uuid[1], "level": "1", "text": "No.", "opinion": "10"}
        bad = post(client, f"{base}/notes", opinion | {"opinion": "101"})
        assert "from 0 (against) to 100 (for)" in bad.text
        post(client, f"{base}/notes", opinion)
        page = client.get(base).text
        assert "10 of 100" in page
        assert "against" in page
        assert post(client, f"{base}/notes/delete", {"uuid": uuid[1]}).status_code == 403
    with node.browser("analyst") as client:
        assert post(client, f"{base}/notes/delete", {"uuid": uuid[1]}).status_code == 303
        assert "Seen <strong>before" not in client.get(base).text


def test_readers_read_and_say_nothing(node: Node) -> None:
    base = f"/intelligence/events/{node.events['open']}/notes"
    with node.browser("reader") as client:
        page = client.get(base)
        assert page.status_code == 200
        assert "Say something" not in page.text
        form = {"kind": "Event", "uuid": uuid_of(node, node.events["open"]), "text": "x"}
        assert post(client, base, form).status_code == 403


def test_an_administrator_keeps_something_out_and_lets_it_in_again(node: Node) -> None:
    uuid = str(uuid4())
    where = "/administration/blocklists"
    with node.browser("admin") as client:
        wrong = post(client, where, {"list": "event", "uuids": "nonsense"})
        assert "nonsense" in wrong.text
        form = {"list": "event", "uuids": uuid, "info": "Old " + CANARY, "comment": "why"}
        assert post(client, where, form).status_code == 303
        page = client.get(where).text
        assert uuid in page
        assert "<script>window.hit" not in page
        assert post(client, where, {"list": "event", "remove": uuid}).status_code == 303
        assert uuid not in client.get(where).text
    with node.browser("lead") as client:
        assert client.get(where).status_code == 403
        assert "Blocklists" not in client.get("/administration/users").text


def test_a_collection_is_made_filled_and_shown_to_each_as_far_as_it_is_seen(node: Node) -> None:
    where = "/intelligence/collections"
    hidden = node.add("lead", plain("Kept for the bank", 0, "kept.example"))
    with node.browser("analyst") as client:
        empty = post(client, f"{where}/new", {"name": "", "type": "campaign", "distribution": "1"})
        assert empty.status_code == 400
        form = {"name": "Winter " + CANARY, "type": "campaign", "distribution": "1"}
        made = post(client, f"{where}/new", form)
        place = made.headers["location"]
        for event_id in (node.events["police"], hidden):
            put = post(client, f"{place}/elements", {"event": f"{node.url}/events/{event_id}"})
            assert put.status_code == 303
        unknown = post(client, f"{place}/elements", {"event": "999999"})
        assert unknown.status_code == 400
        page = client.get(place).text
        assert "Seen elsewhere" in page
        assert "Kept for the bank" in page
    with node.browser("police") as client:
        assert place in client.get(where).text
        page = client.get(place).text
        assert "Seen elsewhere" in page
        assert "Kept for the bank" not in page
        assert post(client, f"{place}/edit", {"name": "Mine"}).status_code == 403
        assert post(client, f"{place}/delete", {}).status_code == 403
    with node.browser("analyst") as client:
        assert post(client, f"{place}/delete", {}).status_code == 303
        assert client.get(place).status_code == 404
