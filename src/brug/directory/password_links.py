# SPDX-License-Identifier: EUPL-1.2
"""Links by which people who have lost their password choose another: once, for a while.

Only the digest of a token is stored. Asking for a link answers the same for every address;
what a link changes is the password and nothing else: a second factor stays.
"""

import secrets

from brug.directory import attempts, audit, passwords
from brug.model.errors import NotFound
from brug.store import outbox, settings
from brug.store.session import Database, Session, hash_of_key


class LinkEnded(NotFound):
    """Used, too old, or never made: one answer for all."""

    code = "link_ended"
    public = "This link does not work any more. Ask for another one."


def are_sent(session: Session) -> bool:
    """Whether who has lost the password may ask for a link, and mail can carry it."""
    return bool(settings.get(session, "security.password_forgotten")) and outbox.is_set_up(session)


def ask(session: Session, email: str, address: str) -> None:
    """In a system session: a link goes out, if the address is that of an open account.

    `address` is whence it is asked. Raises TooManyRequests.
    """
    attempts.count(session, f"address:forgot {address}")
    user_id = session.value(
        "SELECT id FROM account WHERE lower(email) = lower(%s) AND NOT disabled"
        " AND coalesce(expiration > now(), true)",
        (email.strip()[:320].replace("\x00", ""),),
    )
    if user_id is not None:
        outbox.put(session, "password", user_id=int(user_id))


def make(session: Session, user_id: int) -> str:
    """In a system session: a new token for a user; earlier ones end."""
    token = secrets.token_urlsafe(32)
    session.execute("DELETE FROM password_link WHERE user_id = %s OR expires < now()", (user_id,))
    session.execute(
        "INSERT INTO password_link VALUES (%s, %s, now() + make_interval(mins => %s))",
        (hash_of_key(token), user_id, settings.get(session, "security.reset_minutes")),
    )
    return token


def holder(session: Session, token: str) -> int:
    """In a system session: whose link it is; raises LinkEnded."""
    found = session.value(
        "SELECT l.user_id FROM password_link l JOIN account a ON a.id = l.user_id"
        " WHERE l.hash = %s AND l.expires > now() AND NOT a.disabled",
        (hash_of_key(token),),
    )
    if found is None:
        raise LinkEnded("a link for a password that is used, too old or unknown")
    return int(found)


def use(database: Database, token: str, password: str) -> int:
    """Sets the password; the user. Raises LinkEnded, Refused; a refused one keeps the link."""
    with database.system() as session:
        user_id = holder(session, token)
        new = passwords.check(session, password)
    hashed = passwords.hashed(new)  # takes long and holds no connection
    with database.system() as session:
        gone = session.execute(
            "DELETE FROM password_link WHERE hash = %s AND expires > now()", (hash_of_key(token),)
        )
        if gone.rowcount != 1:
            raise LinkEnded("a link for a password was used twice at once")
        session.execute(
            "UPDATE account SET password_hash = %s, change_pw = false,"
            " last_pw_change = extract(epoch FROM now()) WHERE id = %s",
            (hashed, user_id),
        )
    with database.as_user(user_id) as session:
        audit.record(session, "change_pw", "User", user_id, session.principal.email)
    return user_id
