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
from brug.store.durable import read_plain, write_durably
from brug.store.server_user import ServerUser
from brug.store.socket_folder import PORT

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


def _pid_file(data: Path) -> list[bytes]:
    """Its lines: pid, data folder, start, port, socket folder, address, memory key, status."""
    return (read_plain(data / _PID_FILE) or b"").split(b"\n")


def claimed_pid(data: Path) -> int | None:
    """The pid in the pid file; None where there is no file or no pid in it."""
    first = _pid_file(data)[0].strip()
    return int(first) if first.isdigit() else None


def announced_socket_folder(data: Path) -> Path | None:
    """Where the server that wrote the pid file listens."""
    lines = _pid_file(data)
    return Path(os.fsdecode(lines[4])) if len(lines) > 4 and lines[4].startswith(b"/") else None


def says_ready(data: Path) -> bool:
    """Whether the server has written that it takes connections: when to try, not a proof."""
    return any(line.strip() == b"ready" for line in _pid_file(data)[7:])


def disown_files(data: Path, sockets: Path, user: ServerUser) -> None:
    """Make the files of a dead server harmless, whoever has its pid now.

    PostgreSQL takes a pid file that names its own parent for a stale one. That file is not
    removed: its other lines let PostgreSQL find shared memory that an orphan still uses,
    and refuse to start on top of it. The lock beside the socket has no such second use.
    """
    (sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
    claimed = claimed_pid(data)
    if claimed is None or claimed == os.getpid():
        return
    lines = [str(os.getpid()).encode(), *_pid_file(data)[1:]]
    write_durably(data / _PID_FILE, b"\n".join(lines))
    if os.geteuid() == 0:
        os.chown(data / _PID_FILE, user.uid, user.gid, follow_symlinks=False)


def listener(connection: int) -> int | None:
    """The pid behind a connection to the server's socket, by the kernel's word."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    with socket.socket(fileno=os.dup(connection)) as peer:
        found = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid: int = struct.unpack("3i", found)[0]
    return pid


def send(pid: int, number: int) -> bool:
    """Send a signal; False if there is no such process any more."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def works(pid: int, data: Path) -> bool:
    """Whether a process still works on the data folder.

    Where /proc can say so, a process that has ended counts as gone even if nobody asks for
    its exit status, as in containers without an init.
    """
    if not _PROC.is_dir():
        return send(pid, 0)
    try:
        return _works_in(_PROC / str(pid), data.stat())
    except FileNotFoundError:
        return False


def send_all(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        send(pid, number)


def pause() -> None:
    """Between two looks at something that another process will change."""
    time.sleep(0.03)
