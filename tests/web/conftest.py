# SPDX-License-Identifier: EUPL-1.2
"""A real browser for the tests that need one, and a node that serves pages."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.conftest import copied
from tests.listening import free_port, listening
from tests.web.node import Node

from brug.store.server import EmbeddedServer
from brug.store.session import Database

# The first is nothing but what draws pages, at two thirds of the price.
BROWSERS = (
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome",
    "google-chrome-stable",
)  # fmt: skip
# A browser under test calls nobody; as root, Chromium starts only without its sandbox.
FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Make a context of its own for each test: `browser.new_context(...)`, and close it."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        assert sys.__stderr__ is not None
        sys.__stderr__.write("\nNO CHROMIUM ON THIS MACHINE: BROWSER TESTS ARE SKIPPED\n")
        pytest.skip("no Chromium on this machine: browser tests are skipped")
    with sync_playwright() as player:
        started = player.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def node(embedded: EmbeddedServer, template: str) -> Iterator[Node]:
    """A served node for the tests of one module, which share what they write."""
    with (
        copied(embedded, template) as dsn,
        Database(dsn, size=3) as database,
        listening(dsn, free_port()) as url,
    ):
        made = Node(database, url)
        yield made
        made.close()
