# SPDX-License-Identifier: EUPL-1.2
"""A node for verbs to work on, and verbs to work on it."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from brug.cli.app import run
from brug.directory.node import create_node
from brug.store.bootstrap import bootstrap
from brug.store.home import Home
from brug.store.migrations import migrate
from brug.store.server import SUPERUSER, EmbeddedServer
from brug.store.session import Database


class Verb(Protocol):
    def __call__(self, *arguments: str, code: int = 0) -> Any: ...


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    """A node without vocabularies, which take long; its server runs meanwhile."""
    folder = Path(tempfile.mkdtemp(prefix="brug-cli-"))
    folder.chmod(0o755)
    home = Home(folder / "node")
    home.create()
    server = EmbeddedServer(home, {"fsync": "off", "shared_buffers": "32MB"})
    server.initialise()
    with server:
        bootstrap(server.dsn(SUPERUSER, "postgres"))
        migrate(server.dsn("brug_owner"))
        with (
            Database(server.dsn(), size=1, keys=home.keys) as database,
            database.system() as session,
        ):
            create_node(session, "CSIRT Noordland", "admin@csirt.example", "http://127.0.0.1:8080")
        yield home
    shutil.rmtree(folder)


@pytest.fixture
def verb(home: Home, capsys: pytest.CaptureFixture[str]) -> Verb:
    """Runs a verb with --json and gives what it answers; or what it says, where it fails."""

    def call(*arguments: str, code: int = 0) -> Any:
        capsys.readouterr()
        assert run(["--home", str(home.path), *arguments, "--json"]) == code
        said = capsys.readouterr()
        return json.loads(said.out) if said.out else said.err

    return call
