# SPDX-License-Identifier: EUPL-1.2
"""A node as anyone makes it, for tests that serve and break copies of it."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BRUG = [sys.executable, "-c", "from brug.cli.app import main; main()"]
Made = tuple[Path, dict[str, Any]]


@pytest.fixture(scope="session")
def initialised() -> Iterator[Made]:
    """The folder that `brug init` made, which nobody serves, and what it said."""
    folder = Path(tempfile.mkdtemp(prefix="brug-faults-"))
    folder.chmod(0o755)
    home = folder / "node"
    arguments = ["init", "--json", "--org", "CSIRT Noordland", "--email", "admin@csirt.example"]
    done = subprocess.run(
        [*BRUG, "--home", str(home), *arguments], capture_output=True, text=True, check=True
    )
    yield home, json.loads(done.stdout)
    shutil.rmtree(folder)


def copied(made: Made, to: Path) -> Made:
    """The same node in another folder."""
    subprocess.run(["cp", "-a", made[0], to], check=True)
    return to, made[1]
