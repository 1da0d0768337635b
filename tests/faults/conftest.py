# SPDX-License-Identifier: EUPL-1.2
"""A node as anyone makes it, but for vocabularies, for tests that serve and break copies of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from brug.directory.node import NewNode

BRUG = [sys.executable, "-c", "from brug.cli.app import main; main()"]
Made = tuple[Path, NewNode]


@pytest.fixture(scope="session")
def initialised(made_node: Made) -> Made:
    """A folder that nobody serves, and what was said when it was made."""
    return made_node


def copied(made: Made, to: Path) -> Made:
    """The same node in another folder."""
    subprocess.run(["cp", "-a", made[0], to], check=True)
    return to, made[1]
