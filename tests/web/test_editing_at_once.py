# SPDX-License-Identifier: EUPL-1.2
"""Two people who edit one event at once: each page says so, and stops nobody."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect
from tests.web.node import Node, plain, post
from tests.web.test_in_a_browser import opened

TOLD = "Someone else is editing this event now."


@pytest.fixture
def event(node: Node) -> str:
    with node.database.system() as session:
        session.execute("DELETE FROM event_lock")
    number = node.add("lead", plain("Edited by two", 1, "two.example"))
    return f"/intelligence/events/{number}"


def locks(node: Node) -> list[tuple[Any, ...]]:
    with node.database.system() as session:
        return session.all("SELECT id, user_id FROM event_lock ORDER BY id")


def taken(client: httpx.Client, event: str) -> int:
    """The lock that a page takes once it is open in a browser."""
    page = client.get(event + "/edit").text
    assert f'hx-post="{event}/editing" hx-trigger="load"' in page
    reply = post(client, event + "/editing", {}, event + "/edit")
    assert reply.status_code == 200, reply.text
    found = re.search(r'data-lock="(\d+)"', reply.text)
    assert found
    return int(found[1])


PAGES = ("/edit", "/values", "/group", "/tags", "/clusters", "/publish", "/delete")


def test_every_page_that_changes_an_event_says_who_else_edits_it_and_since_when(
    node: Node, event: str
) -> None:
    with node.browser("lead") as first, node.browser("analyst") as second:
        for page in PAGES:
            assert TOLD not in second.get(event + page).text
        lock = taken(first, event)
        for page in PAGES:
            text = second.get(event + page).text
            assert TOLD in text, page
            assert re.search(r"lead@people\.example, since <time datetime", text), page
            assert TOLD not in first.get(event + page).text, "oneself one need not be told of"
        post(second, "/preferences", {"language": "nl", "next": "/"})
        assert "Iemand anders bewerkt dit event nu." in second.get(event + "/edit").text
        post(second, "/preferences", {"language": "en", "next": "/"})
        post(first, event + "/editing", {"leave": str(lock)}, event + "/edit")
        assert TOLD not in second.get(event + "/edit").text
        assert locks(node) == []


def test_reading_a_page_takes_no_lock(node: Node, event: str) -> None:
    with node.browser("lead") as client:
        for page in PAGES:
            assert client.get(event + page).status_code == 200
    assert locks(node) == []


def test_who_comes_second_saves_all_the_same(node: Node, event: str) -> None:
    with node.browser("lead") as first, node.browser("analyst") as second:
        taken(first, event)
        form = {"info": "Saved by the second", "date": "2026-03-01", "level": "1", "threat": "4"}
        assert post(second, event + "/edit", form).status_code == 303
        assert "Saved by the second" in first.get(event).text


def test_who_began_stays_who_began_over_several_pages(node: Node, event: str) -> None:
    with node.browser("lead") as client:
        first = taken(client, event)
        with node.database.system() as session:
            earlier = session.value(
                "INSERT INTO event_lock (event_id, user_id, org_id, since, until)"
                " SELECT event_id, user_id, org_id, since - interval '1 hour', until"
                " FROM event_lock WHERE id = %s RETURNING id",
                (first,),
            )
        second = taken(client, event)
        for lock in (first, earlier):
            post(client, event + "/editing", {"leave": str(lock)}, event + "/edit")
    assert [row[0] for row in locks(node)] == [second]
    with node.database.system() as session:
        began = "SELECT clock_timestamp() - since > interval '59 minutes' FROM event_lock"
        assert session.value(began) is True


def test_only_who_may_change_the_event_locks_it_and_nobody_takes_anothers_lock(
    node: Node, event: str
) -> None:
    hidden = f"/intelligence/events/{node.events['own']}"
    with node.browser("police") as other, node.browser("lead") as owner:
        other.get("/")
        assert post(other, hidden + "/editing", {}, "/").status_code == 404
        assert post(other, event + "/editing", {}, "/").status_code == 403
        assert "hx-post" not in other.get(event + "/tags").text
        lock = taken(owner, event)
        assert TOLD in other.get(event + "/tags").text
        assert "lead@people.example" not in other.get(event + "/tags").text
        assert "Bank ISAC, since" in other.get(event + "/tags").text
        assert post(other, event + "/editing", {"leave": str(lock)}, "/").status_code == 204
        assert [row[0] for row in locks(node)] == [lock]
        assert post(owner, event + "/editing", {"leave": "x"}, "/").status_code == 200


def test_a_browser_takes_the_lock_of_an_open_page_and_gives_it_back(
    browser: Browser, node: Node, event: str
) -> None:
    with opened(browser, node, "lead") as first, opened(browser, node, "analyst") as second:
        first.goto(event + "/edit")
        first.wait_for_selector("[data-lock]", state="attached")
        second.goto(event + "/values")
        expect(second.locator("#editing")).to_contain_text(TOLD)
        expect(second.locator("#editing time")).to_have_count(1)
        second.wait_for_selector("[data-lock]", state="attached")
        first.reload()
        expect(first.locator("#editing")).to_contain_text("analyst@people.example")
        first.wait_for_selector("[data-lock]", state="attached")
        first.goto(event)
        second.goto(event)
        second.wait_for_load_state("networkidle")
        second.goto(event + "/edit")
        expect(second.locator("h1")).to_be_visible()
        assert TOLD not in second.content()
