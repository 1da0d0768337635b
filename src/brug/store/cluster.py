# SPDX-License-Identifier: EUPL-1.2
"""The data folder: made with the right encoding and locale, and owned by the right account.

Made beside its place and renamed, so that an interrupted making leaves nothing behind that
looks like data.
"""

import os
import shutil
import subprocess
from pathlib import Path

from brug.store.binaries import Binaries
from brug.store.durable import read_plain
from brug.store.home import Home
from brug.store.server_errors import ServerFailed, UnknownAccount, WrongMajor
from brug.store.server_user import (
    ServerUser,
    account_name,
    named_account,
    require_reachable,
)

# builtin C.UTF-8 folds case in every script; LC_CTYPE is what pg_trgm still asks the
# operating system for. In an empty environment initdb would choose "C", under which case
# and trigrams of anything but English fail without a word.
LOCALE = (
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--lc-ctype=C.UTF-8",
)


def version(data: Path) -> str | None:
    """The major version that wrote a data folder; None where there is none."""
    content = read_plain(data / "PG_VERSION")
    if content is None:
        return None
    text = content.decode("utf-8", "replace").strip()
    return text if text.isdecimal() else "unknown"


def require_no_upgrade(home: Home) -> None:
    """Refuse where an interrupted upgrade has put the data aside, lest it be made anew."""
    if home.upgraded.exists():
        raise WrongMajor(f"an upgrade of {home.path} was interrupted: run `brug upgrade` again")


def is_same(data: Path, other: str) -> bool:
    """Whether two paths lead to one folder, whatever mounts and links lie between."""
    try:
        return data.samefile(other)
    except OSError:
        return False


def create(binaries: Binaries, data: Path, user: ServerUser, *, durably: bool = True) -> None:
    """Run initdb as the account that will own the data."""
    maker = _maker(user)
    new = data.with_name(f"{data.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(new, maker.uid, maker.gid)
    require_reachable(binaries.prefix / "bin", maker)
    done = subprocess.run(  # noqa: S603
        [
            binaries.program("initdb"),
            "--pgdata",
            new,
            "--username=postgres",
            *LOCALE,
            "--data-checksums",
            "--auth-local=peer",
            "--auth-host=reject",
            "--no-instructions",
            *(() if durably else ("--no-sync",)),
        ],
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
        **maker.popen(),
    )
    if done.returncode:
        shutil.rmtree(new, ignore_errors=True)
        raise ServerFailed(f"initdb failed: {done.stderr.strip()}")
    if maker != user:
        _give(new, user)
    new.rename(data)


def _maker(user: ServerUser) -> ServerUser:
    """Lend a nameless account one with a name for initdb, which insists; only root can."""
    if user.has_name():
        return user
    if os.geteuid() != 0:
        raise UnknownAccount(
            f"account {user.uid} has no entry in the password file, which PostgreSQL needs to "
            "recognise it. Add one, start Brug as root with server_user in node.json, or use "
            "a server of your own (BRUG_DATABASE_URL)."
        )
    return ServerUser(named_account(), user.gid)


def _give(top: Path, user: ServerUser) -> None:
    """Change the owner of everything in a folder, following no link."""
    for _, names, files, folder in os.fwalk(top, follow_symlinks=False):
        for name in (*names, *files):
            os.chown(name, user.uid, user.gid, dir_fd=folder, follow_symlinks=False)
    os.chown(top, user.uid, user.gid, follow_symlinks=False)


def open_to(home: Home, user: ServerUser) -> None:
    """Let the server's account pass through our folder, no more; nothing above is touched."""
    if os.geteuid() != 0:
        require_named(user)
        return
    for folder in (home.path, home.programs, home.config):
        os.chown(folder, 0, user.gid)
        folder.chmod(0o710)


def require_named(user: ServerUser) -> None:
    """Refuse an account that PostgreSQL cannot recognise at the other end of the socket."""
    if account_name(user.uid) is None:
        _maker(user)


def let_read(path: Path, user: ServerUser) -> None:
    """Let the server's account read one of our files."""
    if os.geteuid() == 0:
        os.chown(path, 0, user.gid)
        path.chmod(0o640)
