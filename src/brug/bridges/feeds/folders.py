# SPDX-License-Identifier: EUPL-1.2
"""A published feed as files in a folder: for a web server, a stick, a mount.

Each file is replaced at once or not at all, the manifest last, so that whoever reads in
between finds what the manifest names. Of what is there only events that an earlier manifest
in the same folder named are taken away.
"""

import os
import tempfile
from pathlib import Path

import msgspec
import structlog

from brug.bridges.feeds import published, publishing, serving
from brug.bridges.feeds.published import Published
from brug.formats.misp_feed import MANIFEST, read_manifest
from brug.model.errors import BrugError, Invalid
from brug.store.session import Database

log = structlog.get_logger("brug.feeds")

_PIECE = 2**20


class Written(msgspec.Struct):
    """How many files are new or changed, and how many were taken away."""

    written: int = 0
    removed: int = 0


def write(database: Database, feed: Published, folder: Path) -> Written:
    """Writes the feed as it is now. Raises Invalid for a folder that is none."""
    if not folder.is_dir():
        raise Invalid("folder", "a folder that is there", str(folder))
    before = _named_before(folder)
    publishing.refreshed(database, feed, now=True)
    told = Written()
    with database.system() as session:
        feed = published.view(session, feed.id)
        names = serving.names(session, feed)
        for name in names:
            found = serving.document(session, feed, name)
            if found is not None:
                told.written += _replace(folder / name, found)
    for name in before - set(names):
        (folder / name).unlink(missing_ok=True)
        told.removed += 1
    with database.system() as session:
        session.execute(
            "INSERT INTO published_folder (feed_id, path) VALUES (%s, %s)"
            " ON CONFLICT (feed_id, path) DO UPDATE SET behind = false, problem = ''",
            (feed.id, str(folder.resolve())),
        )
    return told


def catch_up(database: Database) -> int:
    """Writes anew the folders out of which something was recalled; how many.

    One that is not there, as a stick that is out, is left until it is.
    """
    with database.system() as session:
        behind = session.all(
            "SELECT feed_id, path, problem FROM published_folder WHERE behind"
            " ORDER BY feed_id, path"
        )
    done = 0
    for feed_id, path, problem in behind:
        folder = Path(path)
        try:
            with database.system() as session:
                feed = published.view(session, feed_id)
            if _has(folder, feed):
                write(database, feed, folder)
                done += 1
        except (OSError, BrugError) as error:
            if str(error) != problem:
                log.warning("folder", feed=feed_id, path=path, reason=str(error))
                _note(database, feed_id, path, str(error))
    return done


def _has(folder: Path, feed: Published) -> bool:
    """Whether the feed is in the folder, and nothing else by chance."""
    return (folder / serving.FILES.get(feed.format, MANIFEST)).is_file()


def _note(database: Database, feed_id: int, path: str, problem: str) -> None:
    with database.system() as session:
        session.execute(
            "UPDATE published_folder SET problem = %s WHERE feed_id = %s AND path = %s",
            (problem[:1000], feed_id, path),
        )


def _named_before(folder: Path) -> set[str]:
    try:
        _, entries, _ = read_manifest((folder / MANIFEST).read_bytes())
    except (OSError, Invalid):
        return set()
    return {name for entry in entries if (folder / (name := f"{entry.uuid}.json")).is_file()}


def _replace(path: Path, found: serving.Document) -> bool:
    """Whether the file is another one now."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".feed-")
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in found.pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        written = Path(name)
        if path.is_file() and _same(path, written):
            written.unlink()
            return False
        written.chmod(0o644)
        written.replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return True


def _same(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as a, other.open("rb") as b:
        while piece := a.read(_PIECE):
            if piece != b.read(_PIECE):
                return False
    return True
