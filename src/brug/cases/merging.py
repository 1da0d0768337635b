# SPDX-License-Identifier: EUPL-1.2
"""Merging a case into another: that one goes on, and the merged one is over and says where.

By whoever leads both. The merged case keeps its entries, its participants and its deadlines, and
says to all of them that it goes on elsewhere: the UUID, not what the other one is about. What the
other case gets of it was said to all in it, and is what whoever merges chooses; its participants
come along only where they are named, and see all of the other case then; whoever reported something
without an account is led there by their code, and reads what is written to them alone.
"""

from collections.abc import Sequence

import msgspec

from brug.cases import carrying, documents, files, keeping, returning, taking_part
from brug.cases.act_rules import MERGED_INTO
from brug.cases.acts import AnyAct, Decided, Filled, Joined, Linked, Planned, Said
from brug.cases.carrying import Words
from brug.cases.case import Case
from brug.cases.files import File
from brug.cases.persons import following
from brug.cases.refusing import Refused
from brug.cases.taking_part import NotYours
from brug.model.errors import Invalid
from brug.model.words import N_
from brug.store.session import Session


class Take(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What comes along, of what was said to all; `participants` are those of the merged case."""

    links: bool = True
    documents: bool = True
    tasks: bool = True
    fields: bool = False
    messages: bool = False
    participants: tuple[str, ...] = ()
    because: str = ""


class Merged(msgspec.Struct, frozen=True):
    """The case that goes on, the one that is over, and how much came along."""

    into: File
    merged: File
    links: int
    documents: int
    tasks: int
    fields: int
    messages: int
    participants: int


def merge(
    session: Session, into: str, merged: str, take: Take, words: Words | None = None
) -> Merged:
    """All of it, or the session fails. Raises NotFound, NotYours, Conflict, Invalid, TooLarge."""
    words = words or Words()
    a, b = files.find(session, into), files.find(session, merged)
    if a.id == b.id:
        raise Invalid("merged", "another case", merged)
    for one in sorted((a.id, b.id)):  # the same order whoever merges what into which
        with files.whole(session, one):
            files.lock(session, one)
    (a, here), (b, there) = files.view(session, a.uuid), files.view(session, b.uuid)
    require(session, (a, here), (b, there))
    acts = [*_frame(session, here, there, take), *_content(here, there, take, words)]
    joined = [one for one, _ in acts if isinstance(one, Joined)]
    both = carrying.who_is_in_both(here, there, keeping.author(session))
    both += [one.participant for one in joined]
    acts.append((Linked(kind="case", uuid=b.uuid), both))
    keeping.act_several(session, a.uuid, acts)
    following.follow(session, there, a, joined)
    here = files.view(session, a.uuid)[1]
    returning.follow(session, there, a, here)
    same = carrying.same_in(here, there)
    tasks = [
        carrying.planned(entry.act, same)
        for (what, _), entry in carrying.latest(there).items()
        if take.tasks and what == "task" and isinstance(entry.act, Planned)
        if not entry.to and not entry.act.is_done
    ]
    if tasks:
        keeping.act_several(session, a.uuid, [(one, ()) for one in tasks])
    copied = [
        carrying.copy_document(session, (b, there), one.act.document, a.uuid, ())
        for one in documents.shown(there)
        if take.documents and not one.to and not _has(here, one.act.sha256)
        if documents.is_here(session, b, one)
    ]
    keeping.act_several(
        session,
        b.uuid,
        [
            (Linked(kind=MERGED_INTO, uuid=a.uuid, because=take.because), ()),
            (Decided(question=words.merged, outcome=words.goes_on, because=take.because), ()),
        ],
    )
    count = {tag: sum(one.__struct_config__.tag == tag for one, _ in acts)
             for tag in ("linked", "said")}  # fmt: skip
    filled = next((one for one, _ in acts if isinstance(one, Filled)), None)
    return Merged(
        files.find(session, a.uuid), files.find(session, b.uuid), count["linked"] - 1,
        len(copied), len(tasks), len(filled.fields) if filled else 0, count["said"], len(joined),
    )  # fmt: skip


def undo(session: Session, which: str, because: str = "") -> File:
    """The case goes on by itself again; what the other one got of it stays there.

    Raises NotFound, NotYours, Conflict.
    """
    file, case = files.view(session, which)
    if not case.merged_into:
        raise Refused(N_("%(case)s was not merged."), case=file.number)
    undone = Linked(kind=MERGED_INTO, uuid=case.merged_into, is_undone=True, because=because)
    keeping.act(session, file.uuid, undone)
    return files.find(session, file.uuid)


def require(session: Session, into: tuple[File, Case], merged: tuple[File, Case]) -> None:
    """Raises NotYours, Conflict."""
    me = keeping.author(session)
    (a, here), (b, there) = into, merged
    for file, case in (into, merged):
        if not any(case.kind.role(one.role).leads for one in taking_part.parts_of(case, me)):
            raise NotYours(f"{session.principal.org_name} does not lead {file.number}")
    if here.is_over:
        raise Refused(N_("%(case)s is over."), case=a.number)
    if there.merged_into:
        raise Refused(N_("%(case)s was merged already."), case=b.number)


Acts = list[tuple[AnyAct, Sequence[str]]]


def _frame(session: Session, here: Case, there: Case, take: Take) -> Acts:
    """How strictly it is to be handled first, and who takes part."""
    found: list[AnyAct] = []
    if (label := carrying.marking(here, there)) is not None:
        found.append(label)
    if (embargo := carrying.embargo(here, there)) is not None:
        found.append(embargo)
    by = keeping.author(session)
    found += carrying.joining(session, there, by, take.participants, here.kind, here)
    found += returning.coming(session, there, here)
    return [(one, ()) for one in found]


def _content(here: Case, there: Case, take: Take, words: Words) -> Acts:
    found: list[AnyAct] = []
    if take.fields and here.kind.key == there.kind.key:
        empty = {
            name: value
            for name, value in there.fields.items()
            if value is not None and not here.holds(name)
        }
        if empty:
            found.append(Filled(fields=empty))
    if take.links:
        for (kind, uuid), entry in carrying.latest(there).items():
            link = entry.act
            if not isinstance(link, Linked) or link.is_undone or entry.to or kind == MERGED_INTO:
                continue
            known = here.links.get((kind, uuid))
            if uuid != here.id and (known is None or known.is_undone):
                found.append(Linked(kind=kind, uuid=uuid, title=link.title))
    if take.messages:
        to_all = [one for one in there.timeline if isinstance(one.act, Said) and not one.to]
        found += carrying.quoted(there, to_all, words)
    return [(one, ()) for one in found]


def _has(case: Case, sha256: str) -> bool:
    return any(one.act.sha256 == sha256 for one in documents.shown(case) if not one.to)
