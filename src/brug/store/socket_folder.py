# SPDX-License-Identifier: EUPL-1.2
"""Where the server's socket lies: a folder that only its account can enter.

In the node's folder where the path fits into a socket address; otherwise in a short one
whose name follows from the node's path, made at once with mode 0700. Refuses a folder of
someone else, a link, and a folder that others can enter. PostgreSQL's authentication is
the second wall, not the only one.
"""

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from brug.store.server_errors import UnsafeFolder
from brug.store.server_user import ServerUser

PORT = 5432
# sun_path of sockaddr_un has 108 bytes on Linux (104 on BSD and macOS), the last one zero.
_LONGEST = 107 if os.uname().sysname == "Linux" else 103
# A comma separates hosts for libpq; what is not ASCII has no fixed length in every locale.
_PLAIN = re.compile(r"/[A-Za-z0-9/._+ =-]*")


def socket_folder(home: Path, user: ServerUser, environ: Mapping[str, str] = os.environ) -> Path:
    """The folder for the socket of this node; the same answer for every process of an account."""
    own = home / "run"
    if _PLAIN.fullmatch(str(own)) and len(os.fsencode(_socket(own))) <= _LONGEST:
        return own
    digest = hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:16]
    return _short_parent(environ) / f"brug-{user.uid}-{digest}"


def _socket(folder: Path) -> Path:
    return folder / f".s.PGSQL.{PORT}.lock"


def _short_parent(environ: Mapping[str, str]) -> Path:
    """Where only we can make names, if there is such a place; /tmp otherwise."""
    if os.geteuid() == 0:
        return Path("/run") if Path("/run").is_dir() else Path("/tmp")  # noqa: S108
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    if _PLAIN.fullmatch(runtime) and len(runtime) <= 40 and Path(runtime).is_dir():
        found = Path(runtime).stat()
        if found.st_uid == os.geteuid() and not found.st_mode & 0o077:
            return Path(runtime)
    return Path("/tmp")  # noqa: S108 — made with mode 0700 in one step, and checked


def make_socket_folder(folder: Path, user: ServerUser) -> None:
    """Make the folder, or check that the one there is ours alone."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        _give(folder, user)
    check_socket_folder(folder, user)


def _give(folder: Path, user: ServerUser) -> None:
    """Hand a folder that we have just made to the server's account, without following links."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        os.fchmod(descriptor, 0o700)
        if os.geteuid() == 0:
            os.fchown(descriptor, user.uid, user.gid)
    finally:
        os.close(descriptor)


def check_socket_folder(folder: Path, user: ServerUser) -> None:
    """Raise unless the folder is a real one, of the server's account, closed to others."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise UnsafeFolder(f"{folder} is a link or a file; remove it and start again")
    if found.st_uid != user.uid:
        raise UnsafeFolder(f"{folder} belongs to account {found.st_uid}, not to {user.uid}")
    if found.st_mode & 0o077:
        raise UnsafeFolder(f"others can enter {folder}: chmod 700 {folder}")
