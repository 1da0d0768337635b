# SPDX-License-Identifier: EUPL-1.2
"""A node with its host and one site admin."""

from collections.abc import Iterator

import msgspec
import pytest
from tests.putting_back import Spare
from tests.spares import lent, spare

from brug.directory.node import NewNode, create_node
from brug.store.server import EmbeddedServer
from brug.store.session import Database


class Node(msgspec.Struct):
    database: Database
    made: NewNode


def a_node(database: Database) -> Node:
    with database.system() as session:
        made = create_node(session, "CSIRT Noordland", "admin@csirt.example", "http://node.example")
    return Node(database, made)


@pytest.fixture(scope="session")
def spare_node(embedded: EmbeddedServer, template: str) -> Iterator[Spare]:
    with spare(embedded, template, lambda database, _: a_node(database)) as several:
        yield several


@pytest.fixture
def node(spare_node: Spare) -> Iterator[Node]:
    with lent(spare_node) as found:
        # Whose a key is, is remembered while a count stands still that goes back between tests.
        found.database.forget_key(found.made.api_key)
        yield found
