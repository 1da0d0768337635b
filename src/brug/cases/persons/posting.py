# SPDX-License-Identifier: EUPL-1.2
"""Carries letters to persons outside: at least once, each tried again ever more slowly.

What is new in a case becomes one letter for each who may see something of it, a few seconds after
it came to rest. A letter is made in a transaction that ends before the mail server is asked; what
is refused for good is shown to whoever leads the case.
"""

from datetime import UTC
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from brug.cases.persons import letters, links
from brug.cases.persons.letters import Due
from brug.cases.persons.outside import NoSeat, by_id
from brug.directory import mail_keys
from brug.directory.mail_keys import Key
from brug.formats import openpgp_mail
from brug.formats.letter import Attachment, Letter, composed
from brug.mail.inbound import addressing
from brug.mail.transport import MailRefused, MailServer, connected, deliver, server_of
from brug.model.errors import BrugError, Invalid
from brug.store import outbox, settings
from brug.store.repeating import Repeating
from brug.store.session import Database, Session

log = structlog.get_logger("brug.cases.persons")

WAKE_SECONDS = 1.0
REST_SECONDS, LONGEST_REST_SECONDS = 5, 60
MOST = 20
LEASE_SECONDS = 300
FIRST_PAUSE, LONGEST_PAUSE, DAYS = 30, 3600, 3
# A code that comes too late is none.
LATEST_CODE_SECONDS = 600
KEPT_DAYS = 30


class PersonsPoster(Repeating):
    """One per node that is served; several share the letters by leases."""

    def __init__(self, dsn: str, keys: Path | None) -> None:
        super().__init__("persons", Database(dsn, 1, "brug persons", keys), _due)


def _due(database: Database) -> float:
    return 0.0 if run_once(database) else WAKE_SECONDS


def run_once(database: Database, rest_seconds: int = REST_SECONDS) -> int:
    """Makes letters of what is new, and sends what is due; how many were looked at."""
    with database.system() as session:
        links.see_to_codes(session)
        if not outbox.is_set_up(session):
            return 0
        expand(session, rest_seconds)
        leased = _lease(session)
        server = server_of(session) if leased else None
    if server is None:
        return 0
    try:
        with connected(server) as smtp:
            for one in leased:
                _carry(database, one, server, smtp)
    except BrugError as error:
        log.warning("mail server", reason=str(error))
        for one in leased:
            _settle(database, one, "waiting")
    return len(leased)


def expand(session: Session, rest_seconds: int = REST_SECONDS) -> None:
    """A letter for each who takes part and has not heard of the newest entries."""
    rows = session.all(
        "SELECT p.id, p.told, max(e.number), p.mails FROM case_person p"
        " JOIN case_party c ON c.case_id = p.case_id AND c.participant = p.participant"
        " JOIN case_entry e ON e.case_id = p.case_id AND e.number > p.told"
        " GROUP BY p.id HAVING max(e.came) <= now() - make_interval(secs => %s)"
        " OR min(e.came) <= now() - make_interval(secs => %s)",
        (rest_seconds, LONGEST_REST_SECONDS),
    )
    for number, told, newest, mails in rows:
        moved = session.execute(
            "UPDATE case_person SET told = %s WHERE id = %s AND told = %s", (newest, number, told)
        )
        if moved.rowcount and mails:
            session.execute(
                "INSERT INTO case_letter (person_id, kind, after, until)"
                " VALUES (%s, 'news', %s, %s)",
                (number, told, newest),
            )
    session.execute(
        "DELETE FROM case_letter WHERE ended < now() - make_interval(days => %s)", (KEPT_DAYS,)
    )


def _lease(session: Session) -> list[Due]:
    rows = session.all(
        "WITH due AS (SELECT id FROM case_letter WHERE state = 'waiting' AND due <= now()"
        " AND coalesce(leased_until < now(), true) ORDER BY due, id LIMIT %s"
        " FOR UPDATE SKIP LOCKED) UPDATE case_letter l SET attempts = attempts + 1,"
        " leased_until = now() + make_interval(secs => %s) FROM due WHERE l.id = due.id"
        " RETURNING l.id, l.person_id, l.kind, l.link, l.after, l.until, l.made, l.details",
        (MOST, LEASE_SECONDS),
    )
    return sorted((Due(*row) for row in rows), key=lambda one: one.id)


def _carry(database: Database, due: Due, server: MailServer, smtp: object) -> None:
    state, problem = "sent", ""
    try:
        made = _made(database, due, server)
        if made is None:
            state = "dropped"
        else:
            deliver(smtp, *made)  # type: ignore[arg-type]
    except NoSeat:
        state = "dropped"
    except (MailRefused, Invalid) as error:
        state, problem = "refused", str(error)
    except BrugError as error:
        state, problem = "waiting", str(error)
    except Exception as error:  # noqa: BLE001 — the border of a job
        log.error("unforeseen", letter=due.id, kind=type(error).__name__)  # noqa: TRY400
        state, problem = "waiting", f"unforeseen: {type(error).__name__}"
    _settle(database, due, state, problem)


def _made(database: Database, due: Due, server: MailServer) -> tuple[object, str, str] | None:
    with database.system() as session:
        person = by_id(session, due.person_id)
        written = letters.write(session, due, person)
        if written is None:
            return None
        host = urlsplit(settings.get(session, "node.url")).hostname or "brug.invalid"
        # Whoever has keys looks up the one for an address: it has to be the same in each letter.
        answers = addressing.answers_to(session, person.reply, is_plain=bool(person.gpgkey))
        key = mail_keys.ensure(session)
    letter = Letter(
        sender=server.sender,
        sender_name=server.sender_name,
        to=person.email,
        reply_to=answers.address or server.reply_to,
        subject=f"{server.subject_prefix} {written.subject}{answers.in_subject}",
        outer_subject=f"{server.subject_prefix}{answers.in_subject}",
        text=written.text,
        message_id=addressing.message_id(due.id, person.reply, host),
        at=due.made.astimezone(UTC),
        autocrypt=openpgp_mail.autocrypt(server.sender, key.text) if key else "",
        attachments=(_attached(key),) if key and written.brings_key else (),
    )
    return composed(letter, person.gpgkey), server.sender, person.email


def _attached(key: Key) -> Attachment:
    """RFC 3156, 7."""
    name = f"OpenPGP_0x{key.fingerprint[-16:]}.asc"
    return Attachment(name, "application/pgp-keys", key.text.encode())


def _without_address(problem: str) -> str:
    """A mail server's answer names whom it refuses; the address is sealed elsewhere."""
    code = problem[:3]
    return f"the mail server says {code}" if code.isdecimal() else problem[:300]


def _settle(database: Database, due: Due, state: str, problem: str = "") -> None:
    days = LATEST_CODE_SECONDS if due.kind == "code" else DAYS * 86_400
    with database.system() as session:
        ended = session.value(
            "UPDATE case_letter SET leased_until = NULL, state = CASE WHEN %(state)s = 'waiting'"
            " AND made < now() - make_interval(secs => %(longest)s) THEN 'expired'"
            " ELSE %(state)s END, ended = CASE WHEN %(state)s = 'waiting'"
            " AND made >= now() - make_interval(secs => %(longest)s) THEN NULL ELSE now() END,"
            " due = now() + make_interval(secs =>"
            " least(%(pause)s, %(first)s * 2 ^ least(attempts - 1, 16)))"
            " WHERE id = %(id)s RETURNING state",
            {
                "state": state, "longest": days, "id": due.id, "first": FIRST_PAUSE,
                "pause": LONGEST_PAUSE,
            },
        )  # fmt: skip
        session.execute(
            "UPDATE case_person SET problem = %s WHERE id = %s AND %s <> 'dropped'",
            (_without_address(problem), due.person_id, state),
        )
    if ended not in {"sent", "dropped"}:
        # Nothing of the case, and no address.
        log.warning("letter", id=due.id, kind=due.kind, state=ended)
