# SPDX-License-Identifier: EUPL-1.2
"""The arena, made once and copied where it is wanted."""

import copy
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import pytest
import structlog
from tests.api.conftest import World
from tests.conftest import copied
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


class Spare:
    """A copy for one test after another; what one of them changed is put back."""

    def __init__(self, make: Callable[[], AbstractContextManager[Arena]]) -> None:
        self._make = make
        self._open = ExitStack()
        self._arena: Arena | None = None

    def take(self) -> Arena:
        if self._arena is None:
            self._arena = self._open.enter_context(self._make())
        return copy.copy(self._arena)

    def give_back(self) -> None:
        if self._arena is not None and not (self._arena.is_untouched() or self._arena.put_back()):
            self.close()

    def close(self) -> None:
        self._arena = None
        self._open.close()


@pytest.fixture(scope="session")
def spare(embedded: EmbeddedServer, settled_arena: Arena) -> Iterator[Spare]:
    made = Spare(lambda: _copy(embedded, settled_arena))
    yield made
    made.close()


@pytest.fixture
def arena(spare: Spare) -> Iterator[Arena]:
    """A copy for one test, to which nothing has been done."""
    yield spare.take()
    spare.give_back()


@pytest.fixture
def fresh_arena(spare: Spare) -> Callable[[], Any]:
    """A context that gives a copy to which nothing has been done, for each example anew."""

    @contextmanager
    def taken() -> Iterator[Arena]:
        yield spare.take()
        spare.give_back()

    return taken
