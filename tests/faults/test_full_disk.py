# SPDX-License-Identifier: EUPL-1.2
"""A node whose whole disk fills, the journal of its database included, and is emptied again.

The node is on a small disk in memory. Where this account may not mount one, there is nothing
to see.
"""

import contextlib
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.conftest import Made, copied
from tests.faults.test_killed import Served, recovered, until, whole, writing

from brug.store import postmaster
from brug.store.home import Home

MEGABYTES = 1200


@pytest.fixture
def folder() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="brug-full-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=0755", "tmpfs", place],
        capture_output=True, check=False,
    )  # fmt: skip
    if mounted.returncode:
        place.rmdir()
        pytest.skip(f"no disk of its own: {mounted.stderr.decode().strip()}")
    try:
        yield place
    finally:
        for pid in postmaster.processes_of(Home(place / "node").data):
            postmaster.send(pid, signal.SIGKILL)
        subprocess.run(["umount", "-l", place], check=True)
        place.rmdir()


@pytest.fixture
def node(folder: Path, initialised: Made) -> Iterator[Served]:
    served = Served(*copied(initialised, folder / "node"))
    try:
        served.serve(workers=1)
        yield served
    finally:
        served.stop()
        served.log.close()


def fill(folder: Path) -> Path:
    """Until nothing more fits."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (2**20, 4096):
            with contextlib.suppress(OSError):
                while file.write(b"x" * size):
                    continue
    return filler


def test_a_node_whose_disk_is_full_refuses_and_goes_on_once_there_is_room(
    node: Served, folder: Path
) -> None:
    with writing(node) as clients:
        filler = fill(folder)
        until(
            lambda: all(client.statuses[-1] != 200 for client in clients),
            "writing is refused", node.said,
        )  # fmt: skip
        assert {client.statuses[-1] for client in clients} <= {0, 503}, node.said()
        filler.unlink()
        recovered(node, clients)
    whole(node, clients)


def test_what_cannot_be_logged_fails_nothing() -> None:
    code = (
        "import structlog; from brug.edge.logs import configure; configure();"
        " [structlog.get_logger().info('refused', why='x' * 100) for _ in range(100)];"
        " print('answered')"
    )
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=full, check=False
        )
    assert done.stdout == b"answered\n"
