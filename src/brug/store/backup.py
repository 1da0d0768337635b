# SPDX-License-Identifier: EUPL-1.2
"""One file that holds a node, and a node made of it.

The database is one snapshot, taken first; files are added before the rows that name them
and removed long after, so what follows holds at least what the snapshot names. A restore
goes into an empty folder and leaves it empty if anything is wrong with the file.
"""

import errno
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from brug import __version__
from brug.store.archive import PART, Writer, members
from brug.store.dump import dumping, loading
from brug.store.durable import replacing, sync_folder
from brug.store.home import AUTHORITIES, CRISIS, OWN_TABLE, SEVERITY, Home, NodeFile
from brug.store.reaching import VARIABLE, reached
from brug.store.sealed import reading, writing
from brug.store.server import EmbeddedServer, Progress, silent
from brug.store.server_errors import BadBackup, NotEmpty

_CHUNK = 1024 * 1024
_LEFT_OUT = (errno.ELOOP, errno.ENOENT, errno.ENXIO)  # a link, gone, a socket
_FORMAT = 1


class Manifest(msgspec.Struct, frozen=True):
    """The first member: who wrote this, when, in which form."""

    format: int
    brug: str
    made: datetime


def backup(
    home: Home, target: Path, recipients: Sequence[str] = (), progress: Progress = silent
) -> None:
    """Write the node to a file, encrypted to age recipients if there are any, while it runs."""
    with (
        reached(home, progress) as found,
        replacing(target) as file,
        writing(file, recipients) as stream,
    ):
        writer = Writer(stream)
        manifest = Manifest(_FORMAT, __version__, datetime.now(UTC))
        writer.add_bytes("manifest.json", msgspec.json.encode(manifest))
        progress("backing up the database")
        with dumping(found.dsn("brug_owner")) as dump:
            for number, part in enumerate(_parts(dump)):
                writer.add_bytes(f"database/{number:08}", part)
        progress("backing up files and keys")
        for folder in (home.files, home.keys):
            _add_folder(writer, folder, home.path)
        for table in (OWN_TABLE, AUTHORITIES, SEVERITY, CRISIS):
            _add_folder(writer, home.config, home.path, table)
        writer.add_bytes("node.json", home.node_file.read_bytes())
        writer.finish()


def _parts(source: BinaryIO) -> Iterator[bytes]:
    while part := source.read(PART):
        yield part


def _add_folder(writer: Writer, folder: Path, top: Path, names: str = "*") -> None:
    """Add the plain files in a folder; links and what vanishes meanwhile are left out."""
    for path in sorted(folder.rglob(names)):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            if error.errno in _LEFT_OUT:
                continue
            raise  # a key that cannot be read is missed when it is too late
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            os.close(descriptor)
            continue
        with os.fdopen(descriptor, "rb") as file:
            writer.add(path.relative_to(top).as_posix(), file, found.st_size)


def restore(
    home: Home,
    source: Path,
    identities: Sequence[str] = (),
    server_user: str | None = None,
    progress: Progress = silent,
) -> Manifest:
    """Make a node of a backup, in a folder that is empty or absent."""
    if home.path.exists() and any(home.path.iterdir()):
        raise NotEmpty(f"{home.path} is not empty; restore into a new folder")
    try:
        with source.open("rb") as file, reading(file, identities) as stream:
            return _restore(home, stream, server_user, progress)
    except BaseException:
        if home.path.exists():
            for entry in home.path.iterdir():
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        raise


def _restore(home: Home, stream: BinaryIO, server_user: str | None, progress: Progress) -> Manifest:
    home.path.parent.mkdir(parents=True, exist_ok=True)
    inside = members(stream, shutil.disk_usage(home.path.parent).free)
    manifest = _manifest(next(inside, None))
    home.create(NodeFile(server_user=server_user) if server_user else None)
    if VARIABLE not in os.environ:
        EmbeddedServer(home).initialise()
    with reached(home, progress) as found:
        progress("restoring the database")
        found.bootstrap()
        with loading(found.dsn("brug_owner")) as sink:
            for name, content in inside:
                if name.startswith("database/"):
                    shutil.copyfileobj(content, sink, _CHUNK)
                else:
                    _place(home, name, content, keep_node=server_user is not None)
    for folder in (home.path, home.config, *_folders(home.keys), *_folders(home.files)):
        sync_folder(folder)
    progress("restored")
    return manifest


def _folders(top: Path) -> Iterator[Path]:
    yield top
    yield from (path for path in top.rglob("*") if path.is_dir())


def _manifest(first: tuple[str, BinaryIO] | None) -> Manifest:
    if first is None or first[0] != "manifest.json":
        raise BadBackup("the archive does not begin with its manifest")
    try:
        manifest = msgspec.json.decode(first[1].read(_CHUNK), type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadBackup(f"the manifest cannot be read: {error}") from error
    if manifest.format != _FORMAT:
        raise BadBackup(f"this backup has format {manifest.format}; this version reads {_FORMAT}")
    return manifest


def _place(home: Home, name: str, content: BinaryIO, *, keep_node: bool) -> None:
    """Write one file of the node."""
    path = home.path / name
    if name == "node.json":
        text = content.read()
        if not keep_node:
            home.write(_node(text))
        return
    if name == "keys/database.json":  # passwords of another server's roles
        content.read()
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        shutil.copyfileobj(content, file, _CHUNK)
        os.fsync(file.fileno())


def _node(text: bytes) -> NodeFile:
    try:
        return msgspec.json.decode(text, type=NodeFile)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadBackup(f"node.json in the archive cannot be read: {error}") from error
