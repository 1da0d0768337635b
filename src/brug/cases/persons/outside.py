# SPDX-License-Identifier: EUPL-1.2
"""A person outside: how they are reached, what they have of a case, and acting in it as them.

The database's rules know accounts; nobody here has one. So what a person sees is decided in one
place, `Seat.take`: the entries that are for all, for them, or by them, as long as they take part.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any, Self

import msgspec

from brug.cases import (
    documents,
    files,
    keeping,
    narrowing,
    pacing,
    projecting,
    rules,
    taking_part,
    writing,
)
from brug.cases.acts import AnyAct
from brug.cases.case import Case, Participant
from brug.cases.documents import Told
from brug.cases.entries import Author, Entry
from brug.cases.files import File
from brug.cases.folding import fold
from brug.cases.kinds import named
from brug.cases.taking_part import NotYours
from brug.model.errors import NotFound
from brug.store import settings
from brug.store.session import SYSTEM, Session

_ADDRESS = "case person "
_REPLY = "case reply "
# Others lead cases, and link what is on the node.
NEVER = frozenset({"joined", "marked", "embargoed", "renamed", "linked"})


class NoSeat(NotFound):
    """No such link, or it ended, or its person takes part no longer: nobody is told which."""

    code = "no_seat"


class Reached(msgspec.Struct, frozen=True):
    """What is sealed of a person."""

    email: str
    gpgkey: str = ""


class Person(msgspec.Struct, frozen=True):
    """One of a case; `told` is the last entry that a letter was made of."""

    id: int
    case_id: int
    participant: str
    email: str
    gpgkey: str
    language: str
    reply: str
    mails: bool
    told: int
    problem: str
    is_shut: bool  # no letter brings a link


COLUMNS = (
    "p.id, p.case_id, p.participant::text, p.address, p.language, p.reply, p.mails, p.told,"
    " p.problem, p.shut"
)


def read_row(session: Session, row: Sequence[Any]) -> Person:
    """A row of COLUMNS, in a system session."""
    number, case_id, participant, address, language, reply, mails, told, problem, shut = row
    known = msgspec.json.decode(session.seal.open(address, _ADDRESS + participant), type=Reached)
    token = session.seal.open(reply, _REPLY + participant)
    return Person(
        number, case_id, participant, known.email, known.gpgkey, language, token, mails, told,
        problem, shut,
    )  # fmt: skip


def sealed(session: Session, participant: str, reached: Reached) -> bytes:
    return session.seal.close(msgspec.json.encode(reached).decode(), _ADDRESS + participant)


def sealed_reply(session: Session, participant: str, token: str) -> bytes:
    return session.seal.close(token, _REPLY + participant)


def by_id(session: Session, number: int) -> Person:
    """Raises NoSeat."""
    row = session.one("SELECT " + COLUMNS + " FROM case_person p WHERE p.id = %s", (number,))
    if row is None:
        raise NoSeat(f"no person {number}")
    return read_row(session, row)


class Seat(msgspec.Struct, frozen=True):
    """A person at a case, in a system session: what they have of it, and nothing else."""

    person: Person
    file: File
    entries: list[Entry]  # that they have
    case: Case
    author: Author

    @classmethod
    def take(cls, session: Session, person: Person, *, writes: bool = False) -> Self:
        """Raises NoSeat where the person takes part no longer.

        `writes`: nobody else writes in the case until the transaction ends.
        """
        if writes:
            files.lock(session, person.case_id)
        file = files.of_id(session, person.case_id)
        every = files.entries_of(session, file)
        me = fold(named(file.kind), every).participants.get(person.participant)
        if me is None or me.left is not None:
            raise NoSeat(f"person {person.id} takes part no longer")
        mine = seen_by(me, every)
        author = Author(str(settings.get(session, "node.uuid")), me.org, 0)
        return cls(person, file, mine, fold(named(file.kind), mine), author)

    @property
    def me(self) -> Participant:
        return self.case.participants[self.person.participant]

    @property
    def leads(self) -> list[str]:
        """Who leads the case: whom a message is for that names nobody."""
        return [one.id for one in self.case.present if self.case.kind.role(one.role).leads]

    def may(self, what: str) -> bool:
        return what not in NEVER and taking_part.may(self.case, self.author, what)


def seen_by(me: Participant, entries: Sequence[Entry]) -> list[Entry]:
    """Of all entries of a case those that are for all, for a participant, or by it."""
    return [one for one in entries if not one.to or me.id in one.to or one.author.org == me.org]


def act(session: Session, person: Person, doing: AnyAct, to: Sequence[str] = ()) -> Entry:
    """One act, as the person. Raises NoSeat, and what `rules.require` does."""
    seat = Seat.take(session, person, writes=True)
    if str(doing.__struct_config__.tag) in NEVER:
        raise NotYours(f"person {person.id} may not have this")
    rules.require(seat.case, seat.author, doing)
    to = narrowing.recipients(seat.case, doing, to)
    keeping.require_recipients(seat.case, doing, to)
    every = files.entries_of(session, seat.file)
    pacing.require_pace(session, every, seat.author.org)
    here = (seat.file.id, seat.file.uuid)
    entry = writing.write(session, here, every, seat.author, doing, to)
    every.append(entry)
    projecting.project(session, seat.file.id, fold(seat.case.kind, every), every)
    return entry


def attach(
    session: Session, person: Person, content: bytes, told: Told, to: Sequence[str] = ()
) -> Entry:
    """A document, as the person. Raises as `act`, Invalid, TooLarge."""
    seat = Seat.take(session, person, writes=True)
    if not seat.may("attached"):
        raise NotYours(f"person {person.id} may not attach anything")
    return documents.attach_by(
        session, seat.file, BytesIO(content), told, lambda one: act(session, person, one, to)
    )


@contextmanager
def as_node(session: Session) -> Iterator[None]:
    """The block acts as the system does and not as the session's principal.

    What a person outside sent is theirs, whoever let it into the case: the database would note
    the principal as whose it is, and let the principal's organisation read it.
    """
    me = session.principal
    bound = session.one("SELECT current_setting('brug.user'), current_setting('brug.org')")
    with session.as_system():
        session.execute(
            "SELECT set_config('brug.user', '', true), set_config('brug.org', '', true)"
        )
        session.principal = SYSTEM
        try:
            yield
        finally:
            session.principal = me
            if session.is_usable:
                session.execute(
                    "SELECT set_config('brug.user', %s, true), set_config('brug.org', %s, true)",
                    bound,
                )
