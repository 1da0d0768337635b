# SPDX-License-Identifier: EUPL-1.2
"""Bringing a node's server up and down, for whoever holds the lock that allows it.

Waits for what is there already: a server that recovers is given its time, a dead server's
orphans are waited for, a pid file is not believed. Never gives up on a process that lives.
"""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from brug.store import binaries, cluster, postmaster, server_log
from brug.store.cluster_files import bare_conf, pg_hba_conf, pg_ident_conf, postgresql_conf
from brug.store.durable import write_durably
from brug.store.home import Home
from brug.store.server_errors import NotInitialised, ServerFailed, UnsafeFolder, WrongMajor
from brug.store.server_user import ServerUser, owner_of, require_reachable
from brug.store.socket_folder import (
    PORT,
    check_socket_folder,
    make_socket_folder,
    socket_folder,
)

Progress = Callable[[str], None]

SUPERUSER = "postgres"
# In looks of 0.03 s. A fast shutdown ends with a checkpoint, which a slow disk makes long.
_STOP_PATIENCE = 10_000
_ORPHAN_PATIENCE = 150
_ABANDON_SECONDS = 10.0


class Supervision:
    """The server process of one node; without any thought of who else may act on it."""

    def __init__(
        self,
        home: Home,
        settings: Mapping[str, str] | None = None,
        data: Path | None = None,
        programs: binaries.Binaries | None = None,
    ) -> None:
        """`data` and `programs` other than the node's are for the change of major version."""
        self._home = home
        self._settings = settings
        self._data = data or home.data
        self._programs = programs
        self._child: subprocess.Popen[bytes] | None = None

    def user(self) -> ServerUser:
        """The account that the server runs under."""
        if cluster.version(self._data) is None:
            cluster.require_no_upgrade(self._home)
            raise NotInitialised(f"{self._home.path} holds no database; `brug init` makes one")
        user = owner_of(self._data)
        if os.geteuid() not in (0, user.uid):
            raise UnsafeFolder(f"{self._data} belongs to account {user.uid}, not to us")
        return user

    def socket_folder(self) -> Path:
        """Where the server listens: it says so itself, since another process chose it."""
        announced = postmaster.announced_socket_folder(self._data)
        return announced or socket_folder(self._home.path, self.user())

    def dsn(self, role: str, database: str) -> str:
        folder = self.socket_folder()
        return make_conninfo(host=str(folder), port=PORT, dbname=database, user=role)

    def pid(self) -> int | None:
        """The process that answers for our data folder; None if none does."""
        if cluster.version(self._data) is None:
            return None
        if not os.path.lexists(self.socket_folder()):
            return None
        check_socket_folder(self.socket_folder(), self.user())
        dsn = self.dsn(SUPERUSER, "postgres")
        try:
            with psycopg.connect(dsn, connect_timeout=10, autocommit=True) as connection:
                row = connection.execute("select current_setting('data_directory')").fetchone()
                found = postmaster.listener(connection.fileno())
        except psycopg.OperationalError:
            return None
        if row is None or not cluster.is_same(self._data, row[0]):
            return None
        return found or postmaster.claimed_pid(self._data)

    def running(self) -> bool:
        return self.pid() is not None

    def lives(self) -> bool:
        """Whether the server's process is there, as far as that is seen without asking it."""
        if self._reap():
            return False
        pid = postmaster.claimed_pid(self._data)
        return pid is not None and postmaster.works(pid, self._data)

    def _answers(self) -> bool:
        return postmaster.says_ready(self._data) and self.running()

    def bring_up(self, progress: Progress) -> None:
        """Start the server and wait until it answers."""
        user = self.user()
        if self._programs is None:
            self._require_version()
        self._await_others(progress)
        if self.running():
            return
        self._bury()
        programs = self._programs or binaries.keep(self._home.programs)
        cluster.open_to(self._home, user)
        require_reachable(programs.prefix / "bin", user)
        sockets = socket_folder(self._home.path, user)
        make_socket_folder(sockets, user)
        self._write_configuration(user, sockets)
        postmaster.disown_files(self._data, sockets, user)
        with server_log.opened(self._home.log) as log:
            start = log.tell()
            configuration = self._home.config / "postgresql.conf"
            child = postmaster.launch(programs, user, self._data, configuration, log)
        self._child = child
        try:
            self._await_answer(child, start, progress)
        except BaseException:
            self.bring_down(progress)
            raise

    def _require_version(self) -> None:
        found, wanted = cluster.version(self._data), binaries.wheel_major()
        if found != str(wanted):
            raise WrongMajor(
                f"the data in {self._data} was written by PostgreSQL {found}, and this "
                f"installation brings {wanted}: run `brug upgrade`, which converts it and keeps "
                "the old data until the new is verified"
            )

    def _await_others(self, progress: Progress) -> None:
        """Let a server that starts, recovers or stops finish; end what a dead one left."""
        looks = 0
        while (found := self._processes()) and not self._answers():
            if postmaster.claimed_pid(self._data) in found:
                progress("waiting for the database, which is starting or stopping")
            else:
                progress("waiting for processes of a database that was killed")
                looks += 1
                if looks > _ORPHAN_PATIENCE:
                    postmaster.send_all(found, signal.SIGQUIT)
            postmaster.pause()

    def _await_answer(self, child: subprocess.Popen[bytes], start: int, progress: Progress) -> None:
        """Wait as long as the process lives: recovery takes the time that it takes."""
        said = ""
        while not self._answers():
            if child.poll() is not None:
                words = server_log.tail(self._home.log, start)
                raise ServerFailed(f"PostgreSQL did not start. Its last words:\n{words}")
            last = server_log.last_line(self._home.log, start)
            if last != said:
                progress(f"the database says: {last}")
                said = last
            postmaster.pause()

    def _write_configuration(self, user: ServerUser, sockets: Path) -> None:
        config = self._home.config
        texts = {
            "postgresql.conf": postgresql_conf(config, self._data, sockets, self._settings),
            "pg_hba.conf": pg_hba_conf(),
            "pg_ident.conf": pg_ident_conf(user),
        }
        for name, text in texts.items():
            write_durably(config / name, text.encode("utf-8", "surrogateescape"))
        for path in config.glob("*.conf"):
            cluster.let_read(path, user)

    def _postgresql_conf(self, sockets: Path) -> str:
        places = (self._home.config, self._data, sockets)
        if self._programs is not None:  # another version may not know our settings
            return bare_conf(*places)
        return postgresql_conf(*places, self._settings)

    def bring_down(self, progress: Progress) -> None:
        """Stop the server as it likes to be stopped, and wait until it is gone."""
        pid = self.pid()
        if not pid and self._child is not None and self._child.poll() is None:
            pid = self._child.pid
        if not pid or not postmaster.send(pid, signal.SIGINT):
            return
        progress("stopping the database")
        for _ in range(_STOP_PATIENCE):
            if not self._data.is_dir():
                self.abandon()
                return
            if self._reap() or not postmaster.works(pid, self._data):
                break
            postmaster.pause()
        else:
            postmaster.send(pid, signal.SIGQUIT)
        self._bury()

    def abandon(self) -> None:
        """End a server whose data folder is not there any more: it cannot stop as it likes to."""
        child, self._child = self._child, None
        if child is None or child.poll() is not None:
            return
        postmaster.send(child.pid, signal.SIGQUIT)
        try:
            child.wait(_ABANDON_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _bury(self) -> None:
        """Ask a child that is ending for its exit status; one of another folder than ours, which
        was deleted and made anew, is ended first.
        """
        child = self._child
        if child is None:
            return
        if child.poll() is None and not postmaster.works(child.pid, self._data):
            self.abandon()
            return
        child.wait()
        self._child = None

    def let_go(self) -> None:
        """Leave a running server to others."""
        if self._child is not None and self._child.poll() is None:
            self._child.returncode = 0  # or its object would complain that it still runs
        self._child = None

    def _reap(self) -> bool:
        """Whether the server was our child and has ended."""
        return self._child is not None and self._child.poll() is not None

    def _processes(self) -> list[int]:
        self._reap()
        return postmaster.processes_of(self._data)
