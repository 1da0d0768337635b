# SPDX-License-Identifier: EUPL-1.2
"""A node of its own for the demonstration: made by `brug init`, run by `brug serve`.

Both are processes of their own, as they would be for anyone. The database is always the
embedded one, whatever the environment says, so that nobody's server is written to.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from brug.model.errors import BrugError
from brug.store.home import Home
from brug.store.reaching import VARIABLE

PATIENCE_SECONDS = 60.0
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


def free_port() -> int:
    """A port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def initialise(home: Home, organisation: str, email: str, url: str) -> NewNode:
    """A node with private drafts; raises NodeFailed with what the verb said."""
    done = subprocess.run(  # noqa: S603 - our own program
        _command(home, "init", "--org", organisation, "--email", email, "--url", url,
                 "--private-drafts", "--json"),
        env=_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise NodeFailed(f"brug init ended with {done.returncode}: {_end_of(done.stderr)}")
    return msgspec.json.decode(done.stdout, type=NewNode)


@contextmanager
def served(home: Home, port: int) -> Iterator[None]:
    """The node answers on loopback for as long as the block runs."""
    log = home.log / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own program
            _command(home, "serve", "--port", str(port)),
            env=_environment(), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            # Ctrl-C is for the demonstration, which then stops the node in its own time.
            start_new_session=True,
        )  # fmt: skip
    try:
        _wait_until_it_listens(process, port, log)
        yield
    finally:
        _stop(process)


def _command(home: Home, *arguments: str) -> Sequence[str]:
    return [sys.executable, "-c", _BRUG, "--home", str(home.path), *arguments]


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != VARIABLE}


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            said = _end_of(log.read_text(errors="replace"))
            raise NodeFailed(f"brug serve ended with {process.returncode}: {said}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise NodeFailed(f"brug serve does not listen on port {port} after {PATIENCE_SECONDS:.0f} s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Asks the node to end, and says its number if it does not."""
    process.terminate()
    try:
        process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise NodeFailed(f"brug serve, process {process.pid}, does not end") from error


def _end_of(text: str) -> str:
    return " / ".join(text.strip().splitlines()[-3:]) or "it said nothing"
