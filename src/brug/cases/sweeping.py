# SPDX-License-Identifier: EUPL-1.2
"""Takes away content that no entry names: of whoever was killed between a file and its commit.

What an entry names is never touched, nor what a partner is still bringing of it. What is counted
of cases is put together in the same round.
"""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import structlog

from brug.cases import counting, documents, files
from brug.cases.views import storing
from brug.model.errors import NotFound
from brug.model.naming import is_uuid
from brug.store.session import Database, Session

log = structlog.get_logger("brug.cases.sweeping")

ROUND_SECONDS = 3600.0
# An upload is written for as long as its sender takes; a case may be on its way into the database.
OLD_SECONDS = 24 * 3600.0


def sweep(database: Database) -> float:
    """One round; the seconds until the next."""
    with database.system() as session:
        top = documents.folder(session)
        counting.compact(session)
        storing.compact(session)
    for case in _folders(top):
        # One transaction each, so that no case is locked for long.
        with database.system() as session:
            for path in _left(session, case):
                log.info("content that no entry names", folder=str(path.relative_to(top)))
                shutil.rmtree(path, ignore_errors=True)
    return ROUND_SECONDS


def _left(session: Session, case: Path) -> list[Path]:
    try:
        file = files.find(session, case.name) if is_uuid(case.name) else None
    except NotFound:
        file = None
    if file is None:
        return [case] if _is_old(case) else []
    files.lock(session, file.id)  # whoever places content now has committed, or comes after this
    named = {
        row[0]
        for row in session.all("SELECT content FROM case_document WHERE case_id = %s", (file.id,))
    }
    return [path for path in _folders(case) if not _is_wanted(path, named)]


def _is_wanted(path: Path, named: set[UUID]) -> bool:
    if path.name.startswith(documents.UPLOAD):
        return not _is_old(path)
    content = path.name.removeprefix(".").partition(".")[0]
    if not is_uuid(content) or UUID(content) not in named:
        return False
    # What a partner brought after another had brought all of it.
    return not path.name.startswith(".") or not (path.parent / content).exists()


def _folders(top: Path) -> Iterator[Path]:
    if top.is_dir():
        yield from (path for path in sorted(top.iterdir()) if path.is_dir())


def _is_old(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > OLD_SECONDS
