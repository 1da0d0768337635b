# SPDX-License-Identifier: EUPL-1.2
"""Breaking the glass: a site admin reads a case of others, for a reason that all of them see.

It cannot be done silently: reading follows from an entry of the case, which every participant
has, on every node; the ledger has one of its own, and whoever leads the case gets a letter. The
admin reads what is for all and may do nothing but leave; after some hours it leaves by itself.
"""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import msgspec

from brug.cases import files, keeping, one_by_one, projecting, rules, taking_part, writing
from brug.cases.acts import Joined, Left
from brug.cases.case import Case, Participant
from brug.cases.declaring import BREAK_GLASS
from brug.cases.entries import Author, Entry
from brug.cases.files import File
from brug.cases.folding import fold
from brug.cases.kinds import named
from brug.cases.readers import readers
from brug.cases.refusing import Refused
from brug.model.errors import Forbidden, Invalid, NotFound
from brug.model.words import N_
from brug.store import outbox, settings
from brug.store.session import Database, Session

HOURS = "cases.break_glass_hours"
ROUND_SECONDS = 30.0
LEDGER = "case-glass"


class Broken(msgspec.Struct, frozen=True):
    """A case that a site admin reads so, and until when."""

    file: File
    participant: str
    until: datetime


def break_glass(session: Session, which: str, because: str) -> tuple[File, Entry]:
    """By number or UUID. Raises Forbidden, Invalid, NotFound, Conflict; then nothing was seen."""
    me = session.principal
    if not me.may("site_admin") or me.read_only:
        raise Forbidden(f"{me.email} may not break the glass")
    if not because.strip():
        raise Invalid("because", "the reason, which all who take part read")
    if "\0" in which:
        raise NotFound("no case has such a name")
    number = session.value("SELECT case_behind_glass(%s)", (which.strip(),))
    if number is None:
        raise NotFound(f"no case {which[:60]}")
    by = Author(keeping.author(session).node, me.org_uuid, me.user_id, in_person=True)
    with files.whole(session, number):
        files.lock(session, number)
        file = files.of_id(session, number)
        entries = files.entries_of(session, file)
        case = fold(named(file.kind), entries)
        if taking_part.parts_of(case, keeping.author(session)):
            raise Refused(N_("You take part in %(case)s already."), case=file.number)
        doing = Joined(
            participant=str(uuid4()), org=me.org_uuid, name=f"{me.email} ({me.org_name})",
            role=BREAK_GLASS.key, user=me.user_id, node=by.node, because=because.strip(),
        )  # fmt: skip
        rules.require(case, by, doing)
        entry = writing.write(session, (file.id, file.uuid), entries, by, doing)
        entries.append(entry)
        projecting.project(session, file.id, fold(case.kind, entries), entries)
        _note(session, file, entry)
        tell(session, file, case, doing)
    return file, entry


def _note(session: Session, file: File, entry: Entry) -> None:
    """A line of its own in the ledger, beside that of the entry."""
    session.execute(
        "INSERT INTO ledger_entry (kind, payload) VALUES (%s, jsonb_build_object("
        "'case', %s::text, 'entry', %s::text, 'by', %s::int))",
        (LEDGER, file.uuid, entry.id, entry.author.user),
    )


def tell(session: Session, file: File, case: Case, doing: Joined) -> None:
    """Those who lead it here; where nobody does, all who take part here."""
    leads = [one for one in case.present if case.kind.role(one.role).leads]
    told = {user for one in leads for user in readers(session, one)}
    told = told or {user for one in case.present for user in readers(session, one)}
    details = {
        "number": file.number, "who": doing.name, "because": doing.because,
    }  # fmt: skip
    for user in sorted(told):
        outbox.put(session, "glass", user_id=user, details=details)


# -- its end ------------------------------------------------------------------------------


def mine(session: Session) -> list[Broken]:
    """What the principal reads so now."""
    rows = session.all(
        "SELECT case_id FROM case_party WHERE role = %s AND user_id = %s ORDER BY case_id",
        (BREAK_GLASS.key, session.principal.user_id),
    )
    return [one for row in rows for one in _of(session, row[0])]


def _of(session: Session, number: int) -> list[Broken]:
    file = files.of_id(session, number)
    entries = {one.id: one for one in files.entries_of(session, file)}
    case = fold(named(file.kind), list(entries.values()))
    me = session.principal.user_id
    return [
        Broken(file, one.id, until(session, entries[one.joined]))
        for one in case.present
        if one.role == BREAK_GLASS.key and one.user == me
    ]


def until(session: Session, joined: Entry) -> datetime:
    """By what the setting says now: whoever shortens it shortens what is running."""
    hours = int(settings.get(session, HOURS))
    return datetime.fromisoformat(joined.at) + timedelta(hours=hours)


def close_due(database: Database, now: datetime | None = None) -> float:
    """One round; the seconds until the next."""
    with database.system() as session:
        rows = session.all(
            "SELECT DISTINCT case_id FROM case_party WHERE role = %s ORDER BY case_id",
            (BREAK_GLASS.key,),
        )
    close = partial(_close, now or datetime.now(UTC))
    one_by_one.each(database, [row[0] for row in rows], close, lambda *_: None)
    return ROUND_SECONDS


def _close(now: datetime, session: Session, number: int) -> None:
    files.lock(session, number)
    file = files.of_id(session, number)
    entries = files.entries_of(session, file)
    case = fold(named(file.kind), entries)
    node = str(settings.get(session, "node.uuid"))
    known = {one.id: one for one in entries}
    over = [
        one
        for one in case.present
        if one.role == BREAK_GLASS.key
        and one.node == node
        and until(session, known[one.joined]) <= now
    ]
    for one in over:
        entries.append(_let_leave(session, file, entries, one))
    if over:
        projecting.project(session, file.id, fold(case.kind, entries), entries)


def _let_leave(session: Session, file: File, entries: list[Entry], one: Participant) -> Entry:
    """The node says so, in nobody's name."""
    by = Author(one.node, one.org, 0, in_person=True)
    doing = Left(participant=one.id, because="The time is over.")
    return writing.write(session, (file.id, file.uuid), entries, by, doing)
