# SPDX-License-Identifier: EUPL-1.2
"""From one major version of PostgreSQL to the next: dump with the old, load with the new.

The old data are read with the programs that wrote them (the node keeps a copy), and stay
beside the new until somebody removes them. The new are filled and compared in a folder of
their own, and take the place of the old by renaming; interrupted anywhere, the upgrade is
begun again, or finished if all that was left was the renaming.
"""

import shutil
import signal
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from brug.store import binaries, cluster, postmaster
from brug.store.binaries import Binaries
from brug.store.bootstrap import DATABASE, bootstrap
from brug.store.dump import dump, restore
from brug.store.durable import sync_folder
from brug.store.home import Home
from brug.store.locks import Locks
from brug.store.server import Progress, silent
from brug.store.server_errors import (
    AlreadySupervised,
    DumpFailed,
    NotInitialised,
    WrongMajor,
)
from brug.store.server_user import owner_of
from brug.store.supervision import SUPERUSER, Supervision


def upgrade_major(
    home: Home, old_binaries: Path | None = None, progress: Progress = silent
) -> Path | None:
    """Convert the data if another major version wrote them; gives where the old ones are kept.

    `old_binaries` is the installation prefix (with `bin` below) of the version that wrote
    them, where the node has no copy of its own.
    """
    home.check()
    locks = Locks(home.path)
    with locks.change.holding():
        if not locks.leave():
            raise AlreadySupervised(f"{home.path} is in use; stop what uses it, then upgrade")
        if not home.data.exists() and home.upgraded.exists():
            return _swap(home, None)
        found = cluster.version(home.data)
        if found is None:
            raise NotInitialised(f"{home.path} holds no database; `brug init` makes one")
        if found == str(binaries.wheel_major()) and old_binaries is None:
            return None
        _convert(home, _old(home, found, old_binaries), progress)
        return _swap(home, found)


def _old(home: Home, version: str, named: Path | None) -> Binaries:
    old = Binaries(named) if named else binaries.kept(home.programs, int(version))
    try:
        major = old.major()
    except NotInitialised as error:
        raise WrongMajor(
            f"the programs of PostgreSQL {version}, which wrote the data, are not here; install "
            f"them and name their folder: brug upgrade --old-binaries FOLDER ({error})"
        ) from error
    if str(major) != version:
        raise WrongMajor(f"{old.prefix} is PostgreSQL {major}; the data are of {version}")
    return old


def _convert(home: Home, old: Binaries, progress: Progress) -> None:
    """Fill `data.upgraded` with what `data` holds, and compare."""
    user = owner_of(home.data)
    content = home.path / "upgrade.dump"
    content.unlink(missing_ok=True)
    _end_processes(home.upgraded)
    shutil.rmtree(home.upgraded, ignore_errors=True)
    source = Supervision(home, programs=old)
    progress("dumping the old data")
    source.bring_up(progress)
    try:
        before = _counts(source)
        # The new pg_dump would read old servers too; the old one always reads its own.
        dump(source.dsn("brug_owner", DATABASE), content, old)
    finally:
        source.bring_down(progress)
    progress("loading into the new version")
    cluster.create(binaries.keep(home.programs), home.upgraded, user)
    target = Supervision(home, data=home.upgraded)
    try:
        target.bring_up(progress)
        bootstrap(target.dsn(SUPERUSER, "postgres"))
        restore(target.dsn("brug_owner", DATABASE), content)
        _require_same(before, _counts(target))
    except BaseException:
        target.bring_down(progress)
        shutil.rmtree(home.upgraded, ignore_errors=True)
        raise
    finally:
        content.unlink(missing_ok=True)
    target.bring_down(progress)


def _end_processes(data: Path) -> None:
    """End what an interrupted upgrade left at work on data that are thrown away."""
    while found := postmaster.processes_of(data):
        postmaster.send_all(found, signal.SIGQUIT)
        postmaster.pause()


def _counts(server: Supervision) -> dict[str, int]:
    """Rows by table."""
    with psycopg.connect(server.dsn("brug_owner", DATABASE)) as connection:
        rows = connection.execute(
            "select relname from pg_class where relnamespace = 'brug'::regnamespace "
            "and relkind = 'r' order by relname"
        ).fetchall()
        return {name: _count(connection, name) for (name,) in rows}


def _count(connection: psycopg.Connection[Any], table: str) -> int:
    query = sql.SQL("select count(*) from brug.{}").format(sql.Identifier(table))
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _require_same(before: dict[str, int], after: dict[str, int]) -> None:
    differing = [
        f"{name} {before.get(name)} -> {after.get(name)}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]
    if differing:
        raise DumpFailed(f"the new data differ from the old: {', '.join(differing)}")


def _swap(home: Home, version: str | None) -> Path:
    """Put the new data in place of the old, which stay beside them."""
    aside = sorted(home.path.glob("data.of-*"))
    if version is not None:
        name = f"data.of-{version}"
        while (home.path / name).exists():
            name += "-again"
        aside.append(home.data.rename(home.path / name))
        sync_folder(home.path)
    home.upgraded.rename(home.data)
    sync_folder(home.path)
    return aside[-1]
