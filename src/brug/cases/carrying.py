# SPDX-License-Identifier: EUPL-1.2
"""What is taken from one case into another, by somebody who takes part in both.

An entry is its author's and is signed for one case: nothing is moved. Links and tasks are said
anew, documents attached anew, messages quoted with author and time, all by whoever takes them
over. What was said to some stays among those of them who are in the other case, and is told to
nobody else; which case it came from is told to those alone who take part in both.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import BinaryIO, cast
from uuid import uuid4

import msgspec

from brug.cases import documents, people
from brug.cases.act_rules import PAP
from brug.cases.acts import (
    LONGEST_TEXT,
    Embargoed,
    Joined,
    Linked,
    Marked,
    Planned,
    Said,
)  # fmt: skip
from brug.cases.case import Case, Kind, Participant
from brug.cases.declaring import BREAK_GLASS
from brug.cases.documents import Told
from brug.cases.entries import Author, Entry
from brug.cases.files import File
from brug.cases.forms import instant
from brug.cases.persons import following
from brug.cases.taking_part import parts_of
from brug.model.errors import Invalid
from brug.model.tlp import LABELS
from brug.store import settings
from brug.store.session import Session

OBSERVER = "observer"


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around what is taken over, in the language of whoever does it."""

    taken_over: str = "Taken over from another case:"
    wrote: str = "{who}, {at}:"
    merged: str = "Merged into another case"
    goes_on: str = "It goes on there."
    split: str = "It goes on in a case of its own."


def who_is_in_both(here: Case, there: Case, by: Author) -> list[str]:
    """Participants here who take part there too, as the same organisation or person; and whoever
    says it. Never nobody: a link for nobody in particular would be for all.
    """
    known = {(one.org, one.user) for one in there.present}
    known |= {(one.org, one.user) for one in parts_of(here, by)}
    return [one.id for one in here.present if (one.org, one.user) in known]


def same_in(other: Case, case: Case) -> dict[str, str]:
    """Participants of a case by those of another as whom they take part there."""
    by_who = {(one.org, one.user): one.id for one in other.present}
    found = ((one.id, by_who.get((one.org, one.user))) for one in case.participants.values())
    return {mine: theirs for mine, theirs in found if theirs is not None}


def latest(case: Case) -> dict[tuple[str, str], Entry]:
    """The entry that counts of each task and link, by kind and UUID."""
    found: dict[tuple[str, str], Entry] = {}
    for entry in case.timeline:
        match entry.act:
            case Planned(task=task):
                found["task", task] = entry
            case Linked(kind=kind, uuid=uuid):
                found[kind, uuid] = entry
    return found


def marking(case: Case, other: Case) -> Marked | None:
    """The stricter of both labels, where a case has another one. None where it has them."""
    tlp = _stricter(LABELS, case.marking.tlp, other.marking.tlp)
    pap = _stricter(PAP, case.marking.pap, other.marking.pap)
    if (tlp, pap) == (case.marking.tlp, case.marking.pap):
        return None
    return Marked(tlp=tlp, pap=pap)


def _stricter(labels: Sequence[str], one: str, other: str) -> str:
    return max(one, other, key=lambda label: labels.index(label) if label else -1)


def embargo(case: Case, other: Case) -> Embargoed | None:
    """The later of both ends, where a case has not got it."""
    theirs = other.embargo
    if theirs is None:
        return None
    if case.embargo and instant("until", case.embargo.until) >= instant("until", theirs.until):
        return None
    return Embargoed(until=theirs.until, zone=theirs.zone)


def can_come_along(session: Session, case: Case, by: Author) -> list[Participant]:
    """Those who take part and can be asked into another case, and not whoever asks.

    Of those without an account or a node whom the author reaches, as who leads the case does; of
    persons whose account is of the organisation still. Who breaks the glass reads one case alone.
    """
    own_node = str(settings.get(session, "node.uuid"))
    orgs = [one.org for one in case.present]
    rows = session.all(
        "SELECT uuid::text FROM organisation_named WHERE uuid = ANY (%s::uuid[])", (orgs,)
    )
    known = {row[0] for row in rows}
    mine = {one.id for one in parts_of(case, by)}
    outside = following.reached(session, case, by)
    here = people.here(session, [one.user for one in case.present if one.user is not None])

    def is_there_still(one: Participant) -> bool:
        return one.user is None or one.node != own_node or (one.org, one.user) in here

    return [
        one
        for one in case.present
        if one.id not in mine
        and one.role != BREAK_GLASS.key
        and is_there_still(one)
        and (one.org in known or one.id in outside or one.node not in {"", own_node})
    ]


def joining(
    session: Session, source: Case, by: Author, chosen: Iterable[str], kind: Kind, there: Case
) -> list[Joined]:
    """Has participants of a case take part in another: in the same role, or else looking on.

    Raises Invalid.
    """
    possible = {one.id: one for one in can_come_along(session, source, by)}
    roles = {one.key for one in kind.roles}
    known = {(one.org, one.user) for one in there.present}
    found = []
    for one in dict.fromkeys(chosen):
        if one not in possible:
            raise Invalid("participants", "participants who can come along", one)
        who = possible[one]
        if (who.org, who.user) in known:
            continue
        role = who.role if who.role in roles else OBSERVER
        if role not in roles:
            raise Invalid("participants", f"those in a role of {kind.key}", who.name)
        found.append(
            Joined(
                participant=str(uuid4()), org=who.org, name=who.name, role=role, user=who.user,
                node=who.node,
            )
        )  # fmt: skip
    return following.absent(session, source, there, found)


def quoted(case: Case, entries: Sequence[Entry], words: Words) -> list[Said]:
    """Messages as text, each with who wrote it and when; as few as their length allows."""
    names = {one.org: one.name for one in case.participants.values() if one.user is None}
    names |= {one.org: one.name for one in case.participants.values() if one.org not in names}
    found: list[str] = []
    for entry in entries:
        if not isinstance(entry.act, Said):
            continue
        who = names.get(entry.author.org, entry.author.org)
        head = words.wrote.format(who=who, at=entry.at)
        text = f"{head}\n{entry.act.text}"
        if found and len(found[-1]) + len(text) + 2 <= LONGEST_TEXT:
            found[-1] += f"\n\n{text}"
        else:
            room = LONGEST_TEXT - len(words.taken_over) - 2
            found += [
                f"{words.taken_over}\n\n{text[at : at + room]}" for at in range(0, len(text), room)
            ]
    return [Said(text=text) for text in found]


def planned(task: Planned, same: Mapping[str, str]) -> Planned:
    """A task as one of another case; who does it, if they are in it."""
    return Planned(
        task=str(uuid4()), title=task.title, assignee=same.get(task.assignee, ""), due=task.due,
        is_done=task.is_done, because=task.because,
    )  # fmt: skip


def copy_document(
    session: Session, source: tuple[File, Case], document: str, into: str, to: Sequence[str]
) -> Entry:
    """The content of a document attached to another case, checked on its way.

    Raises NotHere, TakenBack, and what `documents.attach` does.
    """
    file, case = source
    act = documents.find(case, document).act
    told = Told(
        name=act.name, media_type=act.said_type, sealed_for=act.sealed_for, boxed=act.sample,
        because=act.because,
    )  # fmt: skip
    content = documents.content(session, file, case.documents[act.document])
    return documents.attach(session, into, cast("BinaryIO", _Stream(iter(content))), told, to)


class _Stream:
    """What comes in pieces, to be read like a file."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._left) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._left += piece
        size = len(self._left) if size < 0 else size
        found, self._left = self._left[:size], self._left[size:]
        return found
