# SPDX-License-Identifier: EUPL-1.2
"""Mail that is held: who may see it, letting it into the case, or leaving it out for good.

What names a case by its token is seen by whoever leads that case, and by nobody else: also that
there is such a mail tells something of the case. What names none is seen by the people of the host
who may work on cases, and by site admins.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, LiteralString

import msgspec

from brug.cases.case import Case
from brug.cases.files import File
from brug.cases.persons import arriving, joining, opening, outside
from brug.cases.persons.outside import NoSeat, Person
from brug.cases.refusing import Refused
from brug.cases.taking_part import NotYours
from brug.mail.inbound import message
from brug.mail.inbound.message import Incoming, Unreadable
from brug.model.errors import Conflict, Forbidden, Invalid, NotFound
from brug.model.words import N_
from brug.store import audit
from brug.store.session import Session

MOST = 200
_BECAUSE = 1000


class Held(msgspec.Struct, frozen=True):
    """A mail that is held. `case` and `person` are what its token names, empty where none."""

    id: int
    came: datetime
    reason: str
    case: str
    person: str
    senders: list[str]
    subject: str
    size: int
    is_whole: bool


class Opened(msgspec.Struct, frozen=True):
    """The same with what it says."""

    held: Held
    mail: Incoming | None


class Shut(Conflict):
    """What is encrypted in a mail does not open, or not for whoever it is said to be of."""

    code = "mail_shut"
    public = "What is encrypted in this mail does not open, or not for its person."

    def __init__(self, doubt: str) -> None:
        self.doubt = doubt
        super().__init__(f"what is encrypted in it stays shut ({doubt})")


class _Row(msgspec.Struct, frozen=True):
    id: int
    came: datetime
    reason: str
    case_id: int | None
    participant: str | None
    size: int
    head: bytes


_COLUMNS = "id, came, reason, case_id, participant::text, size, head"


def may_look(session: Session) -> bool:
    """Whether the principal may be shown what names no case."""
    me = session.principal
    is_host = me.host_org_id is not None and me.org_id == me.host_org_id
    return me.is_site_admin or (me.may("case") and is_host)


def listed(session: Session) -> list[Held]:
    """What the principal may decide on, the newest first, at most MOST."""
    led = _cases_led(session)
    with session.as_system():
        rows = session.all(
            "SELECT " + _COLUMNS + " FROM case_mail WHERE state = 'held' AND " + _MINE
            + " ORDER BY id DESC LIMIT %(most)s",
            _mine(session, led) | {"most": MOST},
        )  # fmt: skip
    return [
        _held(session, row, led[row.case_id] if row.case_id is not None else None)
        for row in (_Row(*one) for one in rows)
    ]


def waiting(session: Session) -> int:
    """How many those are."""
    led = _cases_led(session)
    with session.as_system():
        query = "SELECT count(*) FROM case_mail WHERE state = 'held' AND "
        return int(session.value(query + _MINE, _mine(session, led)))


_MINE: LiteralString = "(case_id = ANY (%(led)s) OR (case_id IS NULL AND %(any)s))"


def _mine(session: Session, led: Mapping[int, tuple[File, Case]]) -> dict[str, Any]:
    return {"led": list(led), "any": may_look(session)}


def _cases_led(session: Session) -> dict[int, tuple[File, Case]]:
    """The cases that the principal leads for which mail is held."""
    with session.as_system():
        rows = session.all(
            "SELECT DISTINCT case_id FROM case_mail WHERE state = 'held' AND case_id IS NOT NULL"
        )
    # What the principal does not see is no row here; only the others are read.
    seen = session.all("SELECT id FROM case_file WHERE id = ANY (%s)", ([row[0] for row in rows],))
    found = ((row[0], _led(session, row[0])) for row in seen)
    return {case_id: about for case_id, about in found if about is not None}


def _led(session: Session, case_id: int) -> tuple[File, Case] | None:
    try:
        return joining.led(session, str(case_id))
    except (NotFound, NotYours):
        return None


def _held(session: Session, row: _Row, about: tuple[File, Case] | None) -> Held:
    head = arriving.head_of(session, row.id, row.head)
    person = ""
    if about is not None and row.participant in about[1].participants:
        person = about[1].participants[row.participant].name
    return Held(
        id=row.id, came=row.came, reason=row.reason, case=about[0].number if about else "",
        person=person, senders=head.senders, subject=head.subject, size=row.size,
        is_whole=head.is_whole,
    )  # fmt: skip


def _mail(session: Session, number: int) -> Incoming | None:
    """What a mail that is held says, as it came; the principal may see it."""
    with session.as_system():
        raw = session.value("SELECT raw FROM case_mail WHERE id = %s", (number,))
    try:
        return message.read(arriving.opened(session, number, raw))
    except Unreadable:
        return None


def show(session: Session, number: int) -> Opened:
    """Raises NotFound, whatever the reason."""
    row, about = _find(session, number)
    told, mail = _held(session, row, about), _mail(session, number)
    if mail is None or not mail.is_encrypted:
        return Opened(told, mail)
    # Of an encrypted mail its files are the encryption; whose it is said to be decides the rest.
    found = _inside(session, row, mail) if row.participant and told.is_whole else None
    shown = msgspec.structs.replace(mail, text="", parts=[])
    return Opened(told, shown if found is None or found.is_shut else found.mail)


def _inside(session: Session, row: _Row, mail: Incoming) -> opening.Inside | None:
    try:
        person = _person(session, row)
    except NoSeat:
        return None
    with session.as_system():
        return opening.inside(session, row.id, person, mail)


def _find(
    session: Session, number: int, *, writes: bool = False
) -> tuple[_Row, tuple[File, Case] | None]:
    if not 0 < number < 2**31:
        raise NotFound("no such mail is held")
    with session.as_system():
        query = "SELECT " + _COLUMNS + " FROM case_mail WHERE id = %s AND state = 'held'"
        row = session.one(query + " FOR UPDATE" if writes else query, (number,))
    if row is None:
        raise NotFound("no such mail is held")
    found = _Row(*row)
    about = None if found.case_id is None else _led(session, found.case_id)
    if about is None and (found.case_id is not None or not may_look(session)):
        raise NotFound("no such mail is held")
    return found, about


def release(session: Session, number: int, given: Mapping[str, str]) -> Held:
    """Puts it into the case, as of the person whom it names; of one that names none, as of
    `person` (name, address or UUID) of `case`, which the principal leads. `because` is kept.

    Raises NotFound, Invalid, Conflict.
    """
    because = _because(session, given)
    row, about = _find(session, number, writes=True)
    told, mail = _held(session, row, about), _mail(session, number)
    if mail is None:
        raise Refused(N_("This cannot be read as a mail."))
    if not told.is_whole:
        raise Refused(
            N_("Only the beginning of it is here (mail.inbound_bytes): it is in the mailbox.")
        )
    if about is None:
        case = given.get("case", "").strip()
        if not case:
            raise Invalid("case", "the case that it is for")
        file, _, person = joining.person(session, case, given.get("person", ""))
    else:
        file, person = about[0], _person(session, row)
    why = f"{told.reason}: {because}"
    with outside.as_node(session):
        found = opening.inside(session, number, person, mail)
        if found.is_shut:
            raise Shut(found.doubt)
        arriving.note(session, number, person, found.mark)
        arriving.put_in(session, person, found.mail, why)
    _decide(session, number, "released", because, person)
    return msgspec.structs.replace(told, case=file.number)


def _person(session: Session, row: _Row) -> Person:
    with session.as_system():
        found = session.one(
            "SELECT " + outside.COLUMNS + " FROM case_person p WHERE p.case_id = %s"
            " AND p.participant = %s",
            (row.case_id, row.participant),
        )
        if found is None:
            raise NoSeat("nobody any more")
        return outside.read_row(session, found)


def discard(session: Session, number: int, given: Mapping[str, str]) -> Held:
    """Leaves it out for good, with the reason. Raises NotFound, Invalid."""
    because = _because(session, given)
    row, about = _find(session, number, writes=True)
    told = _held(session, row, about)
    _decide(session, number, "discarded", because)
    return told


def _because(session: Session, given: Mapping[str, str]) -> str:
    if session.principal.read_only:
        raise Forbidden("the key reads only")
    because = given.get("because", "").strip()
    if not because or len(because) > _BECAUSE or "\0" in because:
        raise Invalid("because", f"the reason, in at most {_BECAUSE} characters")
    return because


def _decide(
    session: Session, number: int, state: str, because: str, person: Person | None = None
) -> None:
    """Once decided on, what it said is kept no longer: it is in the case, or nowhere."""
    me = session.principal
    with session.as_system():
        session.execute(
            "UPDATE case_mail SET state = %s, decided = now(), decided_by = %s, because = %s,"
            " head = NULL, raw = NULL, case_id = coalesce(case_id, %s),"
            " participant = coalesce(participant, %s) WHERE id = %s",
            (
                state, me.user_id, session.seal.close(because, f"case mail because {number}"),
                person.case_id if person else None, person.participant if person else None, number,
            ),
        )  # fmt: skip
    audit.record(session, "edit", "CaseMail", number, change={"state": state})
