# SPDX-License-Identifier: EUPL-1.2
"""The database, its roles and its schema, before any table.

Works for the superuser of the embedded server and for an account of somebody else's server
that has CREATEROLE and CREATEDB and no more. Nothing that it makes is a superuser or may
bypass row-level security. Doing it again changes nothing.

    brug_owner   owns database and schema, runs migrations; applications never connect so
    brug_app     what requests run as; has nothing by itself that a policy does not give
    brug_all     policies let it see everything; others become it; cannot connect
    brug_jobs    what jobs run as, with time to finish
"""

from collections.abc import Mapping
from typing import NamedTuple

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from brug.store.server_errors import ServerFailed

DATABASE = "brug"
SCHEMA = "brug"
OLDEST_SERVER = 18


class Role(NamedTuple):
    """A role and the limits that it starts with."""

    name: str
    login: bool
    settings: Mapping[str, str]


_PATH = {"search_path": "brug"}

ROLES = (
    Role("brug_all", login=False, settings={}),
    Role(
        "brug_owner",
        login=True,
        settings=_PATH
        | {
            "statement_timeout": "0",
            "lock_timeout": "10s",
            "idle_in_transaction_session_timeout": "10min",
        },
    ),
    Role(
        "brug_jobs",
        login=True,
        settings=_PATH
        | {
            "statement_timeout": "15min",
            "lock_timeout": "10s",
            "idle_in_transaction_session_timeout": "5min",
        },
    ),
    Role(
        "brug_app",
        login=True,
        settings=_PATH
        | {
            "statement_timeout": "30s",
            "lock_timeout": "5s",
            "idle_in_transaction_session_timeout": "60s",
        },
    ),
)

# What the second may become; it has none of those rights until it says so.
_MEMBERSHIPS = (
    ("brug_all", "brug_app"),
    ("brug_jobs", "brug_app"),
    ("brug_all", "brug_jobs"),
)


def bootstrap(
    maintenance: str, database: str = DATABASE, passwords: Mapping[str, str] | None = None
) -> None:
    """Make roles, database, extension and schema through a connection to any database.

    `passwords` by role, for servers that ask for them; they leave this process only hashed.
    """
    with psycopg.connect(maintenance, autocommit=True) as connection:
        _require_version(connection)
        _make_roles(connection, passwords or {})
        _make_database(connection, database)
    inside = make_conninfo(maintenance, dbname=database)
    with psycopg.connect(inside, autocommit=True) as connection:
        _grant_entry(connection, database)
        _make_schema(connection)


def _require_version(connection: psycopg.Connection) -> None:
    found = connection.info.server_version // 10_000
    if found < OLDEST_SERVER:
        raise ServerFailed(f"PostgreSQL {OLDEST_SERVER} or later is needed; this one is {found}")


def _make_roles(connection: psycopg.Connection, passwords: Mapping[str, str]) -> None:
    rows = connection.execute("select rolname from pg_roles").fetchall()
    present = {name for (name,) in rows}
    for role in ROLES:
        if role.name not in present:
            connection.execute(sql.SQL("create role {}").format(sql.Identifier(role.name)))
        _shape_role(connection, role)
        if password := passwords.get(role.name):
            _set_password(connection, role.name, password)
    _join_owner(connection)
    for group, member in _MEMBERSHIPS:
        connection.execute(
            sql.SQL("grant {} to {} with set true, inherit false").format(
                sql.Identifier(group), sql.Identifier(member)
            )
        )


def _shape_role(connection: psycopg.Connection, role: Role) -> None:
    """Attributes that a role without superuser rights may set; the rest are off by default."""
    name = sql.Identifier(role.name)
    login = sql.SQL("login" if role.login else "nologin")
    inherit = sql.SQL("noinherit" if role.name == "brug_app" else "inherit")
    connection.execute(
        sql.SQL("alter role {} {} {} nocreatedb nocreaterole").format(name, login, inherit)
    )
    for setting, value in role.settings.items():
        connection.execute(
            sql.SQL("alter role {} set {} = {}").format(
                name, sql.Identifier(setting), sql.Literal(value)
            )
        )


def _set_password(connection: psycopg.Connection, role: str, password: str) -> None:
    hashed = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    connection.execute(
        sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(hashed))
    )


def _join_owner(connection: psycopg.Connection) -> None:
    """Whoever makes the database must be able to give it to its owner."""
    connection.execute("grant brug_owner to current_user with inherit true, set true")


def _make_database(connection: psycopg.Connection, database: str) -> None:
    """Case and trigrams of every script, which the server's own default may not give."""
    found = connection.execute("select 1 from pg_database where datname = %s", [database])
    if found.fetchone() is None:
        connection.execute(
            sql.SQL(
                "create database {} owner brug_owner template template0 encoding 'UTF8' "
                "locale_provider builtin builtin_locale 'C.UTF-8' lc_collate 'C' lc_ctype 'C.UTF-8'"
            ).format(sql.Identifier(database))
        )


def _grant_entry(connection: psycopg.Connection, database: str) -> None:
    name = sql.Identifier(database)
    connection.execute("set role brug_owner")
    connection.execute(sql.SQL("revoke all on database {} from public").format(name))
    connection.execute(
        sql.SQL("grant connect, temporary on database {} to brug_app, brug_jobs").format(name)
    )


def _make_schema(connection: psycopg.Connection) -> None:
    """pg_trgm is trusted, so the owner of the database may install it, superuser or not."""
    connection.execute("create schema if not exists brug")
    connection.execute("create extension if not exists pg_trgm with schema brug")
    connection.execute("grant usage on schema brug to brug_app, brug_all, brug_jobs")
