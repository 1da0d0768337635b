# SPDX-License-Identifier: EUPL-1.2
"""Nodes of their own for the tests that start, stop and break servers."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from brug.store import postmaster
from brug.store.home import Home, NodeFile
from brug.store.server import EmbeddedServer

FAST = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "16MB"}


@pytest.fixture
def place(fast_place: str | None) -> Iterator[Path]:
    """An empty folder that every account can enter."""
    folder = Path(tempfile.mkdtemp(prefix="brug-test-", dir=fast_place))
    folder.chmod(0o755)
    yield folder
    for data in folder.rglob("PG_VERSION"):
        for pid in postmaster.processes_of(data.parent):
            postmaster.send(pid, signal.SIGKILL)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def made_once(server_folder: Path) -> Path:
    """A data folder to copy, for tests to which its making is nothing new."""
    home = Home(server_folder / "made-once")
    home.create()
    EmbeddedServer(home, FAST).initialise()
    return home.data


@pytest.fixture
def make_server(place: Path, made_once: Path) -> Callable[..., EmbeddedServer]:
    """Makes a node with a data folder below `place`."""

    def make(path: str = "node", server_user: str = "nobody") -> EmbeddedServer:
        home = Home(place / path)
        home.create(NodeFile(server_user=server_user))
        if path == "node" and server_user == "nobody" and not list(home.path.glob("data*")):
            subprocess.run(["cp", "-a", made_once, home.data], check=True)
        server = EmbeddedServer(home, FAST)
        server.initialise()
        return server

    return make


BECOME = """
import encodings.idna, os, socket, sys
import psycopg
from brug.store.server import EmbeddedServer
from brug.store.home import Home
account = int(sys.argv.pop(1))
os.setgroups([]), os.setgid(account), os.setuid(account)
"""


@pytest.fixture
def as_account() -> Callable[..., str]:
    """Runs Python text as another account without groups; gives what it said.

    The process imports first and drops root then, since that account may be unable to
    read Python's own files.
    """
    if os.geteuid() != 0:
        pytest.skip("only root can act as a second account")

    def run(uid: int, text: str, *arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", BECOME + text, str(uid), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd="/",
        ).stdout

    return run
