# SPDX-License-Identifier: EUPL-1.2
"""The frame of the pages in a real browser, under the strict CSP that the node sends."""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace as Record
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from playwright.sync_api import Browser, Page

from brug.web import rendering

WEB = Path(__file__).parents[2] / "src" / "brug" / "web"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'"
)


def context() -> dict[str, Any]:
    return {
        "language": "nl",
        "languages": {"en": "English", "nl": "Nederlands"},
        "theme": "light",
        "zone": None,
        "csrf_token": "token",
        "path": "/sample.html",
        "node": Record(name="CSIRT Noordland", version="0"),
        "navigation": [
            Record(label="Now", href="#now", key="n", current=False, count=3),
            Record(label="Intelligence", href="#intelligence", key="i", current=True, count=None),
        ],
        "reader": Record(name="A. Reader", email="a@noordland.example", organisation="Noordland"),
        "flashes": [Record(kind="good", text="Saved.")],
        "query": "",
        "moment": datetime(2026, 3, 4, 23, 22, 7, tzinfo=UTC),
    }


def render(**changes: Any) -> str:
    environment = Environment(
        loader=FileSystemLoader([WEB / "templates", Path(__file__).parent]),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
    )
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    environment.globals["asset"] = lambda name: f"/static/{name}"
    environment.globals["time_element"] = rendering.time_element
    environment.globals["choices"] = rendering.choices
    environment.globals["hidden"] = rendering.hidden
    return environment.get_template("sample.html").render(**{**context(), **changes})


class Handler(http.server.SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def do_POST(self) -> None:
        posted = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((self.path, posted.decode()))  # type: ignore[attr-defined]
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[http.server.ThreadingHTTPServer]:
    shutil.copytree(WEB / "static", tmp_path / "static")
    (tmp_path / "sample.html").write_text(render())
    handler = functools.partial(Handler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.posted = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def page(browser: Browser, site: http.server.ThreadingHTTPServer) -> Iterator[Page]:
    """The sample at desk width, in Amsterdam; fails on any complaint of the browser."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, timezone_id="Europe/Amsterdam"
    )
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda said: complaints.append(said.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(f"http://127.0.0.1:{site.server_port}/sample.html")
    # The sample holds a field that is wrong, which has the focus; keys act outside of fields.
    opened.evaluate("document.activeElement.blur()")
    yield opened
    context.close()
    assert complaints == []


def test_times_are_in_the_readers_zone_with_utc_in_the_title(page: Page) -> None:
    time = page.locator("tbody time").first
    assert time.inner_text() == "2026-03-05 00:22"
    assert time.get_attribute("title") == "2026-03-04 23:22 UTC"


def test_j_and_k_move_over_the_rows_and_stop_at_their_ends(page: Page) -> None:
    seen = []
    for key in "jjjjkkk":
        page.keyboard.press(key)
        seen.append(page.evaluate("document.activeElement.textContent"))
    first, second, third = "first.example", "second.example", "198.51.100.23"
    assert seen == [first, second, third, third, second, first, first]


def test_keys_lead_to_search_actions_and_rooms_but_not_while_typing(page: Page) -> None:
    page.keyboard.press("e")
    assert page.evaluate("location.hash") == "#edited"
    page.keyboard.press("g")
    page.keyboard.press("n")
    assert page.evaluate("location.hash") == "#now"
    page.keyboard.press("/")
    page.keyboard.type("ge?j")
    assert page.input_value("#search") == "ge?j"


def test_the_list_of_keys_opens_and_can_switch_them_off(page: Page) -> None:
    page.keyboard.press("?")
    page.locator("#shortcuts[open]").get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    assert page.evaluate("location.hash") == ""


def test_a_theme_shows_at_once_and_is_told_to_the_server(
    page: Page, site: http.server.ThreadingHTTPServer
) -> None:
    with page.expect_response("**/preferences"):
        page.click("button[value=dark]")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    posted = site.posted  # type: ignore[attr-defined]
    assert posted == [("/preferences", "_csrf_token=token&next=%2Fsample.html&theme=dark")]


def test_no_width_needs_sideways_scrolling(page: Page) -> None:
    for width in (320, 360, 720, 1024, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width


def test_on_a_narrow_screen_the_facts_come_first_and_folded(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.reload()
    facts, table = page.locator(".facts").bounding_box(), page.locator("table").bounding_box()
    assert facts is not None
    assert table is not None
    assert facts["y"] < table["y"]
    assert page.locator(".facts[open]").count() == 0


def test_a_page_in_full_works_without_script(
    browser: Browser, site: http.server.ThreadingHTTPServer
) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(f"http://127.0.0.1:{site.server_port}/sample.html")
    assert opened.locator("tbody time").first.inner_text() == "2026-03-04 23:22 UTC"
    assert opened.locator(".facts").get_by_text("Changed").is_visible()
    assert not opened.get_by_text("Keyboard shortcuts").first.is_visible()
    context.close()


def test_each_form_control_has_a_name_and_an_error_describes_its_field() -> None:
    text = render()
    assert 'aria-describedby="f-day-error"' in text
    assert '<span class="error" id="f-day-error">Give a date after 1970.</span>' in text
    assert '<label class="visually-hidden" for="search">' in text


def test_what_comes_from_outside_is_escaped_and_a_marking_says_its_word() -> None:
    text = render()
    assert "&lt;b&gt;Sample&lt;/b&gt;" in text
    assert '<span class="marking marking-amber">TLP:AMBER+STRICT</span>' in text


def test_without_rooms_there_is_neither_rail_nor_search() -> None:
    text = render(navigation=[], reader=None, flashes=[])
    assert '<body class="solo"' in text
    assert 'class="rooms"' not in text
    assert 'role="search"' not in text
