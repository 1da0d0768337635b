# SPDX-License-Identifier: EUPL-1.2
"""Letters to persons outside: a link, a code, what is new or due. Made when they are sent.

What is in a case goes into a letter only where the case's marking allows the way: encrypted for
whoever gave a key; in the clear under TLP:CLEAR and TLP:GREEN alone, and not under an embargo.
Else a letter says that there is something, by the number of the case, and nothing of it
(docs/how-to/work-with-people-without-an-account.md).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from brug.cases.case import Case
from brug.cases.entries import Entry
from brug.cases.exporting.sentences import time
from brug.cases.persons import links, telling
from brug.cases.persons.outside import Person, Seat
from brug.cases.persons.words import say
from brug.directory import mail_keys, organisations
from brug.mail import speaking
from brug.mail.content import address
from brug.store import settings
from brug.store.session import Session

PAGE = "/take-part"
KEY_PAGE = "/.well-known/openpgpkey/mail.asc"
IN_THE_CLEAR = ("clear", "green")
MOST = 30  # entries in a letter


class Written(msgspec.Struct, frozen=True):
    """A letter before it has an envelope; `brings_key`: the node's key goes along."""

    subject: str
    text: str
    brings_key: bool = False


class Due(msgspec.Struct, frozen=True):
    """A row of the outbox."""

    id: int
    person_id: int
    kind: str
    link: bytes | None
    after: int | None
    until: int | None
    made: datetime
    details: dict[str, Any] | None = None


def write(session: Session, due: Due, person: Person) -> Written | None:
    """In a system session; nothing where there is nothing to say. Raises NoSeat."""
    seat = Seat.take(session, person)
    head = f"TLP:{seat.case.marking.tlp.upper()} " if seat.case.marking.tlp else ""
    parts = {"number": seat.file.number, "host": host(session)}
    tell: Callable[..., str] = partial(say, person.language, **parts)
    if due.kind == "code":
        if due.link is None or not _leads_in(session, due.link):
            return None
        code = links.make_code(session, bytes(due.link))
        text = tell("code_text", code=code, minutes=links.CODE_MINUTES)
        return Written(tell("code_subject"), text + "\n")
    if due.kind in {"clock", "chase"}:
        made = _clock if due.kind == "clock" else _chase
        return made(session, due, person) if person.mails else None
    if due.kind == "link" and person.is_shut:
        return None
    if due.kind == "link":
        role = speaking.say_in(person.language)(seat.case.kind.role(seat.me.role).title)
        days = settings.get(session, "cases.link_days")
        lines = [tell("link_text", role=role, days=days, link=_link(session, person))]
        key = mail_keys.ensure(session)
        if key is not None:
            where = address(session, KEY_PAGE)
            lines += ["", tell("encrypt", key=in_fours(key.fingerprint), where=where)]
        text = "\n".join(lines) + "\n"
        return Written(head + tell("link_subject"), text, brings_key=key is not None)
    return _news(session, due, seat, head)


def in_fours(fingerprint: str) -> str:
    """As people compare it."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))


def warn(session: Session, several: Sequence[tuple[int, str, Mapping[str, Any]]]) -> None:
    """In a system session: deadlines of somebody outside come near; of others nothing is due.

    Each is a case, a participant of it, and what is told.
    """
    rows = [
        {"case_id": case_id, "participant": participant, "details": details}
        for case_id, participant, details in several
    ]
    session.execute(
        "INSERT INTO case_letter (person_id, kind, details) SELECT p.id, 'clock', n.details"
        " FROM ROWS FROM (jsonb_to_recordset(%s)"
        "   AS (case_id int, participant uuid, details jsonb)) WITH ORDINALITY"
        "   AS n (case_id, participant, details, place)"
        " JOIN case_person p USING (case_id, participant) ORDER BY n.place",
        (Jsonb(rows),),
    )


def chase(session: Session, case_id: int, participant: str, details: Mapping[str, Any]) -> None:
    """In a system session: an answer of somebody outside is awaited; of others nothing is due."""
    session.execute(
        "INSERT INTO case_letter (person_id, kind, details) SELECT id, 'chase', %s"
        " FROM case_person WHERE case_id = %s AND participant = %s",
        (Jsonb(dict(details)), case_id, participant),
    )


def _chase(session: Session, due: Due, person: Person) -> Written:
    """Since when, and nothing of the case."""
    said = due.details or {}
    tell: Callable[..., str] = partial(say, person.language, **said)
    text = tell("awaited_text", link=_link(session, person))
    return Written(tell("notice_awaited"), text.rstrip() + "\n")


def _clock(session: Session, due: Due, person: Person) -> Written:
    """Which rule, and when; nothing of the case."""
    said = due.details or {}
    rules: Mapping[str, str] = said["rule"]
    parts = {
        "number": said["number"], "strict": said["strict"], "legal": said["legal"],
        "rule": rules.get(person.language) or rules["en"], "link": _link(session, person),
    }  # fmt: skip
    kind = "clock_over" if said["is_over"] else "clock"
    text = say(person.language, f"{kind}_text", **parts)
    subject = say(person.language, f"{kind}_subject", **parts)
    return Written(subject, text.rstrip() + "\n")


def may_tell(session: Session, case: Case, *, encrypted: bool) -> bool:
    """Whether a letter may say what is in a case, as it is now."""
    values = settings.all_settings(session)
    if values["mail.metadata_only"]:
        return False
    if encrypted:
        return True
    if values["mail.encrypted_only"] or values["mail.content_encrypted_only"]:
        return False
    return case.marking.tlp in IN_THE_CLEAR and not _is_embargoed(case)


def _is_embargoed(case: Case) -> bool:
    until = case.embargo.until if case.embargo else ""
    return bool(until) and datetime.fromisoformat(until) > datetime.now(UTC)


def _leads_in(session: Session, link: bytes) -> bool:
    query = "SELECT 1 FROM case_person_link WHERE digest = %s AND expires > now()"
    return session.one(query, (link,)) is not None


def _news(session: Session, due: Due, seat: Seat, head: str) -> Written | None:
    person, case = seat.person, seat.case
    new = _new(session, due, seat)
    if not new or not person.mails:
        return None
    parts = {"number": seat.file.number, "host": host(session)}
    tell: Callable[..., str] = partial(say, person.language, **parts)
    if may_tell(session, case, encrypted=bool(person.gpgkey)):
        lines = [tell("news_head"), ""]
        if case.embargo and _is_embargoed(case):
            until = time(case.embargo.until, case.embargo.zone)
            lines += [tell("embargo", until=until), ""]
        for one in new[:MOST]:
            lines += [*telling.lines(seat, one), ""]
        if len(new) > MOST:
            lines += [tell("more", count=len(new) - MOST), ""]
    else:
        lines = [tell("notice_text"), ""]
    if link := _link(session, person):
        lines += [tell("read", link=link), ""]
    if settings.get(session, "mail.inbound"):
        lines += [tell("answer"), ""]
    lines += [tell("stop")]
    return Written(head + tell("news_subject"), "\n".join(lines) + "\n")


def _new(session: Session, due: Due, seat: Seat) -> list[Entry]:
    """Those of a letter that count, that the person has, and did not write."""
    rows = session.all(
        "SELECT uuid::text FROM case_entry WHERE case_id = %s AND number > %s AND number <= %s",
        (seat.file.id, due.after, due.until),
    )
    uuids = {row[0] for row in rows}
    org = seat.me.org
    return [one for one in seat.case.timeline if one.id in uuids and one.author.org != org]


def _link(session: Session, person: Person) -> str:
    """Nothing where links were taken back."""
    if person.is_shut:
        return ""
    return address(session, f"{PAGE}?link={links.make(session, person.id)}")


def host(session: Session) -> str:
    """The name of whoever runs the node."""
    return organisations.view(session, settings.get(session, "node.host_org_id")).name
