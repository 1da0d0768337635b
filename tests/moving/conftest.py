# SPDX-License-Identifier: EUPL-1.2
"""Two nodes: one that speaks MISP's interface and is moved out of, one that is moved into."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.api.conftest import World, served, serving, settled, spare_world, world
from tests.conftest import copied
from tests.moving.house import furnish

from brug.directory.node import create_node
from brug.moving.client import Access, Misp
from brug.moving.report import Report
from brug.moving.run import Wanted, move
from brug.store.server import EmbeddedServer
from brug.store.session import Database

__all__ = ["served", "serving", "settled", "spare_world", "world"]


def silent(_step: str, _done: int, _total: int) -> None:
    """Nobody looks."""


@contextmanager
def _house(embedded: EmbeddedServer, settled: World) -> Iterator[World]:
    settled.database.close()
    with (
        copied(embedded, settled.name) as url,
        Database(url, size=4) as database,
        serving(settled.on(database, url)) as node,
    ):
        furnish(node)
        yield node


@pytest.fixture(scope="module")
def old(embedded: EmbeddedServer, settled: World) -> Iterator[World]:
    """A served node with something of everything, for the tests of one module."""
    with _house(embedded, settled) as node:
        yield node


@pytest.fixture
def there(embedded: EmbeddedServer, settled: World) -> Iterator[World]:
    """The same for one test, which changes it."""
    with _house(embedded, settled) as node:
        yield node


@pytest.fixture
def new(embedded: EmbeddedServer, template: str) -> Iterator[Database]:
    """A node as it was made: one organisation, one user."""
    with copied(embedded, template) as url, Database(url, size=2) as database:
        with database.system() as session:
            create_node(session, "CSIRT Noordland", "admin@csirt.example", "http://new.example")
        yield database


def moved(old: World, into: Database, **wanted: Any) -> Report:
    """Moves the old node into another."""
    with Misp(Access(old.url, old.keys["admin"])) as misp:
        return move(misp, into, Wanted(**wanted), silent)
