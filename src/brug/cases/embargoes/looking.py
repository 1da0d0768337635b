# SPDX-License-Identifier: EUPL-1.2
"""One disclosure while it is looked at: whom something of it is told, and what is done of itself.

What is found is raised once and mailed by the number of the case alone. What is done is done in
the name of an organisation of this node that leads the case.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

import msgspec

from brug.cases import files, narrowing, projecting, rules, writing
from brug.cases.acts import AnyAct, Planned
from brug.cases.case import Case, Participant
from brug.cases.embargoes import alarms
from brug.cases.entries import Author
from brug.cases.files import File
from brug.cases.folding import fold
from brug.cases.hooks import noting
from brug.cases.kinds.disclosure import DISCLOSURE
from brug.cases.readers import readers
from brug.model.errors import BrugError
from brug.store import outbox, settings
from brug.store.session import Session

BREACHES = frozenset({"breach", "known", "published"})  # what programs are told, too


class Look(msgspec.Struct):
    """One case while it is looked at; `here` are the parts that this node speaks for."""

    session: Session
    file: File
    case: Case
    now: datetime
    here: list[tuple[Participant, int]]
    next: list[datetime] = []

    def tell(
        self, kind: str, key: str, about: dict[str, str], org: tuple[Participant, int] | None = None
    ) -> bool:
        """Raises it, and mails those whom it is for; nothing where it was raised before."""
        org_id = org[1] if org else None
        if not alarms.raised(self.session, self.file.id, kind, key, about, org_id):
            return False
        details = {"number": self.file.number, "notice": kind}
        whom = [org] if org else self.here
        people = {user for one, _ in whom for user in readers(self.session, one)}
        for user in sorted(people):
            outbox.put(self.session, "clock", user_id=user, details=details)
        if kind in BREACHES:
            # Somebody who takes part twice, as vendor and finder say, is told once.
            for bound in dict.fromkeys((one.org, one.user) for one, _ in whom):
                noting.note(self.session, self.file.id, "breach", {"alarm": kind}, bound=bound)
        return True


def parts_here(session: Session, number: int, case: Case) -> list[tuple[Participant, int]]:
    """Those who take part for whom this node speaks, each with its organisation."""
    node = str(settings.get(session, "node.uuid"))
    rows = session.all(
        "SELECT participant::text, org_id FROM case_party WHERE case_id = %s"
        " AND org_id IS NOT NULL",
        (number,),
    )
    known = dict(rows)
    return [
        (one, known[one.id]) for one in case.present
        if one.id in known and one.node in {"", node}
    ]  # fmt: skip


def plan(found: Look, by: Participant, key: str, title: str, to: Sequence[str]) -> None:
    """For some alone: what was seen, or who owes an answer, is not for all who take part."""
    task = str(uuid5(NAMESPACE_URL, f"{found.case.id} {key}"))
    if task not in found.case.tasks:
        do(found, by, Planned(task=task, title=title[:300], assignee=by.id), to)


def do(found: Look, by: Participant, doing: AnyAct, to: Sequence[str] = ()) -> None:
    """In the name of an organisation of this node that leads, by nobody in person."""
    session, file = found.session, found.file
    author = Author(str(settings.get(session, "node.uuid")), by.org, 0)
    try:
        rules.require(found.case, author, doing)
    except BrugError:
        return  # somebody was faster
    before = files.entries_of(session, file)
    to = narrowing.recipients(found.case, doing, to)
    entry = writing.write(session, (file.id, file.uuid), before, author, doing, to)
    entries = [*before, entry]
    found.case = fold(DISCLOSURE, entries)
    projecting.project(session, file.id, found.case, entries)
