# SPDX-License-Identifier: EUPL-1.2
"""The PostgreSQL server inside a node: made, started, found and stopped.

One process supervises it (`start`, or the object as a context manager); other verbs use it
with `ensure`, which starts it where nobody has. The last who uses it stops it. It listens
on a socket in a closed folder and nowhere else, runs under its own account when Brug is
root, and "running" means that a connection answers with our data folder.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from brug.store import binaries, cluster
from brug.store.bootstrap import DATABASE
from brug.store.home import Home
from brug.store.locks import Locks
from brug.store.server_errors import AlreadySupervised
from brug.store.server_user import configured
from brug.store.supervision import SUPERUSER, Progress, Supervision

__all__ = ["SUPERUSER", "EmbeddedServer", "Progress", "silent"]


def silent(_: str) -> None:
    """Progress for those who want none."""


class EmbeddedServer:
    """The server of one node, seen by one process."""

    def __init__(self, home: Home, settings: Mapping[str, str] | None = None) -> None:
        """`settings` are PostgreSQL's and override ours; operators write local.conf instead."""
        self.home = home
        self._settings = settings
        self._server = Supervision(home, settings)
        self._locks = Locks(home.path)

    def initialise(self) -> None:
        """Make the data folder, unless there is one."""
        self.home.check()
        with self._locks.change.holding():
            if cluster.version(self.home.data) is None:
                cluster.require_no_upgrade(self.home)
                user = configured(self.home.node().server_user)
                cluster.open_to(self.home, user)
                programs = binaries.keep(self.home.programs)
                durably = (self._settings or {}).get("fsync") != "off"
                cluster.create(programs, self.home.data, user, durably=durably)

    def dsn(self, role: str = "brug_app", database: str = DATABASE) -> str:
        """How to connect as a role, for psycopg."""
        return self._server.dsn(role, database)

    def maintenance(self) -> str:
        """How to connect with all rights, to make roles and databases."""
        return self._server.dsn(SUPERUSER, "postgres")

    def running(self) -> bool:
        """Whether the server answers, and says that it serves our data folder."""
        return self._server.running()

    def pid(self) -> int | None:
        """The process that answers for our data folder; None if none does."""
        return self._server.pid()

    def lives(self) -> bool:
        """Whether the process that this object started or took over is there. Cheap."""
        return self._server.lives()

    def start(self, progress: Progress = silent) -> None:
        """Supervise the server: start it, or take over the one that a dead supervisor left.

        May be called again, to bring the server back after it died.
        """
        self.home.check()
        if not self._locks.supervise.held and not self._locks.supervise.take(wait=False):
            raise AlreadySupervised(f"another process serves {self.home.path}")
        try:
            self._enter(progress)
        except BaseException:
            self._locks.supervise.release()
            raise

    def stop(self, progress: Progress = silent) -> None:
        """Stop the server, or leave that to those who still use it."""
        if self._locks.supervise.held:
            self._leave(progress)
            self._locks.supervise.release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @contextmanager
    def ensure(self, progress: Progress = silent) -> Iterator["EmbeddedServer"]:
        """Use the server for the duration of the block, whoever runs it."""
        self.home.check()
        visitor = EmbeddedServer(self.home, self._settings)  # with locks of its own
        visitor._enter(progress)
        try:
            yield self
        finally:
            visitor._leave(progress)

    def _enter(self, progress: Progress) -> None:
        self._locks.use.take(shared=True)
        try:
            if not self.running():
                with self._locks.change.holding():
                    self._server.bring_up(progress)
        except BaseException:
            self._locks.use.release()
            raise

    def _leave(self, progress: Progress) -> None:
        try:
            with self._locks.change.holding():
                if self._locks.leave():
                    self._server.bring_down(progress)
                else:
                    self._server.let_go()
        except FileNotFoundError:
            # Nobody else can use it, nor find it, and there is nothing left to end in order.
            progress(f"{self.home.path} was deleted while the node ran; its database is ended")
            self._locks.use.release()
            self._server.abandon()
