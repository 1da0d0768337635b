# SPDX-License-Identifier: EUPL-1.2
"""Casework in a real browser: by keyboard, without script, on the clock of the reader."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect
from tests.web import casework
from tests.web.casework import join, seen
from tests.web.node import PASSWORD, Node
from tests.web.test_in_a_browser import opened

from brug.cases.acts import Planned, Recorded, Said
from brug.store import settings


@pytest.fixture(scope="module")
def node(node: Node) -> Node:
    casework.hire(node)
    return node


def test_a_case_is_worked_on_without_a_mouse(browser: Browser, node: Node) -> None:
    number = casework.opened(node, "By keyboard")
    with opened(browser, node, "handler") as page:
        page.keyboard.press("g")
        page.keyboard.press("c")
        page.wait_for_url("**/cases")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/cases/{number}")
        page.keyboard.press("e")
        page.wait_for_url("**/edit")
        page.locator("[name='fields.contact']").focus()
        page.keyboard.type("the desk")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/cases/{number}#fields")
        expect(page.locator("#fields")).to_contain_text("the desk")
        fold = page.locator("#form-said > summary")
        fold.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.type("typed blind")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#said")).to_contain_text("typed blind")
        page.locator("#form-embargoed > a").focus()
        page.keyboard.press("Enter")
        expect(page.locator("[id='f-embargoed.until']")).to_be_focused()
        assert page.input_value("[id='f-embargoed.zone']") == "Europe/Amsterdam"
        assert page.evaluate(
            "[...document.querySelectorAll('main a, main button, main summary, main input,"
            " main select, main textarea')].every((e) => e.tabIndex >= 0 || e.type === 'hidden')"
        )


def test_a_field_that_is_refused_has_the_focus_and_its_fold_is_open(
    browser: Browser, node: Node
) -> None:
    number = casework.opened(node, "Refused")
    # The browser writes of each refusal in its console, which `opened` takes for a fault.
    with browser.new_context(base_url=node.url) as context:
        page = context.new_page()
        page.goto("/sign-in")
        page.fill("input[type=email]", node.email("handler"))
        page.fill("input[type=password]", PASSWORD)
        page.press("input[type=password]", "Enter")
        page.wait_for_selector("nav.rooms")
        page.goto(f"/cases/{number}?open=decided")
        page.fill("[id='f-decided.question']", "Pay?")
        page.fill("[id='f-decided.outcome']", " ")
        page.locator("#decided button").click()
        field = page.locator("[id='f-decided.outcome']")
        expect(field).to_be_focused()
        expect(field).to_have_attribute("aria-invalid", "true")
        assert page.input_value("[id='f-decided.question']") == "Pay?"
    assert len(seen(node, number).timeline) == 1


def test_who_turns_a_page_of_a_list_by_keyboard_stays_in_that_list(
    browser: Browser, node: Node
) -> None:
    number = casework.opened(node, "Turned")
    for n in range(12):
        casework.do(node, number, Said(text=f"message {n:02}"))
    with opened(browser, node, "handler") as page:
        page.goto(f"/cases/{number}")
        page.locator("#said a[rel=next]").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#said")).to_contain_text("message 00")
        expect(page.locator("#said")).to_be_focused()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('#said') !== null")


def test_a_link_of_a_script_leads_to_signing_in_where_that_is_over(
    browser: Browser, node: Node
) -> None:
    number = casework.opened(node, "Signed out meanwhile")
    with opened(browser, node, "handler") as page:
        page.goto(f"/cases/{number}")
        page.context.clear_cookies(name="brug")
        page.click("#form-joined > a")
        page.wait_for_url(f"**/sign-in?next=%2Fcases%2F{number}")


def test_a_time_is_on_the_clock_of_the_browser_where_no_zone_is_chosen(
    browser: Browser, node: Node
) -> None:
    number = casework.opened(node, "Clocks")
    with opened(browser, node, "handler") as page:
        page.goto(f"/cases/{number}?open=recorded&fact=aware_at#recorded")
        assert page.input_value("[id='f-recorded.zone']") == "Europe/Amsterdam"
        page.fill("[id='f-recorded.at']", "2026-07-01T09:30")
        page.locator("#recorded").get_by_role("button", name="Record").click()
        expect(page.locator("#recorded table time")).to_contain_text(["2026-07-01 09:30"])
    act = seen(node, number).timeline[-1].act
    assert isinstance(act, Recorded)
    assert (act.at, act.zone) == ("2026-07-01T07:30:00Z", "Europe/Amsterdam")


def test_without_script_a_case_is_opened_and_said_something_in_to_some(
    browser: Browser, node: Node
) -> None:
    with opened(browser, node, "handler", java_script_enabled=False) as page:
        page.goto("/cases/new?kind=incident")
        page.fill("#f-title", "No script")
        page.locator("[name='fields.sector']").select_option("health")
        page.get_by_role("button", name="Open the case").click()
        number = page.url.rpartition("/")[2]
        join(node, number, "Zuidmark Police", "csirt")
        join(node, number, "CSIRT Noordland", "observer")
        page.goto(f"/cases/{number}")
        page.locator("#form-said > summary").click()
        page.fill("[id='f-said.text']", "for the police")
        page.get_by_label("Zuidmark Police · CSIRT that helps").first.check()
        page.get_by_role("button", name="Say", exact=True).click()
        assert "Only for Zuidmark Police" in page.inner_text("#said")
    case = seen(node, number)
    assert case.fields == {"sector": "health"}
    said = case.timeline[-1]
    assert isinstance(said.act, Said)
    assert [case.participants[one].name for one in said.to] == ["Zuidmark Police"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_board_scrolls_in_its_own_frame_and_stacks_where_it_is_narrow(
    browser: Browser, node: Node, theme: str
) -> None:
    casework.opened(node, "A title that is long enough to wrap in any lane of the board")
    with opened(browser, node, "handler", color_scheme=theme) as page:
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto("/cases/board?kind=incident")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            lanes = page.locator(".lanes > section")
            places = lanes.evaluate_all("all => all.map(e => e.offsetLeft)")
            assert (len(set(places)) == 1) is (width < 720)
            page.locator(".lanes").focus()
            expect(page.locator(".lanes")).to_be_focused()


def test_a_report_is_read_where_it_is_narrow_and_sent(browser: Browser, node: Node) -> None:
    number = casework.opened(
        node, "Reported", contact="w" * 400, suspected_malicious="unknown", cross_border="no"
    )
    part = join(node, number, "Zuidmark Police", "entity")
    aware = Recorded(fact="aware_at", at="2026-03-28T12:00:00Z", zone="UTC", of=part)
    casework.do(node, number, aware)
    casework.do(node, number, Said(text=f"See https://x.example/{'w' * 400}"))
    with opened(browser, node, "handler", viewport={"width": 390, "height": 800}) as page:
        for place in ("", "/reports", "/reports/nis2-early-warning", "/reports/nis2-final"):
            page.goto(f"/cases/{number}{place}")
            expect(page.locator("h1")).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), place
        page.goto(f"/cases/{number}/reports/nis2-early-warning")
        page.get_by_label("When it was sent").fill("2026-03-28T20:00")
        page.get_by_label("Time zone").fill("Europe/Amsterdam")
        page.get_by_role("button", name="Keep what was sent").click()
        expect(page.locator("#kept-title")).to_be_visible()
    fact = seen(node, number).fact("warning_submitted_at", part)
    assert fact
    assert fact.at == "2026-03-28T19:00:00Z"


def test_deadlines_have_room_for_what_they_are_and_are_no_wider_than_their_place(
    browser: Browser, node: Node
) -> None:
    every = ["controller", "critical_entity", "financial_entity", "manufacturer"]
    number = casework.opened(node, "Bound by many laws", bound_as=every)
    part = join(node, number, "Zuidmark Police", "entity")
    aware = Recorded(fact="aware_at", at="2026-11-20T08:00:00Z", zone="UTC", of=part)
    casework.do(node, number, aware)
    out = (
        "[...document.querySelectorAll('main table')].filter(one => one.offsetWidth >"
        " one.parentElement.clientWidth + 1).map(one => one.parentElement.id)"
    )
    with opened(browser, node, "handler", viewport={"width": 1280, "height": 800}) as page:
        for language in ("en", "nl"):
            page.set_extra_http_headers({"Accept-Language": language})
            page.goto(f"/cases/{number}")
            assert page.locator("#due tbody tr").count() >= 8
            assert page.evaluate(out) == []
            titles = page.locator("#due th[scope=row]")
            assert min(titles.evaluate_all("all => all.map(e => e.offsetWidth)")) >= 200


@pytest.mark.parametrize("keeps_cookies", [True, False])
def test_a_finder_reports_and_comes_back_without_script_or_cookies(
    browser: Browser, node: Node, *, keeps_cookies: bool
) -> None:
    with node.database.system() as session:
        settings.set_value(session, "cases.intake", True)
    with browser.new_context(base_url=node.url, java_script_enabled=False) as context:
        page = context.new_page()

        def send(**fields: str) -> None:
            for name, value in fields.items():
                page.fill(f"[name={name}]", value)
            if not keeps_cookies:
                context.clear_cookies()
            page.click("main button.primary")

        page.goto("/report-vulnerability")
        send(products="Pump controller 2.1", summary="A packet of 9 bytes stops it.")
        code = page.text_content("main code", timeout=5000)
        assert code
        page.goto("/report-vulnerability/answer")
        send(code=code)
        expect(page.locator("main")).to_contain_text("Pump controller 2.1")
        send(text="It is so with version 3, too.")
        expect(page.locator("main")).to_contain_text("It is so with version 3, too.")


def test_the_sheet_and_the_agenda_of_a_month_are_on_one_clock(browser: Browser, node: Node) -> None:
    number = casework.opened(node, "One clock")
    due = "2031-03-30T23:30:00Z"
    casework.do(node, number, Planned(task=str(uuid4()), title="At night", due=due))
    with opened(browser, node, "handler") as page:
        page.goto("/cases/calendar?month=2031-03")
        assert page.inner_text(".month .clock") == "23:30"
        assert page.inner_text("#d-2031-03-30 + ul time") == "2031-03-30 23:30"
        assert page.get_by_role("link", name="choose your time zone").count() == 1


def test_the_head_of_a_table_that_scrolls_hides_no_row(browser: Browser, node: Node) -> None:
    casework.opened(node, "Counted")
    with opened(browser, node, "handler") as page:
        page.goto("/cases/statistics")
        head, row = (page.locator(f".scroll {part} tr").first for part in ("thead", "tbody"))
        tops = [
            one.evaluate("e => [...e.cells].map(c => c.getBoundingClientRect())")
            for one in (head, row)
        ]
        assert max(cell["bottom"] for cell in tops[0]) <= min(cell["top"] for cell in tops[1])
