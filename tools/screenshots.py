# SPDX-License-Identifier: EUPL-1.2
"""Make the README's two pictures from a node that runs.

Start one with `make demo DEMO=campaign`, then in another terminal, with what it printed:

    make screenshots URL=http://127.0.0.1:PORT EMAIL=ADDRESS PASSWORD=PASSWORD
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "images"
BROWSERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
    "chromium-headless-shell",
)  # fmt: skip
QUIET = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def sign_in(page: Page, url: str, email: str, password: str) -> None:
    page.goto(url)
    page.fill("input[type=email]", email)
    page.fill("input[type=password]", password)
    page.press("input[type=password]", "Enter")
    page.wait_for_selector("nav.rooms")


def take(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"{name}.png")


def open_richest_event(page: Page, url: str) -> None:
    """The event with the most context is one of the demonstration's main ones."""
    page.goto(f"{url}/intelligence/events")
    rows = page.locator("[data-rows] tr").all()
    if not rows:
        sys.exit("The list of events is empty: start the node with make demo DEMO=campaign.")
    richest = max(rows, key=lambda row: row.locator(".chip, .marking").count())
    richest.locator("a").first.click()
    page.wait_for_url("**/intelligence/events/*")


def main() -> None:
    url, email, password = (os.environ.get(name, "") for name in ("URL", "EMAIL", "PASSWORD"))
    if not (url and email and password):
        sys.exit(__doc__)
    browser_path = next(filter(None, map(shutil.which, BROWSERS)), None)
    PICTURES.mkdir(parents=True, exist_ok=True)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=browser_path, args=QUIET + sandbox)
        page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
        sign_in(page, url.rstrip("/"), email, password)
        take(page, "start")
        open_richest_event(page, url.rstrip("/"))
        take(page, "event")
        browser.close()


if __name__ == "__main__":
    main()
