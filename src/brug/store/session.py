# SPDX-License-Identifier: EUPL-1.2
"""A transaction bound to a principal, and the pool that it runs on.

Every statement runs under row-level security: `brug_app` sees what its principal may see,
a site admin's transaction becomes `brug_all`. The binding is transaction-local, so that
nothing of one request is left on the connection for the next. A *system* session is
`brug_all` without a user: for signing in, jobs that read everything, and installation.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, LiteralString, Self, cast

import psycopg
from psycopg import sql
from psycopg_pool import ConnectionPool, PoolTimeout

from brug.model.errors import Unauthenticated, Unavailable
from brug.store.failing import check_if_told, meaning
from brug.store.principal import Principal
from brug.store.sealing import Seal, of_environment

Query = LiteralString | sql.SQL | sql.Composed
SessionContext = AbstractContextManager["Session"]
Params = Sequence[Any] | Mapping[str, Any]

SYSTEM = Principal(
    user_id=0, email="SYSTEM", org_id=0, org_uuid="", org_name="SYSTEM", org_local=True,
    role_id=0, role_name="system", rights=frozenset({"site_admin"}), language="en", theme="auto",
    timezone=None, disabled=False, expired=False, key_id=None, read_only=False,
    allowed_ips=None, key_expiration=0, csrf=None, change_pw=False, host_org_id=None,
)  # fmt: skip


# How long a request waits for a connection: there is one for each thread that answers, so
# that it waits only where the database is away.
PATIENCE = 10.0


class Session:
    """What domain functions take first: `execute`, and who asks."""

    def __init__(
        self, connection: psycopg.Connection[Any], principal: Principal, seal: Seal | None = None
    ) -> None:
        self.connection = connection
        self.principal = principal
        self.seal = seal or Seal(None)
        self.after_commit: list[Callable[[], None]] = []
        # What brug.store.settings has read in this transaction, or can without asking.
        self.settings: Mapping[str, Any] | None = None
        self.stored_settings: str | None = None

    def forget_settings(self) -> None:
        """They were changed: whoever asks for one reads them again."""
        self.settings = self.stored_settings = None

    def execute(self, query: Query, params: Params | None = None) -> psycopg.Cursor[Any]:
        """Runs one statement; rows come as tuples."""
        return self.connection.execute(query, params)

    def one(self, query: Query, params: Params | None = None) -> tuple[Any, ...] | None:
        """The first row, or None."""
        row = self.connection.execute(query, params).fetchone()
        return cast("tuple[Any, ...] | None", row)

    def all(self, query: Query, params: Params | None = None) -> list[tuple[Any, ...]]:
        return self.connection.execute(query, params).fetchall()

    def value(self, query: Query, params: Params | None = None) -> Any:
        """The first column of the first row, or None."""
        row = self.connection.execute(query, params).fetchone()
        return row[0] if row else None


def hash_of_key(key: str) -> bytes:
    """What is stored of an API key or a web session's cookie; both are random."""
    return hashlib.sha256(key.encode()).digest()


# One statement finds who asks, makes a site admin's transaction one that sees everything,
# notes where its acts come from and brings the settings along; statements of their own would
# cost most requests a journey for each.
_ENTERING: LiteralString = (
    "SELECT *, CASE WHEN 'site_admin' = ANY (rights)"
    " THEN set_config('role', 'brug_all', true) END, set_config('brug.address', %s, true),"
    " (SELECT jsonb_object_agg(name, value) FROM setting)::text FROM "
)


class UnknownKey(Unauthenticated):
    """Nobody's key, as far as the node knows yet; some that came along are still unused."""


_KEY_STALE = 21  # its place in principal_row


def _principal(row: tuple[Any, ...] | None) -> Principal:
    if row is None or row[0] is None:
        if row is not None and row[_KEY_STALE]:
            raise UnknownKey("no such key among those that have been used")
        raise Unauthenticated("no such user, key or session")
    fields = list(row[:-3])
    fields[3] = str(row[3])
    fields[8] = frozenset(row[8])
    fields[16] = None if row[16] is None else tuple(row[16])
    return Principal(*fields)


class Database:
    """The pool of a process: as many connections as it has threads that answer requests."""

    def __init__(
        self, dsn: str, size: int = 8, application: str = "brug", keys: Path | None = None
    ) -> None:
        """`keys` is the folder of the key that seals secrets, if not `$BRUG_KEYS`."""
        self._seal = Seal(keys or of_environment())
        self._pool: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(
            dsn,
            min_size=1,
            max_size=size,
            open=False,
            timeout=PATIENCE,
            # A server that comes back is found within a second or two, not after ever
            # longer pauses.
            reconnect_timeout=2,
            check=check_if_told,
            kwargs={"application_name": application, "options": "-c search_path=brug"},
        )

    def open(self) -> Self:
        self._pool.open(wait=True, timeout=30)
        return self

    def close(self) -> None:
        self._pool.close()

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *exc: object) -> None:
        self.close()

    @contextmanager
    def _transaction(self) -> Iterator[psycopg.Connection[Any]]:
        try:
            with self._pool.connection() as connection:
                yield connection
        except PoolTimeout as error:
            raise Unavailable(f"no database connection became free in {PATIENCE} s") from error
        except psycopg.Error as error:
            said = meaning(error)
            if said is None:
                raise
            raise said from error

    @contextmanager
    def _entered(
        self, query: LiteralString, argument: object, address: str = ""
    ) -> Iterator[Session]:
        with self._transaction() as connection:
            row = connection.execute(query, (address, argument)).fetchone()
            session = Session(connection, _principal(row), self._seal)
            session.stored_settings = row[-1] if row else None
            yield session
        # Here the transaction has committed; what must not happen before may happen now.
        for effect in session.after_commit:
            effect()

    def as_user(self, user_id: int) -> SessionContext:
        """A session of a user, by id: web sessions, jobs, the command line."""
        return self._entered(_ENTERING + "enter_user(%s)", user_id)

    def as_key(self, key: str, address: str = "") -> SessionContext:
        """A session of whoever owns an API key. The caller checks expiry and addresses."""
        return self._entered(_ENTERING + "enter_key(%s)", hash_of_key(key), address)

    def as_web_session(self, cookie: str) -> SessionContext:
        return self._entered(_ENTERING + "enter_web_session(%s)", hash_of_key(cookie))

    @contextmanager
    def system(self) -> Iterator[Session]:
        """Everything, as nobody. Not for anything whose answer goes to a user."""
        with self._transaction() as connection:
            connection.execute("SET LOCAL ROLE brug_all")
            session = Session(connection, SYSTEM, self._seal)
            yield session
        for effect in session.after_commit:
            effect()
