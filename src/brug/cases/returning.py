# SPDX-License-Identifier: EUPL-1.2
"""The way back for whoever reported without an account: what a code leads to.

A code leads to the disclosure that its report opened, and on to the one that goes on where that
was merged. Its holder reads what was written to them alone, in whichever of these cases, and what
they wrote; nothing of what others reported, said or called it.
"""

from hashlib import sha256
from uuid import uuid4

import msgspec

from brug.cases import files, pacing, projecting, rules, taking_part, writing
from brug.cases.acts import Joined, Said
from brug.cases.case import Case
from brug.cases.entries import Author
from brug.cases.files import File
from brug.cases.folding import fold
from brug.cases.kinds.disclosure import DISCLOSURE
from brug.model.errors import NotFound
from brug.store import settings
from brug.store.session import Session

ANONYMOUS = "Anonymous finder"


class NoIntake(NotFound):
    """The node takes no reports from strangers, or the code is nobody's."""

    code = "no_intake"


class Line(msgspec.Struct, frozen=True):
    """One message between finder and coordinators."""

    is_mine: bool
    at: str
    text: str


class Conversation(msgspec.Struct, frozen=True):
    """What a finder sees: what was written to them, and what they wrote.

    `number` and `state` are those of the case that goes on, `before` the numbers of those that
    were merged; `title` is that of their own.
    """

    number: str
    before: list[str]
    title: str
    state: str
    lines: list[Line]


class _Seat(msgspec.Struct, frozen=True):
    """A case in which the holder of a code takes part, and as which participant."""

    file: File
    case: Case
    me: str

    @property
    def org(self) -> str:
        """The UUID that stands for the holder."""
        return self.case.participants[self.me].org


def digest(code: str) -> bytes:
    plain = "".join(code.split()).replace("-", "").upper()
    return sha256(plain.encode()).digest()


def look(session: Session, code: str) -> Conversation:
    """The session is the system's. Raises NoIntake."""
    seats = _seats(session, code)
    path = _path(seats)
    found = [
        Line(entry.author.org == one.org, entry.at, entry.act.text)
        for one in seats
        for entry in one.case.timeline
        if isinstance(entry.act, Said) and (entry.author.org == one.org or one.me in entry.to)
    ]
    last = path[-1]
    return Conversation(
        last.file.number,
        [one.file.number for one in path[:-1]],
        seats[0].case.title if seats[0] is path[0] else last.file.number,
        last.case.state,
        sorted(found, key=lambda line: line.at),
    )


def answer(session: Session, code: str, text: str) -> Conversation:
    """A message of the finder to those who coordinate, and to nobody else. Raises as `look`."""
    for number in sorted(row[0] for row in _rows(session, code)):  # as whoever merges them does
        files.lock(session, number)
    seat = _path(_seats(session, code))[-1]
    file, case = seat.file, seat.case
    them = Author(str(settings.get(session, "node.uuid")), seat.org, 0)
    doing = Said(text=text)
    rules.require(case, them, doing)
    pacing.require_pace(session, case.timeline, them.org)
    leads = [one.id for one in taking_part.leading(case)]
    entries = files.entries_of(session, file)
    entries.append(writing.write(session, (file.id, file.uuid), entries, them, doing, leads))
    projecting.project(session, file.id, fold(DISCLOSURE, entries), entries)
    return look(session, code)


def _rows(session: Session, code: str) -> list[tuple[int, str]]:
    rows = session.all(
        "SELECT case_id, participant::text FROM case_guest WHERE digest = %s ORDER BY number",
        (digest(code),),
    )
    return [(row[0], row[1]) for row in rows]


def _seats(session: Session, code: str) -> list[_Seat]:
    """The cases of a code, the one that it opened first. Raises NoIntake."""
    rows = _rows(session, code)
    if not rows:
        raise NoIntake("no such code")
    found = []
    for number, me in rows:
        file = files.of_id(session, number)
        case = fold(DISCLOSURE, files.entries_of(session, file))
        if case.participants[me].left is None:
            found.append(_Seat(file, case, me))
    if not found:
        raise NoIntake("the finder takes no part any more")
    return found


def _path(seats: list[_Seat]) -> list[_Seat]:
    """From the first to the one that goes on."""
    by_case = {one.case.id: one for one in seats}
    path = [seats[0]]
    while (then := by_case.get(path[-1].case.merged_into)) is not None and then not in path:
        path.append(then)
    return path


# -- merging --------------------------------------------------------------------------------


def coming(session: Session, there: Case, here: Case) -> list[Joined]:
    """Has those whose codes lead to a disclosure take part in the one that it is merged into.

    Without their names: those are for who takes part where they were given.
    """
    if there.kind is not DISCLOSURE or here.kind is not DISCLOSURE:
        return []
    known = {one.org for one in here.present}
    orgs = {org for _, org in _guests(session, there) if org not in known}
    number = sum(one.role == "finder" for one in here.participants.values())
    node = str(settings.get(session, "node.uuid"))
    return [
        Joined(
            participant=str(uuid4()), org=org, role="finder", node=node,
            name=f"{ANONYMOUS} ({here.number}, {at})",
        )
        for at, org in enumerate(sorted(orgs), number + 1)
    ]  # fmt: skip


def follow(session: Session, there: Case, into: File, here: Case) -> None:
    """They have joined: their codes lead there, too."""
    parts = {one.org: one.id for one in here.present if one.user is None}
    for given, org in _guests(session, there):
        if org not in parts:
            continue
        with session.as_system():
            session.execute(
                "INSERT INTO case_guest (digest, case_id, participant, made)"
                " SELECT digest, %s, %s, min(made) FROM case_guest WHERE digest = %s"
                " GROUP BY digest ON CONFLICT (digest, case_id)"
                " DO UPDATE SET participant = excluded.participant",
                (into.id, parts[org], given),
            )


def _guests(session: Session, case: Case) -> list[tuple[bytes, str]]:
    """Digests of the codes that lead to a case, with the UUIDs that stand for their holders."""
    with session.as_system():
        rows = session.all(
            "SELECT g.digest, g.participant::text FROM case_guest g JOIN case_file f"
            " ON f.id = g.case_id WHERE f.uuid::text = %s ORDER BY g.number",
            (case.id,),
        )
    orgs = {one.id: one.org for one in case.present}
    return [(bytes(given), orgs[part]) for given, part in rows if part in orgs]
