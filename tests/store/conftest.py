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
    for control in folder.rglob("pg_control"):  # one in each data folder
        for pid in postmaster.processes_of(control.parent.parent):
            postmaster.send(pid, signal.SIGKILL)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def bare(server_folder: Path) -> Home:
    """A node without a schema, for tests to which its making is nothing new."""
    home = Home(server_folder / "made-once")
    home.create()
    EmbeddedServer(home, FAST).initialise()
    return home


@pytest.fixture
def made_once(bare: Home) -> Home:
    """What `make_server` copies the data of; a module that wants a schema has another."""
    return bare


@pytest.fixture
def make_server(place: Path, bare: Home, made_once: Home) -> Callable[..., EmbeddedServer]:
    """Makes a node with a data folder below `place`."""

    def make(path: str = "node", server_user: str = "nobody") -> EmbeddedServer:
        home = Home(place / path)
        home.create(NodeFile(server_user=server_user))
        if not any(home.programs.iterdir()):
            subprocess.run(["cp", "-a", "--link", bare.programs, home.path], check=True)
        if path == "node" and server_user == "nobody" and not list(home.path.glob("data*")):
            subprocess.run(["cp", "-a", made_once.data, home.data], check=True)
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
