# SPDX-License-Identifier: EUPL-1.2
"""A real PostgreSQL for every test that wants one.

One embedded server per test process, without fsync; one template database with the schema
in it; a fresh copy of that for each test (`database_url`) or for a module
(`module_database_url`). The addresses are for role brug_app; `as_role` gives another's.
"""

import gc
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
import structlog
from hypothesis import HealthCheck, settings
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow
from tests import hashing
from tests.putting_back import Spare, put_back_of
from tests.thorough import examples

from brug.directory.node import NewNode, create_node
from brug.edge import collector
from brug.intel.vocabulary.install import install
from brug.store.bootstrap import bootstrap
from brug.store.home import Home
from brug.store.migrations import migrate
from brug.store.sealing import VARIABLE
from brug.store.server import SUPERUSER, EmbeddedServer
from brug.store.session import Database

UNSAFE_AND_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "256MB",
    "shared_buffers": "64MB",
    # Each copy that is put back is connected to until the last test, by three or more.
    "max_connections": "200",
}
TEMPLATE = "brug_template"
INSTALLED = "brug_with_vocabularies"
MUCH = 4 * 1024**3
# It makes 38 grammars when jsonschema imports it, for addresses (IRI) that no schema here has.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
# Names under .example have no address; a machine without a resolver is asked for a second at most.
os.environ.setdefault("RES_OPTIONS", "timeout:1 attempts:1")
_numbers = count(1)
_superusers: dict[EmbeddedServer, psycopg.Connection[TupleRow]] = {}


# How long an example takes says how busy the machine is.
settings.register_profile(
    "patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow],
    max_examples=examples(100),
)  # fmt: skip
settings.load_profile("patient")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Thousands of tests are made and none is let go: there is no cycle to look for."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """As in a worker of the node; thousands of tests that wait are records like any others."""
    collector.calm()


@pytest.fixture(scope="session", autouse=True)
def keys_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What seals secrets in the databases of tests."""
    os.environ[VARIABLE] = str(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Web servers that tests start do the same."""
    hashing.cheapen()
    yield
    hashing.use(hashing.REAL)


@pytest.fixture(scope="module")
def quiet() -> Iterator[None]:
    """What is refused thousands of times is not told each time."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session")
def as_role() -> Callable[[str, str], str]:
    """Gives the address of the same database for another role."""

    def change(url: str, role: str) -> str:
        return make_conninfo(url, user=role)

    return change


@pytest.fixture(scope="session")
def fast_place() -> str | None:
    """Where databases of tests lie: in memory if there is plenty, else where files go."""
    memory = Path("/dev/shm")  # noqa: S108 — only to hold a folder of random name
    plenty = memory.is_dir() and shutil.disk_usage(memory).free > MUCH
    return str(memory) if plenty else None


@pytest.fixture(scope="session")
def server_folder(fast_place: str | None) -> Iterator[Path]:
    """A folder that the account of the database can reach (pytest's own are closed to it)."""
    folder = Path(tempfile.mkdtemp(prefix="brug-test-", dir=fast_place))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def embedded(server_folder: Path) -> Iterator[EmbeddedServer]:
    """A running server without a database of Brug in it."""
    home = Home(server_folder / "node")
    home.create()
    server = EmbeddedServer(home, UNSAFE_AND_FAST)
    server.initialise()
    with server:
        yield server
        if opened := _superusers.pop(server, None):
            opened.close()


@pytest.fixture(scope="session")
def made_node(server_folder: Path) -> tuple[Path, NewNode]:
    """A node's own folder, to be copied: what `brug init` makes and tells, without vocabularies."""
    home = Home(server_folder / "to-copy")
    home.create()
    server = EmbeddedServer(home, UNSAFE_AND_FAST | {"shared_buffers": "32MB"})
    server.initialise()
    with server:
        bootstrap(server.dsn(SUPERUSER, "postgres"))
        migrate(server.dsn("brug_owner"))
        with (
            Database(server.dsn(), size=1, keys=home.keys) as database,
            database.system() as session,
        ):
            made = create_node(
                session, "CSIRT Noordland", "admin@csirt.example", "http://127.0.0.1:8080"
            )
    return home.path, made


@pytest.fixture(scope="session")
def node_folder(made_node: tuple[Path, NewNode]) -> Path:
    return made_node[0]


@pytest.fixture(scope="session")
def template(embedded: EmbeddedServer) -> str:
    """The name of a database that holds the schema and nothing else."""
    bootstrap(embedded.dsn(SUPERUSER, "postgres"), TEMPLATE)
    migrate(embedded.dsn("brug_owner", TEMPLATE))
    return TEMPLATE


def copy_database(server: EmbeddedServer, template: str, name: str) -> None:
    """A copy of a database that nobody is connected to, under a name, for brug_app to use."""
    connection = _superuser(server)
    connection.execute(
        sql.SQL("create database {} template {} strategy file_copy owner brug_owner").format(
            sql.Identifier(name), sql.Identifier(template)
        )
    )
    connection.execute(
        sql.SQL("grant connect, temporary on database {} to brug_app, brug_jobs").format(
            sql.Identifier(name)
        )
    )


def _superuser(server: EmbeddedServer) -> psycopg.Connection[TupleRow]:
    """One connection to a server for all that is copied and dropped, as long as it lasts."""
    found = _superusers.get(server)
    if found is None or found.closed:
        found = psycopg.connect(server.dsn(SUPERUSER, "postgres"), autocommit=True)
        _superusers[server] = found
    return found


@pytest.fixture(scope="session")
def installed(embedded: EmbeddedServer, template: str) -> str:
    """The name of a database that holds the schema and the published vocabularies."""
    copy_database(embedded, template, INSTALLED)
    with psycopg.connect(embedded.dsn("brug_owner", INSTALLED), autocommit=True) as owner:
        install(owner)
    return INSTALLED


@contextmanager
def copied(server: EmbeddedServer, template: str) -> Iterator[str]:
    """A copy of the template for as long as the block runs; its address as brug_app."""
    name = f"test_{next(_numbers)}"
    copy_database(server, template, name)
    yield server.dsn("brug_app", name)
    drop_database(server, name)


def drop_database(server: EmbeddedServer, name: str) -> None:
    """Whoever is connected to it."""
    _superuser(server).execute(
        sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
    )


@pytest.fixture(scope="session")
def spare_database(embedded: EmbeddedServer, template: str) -> Iterator[Spare]:
    def make(until: ExitStack) -> tuple[str, Callable[[], bool]]:
        url = until.enter_context(copied(embedded, template))
        return url, put_back_of(until, make_conninfo(url, user=SUPERUSER))

    spare = Spare(make)
    yield spare
    spare.close()


@pytest.fixture
def database_url(spare_database: Spare) -> Iterator[str]:
    """A database for one test, to which nothing has been done."""
    yield spare_database.take()
    spare_database.give_back()


@pytest.fixture(scope="module")
def module_database_url(embedded: EmbeddedServer, template: str) -> Iterator[str]:
    """A fresh database for the tests of one module, which then share what they write."""
    with copied(embedded, template) as url:
        yield url
