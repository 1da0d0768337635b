# SPDX-License-Identifier: EUPL-1.2
"""Two served nodes with a bridge between them, for the tests of a module."""

from collections.abc import Iterator

import pytest
from tests.bridges.served import Served, connect, node
from tests.conftest import copied

from brug.store.server import EmbeddedServer


@pytest.fixture(scope="module")
def noordland(embedded: EmbeddedServer, installed: str) -> Iterator[Served]:
    with copied(embedded, installed) as dsn, node("CSIRT Noordland", dsn) as served:
        yield served


@pytest.fixture(scope="module")
def zuidmark(embedded: EmbeddedServer, installed: str) -> Iterator[Served]:
    with copied(embedded, installed) as dsn, node("CERT Zuidmark", dsn) as served:
        yield served


@pytest.fixture(scope="module")
def connected(noordland: Served, zuidmark: Served) -> tuple[Served, Served]:
    """Noordland invited, Zuidmark accepted, people on both sides compared."""
    connect(noordland, zuidmark)
    return noordland, zuidmark
