# SPDX-License-Identifier: EUPL-1.2
"""Processes of PostgreSQL: which are at work on a data folder, and what its pid file claims.

A pid in a file proves nothing: it may be of yesterday and belong to somebody's editor now.
A process counts if its working folder is the data folder, which PostgreSQL always sees to.
"""

import os
import signal
import socket
import struct
import subprocess
import time
from pathlib import Path
from typing import BinaryIO

from brug.store.binaries import Binaries
from brug.store.durable import write_durably
from brug.store.server_user import ServerUser

_PROC = Path("/proc")
_PID_FILE = "postmaster.pid"


def launch(
    binaries: Binaries, user: ServerUser, data: Path, config: Path, log: BinaryIO
) -> subprocess.Popen[bytes]:
    """Start the server; it outlives us, and a signal from our terminal does not reach it."""
    return subprocess.Popen(  # noqa: S603
        [binaries.program("postgres"), "-D", data, "-c", f"config_file={config}"],
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        **user.popen(),
    )


def processes_of(data: Path) -> list[int]:
    """The processes whose working folder is the data folder (empty where there is no /proc)."""
    if not _PROC.is_dir() or not data.is_dir():
        return []
    wanted = data.stat()
    return [
        int(entry.name)
        for entry in _PROC.iterdir()
        if entry.name.isdecimal() and _works_in(entry, wanted)
    ]


def _works_in(process: Path, wanted: os.stat_result) -> bool:
    try:
        return os.path.samestat((process / "cwd").stat(), wanted)
    except OSError:  # gone meanwhile, dead but not yet reaped, or another account's
        return False


def claimed_pid(data: Path) -> int | None:
    """The pid in the pid file; None where there is no file or no pid in it."""
    try:
        first = (data / _PID_FILE).read_bytes().partition(b"\n")[0].strip()
    except FileNotFoundError:
        return None
    return int(first) if first.isdigit() else None


def says_ready(data: Path) -> bool:
    """Whether the server has written that it takes connections: when to try, not a proof."""
    try:
        return (data / _PID_FILE).read_bytes().rstrip().endswith(b"ready")
    except FileNotFoundError:
        return False


def disown_pid_file(data: Path, user: ServerUser) -> None:
    """Name ourselves in the pid file of a dead server.

    PostgreSQL takes a file that names its own parent for a stale one. The file is not
    removed: its other lines let PostgreSQL find shared memory that an orphan still uses,
    and refuse to start on top of it.
    """
    path = data / _PID_FILE
    claimed = claimed_pid(data)
    if claimed is None or claimed == os.getpid():
        return
    _, newline, rest = path.read_bytes().partition(b"\n")
    write_durably(path, str(os.getpid()).encode() + newline + rest)
    if os.geteuid() == 0:
        os.chown(path, user.uid, user.gid, follow_symlinks=False)


def listener(connection: int) -> int | None:
    """The pid behind a connection to the server's socket, by the kernel's word."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    with socket.socket(fileno=os.dup(connection)) as peer:
        found = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid: int = struct.unpack("3i", found)[0]
    return pid


def send(pid: int, number: signal.Signals) -> bool:
    """Send a signal; False if there is no such process any more."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def send_all(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        send(pid, number)


def pause() -> None:
    """Between two looks at something that another process will change."""
    time.sleep(0.03)
