# SPDX-License-Identifier: EUPL-1.2
"""A database that somebody else runs: made by its administrator, used with roles of its own."""

import stat
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from brug.store.bootstrap import ROLES
from brug.store.home import Home
from brug.store.migrations import migrate
from brug.store.reaching import VARIABLE, reached
from brug.store.server import SUPERUSER, EmbeddedServer
from brug.store.server_errors import NotInitialised
from brug.store.session import Database

NAME = "elsewhere"


def test_roles_with_passwords_of_their_own_reach_a_server_of_yours(
    embedded: EmbeddedServer, tmp_path: Path
) -> None:
    home = Home(tmp_path / "node")
    home.create()
    url = embedded.dsn(SUPERUSER, NAME)
    with reached(home, environ={VARIABLE: url}) as node:
        with pytest.raises(NotInitialised):
            node.dsn()
        node.bootstrap()
        migrate(node.dsn("brug_owner"))
        node.bootstrap()
        with Database(node.dsn(), size=1) as database, database.system() as session:
            assert session.value("SELECT count(*) FROM role") == 6
            assert session.value("SELECT current_database()") == NAME
        assert "user=postgres" not in node.dsn()
        assert f"user={SUPERUSER}" not in node.dsn()
    file = home.keys / "database.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with psycopg.connect(embedded.dsn(SUPERUSER, "postgres"), autocommit=True) as connection:
        hashed = connection.execute(
            "SELECT count(*) FROM pg_authid WHERE rolname = ANY (%s)"
            " AND rolpassword LIKE 'SCRAM-SHA-256$%%'",
            ([role.name for role in ROLES],),
        ).fetchone()
        assert hashed == (3,)
        connection.execute(sql.SQL("drop database {}").format(sql.Identifier(NAME)))
