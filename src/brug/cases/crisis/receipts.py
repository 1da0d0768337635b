# SPDX-License-Identifier: EUPL-1.2
"""Who of those who take part has said that they have read something that asks for it.

Only what people say themselves counts: nothing notes who looked at what. An asking and a saying
are for those who have the entry, so that nobody else learns that it is there.
"""

from collections.abc import Iterator

import msgspec

from brug.cases import taking_part
from brug.cases.acts import Attached, Decided, Said
from brug.cases.case import Case, Participant
from brug.cases.entries import Author, Entry
from brug.model.errors import NotFound
from brug.store.session import Session

READ = (Said, Decided, Attached)


class Reading(msgspec.Struct, frozen=True):
    """An entry that asks to be read: of each whom it is for, by which entry they said so."""

    entry: Entry
    asked: Entry
    rows: list[tuple[Participant, Entry | None]]

    @property
    def waiting(self) -> list[Participant]:
        return [one for one, said in self.rows if said is None]


def target(case: Case, entry: str) -> Entry:
    """What can be read. Raises NotFound, also for what the reader does not have."""
    for one in case.timeline:
        if one.id == entry.lower() and isinstance(one.act, READ) and _is_there(case, one):
            return one
    raise NotFound(f"nothing that can be read is called {entry[:60]}")


def recipients(case: Case, entry: Entry) -> list[str]:
    """Whom an act about an entry is for: those who have it. Nobody: all."""
    if not entry.to:
        return []
    authors = {one.id for one in taking_part.parts_of(case, entry.author)}
    return sorted(authors | {one.id for one in case.present if one.id in entry.to})


def reading(case: Case, entry: Entry) -> Reading | None:
    """None where nobody asks."""
    asked = case.asked.get(entry.id)
    if asked is None or not _is_there(case, entry):
        return None
    rows = [
        (one, case.read.get((entry.id, one.id)))
        for one in case.present
        if one.org != entry.author.org and (not entry.to or one.id in entry.to)
    ]
    return Reading(entry, asked, rows)


def readings(case: Case) -> list[Reading]:
    """What asks to be read, the newest first."""
    every = (reading(case, one) for one in reversed(case.timeline) if one.id in case.asked)
    return [one for one in every if one is not None]


def owed(case: Case, author: Author) -> list[Entry]:
    """What somebody was asked to read and has not said that they have."""
    mine = {one.id for one in taking_part.parts_of(case, author)}
    return [one.entry for one in readings(case) if mine & {part.id for part in one.waiting}]


def may_ask(case: Case, author: Author, entry: Entry) -> bool:
    """Whoever wrote it, or leads the case."""
    leads = any(case.kind.role(one.role).leads for one in taking_part.parts_of(case, author))
    return taking_part.may(case, author, "asked") and (leads or author.is_of(entry.author.org))


def _is_there(case: Case, entry: Entry) -> bool:
    """A document that was taken back is read by nobody."""
    act = entry.act
    return not isinstance(act, Attached) or not (
        act.is_undone or case.documents[act.document].act.is_undone
    )


def awaited(case: Case) -> Iterator[tuple[str, str]]:
    """Entry and participant, of all that is not read; of a case that is over nothing is."""
    if not case.is_over:
        for one in readings(case):
            yield from ((one.entry.id, part.id) for part in one.waiting)


def note(session: Session, file_id: int, case: Case) -> None:
    """Within `files.whole`: for the reminders of those who are asked."""
    pairs = list(awaited(case))
    session.execute("DELETE FROM case_unread WHERE case_id = %s", (file_id,))
    if pairs:
        entries, parts = (list(column) for column in zip(*pairs, strict=True))
        session.execute(
            "INSERT INTO case_unread (case_id, entry, participant) SELECT %s, e.number, n.part"
            " FROM unnest(%s::uuid[], %s::uuid[]) AS n (entry, part)"
            " JOIN case_entry e ON e.uuid = n.entry",
            (file_id, entries, parts),
        )


class Reminder(msgspec.Struct, frozen=True):
    """A case in which something waits to be read by the principal."""

    case_id: int
    count: int


def reminders(session: Session, most: int = 20) -> list[Reminder]:
    """Of the principal, the case first in which something waits longest."""
    me = session.principal
    rows = session.all(
        "SELECT u.case_id, count(DISTINCT u.entry) FROM case_party p"
        " JOIN case_unread u ON u.case_id = p.case_id AND u.participant = p.participant"
        " WHERE CASE WHEN p.user_id IS NULL THEN p.org_id = %(org)s AND %(works)s"
        "   ELSE p.user_id = %(user)s END"
        " GROUP BY u.case_id ORDER BY min(u.entry) LIMIT %(most)s",
        {"org": me.org_id, "works": me.may("case"), "user": me.user_id, "most": most},
    )
    return [Reminder(*row) for row in rows]


def arrivals(session: Session, case_id: int) -> dict[tuple[str, str], object]:
    """When nodes of organisations said that entries of the principal's arrived there."""
    rows = session.all("SELECT entry::text, org::text, at FROM case_arrivals(%s)", (case_id,))
    return {(entry, org): at for entry, org, at in rows}
