# SPDX-License-Identifier: EUPL-1.2
"""A node with the organisations, users, keys and group that the recordings were made with."""

from collections.abc import Iterator

import msgspec
import psycopg
import pytest
from tests.conftest import copied
from tests.golden.numbering import Numbering
from tests.golden.recording import FOLDER, exchanges
from tests.golden.replaying import HOST, URL, Replay, Replayed
from tests.golden.vocabularies import renumber

from brug.directory.node import create_node
from brug.store.server import SUPERUSER, EmbeddedServer
from brug.store.session import Database

MORE_BEFORE = {"event-index", "restsearch-attributes", "restsearch-events", "restsearch-objects",
               "restsearch-formats"}  # fmt: skip


class Prepared(msgspec.Struct):
    """The node after `setup`, for copying."""

    name: str
    numbering: Numbering
    keys: dict[str, str]
    replayed: list[Replayed]


@pytest.fixture(scope="session")
def prepared(embedded: EmbeddedServer, installed: str) -> Iterator[Prepared]:
    if not FOLDER.is_dir():
        pytest.skip("the recordings of a MISP are not beside the project")
    with copied(embedded, installed) as url:
        with Database(url, size=2) as database:
            with database.system() as session:
                name = session.value("SELECT current_database()")
                made = create_node(session, HOST, "admin@admin.test", URL)
            with psycopg.connect(embedded.dsn(SUPERUSER, name), autocommit=True) as connection:
                renumber(connection)
                numbering = Numbering(connection)
                replay = Replay(database, numbering, {"admin": made.api_key})
                replayed = replay.run(exchanges("setup"))
        yield Prepared(name, numbering, replay.keys, replayed)


@pytest.fixture
def replayed(
    request: pytest.FixtureRequest, embedded: EmbeddedServer, prepared: Prepared
) -> Iterator[list[Replayed]]:
    """The exchanges of the area in the test's parameter, replayed on a copy of that node."""
    area = request.getfixturevalue("area")
    if area == "setup":
        yield prepared.replayed
        return
    with copied(embedded, prepared.name) as url, Database(url, size=2) as database:
        with database.system() as session:
            name = session.value("SELECT current_database()")
        with psycopg.connect(embedded.dsn(SUPERUSER, name), autocommit=True) as connection:
            replay = Replay(database, prepared.numbering.on(connection), dict(prepared.keys))
            if area in MORE_BEFORE:
                replay.run(exchanges("restsearch-setup"))
            yield replay.run(exchanges(area))
