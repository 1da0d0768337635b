# SPDX-License-Identifier: EUPL-1.2
"""The real web server on a database of a test.

Hundreds are started, and most of a start is loading and building: so each is a fork of a
process that has the application. That `brug serve` starts from nothing is what tests/cli and
tests/faults see.
"""

import multiprocessing
import os
import socket
import ssl
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.context import ForkServerContext, ForkServerProcess
from types import ModuleType
from typing import IO

import httpx
from granian.cli import cli

FORKS: ForkServerContext = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.preloaded"])  # found where tests are run from the root

# For clients of what is served without TLS: to read whom one may trust takes longer than to ask.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def listening(dsn: str, port: int) -> Iterator[str]:
    """The web server until the block ends; its address."""
    url = f"http://127.0.0.1:{port}"
    # Into a file: a pipe that nobody reads would stop the server when it is full.
    with tempfile.NamedTemporaryFile() as log:
        environment = os.environ | {"BRUG_DSN": dsn}
        process = forked(_serve, port, environment, log.name)
        try:
            _wait_for(url, process, log)
            yield url
        finally:
            process.terminate()
            process.join(20)
            process.close()


def forked(target: Callable[..., None], *arguments: object) -> ForkServerProcess:
    """A process of its own that runs a function of a module, and has the node loaded."""
    process = FORKS.Process(target=target, args=arguments)
    with _no_main_module():
        process.start()
    return process


@contextmanager
def _no_main_module() -> Iterator[None]:
    """A process that is started runs its parent's main module again; pytest is not wanted."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _serve(port: int, environment: Mapping[str, str], log: str) -> None:
    """What `python -m granian` does, in a process that is a fork."""
    os.environ.clear()
    os.environ.update(environment)
    said = os.open(log, os.O_WRONLY | os.O_APPEND)
    os.dup2(said, 1)
    os.dup2(said, 2)
    multiprocessing.set_start_method("fork", force=True)  # as it is where nobody set one
    cli([
        "--interface", "asgi", "--factory", "--no-ws", "--host", "127.0.0.1",
        "--port", str(port), "tests.preloaded:create",
    ])  # fmt: skip


def _wait_for(url: str, process: ForkServerProcess, log: IO[bytes]) -> None:
    until = time.monotonic() + 60
    with httpx.Client(base_url=url, trust_env=False, verify=NO_TLS) as asking:
        while time.monotonic() < until:
            assert process.is_alive(), f"the server ended: {log.read().decode()}"
            try:
                if asking.get("/static/logo.svg").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.01)
    raise AssertionError(f"no answer from {url}")
