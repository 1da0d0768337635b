# SPDX-License-Identifier: EUPL-1.2
"""A node whose folder is deleted while it runs ends when told to, and leaves nothing behind."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from tests.faults.conftest import Made, copied
from tests.faults.test_killed import Served, has_ended, until

PATIENCE = 30  # seconds, far from what the kernel or the database would need to give up


@pytest.fixture
def node(initialised: Made, fast_place: str | None) -> Iterator[Served]:
    folder = Path(tempfile.mkdtemp(prefix="brug-faults-", dir=fast_place))
    folder.chmod(0o755)
    served = Served(*copied(initialised, folder / "node"))
    try:
        served.serve(workers=1)
        yield served
    finally:
        if served.process and served.process.poll() is None:
            served.process.kill()
            served.process.wait()
        served.log.close()
        shutil.rmtree(folder)


def ended(node: Served) -> int:
    """What the node ended with, once told to; all its processes are gone, the database's too."""
    assert node.process
    every = psutil.Process(node.process.pid).children(recursive=True)
    began = time.monotonic()
    node.process.terminate()
    code = node.process.wait(PATIENCE)
    assert time.monotonic() - began < PATIENCE
    until(lambda: all(map(has_ended, every)), "everything has ended", node.said)
    return code


def deleted(node: Served) -> Callable[[], bool]:
    """Deletes the folder; whether the node has noticed since."""
    while node.home.exists():  # its database may write there meanwhile
        shutil.rmtree(node.home, ignore_errors=True)
    return lambda: f"{node.home} was deleted or moved while the node ran" in node.said()


@pytest.mark.parametrize("notices", [True, False], ids=["later", "at once"])
def test_it_ends_with_a_message(node: Served, notices: bool) -> None:
    noticed = deleted(node)
    if notices:
        until(noticed, "the node has noticed", node.said)
    assert ended(node) == 0
    assert f"{node.home} was deleted while the node ran" in node.said()
    assert "brug init" not in node.said()
    assert "Traceback" not in node.said()
    assert not node.home.exists()


def test_another_node_in_the_same_place_is_left_alone(node: Served, initialised: Made) -> None:
    other, _ = copied(initialised, node.home.with_name("other"))
    deleted(node)
    other.rename(node.home)  # whole at once: the node looks for its folder all the time
    kept = {path.relative_to(node.home) for path in (node.home / "data").iterdir()}
    assert ended(node) == 0
    assert "Traceback" not in node.said()
    assert kept <= {path.relative_to(node.home) for path in (node.home / "data").iterdir()}
