# SPDX-License-Identifier: EUPL-1.2
"""Since when whoever answers notifications owes an answer: one rule for queue and clocks. Pure.

Of each entity from when its receipt was confirmed; where nobody has done so, from when its first
report came to this node: not looking stops no clock. An entity that takes part no more was still
notified of.

Receipt and answer are said of the one who answers where the case has one entity, and of each where
it has several, whoever of those who answer does: article 23(5) of NIS2 wants one answer, of the
CSIRT or the authority. What was said of the one who answers while the case had one entity, as far
as its author knew, is of that one, whatever joins later and whoever sends first.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime

from brug.cases.acts import Recorded
from brug.cases.case import Case, Document, Participant
from brug.cases.entries import Author, Entry, knew
from brug.cases.taking_part import parts_of

KIND, ENTITY = "incident", "entity"
ROLES = ("authority", "csirt")  # whom NIS2 art. 23(5) binds to answer
RECEIVED, ANSWERED = "early_warning_received_at", "response_sent_at"
Came = Callable[[Collection[str]], Mapping[str, datetime]]
"""When entries came to this node, of those that are asked for."""


def every_report(case: Case, one: Participant, report: str = r"[a-z0-9-]+") -> Iterator[Document]:
    """The documents that keep what an entity sent, as reports name them, also those taken back.

    Anybody may call a file so: it counts of those alone who may record that it was sent.
    """
    name = re.compile(rf"{report}_{re.escape(one.id[:8])}_v[0-9]+\.json")
    for document in case.documents.values():
        if one.id in document.speaks_for and name.fullmatch(document.act.name):
            yield document


def reports_of(case: Case, one: Participant) -> list[Document]:
    """The same without those that were taken back."""
    return [document for document in every_report(case, one) if not document.act.is_undone]


def entities(case: Case) -> list[Participant]:
    """Also those that take part no more, where they notified, or are the only one."""
    several = _ever(case)
    sent = [one.id for one in several if reports_of(case, one) or _receipts(case, one)]
    present = any(one.left is None for one in several)
    return [
        one for one in several
        if one.left is None or one.id in sent or not (sent or present)
    ]  # fmt: skip


def _ever(case: Case) -> list[Participant]:
    """All that took part as entities."""
    if case.kind.key != KIND:
        return []
    return [one for one in case.participants.values() if one.role == ENTITY]


def notifiers(case: Case) -> list[Participant]:
    """The entities that notified, by a report or as somebody says of them, the first first."""
    first = {}
    for one in entities(case):
        told = _receipts(case, one)
        if times := [*(doc.at for doc in reports_of(case, one)), *(entry.at for entry in told)]:
            first[one.id] = min(map(datetime.fromisoformat, times))
    found = [one for one in entities(case) if one.id in first]
    return sorted(found, key=lambda one: first[one.id])


def said(case: Case, name: str, mine: Participant, entity: Participant) -> Recorded | None:
    """RECEIVED or ANSWERED, as `mine` owes it to an entity."""
    if (own := _stands(case.own_facts.get((name, entity.id), ()))) is not None:
        return own
    first = next(iter(notifiers(case)), entity)
    for of in (mine.id, ""):
        stated = [
            entry for entry, whom in _stated(case, name, of)
            if entity.id in whom or (not whom and entity.id == first.id)
        ]  # fmt: skip
        if (act := _stands(stated)) is not None:
            return act
    return None


def _receipts(case: Case, entity: Participant) -> list[Entry]:
    """By which it stands that a notification of the entity came."""
    whoever = [one.id for one in case.participants.values() if one.role in ROLES]
    several = [case.own_facts.get((RECEIVED, entity.id), [])] + [
        [entry for entry, whom in _stated(case, RECEIVED, of) if entity.id in whom]
        for of in (*whoever, "")
    ]
    return [entry for stated in several if _stands(stated) is not None for entry in stated]


def _stands(stated: Sequence[Entry]) -> Recorded | None:
    """What was said last, unless it was taken back."""
    act = stated[-1].act if stated else None
    return act if isinstance(act, Recorded) and act.at else None


def _stated(case: Case, name: str, of: str) -> list[tuple[Entry, tuple[str, ...]]]:
    """What was said of one who answers, or of all (""), each with the entities that it is about.

    Of several it is about those that take part no more, of whom nothing can be said; or else it
    corrects what was said before, or is about nobody in particular.
    """
    found: list[tuple[Entry, tuple[str, ...]]] = []
    stated = case.own_facts.get((name, of)) if of else case.facts.get(name)
    if not stated:
        return found
    several = _ever(case)
    if len(several) == 1:
        return [(entry, (several[0].id,)) for entry in stated]
    moves = {place for one in several for place in (one.joined, one.left)}
    known = {entry.id: entry for entry in case.timeline if entry.id in moves}
    whom: tuple[str, ...] = ()
    for entry in stated:
        there = [one for one in several if _knew(entry, known, one.joined)]
        present = [one for one in there if not _knew(entry, known, one.left)]
        gone = [one for one in there if one not in present and _notified(case, one, name, found)]
        about = gone if gone or len(present) != 1 else present
        whom = tuple(one.id for one in about) or whom
        found.append((entry, whom))
    return found


def _notified(
    case: Case, one: Participant, name: str, so_far: Sequence[tuple[Entry, tuple[str, ...]]]
) -> bool:
    """Of one that takes part no more; `so_far` is what was said by this name."""
    if name == RECEIVED:
        receipts = [entry for entry, whom in so_far if one.id in whom]
    else:
        receipts = _receipts(case, one)
    return bool(reports_of(case, one)) or _stands(receipts) is not None


def _knew(entry: Entry, known: Mapping[str, Entry], which: str | None) -> bool:
    return which is not None and which in known and knew(entry, known[which])


def said_of(case: Case, mine: Participant, entity: Participant) -> str:
    """Of whom these facts are said, of an entity that takes part."""
    others = any(one.id != entity.id for one in entities(case))
    return entity.id if others else mine.id


def since(case: Case, mine: Participant, entity: Participant, came: Came) -> datetime | None:
    """None where `mine` is not one who answers, or nothing was received of the entity."""
    if case.kind.key != KIND or mine.role not in ROLES:
        return None
    if (confirmed := said(case, RECEIVED, mine, entity)) is not None:
        return datetime.fromisoformat(confirmed.at)
    entries = [doc.entry for doc in reports_of(case, entity)]
    return min(came(entries).values(), default=None) if entries else None


def answering(case: Case, author: Author) -> Participant | None:
    """As what somebody answers to notifications, if as anything."""
    several = [one for one in parts_of(case, author) if one.role in ROLES]
    return min(several, key=lambda one: ROLES.index(one.role), default=None)
