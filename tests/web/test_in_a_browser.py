# SPDX-License-Identifier: EUPL-1.2
"""The node's pages in a real browser: inert content, keys, widths, script or none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect
from tests.thorough import share
from tests.web import in_full
from tests.web.node import PASSWORD, Node
from tests.web.test_every_page import READABLE, name_of, path_of

from brug.web.page import Page as Row

FILES = (
    "events/{key:str}/export", "/feed/{token:str}",
    "openapi.json", ".ico", ".svg", "/proof", "/checkpoints/{log:int}", "/checkpoint",
    "/document",
    "/documents/{document:str}", "/{report:str}/json", "/{report:str}/pdf",
    "/draft.json", "/releases/{version:str}", "/cve/{number:str}",
    "/summary/json", "/summary/csv", "/summary/pdf",
    "/decisions/csv", "/statistics/csv", "/{kept:int}/file",
)  # fmt: skip
HEIGHT = 400  # of what is drawn, which takes its time for each line of it
PAGES = [row for row in READABLE if not row.path.endswith(FILES)]


@contextmanager
def opened(
    browser: Browser, node: Node, who: str, *, by_hand: bool = False, **more: Any
) -> Iterator[Page]:
    """A browser that someone has signed in with, `by_hand` in it; fails on any complaint of it."""
    context = browser.new_context(
        base_url=node.url, timezone_id="Europe/Amsterdam",
        **{"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", **more},
    )  # fmt: skip
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(f"{page.url}: {said.text}"))
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on("dialog", lambda dialog: complaints.append(f"{page.url}: {dialog.message}"))
    if by_hand:
        page.goto("/sign-in")
        page.fill("input[type=email]", node.email(who))
        page.fill("input[type=password]", PASSWORD)
        page.press("input[type=password]", "Enter")
    else:
        cookie = node.known(who)[0].cookies["brug"]
        context.add_cookies([{"name": "brug", "value": cookie, "url": node.url}])
        page.goto("/")
    page.wait_for_selector("nav.rooms")
    yield page
    context.close()
    # Chromium's advice, and that it was quicker to focus a field than the page's own wish to.
    ours = [c for c in complaints if "goo.gl/9p2vKq" not in c and "Autofocus" not in c]
    assert ours == []


@pytest.fixture(scope="module")
def node(node: Node) -> Node:
    """With everything on it switched on and used."""
    in_full.fill(node)
    return node


@pytest.fixture(scope="module")
def admin(browser: Browser, node: Node) -> Iterator[Page]:
    with opened(browser, node, "admin") as page:
        yield page


# In how many lines each of several rows of tabs stands where the page has its own.
LINES = """(several) => several.map((tabs) => {
    document.querySelector('.tabs').outerHTML = tabs;
    return new Set([...document.querySelector('.tabs').children].map((c) => c.offsetTop)).size;
})"""
TABS = re.compile('<ul class="tabs.*?</ul>', re.DOTALL)
# Asked at once: each question has its price, and a locator, for a page, that of many.
FOUND = """({
    hit: window.hit,
    foreign: document.querySelectorAll('img, script:not([src])').length,
    links: [...document.links].every((link) => /^https?:$/.test(link.protocol)
        && (link.host === location.host || link.rel.includes('noopener'))),
    // The controls that have no name.
    nameless: [...document.querySelectorAll(
        'input:not([type=hidden]), select, textarea, button')]
        .filter((c) => !(c.labels?.length || c.ariaLabel || c.textContent.trim()))
        .map((c) => c.outerHTML),
    titles: document.querySelectorAll('h1').length,
    twice: [...document.querySelectorAll('[id]')].map((e) => e.id)
        .filter((id, at, ids) => ids.indexOf(id) !== at),
    // Headings that leave out a level.
    skips: [...document.querySelectorAll('main :is(h1, h2, h3, h4, h5, h6)')]
        .filter((h, at, all) => at && h.tagName[1] > +all[at - 1].tagName[1] + 1)
        .map((h) => h.outerHTML),
})"""


@pytest.mark.parametrize("row", PAGES, ids=name_of)
def test_hostile_content_is_inert_all_has_a_name_and_no_width_scrolls_sideways(
    admin: Page, node: Node, row: Row
) -> None:
    asked: list[str] = []

    def noted(request: Request) -> None:
        asked.append(request.url)

    admin.on("request", noted)
    first, *others = widths_of(row)
    admin.set_viewport_size({"width": first, "height": HEIGHT})
    admin.goto(path_of(row, node))
    found = admin.evaluate(FOUND)
    assert found["hit"] is None
    assert found["foreign"] == 0
    assert found["links"]
    assert found["nameless"] == []
    assert found["titles"] == 1
    assert found["twice"] == []
    assert found["skips"] == []
    for width in (first, *others):
        admin.set_viewport_size({"width": width, "height": HEIGHT})
        wide = admin.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{wide} px of {width}: {widest(admin)}"
    admin.remove_listener("request", noted)
    assert all(url.startswith(node.url) for url in asked)


def widths_of(row: Row) -> Sequence[int]:
    """The narrowest, which most pages break at, and one more of all; either may be the first, which
    is that of the page before, so that there is less to draw."""
    widths = [360, *share((719, 1024, 1280, 1920), row.path, 4)]
    return widths if PAGES.index(row) % 2 else widths[::-1]


def widest(page: Page) -> str:
    """The elements that stand out furthest, for whoever has to mend them."""
    return str(
        page.evaluate(
            "[...document.querySelectorAll('main *:not(.tabs *)')]"
            ".filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth)"
            ".map((e) => e.outerHTML.slice(0, 90)).slice(0, 3)"
        )
    )


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_tabs_of_the_bridges_stand_in_one_line(
    browser: Browser, node: Node, language: str
) -> None:
    rooms = [row for row in PAGES if row.path.startswith("/bridges")]
    with opened(browser, node, "admin", viewport={"width": 1280, "height": HEIGHT}) as page:
        page.goto("/account")
        page.click(f"button[name=language][value={language}]")
        page.wait_for_selector(f"html[lang={language}]")
        client, _ = node.known("admin")
        paths = [path_of(row, node) for row in rooms]
        several = sorted({tabs for path in paths for tabs in TABS.findall(client.get(path).text)})
        assert len(several) > 5
        page.goto(paths[0])
        assert page.evaluate(LINES, several) == [1] * len(several), several


def test_reports_and_notes_are_shown_as_text_with_safe_links(admin: Page, node: Node) -> None:
    admin.goto(f"/intelligence/events/{node.events['open']}")
    assert admin.locator(".report .prose").count() == 1
    assert admin.locator("[aria-labelledby=notes-title] .prose").count() == 1
    for written in admin.locator(".prose").all():
        links = written.locator("a").evaluate_all("all => all.map((a) => [a.textContent, a.href])")
        assert links == [
            ["there", "https://example.com/page"],
            ["seen", "https://192.0.2.9/seen.png"],
            ["https://example.com/auto", "https://example.com/auto"],
        ]
        assert "<b>bold</b>" in written.inner_text()


def test_the_whole_way_to_an_event_needs_no_mouse(browser: Browser, node: Node) -> None:
    with opened(browser, node, "reader", by_hand=True) as page:
        page.keyboard.press("g")
        page.keyboard.press("i")
        page.wait_for_url("**/intelligence/events")
        page.keyboard.press("j")
        page.keyboard.press("j")
        title = page.evaluate("document.activeElement.textContent")
        page.keyboard.press("Enter")
        page.wait_for_url("**/intelligence/events/*")
        assert title in page.inner_text("h1")
        page.keyboard.press("/")
        page.keyboard.type("shared.example")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?q=shared.example")
        assert "Known" in page.inner_text("main")


def test_with_script_a_filter_changes_the_list_alone_and_its_address(
    browser: Browser, node: Node
) -> None:
    with opened(browser, node, "reader") as page:
        page.goto("/intelligence/events")
        count = page.locator("#events tbody tr").count()
        assert count > 1
        page.evaluate("window.stayed = true")
        page.fill("#f-text", "Only for")
        page.wait_for_url("**/intelligence/events?text=Only*")
        expect(page.locator("#events tbody tr")).to_have_count(1)
        assert page.evaluate("window.stayed")
        page.go_back()
        expect(page.locator("#events tbody tr")).to_have_count(count)


def test_without_script_everything_leads_somewhere(browser: Browser, node: Node) -> None:
    with opened(browser, node, "analyst", by_hand=True, java_script_enabled=False) as page:
        page.goto("/intelligence/events")
        page.fill("#f-text", "Seen elsewhere")
        page.get_by_role("button", name="Filter").click()
        assert page.locator("#events tbody tr").count() == 1
        page.goto("/intelligence/add")
        page.fill("textarea", "The host evil.example and 203.0.113.77 were seen.")
        page.get_by_role("button", name="Find values").click()
        page.get_by_role("button", name="Keep as a draft").click()
        assert "Kept as a draft with 2 values." in page.inner_text("main")
        page.get_by_role("button", name="Nederlands").click()
        assert page.locator("html").get_attribute("lang") == "nl"
        page.get_by_role("button", name="Donker").click()
        assert page.locator("html").get_attribute("data-theme") == "dark"
        page.get_by_role("button", name="English").click()


def test_a_theme_and_a_language_stay_after_the_page_is_left(browser: Browser, node: Node) -> None:
    with opened(browser, node, "publisher") as page:
        with page.expect_response("**/preferences"):
            page.click("button[value=dark]")
        page.goto("/account")
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
        page.click("button[value=nl]")
        page.wait_for_selector("html[lang=nl]")
        assert "Mijn account" in page.inner_text("main")
