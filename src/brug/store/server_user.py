# SPDX-License-Identifier: EUPL-1.2
"""The account that PostgreSQL runs under.

Brug as an ordinary account runs PostgreSQL as itself. Brug as root never does: it drops
uid, gid and all groups to the account of the node file, and once there is data, to the
account that owns the data.
"""

import os
import pwd
from pathlib import Path
from typing import NamedTuple, TypedDict

from brug.store.server_errors import UnknownAccount, Unreachable


class DropTo(TypedDict, total=False):
    """Keyword arguments of `subprocess.Popen`."""

    user: int
    group: int
    extra_groups: list[int]
    umask: int


class ServerUser(NamedTuple):
    """Numbers, not names: an account need not be in the password file."""

    uid: int
    gid: int

    def popen(self) -> DropTo:
        """What makes a child process run as this account and nothing more."""
        if os.geteuid() != 0:
            return {"umask": 0o077}
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "umask": 0o077}

    def has_name(self) -> bool:
        """Whether the password file knows this account."""
        return account_name(self.uid) is not None


def account_name(uid: int) -> str | None:
    """The name of an account, or None where the password file has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


def named_account() -> int:
    """Any unprivileged account that the password file knows."""
    known = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid != 0}
    if not known:
        raise UnknownAccount("the password file names no account but root")
    return known.get("nobody", next(iter(known.values())))


def configured(text: str) -> ServerUser:
    """The account for new data: ourselves, or as root the one that `text` names."""
    if os.geteuid() != 0:
        return ServerUser(os.geteuid(), os.getegid())
    user = _parse(text)
    if user.uid == 0:
        raise UnknownAccount("PostgreSQL does not run as root; name another account")
    return user


def owner_of(data: Path) -> ServerUser:
    """The account that existing data belongs to."""
    found = data.lstat()
    if found.st_uid == 0:
        raise UnknownAccount(f"{data} belongs to root, and PostgreSQL does not run as root")
    return ServerUser(found.st_uid, found.st_gid)


def _parse(text: str) -> ServerUser:
    uid, _, gid = text.partition(":")
    if uid.isdecimal() and (not gid or gid.isdecimal()):
        return ServerUser(int(uid), int(gid) if gid else _group_of(int(uid)))
    try:
        entry = pwd.getpwnam(text)
    except KeyError:
        raise UnknownAccount(f"there is no account {text!r} on this machine") from None
    return ServerUser(entry.pw_uid, entry.pw_gid)


def _group_of(uid: int) -> int:
    try:
        return pwd.getpwuid(uid).pw_gid
    except KeyError:
        return uid


def closed_parent(path: Path, user: ServerUser) -> Path | None:
    """The first folder on the way to `path` that an account without groups cannot enter."""
    for folder in reversed([path, *path.parents]):
        found = folder.stat()
        if found.st_uid == user.uid:
            open_ = found.st_mode & 0o100
        elif found.st_gid == user.gid:
            open_ = found.st_mode & 0o010
        else:
            open_ = found.st_mode & 0o001
        if not open_:
            return folder
    return None


def require_reachable(path: Path, user: ServerUser) -> None:
    """Refuse a place that the account cannot enter; opening it up is not ours to do."""
    closed = closed_parent(path.resolve(), user)
    if closed is not None:
        raise Unreachable(
            f"account {user.uid}, which runs the database, cannot enter {closed}. Put the node "
            "somewhere else (--home, for example /var/lib/brug), or open that folder yourself."
        )
