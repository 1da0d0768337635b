# SPDX-License-Identifier: EUPL-1.2
"""Roles and database, on our server and on one where we are nobody special."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from brug.store.backup import backup, restore
from brug.store.bootstrap import ROLES, bootstrap
from brug.store.database_check import check_server
from brug.store.home import Home
from brug.store.migrations import migrate
from brug.store.reaching import VARIABLE, reached
from brug.store.server import SUPERUSER, EmbeddedServer

Make = Callable[..., EmbeddedServer]


def administrator(server: EmbeddedServer) -> str:
    """An account as a managed server gives it."""
    with psycopg.connect(server.maintenance(), autocommit=True) as connection:
        connection.execute("create role renter login createrole createdb")
    return server.dsn("renter", "postgres")


@pytest.fixture
def managed(make_server: Make) -> Iterator[EmbeddedServer]:
    """A server without any role of Brug."""
    with make_server() as server:
        yield server


def test_an_account_without_superuser_rights_makes_everything(managed: EmbeddedServer) -> None:
    admin = administrator(managed)
    for _ in range(2):  # doing it again changes nothing
        bootstrap(admin)
        migrate(managed.dsn("brug_owner"))
    with psycopg.connect(managed.dsn("brug_app")) as connection:
        assert connection.execute("select count(*) from organisation").fetchone() is not None
        levels = {finding.code: finding.level for finding in check_server(connection)}
    assert set(levels.values()) == {"ok"}
    assert levels.keys() == {
        "version", "roles_present", "encoding", "case_folding", "roles", "trigrams"
    }  # fmt: skip


def test_no_role_of_ours_has_more_than_it_needs(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        found = connection.execute(
            "select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, "
            "rolcanlogin, rolinherit from pg_roles where rolname like 'brug\\_%'"
        ).fetchall()
        assert {row[0] for row in found} == {role.name for role in ROLES}
        assert not any(any(row[1:6]) for row in found)
        assert {row[0] for row in found if not row[6]} == {"brug_all"}
        assert {row[0] for row in found if not row[7]} == {"brug_app"}


def test_the_application_becomes_others_only_by_saying_so(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        assert connection.execute(
            "select pg_has_role('brug_all', 'usage'), pg_has_role('brug_all', 'set'), "
            "pg_has_role('brug_jobs', 'usage'), pg_has_role('brug_owner', 'member')"
        ).fetchone() == (False, True, False, False)
        connection.execute("set role brug_all")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("set role brug_owner")


@pytest.mark.parametrize("role", [role.name for role in ROLES if role.login])
def test_each_role_has_limits_on_statements_locks_and_idle_transactions(
    database_url: str, as_role: Callable[[str, str], str], role: str
) -> None:
    with psycopg.connect(as_role(database_url, role)) as connection:
        found = connection.execute(
            "select current_setting('statement_timeout'), current_setting('lock_timeout'), "
            "current_setting('idle_in_transaction_session_timeout')"
        ).fetchone()
    assert found is not None
    limits = dict(next(entry for entry in ROLES if entry.name == role).settings)
    assert found == (
        limits["statement_timeout"].replace("60s", "1min"),
        limits["lock_timeout"],
        limits["idle_in_transaction_session_timeout"].replace("60s", "1min"),
    )


def test_strangers_do_not_connect_to_the_database(managed: EmbeddedServer) -> None:
    bootstrap(managed.maintenance())
    with psycopg.connect(managed.maintenance(), autocommit=True) as connection:
        connection.execute("create role stranger login")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(managed.dsn("stranger"))


def test_a_wrong_locale_is_found(managed: EmbeddedServer) -> None:
    bootstrap(managed.maintenance())
    with psycopg.connect(managed.maintenance(), autocommit=True) as connection:
        connection.execute(
            "create database wrong template template0 owner brug_owner encoding 'UTF8' "
            "locale_provider libc locale 'C'"
        )
    bootstrap(managed.maintenance(), "wrong")
    with psycopg.connect(managed.dsn("brug_app", "wrong")) as connection:
        found = {finding.code: finding for finding in check_server(connection)}
    assert found["case_folding"].level == "error"
    assert found["trigrams"].level == "error"
    assert "C.UTF-8" in found["trigrams"].advice


def test_too_much_power_is_found(managed: EmbeddedServer) -> None:
    bootstrap(managed.maintenance())
    with psycopg.connect(managed.maintenance(), autocommit=True) as connection:
        connection.execute("alter role brug_app bypassrls")
    with psycopg.connect(managed.dsn("brug_app")) as connection:
        found = {finding.code: finding for finding in check_server(connection)}
    assert found["roles"].level == "error"


def test_a_server_of_others_gets_passwords_that_it_never_sees(
    managed: EmbeddedServer, place: Path
) -> None:
    home = Home(place / "external")
    home.create()
    url = make_conninfo(administrator(managed), dbname="brug")
    for _ in range(2):
        with reached(home, environ={VARIABLE: url}) as found:
            found.bootstrap()
    kept = home.keys / "database.json"
    assert kept.stat().st_mode & 0o077 == 0
    passwords = json.loads(kept.read_text())
    with psycopg.connect(managed.maintenance()) as connection:
        stored: dict[str, str] = dict(
            connection.execute(
                "select rolname, rolpassword from pg_authid where rolpassword is not null"
            ).fetchall()
        )
    assert stored.keys() == passwords.keys() == {"brug_owner", "brug_app", "brug_jobs"}
    assert all(text.startswith("SCRAM-SHA-256$") for text in stored.values())
    with psycopg.connect(found.dsn()) as connection:
        assert connection.execute("select current_user").fetchone() == ("brug_app",)


def test_a_node_on_a_server_of_others_is_backed_up_into_one_of_its_own(
    managed: EmbeddedServer, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(place / "external")
    home.create()
    monkeypatch.setenv(VARIABLE, make_conninfo(administrator(managed), dbname="brug"))
    with reached(home) as found:
        found.bootstrap()
        migrate(found.dsn("brug_owner"))
        with psycopg.connect(found.dsn("brug_owner")) as connection:
            connection.execute("insert into setting (name, value) values ('kept', '1')")
        backup(home, place / "b")
    monkeypatch.delenv(VARIABLE)
    copy = Home(place / "copy")
    restore(copy, place / "b")
    with reached(copy) as found, psycopg.connect(found.dsn("brug_owner")) as connection:
        assert connection.execute("select value from setting").fetchall() == [(1,)]
    assert not (copy.keys / "database.json").exists()


def test_names_of_databases_are_quoted(managed: EmbeddedServer) -> None:
    name = 'odd "name"; drop'
    bootstrap(managed.maintenance(), name)
    with psycopg.connect(managed.dsn(SUPERUSER, name), autocommit=True) as connection:
        assert connection.execute("select current_database()").fetchone() == (name,)
        query = sql.SQL("select {}").format(sql.Literal(1))
        assert connection.execute(query).fetchone() == (1,)
