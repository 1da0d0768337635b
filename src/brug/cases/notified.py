# SPDX-License-Identifier: EUPL-1.2
"""Since when whoever answers notifications owes an answer: one rule for queue and clocks. Pure.

From when its receipt was confirmed; where nobody has done so, from when the first report came to
this node: not looking stops no clock. An entity that takes part no more was still notified of.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime

from brug.cases.case import Case, Document, Participant
from brug.cases.entries import Author
from brug.cases.taking_part import parts_of

KIND, ENTITY = "incident", "entity"
ROLES = ("authority", "csirt")  # whom NIS2 art. 23(5) binds to answer
RECEIVED = "early_warning_received_at"
Came = Callable[[Collection[str]], Mapping[str, datetime]]
"""When entries came to this node, of those that are asked for."""


def reports_of(case: Case, one: Participant) -> Iterator[Document]:
    """The documents that keep what an entity sent, as reports name them."""
    name = re.compile(rf"[a-z0-9-]+_{re.escape(one.id[:8])}_v[0-9]+\.json")
    for document in case.documents.values():
        if name.fullmatch(document.act.name) and not document.act.is_undone:
            yield document


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


def since(case: Case, mine: Participant, came: Came) -> datetime | None:
    """None where `mine` is not one who answers, or nothing was received."""
    if case.kind.key != KIND or mine.role not in ROLES:
        return None
    if (confirmed := case.fact(RECEIVED, mine.id)) is not None:
        return datetime.fromisoformat(confirmed.at)
    entries = [doc.entry for one in entities(case) for doc in reports_of(case, one)]
    return min(came(entries).values(), default=None) if entries else None


def answering(case: Case, author: Author) -> Participant | None:
    """As what somebody answers to notifications, if as anything."""
    several = [one for one in parts_of(case, author) if one.role in ROLES]
    return min(several, key=lambda one: ROLES.index(one.role), default=None)
