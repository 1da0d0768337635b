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
from tests.golden.vocabularies import OLDEST, furnish, renumber

from brug.directory.node import create_node
from brug.store import settings
from brug.store.server import SUPERUSER, EmbeddedServer
from brug.store.session import Database

# What was recorded before an area that builds on it: a file, and up to which line.
SEARCHED = ("restsearch-setup", 11)
MORE_BEFORE = {
    "event-index": SEARCHED, "restsearch-attributes": SEARCHED, "restsearch-events": SEARCHED,
    "restsearch-objects": SEARCHED, "restsearch-formats": SEARCHED, "references": ("objects", 101),
}  # fmt: skip


# What was switched on where an area was recorded.
SWITCHED_ON = {"delegation": "events.delegation", "users": "security.self_registration"}


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
                furnish(connection)
                numbering = Numbering(connection)
                numbering.seen |= {("tag", number) for number in range(OLDEST + 1)}
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
            if area in SWITCHED_ON:
                settings.set_value(session, SWITCHED_ON[area], True)
        with psycopg.connect(embedded.dsn(SUPERUSER, name), autocommit=True) as connection:
            replay = Replay(database, prepared.numbering.on(connection), dict(prepared.keys))
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
