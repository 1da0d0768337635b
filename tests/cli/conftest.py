# SPDX-License-Identifier: EUPL-1.2
"""A node for verbs to work on, and verbs to work on it."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from brug.cli.app import run
from brug.store.home import Home
from brug.store.server import EmbeddedServer


class Verb(Protocol):
    def __call__(self, *arguments: str, code: int = 0) -> Any: ...


@pytest.fixture(scope="module")
def home(node_folder: Path, fast_place: str | None) -> Iterator[Home]:
    """A node without vocabularies, which take long; its server runs meanwhile."""
    folder = Path(tempfile.mkdtemp(prefix="brug-cli-", dir=fast_place))
    folder.chmod(0o755)
    home = Home(folder / "node")
    subprocess.run(["cp", "-a", node_folder, home.path], check=True)
    with EmbeddedServer(home, {"fsync": "off", "shared_buffers": "32MB"}):
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
