# SPDX-License-Identifier: EUPL-1.2
"""Brings a node's database back when it dies under the process that serves.

Requests meet 503 meanwhile, and the workers' pools find the server again by themselves. A
server that will not come back is tried again and again, each time with the reason.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from brug.model.errors import BrugError
from brug.store.home import Home
from brug.store.server import EmbeddedServer, Progress

LOOK_SECONDS = 0.5
RETRY_SECONDS = 5.0


@contextmanager
def kept(server: EmbeddedServer, progress: Progress) -> Iterator[None]:
    """Watches a started server for the duration of the block."""
    leaving = threading.Event()
    thread = threading.Thread(
        target=_watch, args=(server, progress, leaving), name="brug database", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        leaving.set()
        thread.join()


def _deleted(home: Home) -> Path | None:
    """What of a node that was there is not there any more."""
    for path in (home.path, home.node_file, home.data, home.data / "PG_VERSION"):
        if not os.path.lexists(path):
            return path
    return None


def _watch(server: EmbeddedServer, progress: Progress, leaving: threading.Event) -> None:
    pause = LOOK_SECONDS
    told_gone: Path | None = None
    while not leaving.wait(pause):
        pause = LOOK_SECONDS
        if server.lives():
            continue
        if gone := _deleted(server.home):
            if gone != told_gone:
                progress(
                    f"{gone} was deleted or moved while the node ran, and its database cannot be"
                    " used without it: bring it back, or stop the node"
                )
            told_gone, pause = gone, RETRY_SECONDS
            continue
        told_gone = None
        progress("the database has ended unexpectedly and is started again")
        try:
            server.start(progress)
        except (BrugError, OSError) as error:
            progress(f"the database does not start: {error}")
            pause = RETRY_SECONDS
        else:
            progress("the database is back")
