# SPDX-License-Identifier: EUPL-1.2
"""Signing in with a password, and the sessions of browsers.

Attempts are counted before the password is looked at, per account and per address, in the
database: over all verbs, doors and processes. An account that is not there takes as long
and answers as one whose password is wrong. Cookies and their digests never meet in a log;
stored is the digest alone. Rights that change end sessions by trigger (`end_web_sessions`).
"""

import secrets

import msgspec

from brug.directory import audit, passwords
from brug.model.errors import TooManyRequests, Unauthenticated
from brug.store import settings
from brug.store.session import Database, Session, hash_of_key

# An office behind one address may mistype more often than one person.
ADDRESS_FACTOR = 10


class SignedIn(msgspec.Struct, frozen=True):
    """A new web session; the cookie's text is nowhere else."""

    cookie: str
    csrf: str
    user_id: int
    change_pw: bool


class WrongCredentials(Unauthenticated):
    """No such account, another password, a closed account: one answer for all."""

    code = "wrong_credentials"
    public = "E-mail address or password is wrong, or the account is closed."


def sign_in(database: Database, email: str, password: str, address: str) -> SignedIn:
    """Raises WrongCredentials or TooManyRequests; replaces no other session."""
    email = email.strip()[:320].encode("utf-8", "replace").decode().replace("\x00", "")
    subjects = (f"account:{email.lower()}", f"address:{address[:64]}")
    # 1. The attempt is on record before anything is compared.
    with database.system() as session:
        _count_attempt(session, subjects)
    # 2. Comparing takes long and holds no connection.
    with database.system() as session:
        found = session.one(
            "SELECT id, password_hash, disabled OR coalesce(expiration < now(), false)"
            " FROM account WHERE lower(email) = lower(%s)",
            (email,),
        )
    user_id, stored, closed = found or (None, None, True)
    if not passwords.is_right(stored, password) or closed or user_id is None:
        raise WrongCredentials(f"sign-in as {email[:100]!r} from {address} failed")
    # 3. Only now is there a session.
    with database.system() as session:
        _forget_attempt(session, subjects)
        if stored and passwords.is_outdated(stored):
            session.execute(
                "UPDATE account SET password_hash = %s WHERE id = %s",
                (passwords.hashed(password), user_id),
            )
    with database.as_user(user_id) as session:
        session.execute("SELECT set_config('brug.address', %s, true)", (address,))
        session.execute(
            "UPDATE account SET last_login = current_login,"
            " current_login = extract(epoch FROM now()), force_logout = false"
            " WHERE id = current_user_id()"
        )
        audit.record(session, "login", "User", user_id, session.principal.email)
        return begin(session, address)


def _count_attempt(session: Session, subjects: tuple[str, str]) -> None:
    window = settings.get(session, "security.sign_in_seconds")
    allowed = settings.get(session, "security.sign_in_attempts")
    session.execute(
        "DELETE FROM sign_in_failure WHERE at < now() - make_interval(secs => %s)", (window,)
    )
    for subject, limit in zip(subjects, (allowed, allowed * ADDRESS_FACTOR), strict=True):
        # One at a time for a subject, or a burst would be counted after it has passed.
        session.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (subject,))
        count = session.value("SELECT count(*) FROM sign_in_failure WHERE subject = %s", (subject,))
        if count >= limit:
            raise TooManyRequests(f"{subject} has failed {count} times")
        session.execute("INSERT INTO sign_in_failure (subject) VALUES (%s)", (subject,))


def _forget_attempt(session: Session, subjects: tuple[str, str]) -> None:
    """A right password clears the account; of the address only this attempt goes."""
    account, address = subjects
    session.execute("DELETE FROM sign_in_failure WHERE subject = %s", (account,))
    session.execute(
        "DELETE FROM sign_in_failure WHERE ctid = (SELECT ctid FROM sign_in_failure"
        " WHERE subject = %s ORDER BY at DESC LIMIT 1)",
        (address,),
    )


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
    session.execute(
        "UPDATE web_session SET seen = now(), expires = now() + make_interval(mins => %s)"
        " WHERE hash = %s AND seen < now() - interval '1 minute'",
        (settings.get(session, "security.session_minutes"), hash_of_key(cookie)),
    )


def sign_out(session: Session, cookie: str) -> None:
    session.execute("DELETE FROM web_session WHERE hash = %s", (hash_of_key(cookie),))
    audit.record(session, "logout", "User", session.principal.user_id, session.principal.email)


def is_own_form(session: Session, token: str) -> bool:
    """Whether a form's token is this web session's."""
    mine = session.principal.csrf
    return mine is not None and secrets.compare_digest(mine.encode(), token.encode())
