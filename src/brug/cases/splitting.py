# SPDX-License-Identifier: EUPL-1.2
"""Splitting a case: chosen entries of it begin a case of their own.

By whoever takes part and may open cases. Only the own organisation, and those of the case who are
named, take part in the new one. What was said to some in the old case is for those of them alone
who came along, in the new one too, and never for who joins it later.
"""

from collections.abc import Sequence

import msgspec

from brug.cases import carrying, files, keeping, taking_part
from brug.cases.act_rules import MERGED_INTO
from brug.cases.acts import AnyAct, Attached, Joined, Linked, Planned, Said
from brug.cases.carrying import Words
from brug.cases.case import Case
from brug.cases.entries import Author, Entry
from brug.cases.files import File
from brug.cases.persons import following
from brug.cases.taking_part import NotYours, called
from brug.model.errors import Invalid
from brug.store.session import Session

MOST = 200


class Cut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the new case is: entries by UUID, messages, documents, tasks and links.

    `participants` of the old case come along. With `tell_all` all of the old case are told that
    there is a new one, else those alone who take part in both. `kind` is that of the old one.
    """

    title: str
    entries: tuple[str, ...]
    kind: str = ""
    participants: tuple[str, ...] = ()
    close_tasks: bool = True
    tell_all: bool = False


def split(session: Session, which: str, cut: Cut, words: Words | None = None) -> File:
    """The new case; all of it, or the session fails. Raises what opening and acting do."""
    words = words or Words()
    file, old = files.view(session, keeping.held(session, which).uuid)
    me = keeping.author(session)
    chosen = chosen_entries(old, me, cut.entries)
    made = keeping.open_case(session, cut.kind or file.kind, cut.title)
    new = files.view(session, made.uuid)[1]
    frame: list[AnyAct] = []
    if (label := carrying.marking(new, old)) is not None:
        frame.append(label)
    if (embargo := carrying.embargo(new, old)) is not None:
        frame.append(embargo)
    frame += carrying.joining(session, old, me, cut.participants, new.kind, new)
    if frame:
        keeping.act_several(session, made.uuid, [(one, ()) for one in frame])
    joined = [one for one in frame if isinstance(one, Joined)]
    following.follow(session, old, made, joined)
    new = files.view(session, made.uuid)[1]
    same = carrying.same_in(new, old)
    own = [one.id for one in taking_part.parts_of(new, me)]
    for entry in chosen:
        _take_over(session, (file, old), entry, made, _Into(old, same, own, words))
    both = carrying.who_is_in_both(new, old, me)
    keeping.act(session, made.uuid, Linked(kind="case", uuid=file.uuid), both)
    both = [] if cut.tell_all else carrying.who_is_in_both(old, new, me)
    _tell(
        session,
        old,
        Linked(kind="case", uuid=new.id),
        both,
        chosen if cut.close_tasks else [],
        words,
    )
    return files.find(session, made.uuid)


def chosen_entries(case: Case, by: Author, uuids: Sequence[str]) -> list[Entry]:
    """Those of a case that can be taken over, in their order. Raises Invalid, NotYours."""
    if not _own_parts(case, by):
        raise NotYours(f"{called(case, by)} takes part in {case.number} in person only")
    if not 0 < len(uuids) <= MOST:
        raise Invalid("entries", f"1 to {MOST} entries", str(len(uuids)))
    possible = {one.id: one for one in can_be_chosen(case, by)}
    for one in uuids:
        if one not in possible:
            raise Invalid("entries", "messages, documents, tasks and links of the case", one)
    return [one for one in possible.values() if one.id in set(uuids)]


def can_be_chosen(case: Case, by: Author) -> list[Entry]:
    """Messages; documents, tasks and links as they were last said, unless taken back. What is for
    one person of the organisation stays with that person.
    """
    known = carrying.latest(case)
    found: list[Entry] = []
    for entry in case.timeline:
        if not _is_the_organisations(case, by, entry):
            continue
        match entry.act:
            case Said():
                found.append(entry)
            case Attached(document=document):
                if case.documents[document].entry == entry.id and (
                    not case.documents[document].act.is_undone
                ):
                    found.append(entry)
            case Planned(task=task):
                if known["task", task] is entry:
                    found.append(entry)
            case Linked(kind=kind, uuid=uuid, is_undone=False) if kind != MERGED_INTO:
                if known[kind, uuid] is entry:
                    found.append(entry)
    return found


def _own_parts(case: Case, by: Author) -> set[str]:
    """What the own organisation is in a case."""
    return {one.id for one in taking_part.parts_of(case, by) if one.user is None}


def _is_the_organisations(case: Case, by: Author, entry: Entry) -> bool:
    mine = by.is_of(entry.author.org) and not entry.author.in_person
    return not entry.to or mine or bool(_own_parts(case, by) & set(entry.to))


class _Into(msgspec.Struct, frozen=True):
    """Of the new case: who is who, the own part, and the words."""

    old: Case
    same: dict[str, str]
    own: list[str]
    words: Words

    def recipients(self, entry: Entry) -> list[str]:
        """Of what was for some: those of them who are there, and whoever takes it over."""
        if not entry.to:
            return []
        had = {*entry.to, *_by(self.old, entry)}
        return sorted({self.same[one] for one in had if one in self.same} | set(self.own))


def _take_over(
    session: Session, source: tuple[File, Case], entry: Entry, made: File, into: _Into
) -> None:
    to = into.recipients(entry)
    match entry.act:
        case Said():
            for said in carrying.quoted(source[1], [entry], into.words):
                keeping.act(session, made.uuid, said, to)
        case Attached(document=document):
            carrying.copy_document(session, source, document, made.uuid, to)
        case Planned():
            keeping.act(session, made.uuid, carrying.planned(entry.act, into.same), to)
        case Linked(kind=kind, uuid=uuid, title=title):
            keeping.act(session, made.uuid, Linked(kind=kind, uuid=uuid, title=title), to)


def _tell(
    session: Session,
    old: Case,
    link: Linked,
    to: Sequence[str],
    chosen: Sequence[Entry],
    words: Words,
) -> None:
    """In the old case: where it goes on, and that its tasks are done there."""
    acts: list[tuple[AnyAct, Sequence[str]]] = [(link, to)]
    present = {one.id for one in old.present}
    for entry in chosen:
        task = entry.act
        had = sorted({*entry.to, *_by(old, entry)} & present) if entry.to else []
        if isinstance(task, Planned) and not task.is_done and bool(had) == bool(entry.to):
            acts.append((msgspec.structs.replace(task, is_done=True, because=words.split), had))
    keeping.act_several(session, old.id, acts)


def _by(case: Case, entry: Entry) -> set[str]:
    """What whoever wrote an entry is in its case: they have it besides those it is for."""
    who = {entry.author.user} if entry.author.in_person else {None, entry.author.user}
    return {one.id for one in case.present if one.org == entry.author.org and one.user in who}
