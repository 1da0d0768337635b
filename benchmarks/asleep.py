# SPDX-License-Identifier: EUPL-1.2
"""A partner that was away while 10,000 events were published catches up: all of them, at what
memory at both sides.
"""

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.bridging import Side, connect, side
from benchmarks.data import attributes
from benchmarks.figures import Figure
from benchmarks.node import ServedNode, served
from brug.bridges.crossing import asking
from brug.formats.misp.reading import read_event
from brug.intel.adding import add
from brug.store.home import Home
from brug.store.session import Database

EVENTS, EACH = 10_000, 5
TOGETHER = 100  # in one transaction, as they are made here
# What a node takes for its first work (code, connections, batches) it keeps; from there on its
# memory is not to follow how much there is to catch up with.
WARM = 1_000
MEGABYTE = 2**20
FLAT = 32 * MEGABYTE
PATIENCE = 3600.0


class Watched:
    """The memory of a node's own processes: now, and the most since it was marked."""

    def __init__(self, node: ServedNode) -> None:
        self._node = node
        self._marked = self.now()
        self.most = self._marked

    def now(self) -> int:
        return self._node.pss_bytes()["node"]

    def mark(self) -> None:
        self._marked = self.most = self.now()

    def look(self) -> None:
        self.most = max(self.most, self.now())

    @property
    def grown(self) -> int:
        return self.most - self._marked

    def __str__(self) -> str:
        return f"{self._marked / MEGABYTE:.0f} MB, at most {self.most / MEGABYTE:.0f} MB"


def measure(_: ServedNode, __: int) -> Iterator[Figure]:
    """On two nodes of its own, of which one is not served for a while."""
    folder = Path(tempfile.mkdtemp(prefix="brug-bench-", dir="/var/tmp"))
    try:
        with side("Bench North") as one:
            with _awake(folder, "Bench South") as other:
                connect(one, other)
            _publish(one)
            with _awake(folder, "Bench South") as other:
                yield from _caught_up(one, other)
    finally:
        shutil.rmtree(folder)


@contextmanager
def _awake(folder: Path, name: str) -> Iterator[Side]:
    with (
        served(keep=folder) as node,
        Database(node.server.dsn(), keys=Home(node.folder).keys) as database,
    ):
        with database.system() as session:
            session.execute("UPDATE organisation SET name = %s WHERE id = 1", (name,))
        yield Side(node, database, name)


def _publish(one: Side) -> None:
    """While nobody is there; the node tries in vain now and then, as it would for a week."""
    for start in range(0, EVENTS, TOGETHER):
        with one.database.as_user(1) as session:
            for number in range(start, min(start + TOGETHER, EVENTS)):
                raw = {
                    "info": f"Campaign {number}", "distribution": "3", "published": True,
                    "Tag": [{"name": "tlp:green"}], "Attribute": list(attributes(number, EACH)),
                }  # fmt: skip
                add(session, read_event(raw))
    end = time.perf_counter() + PATIENCE
    while one.count("SELECT count(*) FROM bridge_progress WHERE attempts > 0") == 0:
        if time.perf_counter() > end:
            raise RuntimeError("nobody missed the partner")
        time.sleep(0.5)


def _caught_up(one: Side, other: Side) -> Iterator[Figure]:
    with one.database.as_user(1) as session:
        asking.retry(session, one.bridge())
    with one.database.system() as session:
        url = f"http://127.0.0.1:{other.node.port}"
        session.execute("UPDATE partner SET url = %s", (url,))
    watched = {"sender": Watched(one.node), "receiver": Watched(other.node)}
    begun, seconds = time.perf_counter(), 0.0
    marked = False
    done = threading.Event()
    while not done.wait(0.5):
        seconds = time.perf_counter() - begun
        if seconds > PATIENCE:
            raise RuntimeError(f"{_arrived(other)} of {EVENTS} events arrived")
        there = _arrived(other)
        if not marked and there >= WARM:
            marked = True
            for node in watched.values():
                node.mark()
        for node in watched.values():
            node.look()
        if one.count("SELECT count(*) FROM crossing WHERE state = 'received'") >= EVENTS:
            done.set()
    events = _arrived(other)
    rows = other.count("SELECT count(*) FROM attribute")
    lost = EVENTS - events + (EVENTS * EACH - rows)
    yield Figure(
        f"a partner that was away catches up with {EVENTS:,} events, {EVENTS * EACH:,} attributes",
        f"{seconds:.0f} s, {EVENTS / seconds:,.0f} events/s; {lost} lost", "", None, "none lost",
        lost == 0,
    )  # fmt: skip
    for name, node in watched.items():
        yield Figure(
            f"the {name}'s memory from {WARM:,} events on", str(node), "", None,
            f"grows by < {FLAT // MEGABYTE} MB", node.grown < FLAT,
        )  # fmt: skip


def _arrived(other: Side) -> int:
    return other.count("SELECT count(*) FROM event")
