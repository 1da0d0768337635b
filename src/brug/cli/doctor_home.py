# SPDX-License-Identifier: EUPL-1.2
"""What `brug doctor` sees without the database: the installation, the node's folder, its tables."""

import shutil
import ssl
import stat
import sys
from collections.abc import Iterator
from typing import Literal

import msgspec

from brug import __version__
from brug.cases import clocks, severity
from brug.cases.crisis import remarks
from brug.model.errors import BrugError
from brug.store.home import Home

State = Literal["ok", "warning", "failed"]
GIBIBYTE = 2**30
LOW_DISK = 5 * GIBIBYTE
NO_DISK = GIBIBYTE // 2


class Finding(msgspec.Struct, frozen=True):
    """What a check found; `advice` is empty where nothing is to be done."""

    check: str
    state: State
    found: str
    advice: str = ""


def of_home(home: Home) -> Iterator[Finding]:
    """Where the folder is unusable, nothing after it."""
    yield _installation()
    folder = _folder(home)
    yield folder
    if folder.state == "failed":
        return
    yield from _permissions(home)
    yield _disk(home)
    yield _deadlines(home)
    yield from _crisis_tables(home)


def _installation() -> Finding:
    found = f"Brug {__version__}, Python {sys.version.split()[0]}, {ssl.OPENSSL_VERSION}"
    return Finding("installation", "ok", found)


def _folder(home: Home) -> Finding:
    try:
        home.check()
        home.node()
    except BrugError as error:
        return Finding("folder", "failed", str(error), "`brug init`, or name another --home")
    return Finding("folder", "ok", str(home.path))


def _permissions(home: Home) -> Iterator[Finding]:
    """Keys and files are for the node's account alone."""
    for folder in (home.keys, home.files, home.config):
        if not folder.is_dir():
            yield Finding("permissions", "failed", f"{folder} is missing", f"mkdir -m 700 {folder}")
            continue
        for path in (folder, *folder.rglob("*")):
            try:
                mode = path.lstat().st_mode
            except FileNotFoundError:  # a node at work takes files away
                continue
            open_to = stat.S_IWGRP | stat.S_IWOTH
            if folder == home.keys:
                open_to |= stat.S_IRGRP | stat.S_IROTH
            if mode & open_to and not stat.S_ISLNK(mode):
                found = f"{path} is open to others ({stat.filemode(mode)})"
                yield Finding("permissions", "failed", found, f"chmod go-rwx {path}")
                break
        else:
            yield Finding("permissions", "ok", f"{folder.name}/ is closed to others")


def _disk(home: Home) -> Finding:
    free = shutil.disk_usage(home.path).free
    found = f"{free / GIBIBYTE:.1f} GiB free"
    if free < NO_DISK:
        return Finding("disk", "failed", found, "make room: writing will stop")
    if free < LOW_DISK:
        return Finding("disk", "warning", found, "make room")
    return Finding("disk", "ok", found)


def _deadlines(home: Home) -> Finding:
    """What the node corrects in the table of deadlines; without a table no clock runs."""
    try:
        own = [row.id for row in clocks.table(home.config) if row.is_own]
    except clocks.UnusableTable as error:
        return Finding("deadlines", "failed", str(error), f"correct it in {home.config}")
    said = f"corrected by this node: {', '.join(own)}" if own else "as shipped"
    return Finding("deadlines", "ok", said)


def _crisis_tables(home: Home) -> Iterator[Finding]:
    """What the node corrects of severity and of levels of a crisis."""
    try:
        by = severity.scheme(home.config)
        own = [one.id for one in (*by.levels, *by.factors, *by.rules) if one.is_own]
        yield Finding("severity", "ok", _own(own))
    except severity.UnusableScheme as error:
        yield Finding("severity", "failed", str(error), f"correct it in {home.config}")
    try:
        own = [one.id for one in remarks.remarks(home.config) if one.is_own]
        yield Finding("crisis", "ok", _own(own))
    except remarks.UnusableRemarks as error:
        yield Finding("crisis", "failed", str(error), f"correct it in {home.config}")


def _own(rows: list[str]) -> str:
    return f"corrected by this node: {', '.join(rows)}" if rows else "as shipped"
