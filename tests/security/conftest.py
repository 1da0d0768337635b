# SPDX-License-Identifier: EUPL-1.2
"""The arena, made once and copied where it is wanted."""

import copy
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import structlog
from tests.api.conftest import World
from tests.conftest import copied
from tests.putting_back import Spare
from tests.security.arena import Arena

from brug.store.server import SUPERUSER, EmbeddedServer
from brug.store.session import Database


@pytest.fixture(scope="module", autouse=True)
def quiet() -> Iterator[None]:
    """What is refused a hundred thousand times is not told each time."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session")
def settled_arena(embedded: EmbeddedServer, template: str) -> Iterator[Arena]:
    with copied(embedded, template) as url, Database(url, size=2) as database:
        world = World(database)
        arena = Arena(world, embedded.dsn(SUPERUSER, world.name))
        arena.unread()
        yield arena


@contextmanager
def _copy(embedded: EmbeddedServer, settled: Arena) -> Iterator[Arena]:
    settled.database.close()
    with copied(embedded, settled.world.name) as url, Database(url, size=4) as database:
        other = copy.copy(settled)
        other.world = copy.copy(settled.world)
        other.world.database = database
        other.database = database
        other.app_dsn = url
        with database.system() as session:
            name = session.value("SELECT current_database()")
        other.owner_dsn = embedded.dsn(SUPERUSER, name)
        yield other
        other.unread()


@pytest.fixture(scope="module")
def module_arena(embedded: EmbeddedServer, settled_arena: Arena) -> Iterator[Arena]:
    """One for the tests of a module, which then share what they write."""
    with _copy(embedded, settled_arena) as copied_arena:
        yield copied_arena


@pytest.fixture(scope="session")
def spare(embedded: EmbeddedServer, settled_arena: Arena) -> Iterator[Spare]:
    def make(until: ExitStack) -> tuple[Arena, Callable[[], bool]]:
        made = until.enter_context(_copy(embedded, settled_arena))
        return made, lambda: made.is_untouched() or made.put_back()

    several = Spare(make)
    yield several
    several.close()


@contextmanager
def _lent(several: Spare) -> Iterator[Arena]:
    try:
        yield copy.copy(several.take())  # a test may close what it asks
    finally:
        several.give_back()


@pytest.fixture
def arena(spare: Spare) -> Iterator[Arena]:
    """A copy for one test, to which nothing has been done."""
    with _lent(spare) as found:
        yield found


@pytest.fixture
def fresh_arena(spare: Spare) -> Callable[[], Any]:
    """A context that gives a copy to which nothing has been done, for each example anew."""
    return lambda: _lent(spare)
