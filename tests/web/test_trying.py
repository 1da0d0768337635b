# SPDX-License-Identifier: EUPL-1.2
"""The page that tries calls of the interface: as oneself, and kept for oneself alone."""

from __future__ import annotations

import re
import shlex

import pytest
from tests.web.node import Node, post

from brug.web.trying import Tried, curl, pymisp


def test_a_call_is_done_as_the_reader_and_its_answer_shown(node: Node) -> None:
    with node.browser("analyst") as client:
        shown = post(client, "/interface/try", {"method": "GET", "path": "users/view/me"})
        assert shown.status_code == 200
        assert "analyst" in shown.text
        assert "perm_site_admin" in shown.text
        refused = post(
            client, "/interface/try", {"method": "GET", "path": "/servers/serverSettings"}
        )
        assert "You do not have permission" in refused.text


def test_a_call_that_changes_something_changes_it_and_a_failed_one_changes_nothing(
    node: Node,
) -> None:
    with node.browser("analyst") as client:
        add = {"method": "POST", "path": "/events/add"}
        body = '{"info": "Tried on the page", "distribution": 1}'
        made = post(client, "/interface/try", add | {"body": body})
        assert "Tried on the page" in made.text
        assert "Tried on the page" in client.get("/intelligence/events").text
        body = '{"info": "", "Attribute": []}'
        post(client, "/interface/try", add | {"body": body})
        counted = post(client, "/interface/try", {"method": "POST", "path": "/events/index"})
        assert counted.text.count("Tried on the page") == 1


def test_the_history_is_ones_own_and_can_be_forgotten(node: Node) -> None:
    with node.browser("analyst") as client:
        post(client, "/interface/try", {"method": "GET", "path": "/servers/getVersion"})
        page = client.get("/interface/try").text
        number = re.findall(r"again=(\d+)", page)[0]
        assert "/servers/getVersion" in client.get(f"/interface/try?again={number}").text
        with node.browser("publisher") as other:
            assert other.get(f"/interface/try?again={number}").status_code == 404
            assert post(other, "/interface/try/forget", {"id": number}).status_code == 404
        assert post(client, "/interface/try/forget", {"id": number}).status_code == 303
        assert f"again={number}" not in client.get("/interface/try").text


def test_what_is_no_json_is_said_and_not_sent(node: Node) -> None:
    with node.browser("analyst") as client:
        form = {"method": "POST", "path": "/events/index", "body": "{limit: 1}"}
        shown = post(client, "/interface/try", form)
        assert shown.status_code == 400
        assert "This is not JSON" in shown.text
        assert "{limit: 1}" in shown.text


@pytest.mark.parametrize(
    "path", ["/../..", "/nosuch/thing", "//evil.example/x", "/events/view/\x00"]
)
def test_odd_paths_are_answered_by_the_interface(node: Node, path: str) -> None:
    with node.browser("analyst") as client:
        assert post(client, "/interface/try", {"method": "GET", "path": path}).status_code == 200


def test_a_snippet_keeps_what_was_typed_in_one_word() -> None:
    asked = Tried("POST", "/events/index/'; rm -rf x #", '{"a": "\'$(id)`id`"}')
    words = shlex.split(curl("https://node.example", asked).replace("\\\n", " "))
    assert words[3] == "https://node.example" + asked.path
    assert words[-1] == asked.body
    compile(pymisp("https://node.example", asked), "snippet", "exec")


@pytest.mark.parametrize(
    "body", ['{"info": "\\ud800"}', "[" * 5000 + "]" * 5000, '{"info": "\\u0000"}']
)
def test_a_body_that_cannot_be_stored_is_answered_by_name(node: Node, body: str) -> None:
    with node.browser("analyst") as client:
        form = {"method": "POST", "path": "/events/add", "body": body}
        shown = post(client, "/interface/try", form)
        assert shown.status_code in {200, 400}
        assert "expected" in shown.text or "not JSON" in shown.text
