# SPDX-License-Identifier: EUPL-1.2
"""kill -9 in the middle of writing: what was acknowledged is there, nothing else is, no half.

A whole node runs, as an operator runs it; clients add events one after another while its
database, its supervisor or its workers are killed.
"""

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil
import psycopg
import pytest
from tests.faults.conftest import BRUG, Made, copied
from tests.listening import NO_TLS

from brug.directory.node import NewNode
from brug.store import postmaster
from brug.store.home import Home
from brug.store.server import EmbeddedServer

ATTRIBUTES = 40
WORKERS = 2
# In looks of a twentieth of a second.
LOOKS = 1200


class Served:
    """A node, served in a process group of its own."""

    def __init__(self, home: Path, made: NewNode) -> None:
        self.home = home
        self.key = made.api_key
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = (home.parent / "serve.log").open("w+b")
        self._said_before = 0
        self.process: subprocess.Popen[bytes] | None = None

    def is_served(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def listen(self) -> None:
        """What it said up to now is of no interest."""
        self._said_before = self.log.seek(0, os.SEEK_END)

    def serve(self, workers: int = WORKERS) -> None:
        command = [*BRUG, "--home", str(self.home), "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*command, "--workers", str(workers)], stdout=self.log, stderr=subprocess.STDOUT
        )
        until(self.answers, "the node answers", self.said)

    def answers(self) -> bool:
        assert self.process
        assert self.process.poll() is None, self.said()
        try:
            return self.ask("GET", "/servers/getVersion").status_code == 200
        except httpx.HTTPError:
            return False

    def said(self) -> str:
        return Path(self.log.name).read_bytes()[self._said_before :].decode("utf-8", "replace")

    def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return httpx.request(
            method, f"http://127.0.0.1:{self.port}{path}", json=body, timeout=30, verify=NO_TLS,
            headers={"Authorization": self.key, "Accept": "application/json"},
        )  # fmt: skip

    def database(self) -> int:
        pid = postmaster.claimed_pid(Home(self.home).data)
        assert pid
        return pid

    def workers(self) -> list[psutil.Process]:
        """Those of the web server, and not the one of what is due, which has most threads."""
        return self._own()[:-1]

    def old_worker(self) -> psutil.Process:
        """The one that has run longest: where one ends that has just been started again, the node
        takes that for a worker that cannot run, and ends."""
        return min(self.workers(), key=psutil.Process.create_time)

    def jobs(self) -> psutil.Process:
        return self._own()[-1]

    def at_work(self) -> set[int]:
        """The processes of the database that work for what is due."""
        with psycopg.connect(EmbeddedServer(Home(self.home)).dsn()) as connection:
            found = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'brug sequencer'"
            )
            return {pid for (pid,) in found}

    def _own(self) -> list[psutil.Process]:
        """Those that live, by the number of their threads."""
        assert self.process
        found = []
        for one in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # it may just have ended
                if "python" in one.name() and one.status() != psutil.STATUS_ZOMBIE:
                    found.append((one.num_threads(), one))
        return [one for _, one in sorted(found, key=lambda known: known[0])]

    def stop(self) -> None:
        if self.process and self.is_served():
            self.process.terminate()
            self.process.wait(60)


def until(claim: Callable[[], bool], what: str, said: Callable[[], str]) -> None:
    """Waits for a condition, and tells what the node said if it never comes."""
    waiting = threading.Event()
    for _ in range(LOOKS):
        if claim():
            return
        waiting.wait(0.05)
    raise AssertionError(f"never came true: {what}\n{said()}")


def has_ended(process: psutil.Process) -> bool:
    """Also where nobody has asked yet how it did."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture(scope="module")
def made(initialised: Made, fast_place: str | None) -> Iterator[Made]:
    folder = Path(tempfile.mkdtemp(prefix="brug-faults-", dir=fast_place))
    folder.chmod(0o755)
    home = folder / "node"
    yield copied(initialised, home)
    for pid in postmaster.processes_of(Home(home).data):
        postmaster.send(pid, signal.SIGKILL)
    subprocess.run(["rm", "-rf", folder], check=True)


@pytest.fixture(scope="module")
def one_node(made: Made) -> Iterator[Served]:
    served = Served(*made)
    try:
        yield served
    finally:
        served.stop()
        served.log.close()


@pytest.fixture
def node(one_node: Served) -> Served:
    """It runs: since the last test, if that left it so, as it is with an operator."""
    one_node.listen()
    if not one_node.is_served():
        one_node.serve()
    until(lambda: len(one_node.workers()) == WORKERS, "all workers are there", one_node.said)
    return one_node


class Client(threading.Thread):
    """Adds events until it is told to stop; notes which were acknowledged, and all answers."""

    def __init__(self, node: Served) -> None:
        super().__init__(daemon=True)
        self.node = node
        self.sent: list[str] = []
        self.acknowledged: set[str] = set()
        self.statuses: list[int] = []
        self.leaving = threading.Event()

    def run(self) -> None:
        """Until told to leave."""
        while not self.leaving.is_set():
            uuid = str(uuid4())
            self.sent.append(uuid)
            attributes = [
                {"type": "domain", "value": f"h{n}.{uuid}.example.com"} for n in range(ATTRIBUTES)
            ]
            event = {"uuid": uuid, "info": "written while it breaks", "Attribute": attributes}
            try:
                answered = self.node.ask("POST", "/events/add", event)
            except httpx.HTTPError:
                self.statuses.append(0)
                self.leaving.wait(0.02)
                continue
            self.statuses.append(answered.status_code)
            if answered.status_code == 200:
                self.acknowledged.add(uuid)
            else:
                self.leaving.wait(0.02)

    def stop(self) -> None:
        self.leaving.set()
        self.join()


@contextlib.contextmanager
def writing(node: Served) -> Iterator[list[Client]]:
    clients = [Client(node) for _ in range(3)]
    for client in clients:
        client.start()
    try:
        until(lambda: all(len(c.acknowledged) > 3 for c in clients), "clients write", node.said)
        yield clients
    finally:
        for client in clients:
            client.stop()


def recovered(node: Served, clients: list[Client]) -> None:
    """Every client is acknowledged again."""
    reached = [len(client.acknowledged) for client in clients]
    until(
        lambda: all(len(c.acknowledged) > n + 3 for c, n in zip(clients, reached, strict=True)),
        "clients write again",
        node.said,
    )


def whole(node: Served, clients: list[Client]) -> None:
    """What was acknowledged is there, whole; of the rest, all of an event or nothing."""
    for client in clients:
        assert 500 not in client.statuses, node.said()
        for uuid in client.sent:
            answered = node.ask("GET", f"/events/view/{uuid}")
            if uuid in client.acknowledged:
                assert answered.status_code == 200, uuid
            if answered.status_code == 200:
                event = answered.json()["Event"]
                assert len(event["Attribute"]) == ATTRIBUTES == int(event["attribute_count"])
            else:
                assert answered.status_code == 404


def test_a_killed_database_comes_back_under_the_running_node(node: Served) -> None:
    with writing(node) as clients:
        before = node.database()
        os.kill(before, signal.SIGKILL)
        recovered(node, clients)
    assert node.database() != before
    whole(node, clients)
    assert "the database has ended unexpectedly" in node.said()


def test_a_killed_connection_costs_one_request_at_most(node: Served) -> None:
    with writing(node) as clients:
        mark = [len(client.statuses) for client in clients]
        backends = [
            p
            for p in psutil.Process(node.database()).children()
            if "brug_app" in " ".join(p.cmdline())
        ]
        for backend in backends:
            # As an administrator ends one: its client is told, and no other is touched.
            backend.send_signal(signal.SIGTERM)
        recovered(node, clients)
    after = [s for c, start in zip(clients, mark, strict=True) for s in c.statuses[start:]]
    assert backends
    assert sum(status != 200 for status in after) <= len(backends)
    whole(node, clients)


def test_a_killed_worker_is_missed_by_nobody_for_long(node: Served) -> None:
    with writing(node) as clients:
        node.old_worker().send_signal(signal.SIGKILL)
        recovered(node, clients)
    whole(node, clients)


def test_a_node_ends_at_once_though_a_worker_is_just_being_started_again(node: Served) -> None:
    assert node.process
    before = {one.pid for one in node.workers()}
    node.old_worker().send_signal(signal.SIGKILL)
    until(
        lambda: any(one.pid not in before for one in node.workers()),
        "another is started",
        node.said,
    )
    node.process.terminate()
    assert node.process.wait(timeout=60) == 0
    assert "refused to gracefully stop" not in node.said()


def test_what_is_due_is_done_again_when_its_process_was_killed(node: Served) -> None:
    until(lambda: bool(node.at_work()), "something is seen to", node.said)
    before = node.at_work()
    node.jobs().send_signal(signal.SIGKILL)
    until(lambda: bool(node.at_work() - before), "it is seen to again", node.said)
    assert "jobs ended and are begun anew" in node.said()


def test_nothing_stays_behind_a_killed_node_but_its_database(node: Served) -> None:
    assert node.process
    left = [*node.workers(), node.jobs()]
    node.process.kill()
    node.process.wait()
    until(lambda: all(map(has_ended, left)), "all have ended", node.said)


def test_a_killed_node_is_whole_when_it_is_served_again(node: Served) -> None:
    with writing(node) as clients:
        assert node.process
        everyone = psutil.Process(node.process.pid).children(recursive=True)
        for victim in (node.process.pid, *(p.pid for p in everyone)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        node.process.wait()
        for client in clients:
            client.leaving.set()
    node.serve()
    whole(node, clients)
