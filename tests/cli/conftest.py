# SPDX-License-Identifier: EUPL-1.2
"""A node for verbs to work on, and verbs to work on it."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
from tests.putting_back import Original

from brug.cli.app import run
from brug.store.home import Home
from brug.store.server import SUPERUSER, EmbeddedServer


class Verb(Protocol):
    def __call__(self, *arguments: str, code: int = 0) -> Any: ...


@pytest.fixture(scope="module")
def home(node_folder: Path, fast_place: str | None) -> Iterator[Home]:
    """A node without vocabularies, which take long; its server runs meanwhile."""
    folder = Path(tempfile.mkdtemp(prefix="brug-cli-", dir=fast_place))
    folder.chmod(0o755)
    home = Home(folder / "node")
    home.create()
    of = Home(node_folder)
    # Programs are not written to: a second name for each will do.
    subprocess.run(["cp", "-a", "--link", of.programs, home.path], check=True)
    for one in (of.node_file, of.config, of.data, of.files, of.keys):
        subprocess.run(["cp", "-a", one, home.path], check=True)
    with EmbeddedServer(home, {"fsync": "off", "shared_buffers": "32MB"}):
        yield home
    shutil.rmtree(folder)


@contextmanager
def original_of(home: Home) -> Iterator[Original]:
    """What a node's database holds now; another node would cost more than any rows."""
    with closing(Original(EmbeddedServer(home).dsn(SUPERUSER), few=100_000)) as original:
        yield original


@pytest.fixture(scope="module")
def original(home: Home) -> Iterator[Original]:
    """A module whose tests all begin with more than a new node has an `original` of its own."""
    with original_of(home) as made:
        yield made


@pytest.fixture
def as_before(original: Original) -> Iterator[None]:
    """For modules whose tests would disturb each other: each finds the same database."""
    yield
    assert original.put_back()


@pytest.fixture
def verb(home: Home, capsys: pytest.CaptureFixture[str]) -> Verb:
    """Runs a verb with --json and gives what it answers; or what it says, where it fails."""

    def call(*arguments: str, code: int = 0) -> Any:
        capsys.readouterr()
        assert run(["--home", str(home.path), *arguments, "--json"]) == code
        said = capsys.readouterr()
        return json.loads(said.out) if said.out else said.err

    return call
