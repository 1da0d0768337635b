# SPDX-License-Identifier: EUPL-1.2
"""The node's own keys: signing, one after another, revoked."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from brug.bridges import identity
from brug.directory.node import create_node
from brug.model.errors import Conflict, Invalid, NotFound
from brug.store.session import Database

DATA = b"what is signed"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with Database(database_url) as opened:
        with opened.system() as session:
            create_node(session, "CSIRT Noordland", "admin@csirt.example", "http://node.example")
        yield opened


def test_a_node_is_made_with_a_key_that_signs(database: Database) -> None:
    with database.as_user(1) as session:
        (key,) = identity.public_keys(session)
        made = identity.sign(session, DATA)
    assert made.key_id == key.key_id == identity.id_of(key.public)
    assert identity.verify(key.public, made.signature, DATA)
    assert not identity.verify(key.public, made.signature, DATA + b".")
    assert not identity.verify(key.public, made.signature[:-1], DATA)
    assert not identity.verify(b"short", made.signature, DATA)


def test_the_system_makes_a_key_where_there_is_none(database_url: str) -> None:
    with Database(database_url) as bare, bare.system() as session:
        assert identity.public_keys(session) == []
        made = identity.sign(session, DATA)
        assert [key.key_id for key in identity.public_keys(session)] == [made.key_id]


def test_no_secret_stands_in_the_database(database: Database) -> None:
    with database.system() as session:
        sealed = session.value("SELECT sealed FROM identity_key")
        key = identity.current(session)
        made = identity.sign(session, DATA)
    for thirty_two in (sealed[i : i + 32] for i in range(len(sealed) - 31)):
        assert not _is_secret_of(thirty_two, key.public)
    assert made.signature


def _is_secret_of(candidate: bytes, public: bytes) -> bool:
    secret = Ed25519PrivateKey.from_private_bytes(candidate)
    return secret.public_key().public_bytes_raw() == public


def test_a_rotated_key_is_introduced_by_the_old_one_which_stays_valid_for_a_while(
    database: Database,
) -> None:
    with database.system() as session:
        old = identity.current(session)
    with database.system() as session:
        new = identity.rotate(session, timedelta(days=7))
    with database.as_user(1) as session:
        held = {key.key_id: key for key in identity.public_keys(session)}
        assert identity.sign(session, DATA).key_id == new.key_id
        assert identity.sign(session, DATA, old.key_id).key_id == old.key_id
    now = datetime.now(UTC)
    old = held[old.key_id]
    assert identity.is_introduced(held[new.key_id], old)
    assert not identity.is_introduced(old, held[new.key_id])
    assert old.is_valid(now)
    assert not old.is_valid(now + timedelta(days=8))
    assert held[new.key_id].is_valid(now + timedelta(days=800))


def test_a_revoked_key_signs_nothing_and_introduces_nobody(database: Database) -> None:
    with database.system() as session:
        old = identity.current(session)
        gone = identity.revoke(session, old.key_id)
        new = identity.current(session)
    assert gone.revoked is not None
    assert new.key_id != old.key_id
    assert new.introduced_by is None
    with database.system() as session, pytest.raises(identity.NoIdentity):
        identity.sign(session, DATA, old.key_id)
    with database.system() as session, pytest.raises(Conflict):
        identity.revoke(session, old.key_id)
    with database.system() as session, pytest.raises(NotFound):
        identity.revoke(session, "no such key")


def test_only_a_site_admin_changes_keys(database: Database) -> None:
    with database.system() as session:
        session.execute("UPDATE account SET role_id = 3 WHERE id = 1")
    with database.as_user(1) as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
        identity.rotate(session)


def test_a_key_comes_back_from_its_document(database: Database) -> None:
    with database.system() as session:
        identity.rotate(session)
        keys = identity.public_keys(session)
    for key in keys:
        told = identity.as_document(key)
        again = identity.of_document(told)
        assert again.public == key.public
        assert identity.as_document(again) == told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("public", "AAAA"),
        ("public", 7),
        ("public", "é" * 43),
        ("key_id", "other"),
        ("valid_from", "yesterday"),
        ("valid_until", 7),
        ("introduced_by", 7),
        ("introduction", None),
    ],
)
def test_a_bad_document_of_a_key_names_its_field(
    database: Database, name: str, value: object
) -> None:
    with database.system() as session:
        identity.rotate(session)
        told = identity.as_document(identity.current(session))
    with pytest.raises(Invalid) as refused:
        identity.of_document({**told, name: value})
    assert refused.value.field == f"key.{name}"
