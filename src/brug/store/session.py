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
from functools import partial
from pathlib import Path
from typing import Any, LiteralString, Self, cast

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool, PoolTimeout

from brug.model.errors import Unavailable
from brug.store import identifying
from brug.store.failing import check_if_told, meaning
from brug.store.identifying import Known, RememberedKeys
from brug.store.principal import Principal
from brug.store.sealing import Seal, of_environment

Query = LiteralString | sql.SQL | sql.Composed
SessionContext = AbstractContextManager["Session"]
Params = Sequence[Any] | Mapping[str, Any]
Begins = sql.SQL | sql.Composed

SYSTEM = Principal(
    user_id=0, email="SYSTEM", org_id=0, org_uuid="", org_name="SYSTEM", org_local=True,
    role_id=0, role_name="system", rights=frozenset({"site_admin"}),
)  # fmt: skip


# How long a request waits for a connection: there is one for each thread that answers, so
# that it waits only where the database is away.
PATIENCE = 10.0
# What is asked a second time is prepared, and as much as a round of carrying asks, which is
# more than the library would keep: what policies add to a statement takes long to plan.
PREPARED_FROM = 1
PREPARED = 150


class Session:
    """What domain functions take first: `execute`, and who asks."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        principal: Principal,
        binding: Callable[[], Begins],
        seal: Seal | None = None,
    ) -> None:
        """`binding` is what begins the transaction and makes it the principal's."""
        self._connection = connection
        self._begins = binding
        self._binding: Callable[[], Begins] | None = binding
        self.principal = principal
        self.seal = seal or Seal(None)
        self.after_commit: list[Callable[[], None]] = []
        # What brug.store.settings has read, or came along with who asks.
        self.settings: Mapping[str, Any] | None = None

    @property
    def connection(self) -> psycopg.Connection[Any]:
        """The transaction's; it begins when somebody first asks for it.

        Many requests need no more than who asks and what is set, which is known by then.
        """
        if self._binding is not None:
            binding, self._binding = self._binding, None
            # One journey for its statements, so it cannot be prepared.
            self._connection.execute(binding(), prepare=False)
        return self._connection

    @contextmanager
    def as_system(self) -> Iterator[None]:
        """Lets the block write what its principal may not, in the same transaction.

        For what the node itself notes of an act: a crossing, its place in the ledger. However
        the block ends, whoever goes on in the transaction is the principal again.
        """
        self.execute("SET LOCAL ROLE brug_all")
        try:
            yield
        finally:
            # One that failed answers nothing any more, and takes the role back with it.
            if self.is_usable and not self.principal.is_site_admin:
                self.execute("RESET ROLE")

    @property
    def is_usable(self) -> bool:
        """Whether the transaction has not failed."""
        return self.connection.info.transaction_status == TransactionStatus.INTRANS

    def commit(self) -> None:
        """What was done so far stays, whatever becomes of the rest; that is a transaction anew.

        For what consists of several that stand for themselves. Not within `as_system`.
        """
        self._connection.commit()
        self._binding = self._begins

    def forget_settings(self) -> None:
        """They were changed: whoever asks for one reads them again."""
        self.settings = None

    def execute(self, query: Query, params: Params | None = None) -> psycopg.Cursor[Any]:
        """Runs one statement; rows come as tuples."""
        return self.connection.execute(query, params)

    def one(self, query: Query, params: Params | None = None) -> tuple[Any, ...] | None:
        """The first row, or None."""
        row = self.execute(query, params).fetchone()
        return cast("tuple[Any, ...] | None", row)

    def all(
        self,
        query: Query,
        params: Params | None = None,
        *,
        prepare: bool | None = None,
        binary: bool = False,
    ) -> list[tuple[Any, ...]]:
        """All rows; with `prepare` false it is planned each time for what is given.

        For what a plan of any parameters would answer far more slowly, as with long lists.
        `binary` is for many rows with bytes in them, which need not be written as text then.
        """
        return self.connection.execute(query, params, prepare=prepare, binary=binary).fetchall()

    def value(self, query: Query, params: Params | None = None) -> Any:
        """The first column of the first row, or None."""
        row = self.connection.execute(query, params).fetchone()
        return row[0] if row else None


def hash_of_key(key: str) -> bytes:
    """What is stored of an API key or a web session's cookie; both are random."""
    return hashlib.sha256(key.encode()).digest()


# What begins a transaction, in one journey: whose it is, and whether it sees everything.
_AS_READER = sql.SQL("BEGIN; SELECT bind_principal({}, {}, {})")
_AS_SITE_ADMIN = sql.SQL("BEGIN; SELECT bind_principal({}, {}, {}); SET LOCAL ROLE brug_all")
_AS_SYSTEM = sql.SQL("BEGIN; SET LOCAL ROLE brug_all")


def _binding(principal: Principal, address: str) -> sql.Composed:
    template = _AS_SITE_ADMIN if principal.is_site_admin else _AS_READER
    return template.format(principal.user_id, principal.org_id, address)


class Database:
    """The pool of a process: as many connections as it has threads that answer requests."""

    def __init__(
        self, dsn: str, size: int = 8, application: str = "brug", keys: Path | None = None
    ) -> None:
        """`keys` is the folder of the key that seals secrets, if not `$BRUG_KEYS`."""
        self._seal = Seal(keys or of_environment())
        self._keys = RememberedKeys()
        self._pool: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(
            dsn,
            min_size=1,
            max_size=size,
            num_workers=1 if size <= 3 else 3,
            open=False,
            timeout=PATIENCE,
            # A server that comes back is found within a second or two, not after ever
            # longer pauses.
            reconnect_timeout=2,
            check=check_if_told,
            configure=_keep_many_prepared,
            kwargs={
                "application_name": application,
                "options": "-c search_path=brug",
                # Sessions begin their transactions themselves, when they need one.
                "autocommit": True,
                "prepare_threshold": PREPARED_FROM,
            },
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
        self, identify: Callable[[psycopg.Connection[Any]], Known], address: str = ""
    ) -> Iterator[Session]:
        with self._transaction() as connection:
            known = identify(connection)
            binding = partial(_binding, known.principal, address)
            session = Session(connection, known.principal, binding, self._seal)
            session.settings = known.settings
            yield session
        # Here the transaction has committed; what must not happen before may happen now.
        for effect in session.after_commit:
            effect()

    def as_user(self, user_id: int, address: str = "") -> SessionContext:
        """A session of a user, by id: jobs and the command line."""
        return self._entered(partial(identifying.by_id, user_id), address)

    def as_key(self, key: str, address: str = "") -> SessionContext:
        """A session of whoever owns an API key. The caller checks expiry and addresses."""
        return self._entered(partial(self._keys.owner, hash_of_key(key)), address)

    def forget_key(self, key: str) -> None:
        """Its owner is asked for anew: what does not count as a change was noted of it."""
        self._keys.forget(hash_of_key(key))

    def as_web_session(self, cookie: str, address: str = "") -> SessionContext:
        return self._entered(partial(identifying.by_web_session, hash_of_key(cookie)), address)

    @contextmanager
    def system(self) -> Iterator[Session]:
        """Everything, as nobody. Not for anything whose answer goes to a user."""
        with self._transaction() as connection:
            session = Session(connection, SYSTEM, lambda: _AS_SYSTEM, self._seal)
            yield session
        for effect in session.after_commit:
            effect()


def _keep_many_prepared(connection: psycopg.Connection[Any]) -> None:
    connection.prepared_max = PREPARED
