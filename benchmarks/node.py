# SPDX-License-Identifier: EUPL-1.2
"""A served node for a benchmark: started as a user would, watched through the kernel."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from brug.store.home import Home
from brug.store.server import EmbeddedServer

REST_SECONDS = 10.0
LOOK_SECONDS = 0.25
BUSY = 0.08  # of one processor: looking whether there is something to do takes less
JSON = {"Accept": "application/json", "Content-Type": "application/json"}


class ServedNode:
    """A node in a folder of its own, with a key of its site admin."""

    def __init__(self, folder: Path, port: int, made: dict[str, str], process: int) -> None:
        self.folder = folder
        self.port = port
        self.key = made["api_key"]
        self.server = EmbeddedServer(Home(folder))
        self._process = psutil.Process(process)

    def client(self, key: str | None = None) -> "Client":
        return Client(self.port, key or self.key)

    def processes(self) -> tuple[list[psutil.Process], list[psutil.Process]]:
        """The web server's and the database's processes."""
        web = [self._process, *self._process.children(recursive=True)]
        postmaster = self.server.pid()
        if not postmaster:
            raise RuntimeError("the database does not answer")
        root = psutil.Process(postmaster)
        database = [root, *root.children(recursive=True)]
        ids = {p.pid for p in database}
        return [p for p in web if p.pid not in ids], database

    def cpu_seconds(self) -> float:
        """Processor time of all processes so far, those that ended included."""
        total = 0.0
        for group in self.processes():
            for process in group:
                try:
                    t = process.cpu_times()
                except psutil.NoSuchProcess:
                    continue
                total += t.user + t.system + t.children_user + t.children_system
        return total

    def come_to_rest(self) -> None:
        """Waits until it does next to nothing, for a while at most."""
        until, spent = time.monotonic() + REST_SECONDS, self.cpu_seconds()
        while time.monotonic() < until:
            time.sleep(LOOK_SECONDS)
            before, spent = spent, self.cpu_seconds()
            if spent - before <= LOOK_SECONDS * BUSY:
                return

    def pss_bytes(self) -> dict[str, int]:
        """Memory as the sum of proportional shares, by group."""
        shares = {}
        for name, group in zip(("node", "database"), self.processes(), strict=True):
            shares[name] = sum(map(_pss, group))
        return shares


def _pss(process: psutil.Process) -> int:
    """A worker of the database's may have ended meanwhile."""
    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0


class Client:
    """One kept-alive connection with a key."""

    def __init__(self, port: int, key: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self._headers = {**JSON, "Authorization": key}

    def send(self, method: str, path: str, body: Any = None) -> bytes:
        """The answer's body; raises unless it is 200."""
        raw = body if body is None or isinstance(body, bytes | str) else json.dumps(body)
        self._connection.request(method, path, raw, self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status not in {200, 201}:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
        return content


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@contextmanager
def served(workers: int = 1, keep: Path | None = None) -> Iterator[ServedNode]:
    """A new node (or the one that `keep` holds), served until the block ends."""
    folder = keep or Path(tempfile.mkdtemp(prefix="brug-bench-", dir="/var/tmp"))
    folder.chmod(0o755)
    home = folder / "node"
    brug = [str(Path(sys.executable).with_name("brug")), "--home", str(home)]
    known = folder / "made.json"
    if not known.exists():
        answer = subprocess.run(
            [*brug, "init", "--org", "Bench", "--email", "bench@node.example", "--json"],
            check=True,
            capture_output=True,
        )
        known.write_bytes(answer.stdout)
    made = json.loads(known.read_bytes())
    port = free_port()
    with (folder / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            [*brug, "serve", "--port", str(port), "--workers", str(workers)],
            stdout=log,
            stderr=log,
        )
    try:
        wait_for(port, process, folder / "serve.log")
        yield ServedNode(home, port, made, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        if keep is None and "BRUG_BENCH_KEEP" not in os.environ:
            shutil.rmtree(folder)


def wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until somebody listens; raises with the log where the process ends before."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"serve ended: {log.read_text()[-2000:]}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("serve did not answer")
