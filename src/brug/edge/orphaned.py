# SPDX-License-Identifier: EUPL-1.2
"""A worker whose node was killed ends, too.

It would go on to answer, and to hold the port and the node's lock, so that the node could not be
served again.
"""

import os
import signal
import threading
import time

LOOK_SECONDS = 1.0
GRACE_SECONDS = 10.0


def end_with_parent() -> None:
    """Ends this process, after what it is answering, when the one that began it is gone."""
    watch = threading.Thread(target=_watch, args=(os.getppid(),), name="brug-parent", daemon=True)
    watch.start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)
