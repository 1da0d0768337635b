# SPDX-License-Identifier: EUPL-1.2
"""Who brings a key is remembered, and whatever changes about them counts at the next request."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.directory.conftest import Node, a_node

from brug.directory import account_changes, keys, organisations
from brug.model.errors import Unauthenticated
from brug.store.principal import Principal
from brug.store.session import Database


@pytest.fixture
def node(database_url: str) -> Iterator[Node]:
    """Of one test alone: what is looked at here is a count that would go back with all else."""
    with Database(database_url, size=6) as database:
        yield a_node(database)


class Reader:
    """A user with a key, of an organisation and a role that can be changed."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.system() as session:
            org = organisations.add(session, {"name": "Zuidland Energie"})
            given = {"email": "reader@zuidland.example", "org_id": org.id, "role_id": 3}
            self.id = account_changes.add(session, given).account.id
            self.key = keys.add(session, self.id).text
        # The first use notes itself, so that what follows changes nothing of its own.
        with database.system() as session:
            key_id = session.value("SELECT id FROM auth_key WHERE user_id = %s", (self.id,))
            keys.touch(session, key_id, "192.0.2.1")

    def ask(self) -> Principal:
        with self.database.as_key(self.key) as session:
            return session.principal


@pytest.fixture
def reader(node: Any) -> Reader:
    return Reader(node.database)


def test_a_second_request_finds_the_same_as_long_as_nothing_changes(reader: Reader) -> None:
    assert reader.ask() is reader.ask()


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ("UPDATE account SET role_id = 6 WHERE id = %s", "role_id", 6),
        ("UPDATE account SET org_id = 1 WHERE id = %s", "org_id", 1),
        ("UPDATE account SET disabled = true WHERE id = %s", "disabled", True),
        ("UPDATE account SET change_pw = false WHERE id = %s", "change_pw", False),
        ("UPDATE account SET monitored = true WHERE id = %s", "monitored", True),
        ("UPDATE account SET email = 'other@zuidland.example' WHERE id = %s", "email",
         "other@zuidland.example"),
        ("UPDATE account SET expiration = '2020-01-01' WHERE id = %s", "is_closed", True),
        ("UPDATE auth_key SET read_only = true WHERE user_id = %s", "read_only", True),
        ("UPDATE auth_key SET expiration = 1 WHERE user_id = %s", "is_closed", True),
        ("UPDATE auth_key SET allowed_ips = '{192.0.2.7}' WHERE user_id = %s", "allowed_ips",
         ("192.0.2.7",)),
        ("UPDATE role SET rights = '{auth}' WHERE id = (SELECT role_id FROM account WHERE id = %s)",
         "rights", frozenset({"auth"})),
        ("UPDATE organisation SET name = 'Zuidland' WHERE id > 1 AND %s > 0",
         "org_name", "Zuidland"),
    ],
)  # fmt: skip
def test_a_change_by_another_process_counts_at_once(
    reader: Reader, database_url: str, change: Any, field: str, expected: object
) -> None:
    assert getattr(reader.ask(), field) != expected
    with Database(database_url) as other, other.system() as session:
        session.execute(change, (reader.id,))
    assert getattr(reader.ask(), field) == expected


@pytest.mark.parametrize(
    "change", ["DELETE FROM auth_key WHERE user_id = %s", "DELETE FROM account WHERE id = %s"]
)
def test_a_key_that_is_gone_is_nobodys_at_once(
    reader: Reader, database_url: str, change: Any
) -> None:
    reader.ask()
    with Database(database_url) as other, other.system() as session:
        session.execute(change, (reader.id,))
    with pytest.raises(Unauthenticated):
        reader.ask()


def test_a_setting_counts_at_once(reader: Reader, database_url: str) -> None:
    with reader.database.as_key(reader.key) as session:
        assert "node.title" not in (session.settings or {})
    with Database(database_url) as other, other.system() as session:
        session.execute("INSERT INTO setting (name, value) VALUES ('node.title', '\"Brug\"')")
    with reader.database.as_key(reader.key) as session:
        assert session.settings == {**(session.settings or {}), "node.title": "Brug"}


def test_a_change_that_is_taken_back_leaves_what_was(reader: Reader) -> None:
    before = reader.ask()
    with reader.database.system() as session:
        session.execute("UPDATE account SET disabled = true WHERE id = %s", (reader.id,))
        session.execute("ROLLBACK")
    assert reader.ask() == before


def test_signing_in_and_use_do_not_make_everybody_known_anew(reader: Reader, node: Any) -> None:
    before = reader.ask()
    with node.database.system() as session:
        session.execute("UPDATE account SET current_login = 5, last_login = 5")
        keys.touch(session, before.key_id or 0, "192.0.2.2")
    assert reader.ask() is before


def test_nothing_begins_before_it_is_needed(reader: Reader) -> None:
    with reader.database.as_key(reader.key) as session:
        idle = session._connection.info.transaction_status.name
        bound = session.value("SELECT current_user_id()")
        inside = session._connection.info.transaction_status.name
    assert (idle, bound, inside) == ("IDLE", reader.id, "INTRANS")
