# SPDX-License-Identifier: EUPL-1.2
"""Since when whoever answers notifications owes an answer: one rule for queue and clocks. Pure.

Of each entity from when its receipt was confirmed; where nobody has done so, from when its first
report came to this node: not looking stops no clock. An entity that takes part no more was still
notified of.

Receipt and answer are said of the one who answers where the case has one entity, and of each where
it has several, whoever of those who answer does: article 23(5) of NIS2 wants one answer, of the
CSIRT or the authority. What was said before a second one joined is of the first that notified.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime

from brug.cases.acts import Recorded
from brug.cases.case import Case, Document, Participant
from brug.cases.entries import Author
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
    """Also those that take part no more, where they sent something, or are the only one."""
    if case.kind.key != KIND:
        return []
    several = [one for one in case.participants.values() if one.role == ENTITY]
    sent = [one.id for one in several if any(reports_of(case, one))]
    present = any(one.left is None for one in several)
    return [
        one for one in several
        if one.left is None or one.id in sent or not (sent or present)
    ]  # fmt: skip


def notifiers(case: Case) -> list[Participant]:
    """The entities that notified, by a report or as somebody says of them, the first first."""
    first = {}
    for one in entities(case):
        told = case.own_facts.get((RECEIVED, one.id), []) if _own(case, RECEIVED, one) else []
        if times := [*(doc.at for doc in reports_of(case, one)), *(entry.at for entry in told)]:
            first[one.id] = min(map(datetime.fromisoformat, times))
    found = [one for one in entities(case) if one.id in first]
    return sorted(found, key=lambda one: first[one.id])


def said(case: Case, name: str, mine: Participant, entity: Participant) -> Recorded | None:
    """RECEIVED or ANSWERED, as `mine` owes it to an entity."""
    if (own := _own(case, name, entity)) is not None:
        return own
    first = next(iter(notifiers(case)), entity)
    return case.fact(name, mine.id) if entity.id == first.id or entity.left else None


def _own(case: Case, name: str, entity: Participant) -> Recorded | None:
    several = case.own_facts.get((name, entity.id))
    act = several[-1].act if several else None
    return act if isinstance(act, Recorded) and act.at else None


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
