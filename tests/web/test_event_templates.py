# SPDX-License-Identifier: EUPL-1.2
"""Event templates on the pages: keeping one, and filling an event from it."""

from __future__ import annotations

import re

import httpx
from tests.web.node import CANARY, Node, plain, post, token_in

BASE = "/intelligence/templates"


def kept(client: httpx.Client, name: str) -> tuple[str, list[str]]:
    """A template with a field of each kind, made as a person makes it; its elements."""
    said = {"name": name, "description": "When a mail **came**", "tags": "tlp:amber"}
    made = post(client, f"{BASE}/new", said)
    assert made.status_code == 303, made.text
    place = made.headers["location"]
    for form in (
        {"kind": "text", "name": "First", "text": "Read *this* " + CANARY},
        {"kind": "attribute", "name": "Sender", "type": "email-src", "mandatory": "1"},
        {"kind": "attribute", "name": "Hosts", "type": "CnC", "batch": "1", "to_ids": "1"},
        {"kind": "file", "name": "Mail"},
    ):
        assert post(client, f"{place}/elements", form).status_code == 303, form
    page = client.get(place).text
    return place, re.findall(r'href="/intelligence/template-elements/(\d+)"', page)


def test_a_template_is_kept_ordered_and_deleted(node: Node) -> None:
    with node.browser("lead") as client:
        wrong = post(client, f"{BASE}/new", {"name": "x", "tags": "no such tag"})
        assert wrong.status_code == 400
        assert "no such tag" in wrong.text
        place, ids = kept(client, "Kept")
        page = client.get(place).text
        assert "Read <em>this</em>" in page
        assert "<script>window.hit" not in page
        bad = {"kind": "attribute", "name": "x", "type": "domain", "category": "Person"}
        assert post(client, f"{place}/elements", bad).status_code == 400
        for act, number in (("up", ids[0]), ("up", ids[3]), ("down", ids[0])):
            post(client, f"/intelligence/template-elements/{number}", {"act": act})
        page = client.get(place).text
        order = re.findall(r'href="/intelligence/template-elements/(\d+)"', page)
        assert order == [ids[1], ids[0], ids[3], ids[2]]
        post(client, f"/intelligence/template-elements/{ids[1]}", {"act": "delete"})
        changed = {"name": "Every host", "type": "CnC", "category": "Network activity"}
        post(client, f"/intelligence/template-elements/{ids[2]}", changed)
        page = client.get(place).text
        assert "Sender" not in page
        assert "Every host" in page
        post(client, f"{place}/edit", {"name": "Other", "tags": ""})
        assert "<h1>Other</h1>" in client.get(place).text
    with node.browser("police") as client:
        assert client.get(place).status_code == 404
    with node.browser("analyst") as client:
        assert "Add: A value" not in client.get(place).text
        assert post(client, f"{place}/delete", {}).status_code == 403
    with node.browser("lead") as client:
        assert post(client, f"{place}/delete", {}).headers["location"] == BASE
        assert client.get(place).status_code == 404


def test_an_event_is_filled_with_values_and_a_file(node: Node) -> None:
    event = node.add("analyst", plain("Filled by hand", 0, "first.example"))
    base = f"/intelligence/events/{event}"
    with node.browser("lead") as client:
        place, ids = kept(client, "Phishing")
    with node.browser("analyst") as client:
        assert f'href="{base}/templates"' in client.get(base).text
        where = f"{base}/templates/{place.rpartition('/')[2]}"
        assert f'href="{where}"' in client.get(f"{base}/templates").text
        form = client.get(where)
        assert 'enctype="multipart/form-data"' in form.text
        said = {f"value_{ids[2]}": "evil.example.com\n<b>\n", "_csrf_token": token_in(form.text)}
        files = [(f"file_{ids[3]}", ("one.eml", b"mail"))]
        wrong = client.post(where, data=said, files=files)
        assert wrong.status_code == 400
        assert "Fill this in." in wrong.text
        assert "Nothing in “&lt;b&gt;” is of a kind that fits here." in wrong.text
        assert "evil.example.com\n&lt;b&gt;" in wrong.text
        assert client.post(where, data={"_csrf_token": "x"}, files=files).status_code == 403
        said |= {f"value_{ids[1]}": "eve@evil.example", f"value_{ids[2]}": "evil.example.com"}
        done = client.post(where, data=said, files=files)
        assert done.status_code == 303, done.text
        page = client.get(base).text
        for shown in ("eve@evil.example", "evil.example.com", "one.eml", "3 values added."):
            assert shown in page, shown
        again = client.post(where, data=said)
        assert "2 were there already" in client.get(again.headers["location"]).text
    with node.database.system() as session:
        data = session.value(
            "SELECT x.data FROM attachment x JOIN attribute a ON a.id = x.attribute_id"
            " WHERE a.event_id = %s",
            (event,),
        )
    assert bytes(data) == b"mail"


def test_a_form_without_a_value_says_so(node: Node) -> None:
    event = node.add("lead", plain("Empty", 0, "first.example"))
    with node.browser("lead") as client:
        made = post(client, f"{BASE}/new", {"name": "One field"}).headers["location"]
        where = f"/intelligence/events/{event}/templates/{made.rpartition('/')[2]}"
        assert "asks for nothing" in client.get(where).text
        post(client, f"{made}/elements", {"kind": "attribute", "name": "x", "type": "domain"})
        assert "Fill in at least one field" in post(client, where, {}).text


def test_others_events_are_not_filled(node: Node) -> None:
    where = f"/intelligence/events/{node.events['open']}/templates"
    with node.browser("police") as client:
        assert client.get(where).status_code == 403
        assert post(client, f"{where}/{node.templates['open'][0]}", {}).status_code == 403
        assert "Fill from a template" not in client.get(where.removesuffix("/templates")).text
