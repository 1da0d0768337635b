# SPDX-License-Identifier: EUPL-1.2
"""Counting what may not be tried without end: passwords, codes, requests for an account.

Counts stand in the database: over all verbs, doors and processes. An attempt is on record
before anything is compared. A subject is `account:`, `address:`, `code:`... with whose it is.
"""

from brug.model.errors import TooManyRequests
from brug.store import audit, settings
from brug.store.session import Session

# An office behind one address may mistype more often than one person.
ADDRESS_FACTOR = 10


def count(session: Session, *subjects: str) -> None:
    """Raises TooManyRequests where one of them has failed too often."""
    window = settings.get(session, "security.sign_in_seconds")
    allowed = settings.get(session, "security.sign_in_attempts")
    session.execute(
        "DELETE FROM sign_in_failure WHERE at < now() - make_interval(secs => %s)", (window,)
    )
    for subject in subjects:
        limit = allowed * (ADDRESS_FACTOR if subject.startswith("address:") else 1)
        # One at a time for a subject, or a burst would be counted after it has passed.
        session.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (subject,))
        tried = session.value("SELECT count(*) FROM sign_in_failure WHERE subject = %s", (subject,))
        if tried >= limit:
            raise TooManyRequests(f"{subject} has failed {tried} times")
        session.execute("INSERT INTO sign_in_failure (subject) VALUES (%s)", (subject,))
        if tried + 1 == limit:
            _note_burst(session, subject)


def _note_burst(session: Session, subject: str) -> None:
    """The last attempt that is let through goes on record, and with the record into the ledger."""
    kind, _, whose = subject.partition(":")
    user_id = session.value(
        "SELECT id FROM account WHERE %s = 'account' AND lower(email) = lower(%s)", (kind, whose)
    )
    audit.record(session, "burst", "SignIn", user_id or 0, subject, {"of": kind})


def forget(session: Session, *subjects: str) -> None:
    """What was right clears its subject; of an address only this attempt goes."""
    for subject in subjects:
        if subject.startswith("address:"):
            session.execute(
                "DELETE FROM sign_in_failure WHERE ctid = (SELECT ctid FROM sign_in_failure"
                " WHERE subject = %s ORDER BY at DESC LIMIT 1)",
                (subject,),
            )
        else:
            session.execute("DELETE FROM sign_in_failure WHERE subject = %s", (subject,))
