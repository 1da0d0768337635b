# SPDX-License-Identifier: EUPL-1.2
"""Two served nodes with a bridge between them, for the tests of a module; nodes that are not."""

from collections.abc import Iterator

import pytest
from tests.bridges.crossing.three_nodes import Nodes
from tests.bridges.served import Served, connect, node
from tests.bridges.world import World, world_of
from tests.conftest import copied
from tests.putting_back import Spare
from tests.spares import lent, spare

from brug.store.server import EmbeddedServer


@pytest.fixture(scope="module")
def noordland(embedded: EmbeddedServer, template: str) -> Iterator[Served]:
    with copied(embedded, template) as dsn, node("CSIRT Noordland", dsn) as served:
        yield served


@pytest.fixture(scope="module")
def zuidmark(embedded: EmbeddedServer, template: str) -> Iterator[Served]:
    with copied(embedded, template) as dsn, node("CERT Zuidmark", dsn) as served:
        yield served


@pytest.fixture(scope="module")
def connected(noordland: Served, zuidmark: Served) -> tuple[Served, Served]:
    """Noordland invited, Zuidmark accepted, people on both sides compared."""
    connect(noordland, zuidmark)
    return noordland, zuidmark


@pytest.fixture(scope="session")
def spare_world(embedded: EmbeddedServer, template: str) -> Iterator[Spare]:
    with spare(embedded, template, lambda database, _: world_of(database)) as several:
        yield several


@pytest.fixture
def world(spare_world: Spare) -> Iterator[World]:
    """A node with two partners, as it was before anything happens."""
    with lent(spare_world) as found:
        yield found


@pytest.fixture(scope="session")
def nodes(
    embedded: EmbeddedServer, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Nodes]:
    """Three in this process, each connected with the others, for one test after another."""
    made = Nodes(embedded, template, tmp_path_factory.mktemp("three"))
    yield made
    made.drop()
