# SPDX-License-Identifier: EUPL-1.2
"""The personal link, the one-time code, and the cookie of whoever came in by both.

All three are random and stored as digests. A link that is nobody's, that ended or was taken away,
and one whose person takes part no longer answer alike, in the same words and after the same work:
whoever tries links learns of none. A code holds for minutes and few tries, for the link that it was
asked with.
"""

import hmac
import secrets
from datetime import datetime
from hashlib import sha256

import msgspec

from brug.cases.persons.outside import NoSeat, Person, Seat, by_id
from brug.store import outbox, settings
from brug.store.session import Session

_TOKEN_BYTES = 32
DIGITS = 8
CODE_MINUTES = 10
TRIES = 5
# Of one link; and of one person, so that whoever has caught a link keeps nobody out by another.
CODES_AN_HOUR, MOST_CODES_AN_HOUR = 5, 15
MOST_ASKED = 500  # in a round
SESSION_HOURS = 4
MOST_LINKS = 30  # of one person; each letter brings a fresh one


class Told(msgspec.Struct, frozen=True):
    """What whoever leads a case is told of somebody's links."""

    open: int
    expires: datetime | None
    used: datetime | None


def make(session: Session, person_id: int) -> str:
    """A fresh link's token, for a letter. In a system session, as all of these."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.execute(
        "INSERT INTO case_person_link (digest, person_id, expires)"
        " VALUES (%s, %s, now() + make_interval(days => %s))",
        (_digest(token), person_id, settings.get(session, "cases.link_days")),
    )
    session.execute(
        "UPDATE case_person_link SET expires = now() WHERE person_id = %(person)s"
        " AND expires > now() AND digest NOT IN (SELECT digest FROM case_person_link"
        "   WHERE person_id = %(person)s ORDER BY made DESC, digest LIMIT %(most)s)",
        {"person": person_id, "most": MOST_LINKS},
    )
    return token


def told(session: Session, person_id: int) -> Told:
    row = session.one(
        "SELECT count(*) FILTER (WHERE expires > now()), max(expires) FILTER"
        " (WHERE expires > now()), max(used) FROM case_person_link WHERE person_id = %s",
        (person_id,),
    )
    assert row is not None  # noqa: S101 — an aggregate
    return Told(*row)


def revoke(session: Session, person_id: int, *, shuts: bool = False) -> None:
    """No link leads in any more, and nobody is in by one; `shuts`: nor does any later one."""
    session.execute("UPDATE case_person SET shut = %s WHERE id = %s", (shuts, person_id))
    session.execute(
        "DELETE FROM case_person_session s USING case_person_link l"
        " WHERE s.link = l.digest AND l.person_id = %s",
        (person_id,),
    )
    session.execute(
        "UPDATE case_person_link SET expires = now() WHERE person_id = %s AND expires > now()",
        (person_id,),
    )


def ask_code(session: Session, token: str) -> None:
    """A code is sent where there is somebody to send it to; whoever asks is not told.

    Nothing is looked up here: how long it takes would tell whether the link leads in.
    """
    _note(session, token, is_try=False)


def _note(session: Session, token: str, *, is_try: bool) -> None:
    session.execute(
        "INSERT INTO case_code_asked (link, is_try) VALUES (%s, %s)", (_digest(token), is_try)
    )


def see_to_codes(session: Session) -> None:
    """Letters for the codes that were asked for; asked too often, none is sent."""
    rows = session.all(
        "DELETE FROM case_code_asked WHERE id IN (SELECT id FROM case_code_asked ORDER BY id"
        " LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING link, is_try",
        (MOST_ASKED,),
    )
    if not outbox.is_set_up(session):
        return
    for link in [bytes(link) for link, is_try in rows if not is_try]:
        found = _behind(session, link)
        if found is None:
            continue
        # Whoever sees to another at the same moment waits here, so that the counts hold.
        session.execute("SELECT 1 FROM case_person WHERE id = %s FOR UPDATE", (found.id,))
        session.execute(
            "INSERT INTO case_letter (person_id, kind, link) SELECT %(person)s, 'code', %(link)s"
            " FROM (SELECT count(*) AS all_, count(*) FILTER (WHERE link = %(link)s) AS of_link"
            "   FROM case_letter WHERE person_id = %(person)s AND kind = 'code'"
            "   AND made > now() - interval '1 hour') n"
            " WHERE n.of_link < %(of_link)s AND n.all_ < %(most)s",
            {
                "person": found.id, "link": link, "of_link": CODES_AN_HOUR,
                "most": MOST_CODES_AN_HOUR,
            },
        )  # fmt: skip


def make_code(session: Session, link: bytes) -> str:
    """For a letter: it replaces whatever code the link had."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    session.execute(
        "INSERT INTO case_person_code (link, digest, expires)"
        " VALUES (%s, %s, now() + make_interval(mins => %s)) ON CONFLICT (link) DO UPDATE"
        " SET digest = excluded.digest, expires = excluded.expires, tries = 0",
        (link, _code_digest(link, code), CODE_MINUTES),
    )
    return code


def enter(session: Session, token: str, code: str) -> str | None:
    """A cookie for whoever has link and code; None whatever is wrong with them.

    The try counts also where the caller then fails: commit it.
    """
    link, typed = _digest(token), "".join(code.split()).replace("-", "")
    row = session.one(
        "UPDATE case_person_code SET tries = tries + 1 WHERE link = %s AND expires > now()"
        " AND tries < %s RETURNING id, digest",
        (link, TRIES),
    )
    known = bytes(row[1]) if row else bytes(32)
    # As much work for a link that is nobody's: also there something is written.
    fits = hmac.compare_digest(known, _code_digest(link, typed))
    _note(session, token, is_try=True)
    if row is None or not fits or _behind(session, link) is None:
        return None
    session.execute("DELETE FROM case_person_code WHERE link = %s", (link,))
    session.execute("DELETE FROM case_person_session WHERE expires < now()")
    session.execute("UPDATE case_person_link SET used = now() WHERE digest = %s", (link,))
    cookie = secrets.token_urlsafe(_TOKEN_BYTES)
    session.execute(
        "INSERT INTO case_person_session (digest, link, expires)"
        " VALUES (%s, %s, now() + make_interval(hours => %s))",
        (_digest(cookie), link, SESSION_HOURS),
    )
    return cookie


def of_cookie(session: Session, cookie: str) -> Person:
    """Who is in by a link. Raises NoSeat; whether they still take part, `Seat.take` says."""
    row = session.one(
        "UPDATE case_person_link l SET used = now() FROM case_person_session s"
        " WHERE s.digest = %s AND s.link = l.digest AND s.expires > now() AND l.expires > now()"
        " RETURNING l.person_id",
        (_digest(cookie),),
    )
    if row is None:
        raise NoSeat("no such session")
    return by_id(session, row[0])


def leave(session: Session, cookie: str) -> None:
    """Out again."""
    session.execute("DELETE FROM case_person_session WHERE digest = %s", (_digest(cookie),))


def _behind(session: Session, link: bytes) -> Person | None:
    """Whose link it is, by its digest, where it leads in and they take part."""
    row = session.one(
        "SELECT person_id FROM case_person_link WHERE digest = %s AND expires > now()", (link,)
    )
    if row is None:
        return None
    found = by_id(session, row[0])
    try:
        Seat.take(session, found)
    except NoSeat:
        return None
    return found


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def _code_digest(link: bytes, code: str) -> bytes:
    return hmac.digest(link, code.encode("utf-8", "surrogatepass"), "sha256")
