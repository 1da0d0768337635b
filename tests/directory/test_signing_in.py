# SPDX-License-Identifier: EUPL-1.2
"""Signing in: limits, one answer for every failure, and what ends a session."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests import hashing

from brug.directory import account_changes, passwords, signing_in
from brug.directory.signing_in import SignedIn, WrongCredentials
from brug.model.errors import TooManyRequests, Unauthenticated
from brug.store import settings
from brug.store.session import hash_of_key

WHERE = "192.0.2.7"
EMAIL = "admin@csirt.example"


def sign_in(node: Any, email: str = EMAIL, password: str = "", where: str = WHERE) -> SignedIn:
    found = signing_in.sign_in(node.database, email, password or node.made.password, where)
    assert isinstance(found, SignedIn)
    return found


def alive(node: Any, signed: SignedIn) -> bool:
    try:
        with node.database.as_web_session(signed.cookie):
            return True
    except Unauthenticated:
        return False


def test_a_right_password_gives_a_session_with_a_token(node: Any) -> None:
    signed = sign_in(node, email="ADMIN@csirt.example ")
    with node.database.as_web_session(signed.cookie) as session:
        assert session.principal.email == EMAIL
        assert signing_in.is_own_form(session, signed.csrf)
        assert not signing_in.is_own_form(session, signed.csrf + "x")
        assert not signing_in.is_own_form(session, "")


def test_the_cookie_is_stored_as_its_digest(node: Any) -> None:
    signed = sign_in(node)
    with node.database.system() as session:
        rows = session.all("SELECT hash, w::text FROM web_session w")
    assert [row[0] for row in rows] == [hash_of_key(signed.cookie)]
    assert signed.cookie not in rows[0][1]


def test_each_sign_in_has_a_cookie_of_its_own(node: Any) -> None:
    first, second = sign_in(node), sign_in(node)
    assert first.cookie != second.cookie
    assert first.csrf != second.csrf
    with node.database.as_web_session(second.cookie) as session:
        third = signing_in.rotate(session, second.cookie, WHERE)
    assert alive(node, first)
    assert alive(node, third)
    assert not alive(node, second)


def test_every_failure_is_one_answer(node: Any) -> None:
    with node.database.system() as session:
        for email, more in (
            ("closed@csirt.example", {"disabled": True}),
            ("late@csirt.example", {"expiration": "2001-01-01"}),
        ):
            given = {"email": email, "password": "Correct-horse-1", "role_id": 3, **more}
            account_changes.add(session, given)
        session.execute(
            "INSERT INTO account (email, org_id, role_id) VALUES ('none@csirt.example', 1, 3)"
        )
    said = set()
    for email, password in (
        (EMAIL, "wrong"),
        ("nobody@csirt.example", "wrong"),
        ("closed@csirt.example", "Correct-horse-1"),
        ("late@csirt.example", "Correct-horse-1"),
        ("none@csirt.example", ""),
        ("a\x00b", "x"),
        ("a\ud800b", "x\ud800"),
    ):
        with pytest.raises(WrongCredentials) as refused:
            signing_in.sign_in(node.database, email, password, WHERE)
        said.add((refused.value.public, refused.value.status))
    assert len(said) == 1


def test_an_account_that_is_not_there_costs_a_verification_too(
    node: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []
    real = passwords.is_right

    def counted(stored: str | None, password: str, **more: Any) -> bool:
        asked.append(stored)
        return real(stored, password, **more)

    monkeypatch.setattr(passwords, "is_right", counted)
    with pytest.raises(WrongCredentials):
        sign_in(node, email="nobody@csirt.example", password="x")
    assert asked == [None]
    assert passwords._NOBODYS.split("$")[:4] == passwords.hashed("x").split("$")[:4]


def test_a_password_costs_what_rfc_9106_recommends_and_a_cheaper_hash_is_replaced(
    node: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_hasher", hashing.REAL)
    wanted = ["", "argon2id", "v=19", "m=65536,t=3,p=4"]
    assert passwords.hashed("x").split("$")[:4] == passwords._nobodys().split("$")[:4] == wanted
    stored = []
    for _ in range(2):
        sign_in(node)
        with node.database.system() as session:
            stored.append(session.value("SELECT password_hash FROM account WHERE id = 1"))
    assert stored[0].split("$")[:4] == wanted
    assert stored[1] == stored[0]


def test_an_account_waits_after_some_failures_from_anywhere(node: Any) -> None:
    for number in range(5):
        with pytest.raises(WrongCredentials):
            sign_in(node, password="wrong", where=f"192.0.2.{number}")
    with pytest.raises(TooManyRequests):
        sign_in(node, where="198.51.100.1")
    with node.database.system() as session:
        session.execute("UPDATE sign_in_failure SET at = now() - interval '301 seconds'")
    assert alive(node, sign_in(node))


def test_an_address_waits_after_failures_with_any_account(node: Any) -> None:
    with node.database.system() as session:
        settings.set_value(session, "security.sign_in_attempts", 1)
    for number in range(10):
        with pytest.raises(WrongCredentials):
            sign_in(node, email=f"someone{number}@csirt.example", password="x")
    with pytest.raises(TooManyRequests):
        sign_in(node)
    assert alive(node, sign_in(node, where="198.51.100.1"))


def test_a_burst_is_counted_before_it_passes(node: Any) -> None:
    def attempt(_: int) -> str:
        try:
            sign_in(node, password="wrong")
        except (WrongCredentials, TooManyRequests) as error:
            return error.code
        return "in"

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(attempt, range(12)))
    assert outcomes.count("wrong_credentials") == 5
    assert outcomes.count("too_many_requests") == 7


def test_a_right_password_clears_the_accounts_failures(node: Any) -> None:
    for _ in range(2):
        for _ in range(4):
            with pytest.raises(WrongCredentials):
                sign_in(node, password="wrong")
        sign_in(node)


@pytest.mark.parametrize(
    "change",
    [{"disabled": True}, {"password": "Another-password-9"}, {"role_id": 3},
     {"force_logout": True}, {"email": "other@csirt.example"}],
)  # fmt: skip
def test_what_changes_a_users_rights_ends_the_sessions(node: Any, change: Any) -> None:
    with node.database.system() as session:
        given = {"email": "lead@csirt.example", "password": "Correct-horse-1", "role_id": 2}
        user = account_changes.add(session, given).account
    signed = sign_in(node, email="lead@csirt.example", password="Correct-horse-1")
    other = sign_in(node)
    with node.database.system() as session:
        account_changes.edit(session, user.id, change)
    assert not alive(node, signed)
    assert alive(node, other)


def test_a_changed_role_ends_its_users_sessions(node: Any) -> None:
    signed = sign_in(node)
    with node.database.system() as session:
        session.execute("UPDATE role SET rights = array_remove(rights, 'sync') WHERE id = 1")
    assert not alive(node, signed)


def test_a_session_ends_when_it_is_not_used_and_lives_when_it_is(node: Any) -> None:
    signed = sign_in(node)
    with node.database.system() as session:
        session.execute("UPDATE web_session SET seen = now() - interval '2 minutes',"
                        " expires = now() + interval '1 second'")  # fmt: skip
    with node.database.as_web_session(signed.cookie) as session:
        signing_in.prolong(session, signed.cookie)
    with node.database.system() as session:
        left = session.value("SELECT extract(epoch FROM expires - now()) FROM web_session")
        assert left > 700 * 60
        session.execute("UPDATE web_session SET expires = now() - interval '1 second'")
    assert not alive(node, signed)


def test_signing_out_ends_the_session(node: Any) -> None:
    signed = sign_in(node)
    with node.database.as_web_session(signed.cookie) as session:
        signing_in.sign_out(session, signed.cookie)
    assert not alive(node, signed)


@pytest.mark.parametrize(
    ("password", "fits"),
    [
        ("short", False), ("alllowercase1", False), ("NODIGITSHERE", False),
        ("Mixed-and-1ong", True), ("a long phrase of words", True), ("x" * 2000, False),
        ("Nul\x00-and-12345", False),
    ],
)  # fmt: skip
def test_the_password_policy(node: Any, password: str, fits: bool) -> None:
    with node.database.system() as session:
        given = {"email": "new@csirt.example", "password": password, "role_id": 3}
        if fits:
            assert account_changes.add(session, given).password is None
        else:
            with pytest.raises(Exception, match="password"):
                account_changes.add(session, given)


def test_made_passwords_differ_and_meet_every_policy(node: Any) -> None:
    made = {passwords.generated() for _ in range(50)}
    assert len(made) == 50
    with node.database.system() as session:
        for password in made:
            passwords.check(session, password)
