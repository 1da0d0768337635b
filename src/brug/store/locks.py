# SPDX-License-Identifier: EUPL-1.2
"""Which process may start and stop a node's server.

Three locks on files of the node, each of the kind that the kernel lets go when its holder
dies: `supervise` by the one process that serves, `change` while the server is being started
or stopped, `use` shared by all who use it. The last user stops the server.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Lock:
    """One lock on one file, held by this object."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        return self._descriptor is not None

    def take(self, *, shared: bool = False, wait: bool = True) -> bool:
        """Take the lock; False if that would mean waiting and `wait` says not to."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(descriptor, kind if wait else kind | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except BaseException:
            os.close(descriptor)
            raise
        self.release()
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    @contextmanager
    def holding(self) -> Iterator[None]:
        self.take()
        try:
            yield
        finally:
            self.release()


class Locks:
    """The locks of one node, for one holder."""

    def __init__(self, home: Path) -> None:
        self.supervise = Lock(home / "supervise.lock")
        self.change = Lock(home / "change.lock")
        self.use = Lock(home / "use.lock")

    def leave(self) -> bool:
        """Stop using; True if nobody else uses the server. Call while holding `change`."""
        self.use.release()
        alone = self.use.take(wait=False)
        self.use.release()
        return alone
