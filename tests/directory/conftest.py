# SPDX-License-Identifier: EUPL-1.2
"""A node with its host and one site admin."""

from collections.abc import Iterator

import msgspec
import pytest

from brug.directory.node import NewNode, create_node
from brug.store.session import Database


class Node(msgspec.Struct):
    database: Database
    made: NewNode


@pytest.fixture
def node(database_url: str) -> Iterator[Node]:
    with Database(database_url, size=6) as database:
        with database.system() as session:
            made = create_node(
                session, "CSIRT Noordland", "admin@csirt.example", "http://node.example"
            )
        yield Node(database, made)
