# SPDX-License-Identifier: EUPL-1.2
"""Mail of persons outside, put into their case as theirs; held where anything is in doubt.

A mail's token says which person of which case it is about, and proves nothing: whoever has read a
letter knows it. So the sender must be the person's address, signed where a key is known, and must
not have failed what the mail server checked. What was encrypted to the node is opened first, and
judged as any other. What is put in goes to those who lead the case, and to nobody else. Each mail
is stored once, with what became of it, in the transaction that did it.
"""

from typing import Literal

import msgspec

from brug.cases.acts import LONGEST_TEXT, Said
from brug.cases.documents import Told
from brug.cases.pacing import TooFast
from brug.cases.persons import opening, outside
from brug.cases.persons.joining import reply_digest
from brug.cases.persons.outside import COLUMNS, NoSeat, Person, Seat, read_row
from brug.mail.inbound import addressing, judging, message
from brug.mail.inbound.message import Incoming, Part, Unreadable
from brug.model.errors import BrugError
from brug.store import settings
from brug.store.session import Session

Outcome = Literal["taken", "held", "known"]
_PURPOSE, _HEAD = "case mail ", "case mail head "
MOST_FILES = 50


class Head(msgspec.Struct, frozen=True):
    """What lists show of a mail that is held; `is_whole`: all of it is here."""

    senders: list[str]
    subject: str
    is_whole: bool


class _Case(msgspec.Struct, frozen=True):
    """What a mail is about, as far as its token says; `doubt` is the first that there is.

    `mail` is what is put in: what was encrypted, where it opened; `mark` as in `opening`.
    """

    doubt: str
    person: Person | None
    mail: Incoming | None = None
    mark: int | None = None


def arrive(session: Session, raw: bytes, size: int) -> Outcome:
    """One mail, in a system session; `raw` may be its beginning where `size` is larger."""
    try:
        mail = message.read(raw)
    except Unreadable:
        mail = None
    digests = mail.digests() if mail else (reply_digest(raw.hex()),) * 2
    number = session.value(
        "INSERT INTO case_mail (message, content, state, size) VALUES (%s, %s, 'held', %s)"
        " ON CONFLICT DO NOTHING RETURNING id",
        (*digests, size),
    )
    if number is None:
        return "known"
    if mail is None:
        about = _Case("unreadable", None)
    elif size > len(raw):
        about = _Case("too_large", _about(session, mail).person)
    else:
        about = _judged(session, mail, digests[0], number)
    doubt, person = about.doubt, about.person
    if about.mail and person and not doubt:
        doubt = _put_in(session, person, about.mail)
    if person is not None:
        note(session, number, person, about.mark)
    if not doubt:
        session.execute("UPDATE case_mail SET state = 'taken' WHERE id = %s", (number,))
        return "taken"
    head = Head(mail.senders[:5], mail.subject, size <= len(raw)) if mail else Head([], "", True)
    sealed = session.seal.close_bytes(msgspec.json.encode(head), f"{_HEAD}{number}")
    session.execute(
        "UPDATE case_mail SET reason = %s, head = %s, raw = %s WHERE id = %s",
        (doubt, sealed, session.seal.close_bytes(raw, f"{_PURPOSE}{number}"), number),
    )
    return "held"


def note(session: Session, number: int, person: Person, mark: int | None) -> None:
    """Whose a mail is, and by what its inside is known again."""
    session.execute(
        "UPDATE case_mail SET case_id = %s, participant = %s, inside = %s WHERE id = %s",
        (person.case_id, person.participant, mark, number),
    )


def opened(session: Session, number: int, raw: bytes) -> bytes:
    """A mail that is held, unsealed."""
    return session.seal.open_bytes(raw, f"{_PURPOSE}{number}")


def head_of(session: Session, number: int, head: bytes) -> Head:
    return msgspec.json.decode(session.seal.open_bytes(head, f"{_HEAD}{number}"), type=Head)


def _about(session: Session, mail: Incoming) -> _Case:
    """Whom the tokens of a mail name."""
    tokens = addressing.tokens(mail.recipients, mail.references, mail.subject)[:10]
    rows = session.all(
        "SELECT " + COLUMNS + " FROM case_person p WHERE p.reply_digest = ANY (%s)",
        ([reply_digest(one) for one in tokens],),
    )
    people = {row[0]: read_row(session, row) for row in rows}
    if not people:
        return _Case("unknown", None)
    if len(people) > 1:
        return _Case("several", None)
    return _Case("", next(iter(people.values())))


def _judged(session: Session, mail: Incoming, digest: bytes, number: int) -> _Case:
    about = _about(session, mail)
    person = about.person
    if judging.is_by_machine(mail):
        return _Case("loop", person)
    if person is None:
        return about
    if doubt := _doubt(session, person, mail, digest):
        return _Case(doubt, person)
    inside = opening.inside(session, number, person, mail)
    doubt = inside.doubt or _doubt_of(inside.mail)
    return _Case(doubt, person, inside.mail, inside.mark)


def _doubt(session: Session, person: Person, mail: Incoming, digest: bytes) -> str:
    """The first of what is wrong with it as it came, else nothing."""
    try:
        Seat.take(session, person)
    except NoSeat:
        return "removed"
    if [one.casefold() for one in mail.senders] != [person.email.casefold()]:
        return "sender"
    checked_by = settings.get(session, "mail.inbound_checked_by")
    if doubt := judging.authenticity(mail, checked_by):
        return doubt
    same = "SELECT count(*) FROM case_mail WHERE message = %s"
    if int(session.value(same, (digest,))) > 1:
        return "same_id"
    lately = session.value(
        "SELECT count(*) FROM case_mail WHERE case_id = %s AND participant = %s"
        " AND state = 'taken' AND came > now() - interval '1 hour'",
        (person.case_id, person.participant),
    )
    is_often = int(lately) >= int(settings.get(session, "mail.inbound_hourly"))
    return "many" if is_often else ""


def _doubt_of(mail: Incoming) -> str:
    """The first of what is wrong with what it says, else nothing."""
    if any(judging.is_bomb(one) for one in mail.parts):
        return "bomb"
    return "html_only" if mail.is_html_only else ""


def _put_in(session: Session, person: Person, mail: Incoming) -> str:
    """What it says, as the person's; a doubt where the case does not take it, and nothing then."""
    try:
        with session.connection.transaction():
            put_in(session, person, mail)
    except Empty:
        return "empty"
    except TooFast:
        return "many"
    except BrugError:
        return "role"
    return ""


class Empty(BrugError):
    """It says nothing."""

    code = "empty_mail"
    public = "This mail holds neither text nor files."


def put_in(session: Session, person: Person, mail: Incoming, because: str = "") -> None:
    """A message to those who lead the case, and a document for each file.

    In a system session. Raises Empty, and what `outside.act` does.
    """
    leads = Seat.take(session, person, writes=True).leads
    text, parts = _text(mail), list(mail.parts[:MOST_FILES])
    if not text and not parts:
        raise Empty("neither text nor files")
    if len(text) > LONGEST_TEXT:
        parts.append(Part("mail.txt", "text/plain", text.encode()))
        text = text[: LONGEST_TEXT - 100] + "\n[...] mail.txt"
    if text:
        outside.act(session, person, Said(text=text, because=because), leads)
    for part in parts:
        told = Told(name=part.name, is_malware=judging.is_program(part), because=because)
        outside.attach(session, person, part.content, told, leads)


def _text(mail: Incoming) -> str:
    """The text, and what was left out of it."""
    left_out = list(mail.dropped) if mail.is_html_only else []
    if len(mail.parts) > MOST_FILES:
        left_out.append(f"{len(mail.parts) - MOST_FILES} files")
    note = f"\n\n[not in this text: {'; '.join(left_out)}]" if left_out else ""
    return f"{mail.text}{note}".strip() if mail.text or left_out else ""
