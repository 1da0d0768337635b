# SPDX-License-Identifier: EUPL-1.2
"""A PostgreSQL that somebody else runs, named by BRUG_DATABASE_URL.

The address is of an account with CREATEROLE and CREATEDB, used to make roles and database
and for nothing else. Brug's own roles get random passwords, kept among the node's keys.
"""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import msgspec
import psycopg
from psycopg.conninfo import make_conninfo

from brug.store.bootstrap import DATABASE, ROLES
from brug.store.durable import write_durably
from brug.store.home import Home
from brug.store.server import EmbeddedServer, Progress, silent
from brug.store.server_errors import ServerFailed

VARIABLE = "BRUG_DATABASE_URL"


class ExternalServer:
    """A server that is started and stopped by others."""

    def __init__(self, home: Home, url: str) -> None:
        self.home = home
        self._url = url
        self._file = home.keys / "database.json"

    def initialise(self) -> None:
        """Choose the passwords, unless that was done."""
        if not self._file.exists():
            chosen = {role.name: secrets.token_urlsafe(32) for role in ROLES if role.login}
            write_durably(self._file, msgspec.json.encode(chosen))

    def maintenance(self) -> str:
        """The address that was given."""
        return self._url

    def passwords(self) -> Mapping[str, str]:
        """By role."""
        return msgspec.json.decode(self._file.read_bytes(), type=dict[str, str])

    def dsn(self, role: str = "brug_app", database: str = DATABASE) -> str:
        """How to connect as a role, for psycopg."""
        password = self.passwords()[role]
        return make_conninfo(self._url, user=role, password=password, dbname=database)

    def running(self) -> bool:
        """Whether it answers."""
        try:
            psycopg.connect(self._url, connect_timeout=10).close()
        except psycopg.OperationalError:
            return False
        return True

    def start(self, progress: Progress = silent) -> None:
        """Nothing to start: raise unless it answers."""
        progress("connecting to the database")
        try:
            psycopg.connect(self._url, connect_timeout=10).close()
        except psycopg.OperationalError as error:
            raise ServerFailed(f"the server of {VARIABLE} does not answer: {error}") from error

    def stop(self, progress: Progress = silent) -> None:
        """Leave it running."""

    @contextmanager
    def ensure(self, progress: Progress = silent) -> Iterator["ExternalServer"]:
        self.start(progress)
        yield self


Server = EmbeddedServer | ExternalServer


def server_of(home: Home, environ: Mapping[str, str] = os.environ) -> Server:
    """The server that a node uses: the one named in the environment, or its own."""
    if url := environ.get(VARIABLE):
        return ExternalServer(home, url)
    return EmbeddedServer(home)
