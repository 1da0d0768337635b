# SPDX-License-Identifier: EUPL-1.2
"""A node with the organisations, users, keys and group that the recordings were made with."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from tests.conftest import copied
from tests.golden.numbering import Numbering
from tests.golden.recording import FOLDER, exchanges
from tests.golden.replaying import HOST, URL, Replay, Replayed
from tests.golden.vocabularies import OLDEST, furnish, install_few, renumber

from brug.directory.node import create_node
from brug.store import settings
from brug.store.server import SUPERUSER, EmbeddedServer
from brug.store.session import Database

# What was recorded before an area that builds on it: a file, and up to which line.
SEARCHED = ("restsearch-setup", 11)
AFTER_SEARCHED = {
    "event-index", "restsearch-attributes", "restsearch-events", "restsearch-objects",
    "restsearch-formats",
}  # fmt: skip
MORE_BEFORE = {"references": ("objects", 101)}


# What was switched on where an area was recorded.
SWITCHED_ON = {"delegation": "events.delegation", "users": "security.self_registration"}


class Prepared(msgspec.Struct):
    """The node after `setup`, for copying."""

    name: str
    numbering: Numbering
    keys: dict[str, str]
    replayed: list[Replayed]


@pytest.fixture(scope="session")
def prepared(embedded: EmbeddedServer, template: str) -> Iterator[Prepared]:
    if not FOLDER.is_dir():
        pytest.skip("the recordings of a MISP are not beside the project")
    with copied(embedded, template) as url:
        with psycopg.connect(make_conninfo(url, user="brug_owner"), autocommit=True) as owner:
            install_few(owner)
        with Database(url, size=2) as database:
            with database.system() as session:
                name = session.value("SELECT current_database()")
                made = create_node(session, HOST, "admin@admin.test", URL)
            with psycopg.connect(embedded.dsn(SUPERUSER, name), autocommit=True) as connection:
                renumber(connection)
                furnish(connection)
                numbering = Numbering(connection)
                numbering.seen |= {("tag", number) for number in range(OLDEST + 1)}
                replay = Replay(database, numbering, {"admin": made.api_key})
                replayed = replay.run(exchanges("setup"))
        yield Prepared(name, numbering, replay.keys, replayed)


@pytest.fixture(scope="session")
def searched(embedded: EmbeddedServer, prepared: Prepared) -> Iterator[Prepared]:
    """That node with what several areas search."""
    before, last = SEARCHED
    with copied(embedded, prepared.name) as url:
        with going_on(prepared, url) as replay:
            replay.run(exchanges(before)[:last])
            name = replay.numbering.connection.info.dbname
        yield Prepared(name, replay.numbering, replay.keys, [])


@contextmanager
def going_on(since: Prepared, url: str) -> Iterator[Replay]:
    """On a copy of a node."""
    with (
        Database(url, size=2) as database,
        psycopg.connect(make_conninfo(url, user=SUPERUSER), autocommit=True) as connection,
    ):
        yield Replay(database, since.numbering.on(connection), dict(since.keys))


@pytest.fixture
def replayed(
    request: pytest.FixtureRequest, embedded: EmbeddedServer, prepared: Prepared
) -> Iterator[list[Replayed]]:
    """The exchanges of the area in the test's parameter, replayed on a copy of that node."""
    area = request.getfixturevalue("area")
    if area == "setup":
        yield prepared.replayed
        return
    since = request.getfixturevalue("searched") if area in AFTER_SEARCHED else prepared
    with copied(embedded, since.name) as url, going_on(since, url) as replay:
        if area in SWITCHED_ON:
            with replay.database.system() as session:
                settings.set_value(session, SWITCHED_ON[area], True)
        if area in MORE_BEFORE:
            before, last = MORE_BEFORE[area]
            replay.run(exchanges(before)[:last])
        yield replay.run(exchanges(area))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was compared, what of it is equal or meant, and what the node does not have."""
    found = [
        value
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        for name, value in getattr(report, "user_properties", [])
        if name == "golden" and report.when == "call"
    ]
    if not found:
        return
    terminalreporter.section("compared with a stock MISP")
    for one in found:
        meant = ", ".join(f"{reason} {count}" for reason, count in sorted(one["excused"].items()))
        terminalreporter.line(
            f"{one['area']}: {one['compared']} compared, {one['equal']} equal,"
            f" meant: {meant or 'none'}, unexplained {len(one['unexplained'])},"
            f" absent {sum(one['absent'].values())}"
        )
    names = sorted({name for one in found for name in one["absent"]})
    terminalreporter.line(f"absent endpoints: {', '.join(names)}")
