# SPDX-License-Identifier: EUPL-1.2
"""Carries letters out: at least once, each tried again ever more slowly, for three days.

1. A cause is expanded into letters, one a recipient, in one transaction. 2. A letter is
leased. 3. It is made in its recipient's session, which then ends: no transaction waits for
a mail server. 4. It is handed over, and only then marked sent. A sender that dies between
the two sends it again, under the same Message-ID, by which mail programs know it.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from urllib.parse import urlsplit

import msgspec
import structlog

from brug.formats.letter import Letter, composed
from brug.mail.content import Cause, Content, Reader
from brug.mail.letters import KINDS, recipients
from brug.mail.passing import Governing, Passing, by_rights_alone
from brug.mail.transport import MailRefused, MailServer, connected, deliver, server_of
from brug.model.errors import BrugError, Invalid, Unauthenticated
from brug.store import outbox, settings
from brug.store.session import Database, Session

log = structlog.get_logger("brug.mail")

Hand = Callable[[EmailMessage, str], None]
CAUSES, LETTERS = 20, 20
LEASE_SECONDS = 300
FIRST_PAUSE, LONGEST_PAUSE, DAYS = 30, 3600, 3


class Leased(msgspec.Struct, frozen=True):
    """A letter that this sender carries, and why it is written."""

    id: int
    user_id: int
    at: datetime
    cause: Cause


def run_once(database: Database, governing: Governing = by_rights_alone) -> int:
    """Expands what is due and sends what is due; how many letters were looked at.

    `governing` says which readers' letters pass something before their rights decide.
    """
    with database.system() as session:
        if not outbox.is_set_up(session):
            return 0
        expand(session)
    with database.system() as session:
        leased = lease(session)
        server = server_of(session) if leased else None
    if server is None:
        return 0
    try:
        with connected(server) as smtp:
            for letter in leased:
                _carry(
                    database, letter, server, governing,
                    lambda m, to: deliver(smtp, m, server.sender, to),
                )  # fmt: skip
    except BrugError as error:
        log.warning("mail server", reason=str(error))
        for letter in leased:
            _settle(database, letter, "waiting", str(error))
    return len(leased)


def expand(session: Session) -> None:
    """Makes letters of causes; a second one to the same person for a cause is none."""
    rows = session.all(
        "SELECT id, kind, by_user, event_id, user_id, details FROM mail_cause"
        " WHERE NOT expanded ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
        (CAUSES,),
    )
    for row in rows:
        cause = Cause(*row)
        session.execute(
            "INSERT INTO mail_letter (cause_id, user_id) SELECT %s, unnest(%s::int[])"
            " ON CONFLICT DO NOTHING",
            (cause.id, recipients(session, cause)),
        )
        session.execute("UPDATE mail_cause SET expanded = true WHERE id = %s", (cause.id,))


def lease(session: Session) -> list[Leased]:
    """Letters that are due, for this sender alone until the lease ends."""
    rows = session.all(
        "WITH due AS (SELECT id FROM mail_letter WHERE state = 'waiting' AND due <= now()"
        " AND coalesce(leased_until < now(), true) ORDER BY due, id LIMIT %s"
        " FOR UPDATE SKIP LOCKED), mine AS (UPDATE mail_letter l SET attempts = attempts + 1,"
        " leased_until = now() + make_interval(secs => %s) FROM due WHERE l.id = due.id"
        " RETURNING l.id, l.user_id, l.cause_id)"
        " SELECT m.id, m.user_id, c.at, c.id, c.kind, c.by_user, c.event_id, c.user_id, c.details"
        " FROM mine m JOIN mail_cause c ON c.id = m.cause_id ORDER BY m.id",
        (LETTERS, LEASE_SECONDS),
    )
    return [Leased(row[0], row[1], row[2], Cause(*row[3:])) for row in rows]


def _carry(
    database: Database, letter: Leased, server: MailServer, governing: Governing, hand: Hand
) -> None:
    state, problem = "sent", ""
    passing: Passing | None = None
    try:
        problem, passing = _sent(database, letter, server, governing, hand)
        state = "dropped" if problem else "sent"
    except (MailRefused, Invalid) as error:
        state, problem = "refused", str(error)
    except Unauthenticated:
        state, problem = "dropped", "no such account any more"
    except BrugError as error:
        state, problem = "waiting", str(error)
    except Exception as error:  # the border of a job
        log.exception("unforeseen", id=letter.id, kind=letter.cause.kind)
        state, problem = "waiting", f"unforeseen: {type(error).__name__}"
    _settle(database, letter, state, problem, passing)


def _sent(
    database: Database, letter: Leased, server: MailServer, governing: Governing, hand: Hand
) -> tuple[str, Passing | None]:
    """Why there is nothing to send, or "" where it was handed over; and what it passed."""
    made = _made(database, letter, governing)
    if made is None:
        return "nothing that the recipient may see or wants", None
    content, reader, host = made
    if content.about_event and server.encrypted_only and not reader.gpgkey:
        return "the recipient has no key", None
    written = Letter(
        sender=server.sender,
        sender_name=server.sender_name,
        to=reader.email,
        reply_to=content.reply_to or server.reply_to,
        subject=f"{server.subject_prefix} {content.subject}",
        outer_subject=server.subject_prefix,
        text=content.text,
        message_id=f"<letter-{letter.id}-{letter.cause.id}@{host}>",
        at=letter.at.astimezone(UTC),
    )
    hand(composed(written, reader.gpgkey), reader.email)
    return "", reader.passing


def _made(
    database: Database, letter: Leased, governing: Governing
) -> tuple[Content, Reader, str] | None:
    kind = KINDS[letter.cause.kind]
    entered = database.system() if kind.as_system else database.as_user(letter.user_id)
    with entered as session:
        row = session.one(
            "SELECT id, email, language, gpgkey, org_id FROM account WHERE id = %s AND NOT disabled"
            " AND coalesce(expiration > now(), true)",
            (letter.user_id,),
        )
        if row is None:
            return None
        passing = None if kind.as_system else governing(session, row[4], bool(row[3]))
        reader = Reader(row[0], row[1], row[2], row[3], row[4], passing)
        content = kind.render(session, letter.cause, reader)
        host = urlsplit(settings.get(session, "node.url")).hostname or "brug.invalid"
        return None if content is None else (content, reader, host)


def _settle(
    database: Database, letter: Leased, state: str, problem: str, passing: Passing | None = None
) -> None:
    """What became of it. Waiting doubles each time; after three days it ends, and says so."""
    with database.system() as session:
        if passing is not None and state == "sent":
            passing.note(session)
        ended = session.value(
            "UPDATE mail_letter l SET leased_until = NULL, problem = %(problem)s,"
            " state = CASE WHEN %(state)s = 'waiting'"
            " AND c.at < now() - make_interval(days => %(days)s)"
            " THEN 'expired' ELSE %(state)s END,"
            " ended = CASE WHEN %(state)s = 'waiting' THEN NULL ELSE now() END,"
            " due = now() + make_interval(secs =>"
            " least(%(longest)s, %(first)s * 2 ^ least(l.attempts - 1, 16)))"
            " FROM mail_cause c WHERE c.id = l.cause_id AND l.id = %(id)s RETURNING l.state",
            {
                "problem": problem[:500], "state": state, "days": DAYS, "id": letter.id,
                "longest": LONGEST_PAUSE, "first": FIRST_PAUSE,
            },
        )  # fmt: skip
    if ended not in {"sent", "dropped"}:
        log.warning("letter", id=letter.id, kind=letter.cause.kind, state=ended, reason=problem)
