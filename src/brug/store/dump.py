# SPDX-License-Identifier: EUPL-1.2
"""The content of a database as a stream, and back, with PostgreSQL's own programs.

Both run as brug_owner, which owns everything and needs no superuser, so that they work on
anybody's server. A dump is one snapshot, taken while the node goes on. Roles, database and
their rights are not in it: `bootstrap` makes those.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from brug.store.binaries import Binaries, wheel
from brug.store.durable import replacing
from brug.store.server_errors import DumpFailed, NotEmpty

_CHUNK = 1024 * 1024


def dump(owner_dsn: str, target: Path, binaries: Binaries | None = None) -> None:
    """Write the database to a file in PostgreSQL's custom format."""
    with (
        dumping(owner_dsn, binaries, compress="gzip:1") as source,
        replacing(target) as file,
    ):
        while piece := source.read(_CHUNK):
            file.write(piece)


def restore(owner_dsn: str, source: Path, binaries: Binaries | None = None) -> None:
    """Fill a database that `bootstrap` has made, and nobody has filled, from a file."""
    with source.open("rb") as file, loading(owner_dsn, binaries) as sink:
        while piece := file.read(_CHUNK):
            sink.write(piece)


@contextmanager
def dumping(
    owner_dsn: str, binaries: Binaries | None = None, compress: str = "none"
) -> Iterator[BinaryIO]:
    """A stream of the dump; raises at the end of the block if it is not whole."""
    program = (binaries or wheel()).program("pg_dump")
    command = [
        str(program),
        "--format=custom",
        f"--compress={compress}",
        "--schema=brug",
        "--extension=pg_trgm",
    ]
    with _running(command, owner_dsn, stdout=subprocess.PIPE) as process:
        if process.stdout is None:
            raise DumpFailed("no pipe")
        yield _as_binary(process.stdout)


@contextmanager
def loading(owner_dsn: str, binaries: Binaries | None = None) -> Iterator[BinaryIO]:
    """A sink for a dump: one transaction, all or nothing."""
    _clear_schema(owner_dsn)
    program = (binaries or wheel()).program("pg_restore")
    command = [str(program), "--format=custom", "--single-transaction", "--exit-on-error"]
    with _running(command, owner_dsn, stdin=subprocess.PIPE) as process:
        if process.stdin is None:
            raise DumpFailed("no pipe")
        yield _as_binary(process.stdin)
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        connection.execute("analyze")


def _as_binary(pipe: object) -> BinaryIO:
    return pipe  # type: ignore[return-value]


@contextmanager
def _running(
    command: list[str], dsn: str, *, stdin: int | None = None, stdout: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a client program; the password goes by its environment, which others cannot read."""
    address = conninfo_to_dict(dsn)
    environment = {"PATH": os.defpath, "PGPASSWORD": str(address.pop("password", ""))}
    named = [*command, "--no-password", "--dbname", make_conninfo(**address)]  # type: ignore[arg-type]
    with (
        tempfile.TemporaryFile() as words,
        subprocess.Popen(  # noqa: S603
            named,
            stdin=stdin or subprocess.DEVNULL,
            stdout=stdout or subprocess.DEVNULL,
            stderr=words,
            env=environment,
        ) as process,
    ):
        broken = False
        try:
            yield process
        except BrokenPipeError:  # it has ended before its input did, and says why below
            broken = True
        except BaseException:
            process.kill()
            raise
        broken = _close(process) or broken
        if process.wait() or broken:
            words.seek(0)
            said = words.read(8192).decode("utf-8", "replace").strip()
            raise DumpFailed(f"{Path(command[0]).name} failed: {said}")


def _close(process: subprocess.Popen[bytes]) -> bool:
    """Close its input; True if it had not read all of it."""
    if process.stdin is None:
        return False
    try:
        process.stdin.close()
    except BrokenPipeError:
        return True
    return False


def _clear_schema(owner_dsn: str) -> None:
    """Remove the empty schema that the dump brings itself; refuse one that holds something."""
    with psycopg.connect(owner_dsn) as connection:
        found = connection.execute(
            "select count(*) from pg_class where relnamespace = to_regnamespace('brug')"
        ).fetchone()
        if found != (0,):
            raise NotEmpty("the database holds tables already; restore into a new one")
        connection.execute("drop extension if exists pg_trgm")
        connection.execute("drop schema if exists brug")
