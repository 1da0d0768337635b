# SPDX-License-Identifier: EUPL-1.2
"""The node's database, wherever it runs: inside the node, or on a server of yours.

With `BRUG_DATABASE_URL` the address names an account with CREATEROLE and CREATEDB while
`init` and `upgrade` run; everything else connects as the roles that `init` made, whose
passwords lie in `keys/database.json`, readable by the node's account alone.
"""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import msgspec
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from brug.store.bootstrap import DATABASE, ROLES, bootstrap
from brug.store.durable import write_durably
from brug.store.home import Home
from brug.store.keeping import kept
from brug.store.server import SUPERUSER, EmbeddedServer, Progress
from brug.store.server_errors import NotInitialised

VARIABLE = "BRUG_DATABASE_URL"


def _silent(_: str) -> None:
    """Progress for those who want none."""


class Reached:
    """A database that answers; `dsn` says how to connect as a role."""

    def __init__(self, home: Home, url: str | None, server: EmbeddedServer | None) -> None:
        self.home = home
        self.url = url
        self.server = server
        self._file = home.keys / "database.json"

    @property
    def database(self) -> str:
        return str(conninfo_to_dict(self.url).get("dbname") or DATABASE) if self.url else DATABASE

    def dsn(self, role: str = "brug_app") -> str:
        if self.server:
            return self.server.dsn(role)
        if not self._file.is_file():
            raise NotInitialised(f"{self._file} is missing; `brug init` makes it")
        passwords = msgspec.json.decode(self._file.read_bytes(), type=dict[str, str])
        # The address's own account and password serve for making the roles, no further.
        return make_conninfo(
            self.url or "", user=role, password=passwords[role], dbname=self.database
        )

    def bootstrap(self) -> None:
        """Makes roles, database and schema, or checks them."""
        if self.server:
            bootstrap(self.server.dsn(SUPERUSER, "postgres"), self.database)
            return
        if not self._file.is_file():
            made = {role.name: secrets.token_urlsafe(32) for role in ROLES if role.login}
            write_durably(self._file, msgspec.json.encode(made))
        passwords = msgspec.json.decode(self._file.read_bytes(), type=dict[str, str])
        bootstrap(make_conninfo(self.url or "", dbname="postgres"), self.database, passwords)


@contextmanager
def reached(
    home: Home,
    progress: Progress = _silent,
    environ: Mapping[str, str] = os.environ,
    *,
    supervise: bool = False,
) -> Iterator[Reached]:
    """The database for the duration of the block, started where nobody runs it.

    With `supervise` this process is the one that keeps it; there is one such at a time.
    """
    home.check()
    if url := environ.get(VARIABLE):
        yield Reached(home, url, None)
        return
    server = EmbeddedServer(home)
    if supervise:
        server.start(progress)
        try:
            with kept(server, progress):
                yield Reached(home, None, server)
        finally:
            server.stop(progress)
        return
    with server.ensure(progress):
        yield Reached(home, None, server)
