# SPDX-License-Identifier: EUPL-1.2
"""Nodes of their own for the demonstration: made by `brug init`, run by `brug serve`.

These are processes of their own, as they would be for anyone. The database is always the
embedded one, whatever the environment says, so that nobody's server is written to.
"""

import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import msgspec

from brug.cli.app import run
from brug.cli.serving import require_free
from brug.model.errors import BrugError, Invalid
from brug.store.home import Home
from brug.store.reaching import VARIABLE

PATIENCE_SECONDS = 60.0
INTERRUPTED = 130
LOOPBACK = "127.0.0.1"
LAST_PORT = 65_535
_BRUG = "from brug.cli.app import main; main()"


class NodeFailed(BrugError):
    """A verb of the demonstration's node ended with an error, or did not end."""

    code = "demo_node"


class NewNode(msgspec.Struct):
    """What `brug init --json` tells."""

    url: str
    email: str
    password: str
    api_key: str
    organisation_uuid: str


def ports(first: int, count: int) -> list[int]:
    """So many ports on loopback from the first on; any that are free where that is 0.

    Raises PortInUse.
    """
    if first + count - 1 > LAST_PORT:
        raise Invalid("--port", f"one with {count - 1} more after it", str(first))
    if first:
        found = list(range(first, first + count))
        for port in found:
            require_free(LOOPBACK, port)
        return found
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in probes]


class Wanted(msgspec.Struct, frozen=True):
    """A node that is to be made, by whom for whom."""

    home: Home
    organisation: str
    email: str
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def initialise(several: Sequence[Wanted]) -> list[NewNode]:
    """Nodes with private drafts, all at once; raises NodeFailed with what the verb said."""
    processes = [
        subprocess.Popen(  # noqa: S603 - our own program
            _command(one.home, "init", "--org", one.organisation, "--email", one.email,
                     "--url", one.url, "--private-drafts", "--json"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )
        for one in several
    ]  # fmt: skip
    try:
        return [_made(process) for process in processes]
    finally:
        # As Ctrl-C would, and once: the verb then stops the database that it started.
        _end(processes, signal.SIGINT)


def _made(process: subprocess.Popen[str]) -> NewNode:
    said, problem = process.communicate()
    if process.returncode:
        raise NodeFailed(f"brug init ended with {process.returncode}: {_end_of(problem)}")
    return msgspec.json.decode(said, type=NewNode)


@contextmanager
def served(several: Sequence[Wanted]) -> Iterator[None]:
    """The nodes answer on loopback for as long as the block runs."""
    processes: list[subprocess.Popen[bytes]] = []
    try:
        processes.extend(_serve(one) for one in several)
        for one, process in zip(several, processes, strict=True):
            _wait_until_it_listens(process, one.port, _log_of(one))
        yield
    finally:
        _end(processes, signal.SIGTERM)


def _serve(one: Wanted) -> subprocess.Popen[bytes]:
    with _log_of(one).open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - our own program
            _command(one.home, "serve", "--port", str(one.port)),
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            # Ctrl-C is for the demonstration, which then stops the node in its own time.
            start_new_session=True,
        )  # fmt: skip


def _log_of(one: Wanted) -> Path:
    return one.home.log / "serve.log"


@contextmanager
def embedded() -> Iterator[None]:
    """Each node runs its own database for the duration, whatever the environment says."""
    named = os.environ.pop(VARIABLE, None)
    try:
        yield
    finally:
        if named is not None:
            os.environ[VARIABLE] = named


def told(home: Home, *arguments: str) -> str:
    """What a verb answers. It runs within this process, which spares half a second each time.

    Raises NodeFailed with what it said, and KeyboardInterrupt where it was interrupted.
    """
    answer, problem = io.StringIO(), io.StringIO()
    with redirect_stdout(answer), redirect_stderr(problem):
        code = run(["--home", str(home.path), *arguments])
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    if code:
        said = _end_of(problem.getvalue())
        raise NodeFailed(f"brug {' '.join(arguments[:3])} ended with {code}: {said}")
    return answer.getvalue()


def _command(home: Home, *arguments: str) -> Sequence[str]:
    return [sys.executable, "-c", _BRUG, "--home", str(home.path), *arguments]


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            said = _end_of(log.read_text(errors="replace"))
            raise NodeFailed(f"brug serve ended with {process.returncode}: {said}")
        try:
            socket.create_connection((LOOPBACK, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise NodeFailed(f"brug serve does not listen on port {port} after {PATIENCE_SECONDS:.0f} s")


def _end(processes: Sequence[subprocess.Popen[Any]], by: signal.Signals) -> None:
    """Asks those that have not ended to end, and says the number of one that does not."""
    for process in processes:
        if process.poll() is None:
            process.send_signal(by)
    for process in processes:
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise NodeFailed(f"process {process.pid} of the demonstration does not end") from error


def _end_of(text: str) -> str:
    return " / ".join(text.strip().splitlines()[-3:]) or "it said nothing"
