# SPDX-License-Identifier: EUPL-1.2
"""Signing in with a password, and the sessions of browsers.

Attempts are counted before the password is looked at, per account and per address, in the
database: over all verbs, doors and processes. An account that is not there takes as long
and answers as one whose password is wrong. Cookies and their digests never meet in a log;
stored is the digest alone. Rights that change end sessions by trigger (`end_web_sessions`).
"""

import secrets

import msgspec

from brug.directory import attempts, audit, moved_secrets, passwords, second_factor
from brug.model.errors import Unauthenticated
from brug.store import settings
from brug.store.session import Database, Session, hash_of_key

# Between the password and the code.
STEP_MINUTES = 10


class CodeNeeded(msgspec.Struct, frozen=True):
    """The password was right; the cookie's holder has yet to give a one-time code."""

    cookie: str


class SignedIn(msgspec.Struct, frozen=True):
    """A new web session; the cookie's text is nowhere else."""

    cookie: str
    csrf: str
    user_id: int
    change_pw: bool


class WrongCode(Unauthenticated):
    """Another code, or one that was used."""

    code = "wrong_code"
    public = "This code is wrong, was used already, or is too old."


class StepEnded(Unauthenticated):
    """Too late, or taken already: sign in from the start."""

    code = "step_ended"
    public = "That took too long. Sign in again."


class WrongCredentials(Unauthenticated):
    """No such account, another password, a closed account: one answer for all."""

    code = "wrong_credentials"
    public = "E-mail address or password is wrong, or the account is closed."


def sign_in(database: Database, email: str, password: str, address: str) -> SignedIn | CodeNeeded:
    """Raises WrongCredentials or TooManyRequests; replaces no other session."""
    email = email.strip()[:320].encode("utf-8", "replace").decode().replace("\x00", "")
    subjects = (f"account:{email.lower()}", f"address:{address[:64]}")
    # 1. The attempt is on record before anything is compared.
    with database.system() as session:
        attempts.count(session, *subjects)
        passwords_on, break_glass = (
            settings.get(session, name) for name in ("sign_in.passwords", "sign_in.break_glass")
        )
    # 2. Comparing takes long and holds no connection.
    with database.system() as session:
        found = session.one(
            "SELECT id, password_hash, disabled OR coalesce(expiration < now(), false)"
            " FROM account WHERE lower(email) = lower(%s)",
            (email,),
        )
        moved = moved_secrets.has_passwords(session)
    user_id, stored, closed = found or (None, None, True)
    elsewhere = not passwords_on and user_id != break_glass
    right = passwords.is_right(stored, password, moved=moved)
    if not right or closed or elsewhere or user_id is None:
        raise WrongCredentials(f"sign-in as {email[:100]!r} from {address} failed")
    # 3. Only now is there a session.
    with database.system() as session:
        attempts.forget(session, *subjects)
        if stored and passwords.is_outdated(stored):
            session.execute(
                "UPDATE account SET password_hash = %s WHERE id = %s",
                (passwords.hashed(password), user_id),
            )
        if second_factor.is_set(session, user_id):
            return CodeNeeded(_step(session, user_id, address))
    return enter(database, user_id, address)


def enter(database: Database, user_id: int, address: str) -> SignedIn:
    """A session for somebody who has shown who they are; the sign-in is on record."""
    with database.as_user(user_id, address) as session:
        session.execute(
            "UPDATE account SET last_login = current_login,"
            " current_login = extract(epoch FROM now()), force_logout = false"
            " WHERE id = current_user_id()"
        )
        audit.record(session, "login", "User", user_id, session.principal.email)
        return begin(session, address)


def _step(session: Session, user_id: int, address: str) -> str:
    cookie = secrets.token_urlsafe(32)
    session.execute(
        "INSERT INTO sign_in_step VALUES (%s, %s, %s, now() + make_interval(mins => %s))",
        (hash_of_key(cookie), user_id, address, STEP_MINUTES),
    )
    return cookie


def give_code(database: Database, cookie: str, code: str, address: str) -> SignedIn:
    """The second step. Codes are counted before they are looked at, over all browsers."""
    with database.system() as session:
        user_id = session.value(
            "SELECT s.user_id FROM sign_in_step s JOIN account a ON a.id = s.user_id"
            " WHERE s.hash = %s AND s.expires > now() AND NOT a.disabled",
            (hash_of_key(cookie),),
        )
        if user_id is None:
            raise StepEnded("the first step of a sign-in is over")
        attempts.count(session, f"code:{user_id}")
    with database.system() as session:
        if not second_factor.is_right(session, user_id, code):
            raise WrongCode(f"a wrong one-time code for account {user_id} from {address}")
        gone = session.execute("DELETE FROM sign_in_step WHERE hash = %s", (hash_of_key(cookie),))
        if gone.rowcount != 1:
            raise StepEnded("the same step was taken twice")
        attempts.forget(session, f"code:{user_id}")
    return enter(database, user_id, address)


def begin(session: Session, address: str) -> SignedIn:
    """A web session for the principal, with a new cookie and a new token."""
    cookie, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    session.execute("DELETE FROM web_session WHERE expires < now()")
    session.execute(
        "INSERT INTO web_session (hash, user_id, csrf, expires, address) VALUES"
        " (%s, current_user_id(), %s, now() + make_interval(mins => %s), %s::inet)",
        (hash_of_key(cookie), csrf, settings.get(session, "security.session_minutes"), address),
    )
    mine = session.principal
    return SignedIn(cookie, csrf, mine.user_id, mine.change_pw)


def rotate(session: Session, cookie: str, address: str) -> SignedIn:
    """Another cookie for the same browser: after a changed password, say."""
    session.execute("DELETE FROM web_session WHERE hash = %s", (hash_of_key(cookie),))
    return begin(session, address)


def prolong(session: Session, cookie: str) -> None:
    """Counts the idle time anew, at most once a minute."""
    if session.principal.session_stale:
        session.execute(
            "UPDATE web_session SET seen = now(), expires = now() + make_interval(mins => %s)"
            " WHERE hash = %s",
            (settings.get(session, "security.session_minutes"), hash_of_key(cookie)),
        )


def sign_out(session: Session, cookie: str) -> None:
    session.execute("DELETE FROM web_session WHERE hash = %s", (hash_of_key(cookie),))
    audit.record(session, "logout", "User", session.principal.user_id, session.principal.email)


def is_own_form(session: Session, token: str) -> bool:
    """Whether a form's token is this web session's."""
    mine = session.principal.csrf
    return mine is not None and secrets.compare_digest(mine.encode(), token.encode())
