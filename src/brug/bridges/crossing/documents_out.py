# SPDX-License-Identifier: EUPL-1.2
"""Documents of cases on their way to a partner's node: in pieces, after the entry that names them.

Each piece is a crossing of its own with its receipt, so that an outage costs one piece and not
all of them; its version is its place. Whose the entry is, or who brought it, gets none.
"""

from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import structlog

from brug.bridges.crossing import noting
from brug.bridges.crossing.drafting import Draft, Now
from brug.bridges.crossing.messages import Message
from brug.bridges.crossing.rows import Crossing
from brug.bridges.gate import Decision
from brug.cases import documents, entry_rows, files
from brug.cases.case import Document
from brug.cases.entry_rows import Stored
from brug.cases.files import File
from brug.cases.folding import fold
from brug.cases.kinds import named
from brug.model.errors import BrugError, NotFound
from brug.store import pieces
from brug.store.session import Session

log = structlog.get_logger("brug.bridges.documents")

KIND: Final = "document"
AT_ONCE = 8  # pieces of one document that have no answer yet
# What was decided of an entry: now, and once people let it cross.
Decide = Callable[[File, Stored], tuple[Decision, Decision]]


class _Begun(msgspec.Struct, frozen=True):
    """A document whose entry the partner has: how many pieces it got, or is getting."""

    entry: str
    size: int
    next: int
    under_way: int
    is_released: bool  # by a person, with its entry or a piece of it


def seen(theirs: Session, case_id: int) -> list[str]:
    """The entries with documents that the partner may read; the session is the partner's."""
    rows = theirs.all(
        "SELECT e.uuid::text FROM case_document d JOIN case_entry e ON e.number = d.entry"
        " WHERE d.case_id = %s ORDER BY e.number",
        (case_id,),
    )
    return [row[0] for row in rows]


def note_due(
    session: Session, now: Now, case_id: int, entries: Sequence[str], decide: Decide
) -> None:
    """Puts the next pieces on record, of documents that are here and were not taken back."""
    begun = [
        one for one in _begun(session, now, entries)
        if one.next < pieces.count(one.size) and one.under_way < AT_ONCE
    ]  # fmt: skip
    if not begun:
        return
    file = files.of_id(session, case_id)
    case = fold(named(file.kind), files.entries_of(session, file))
    known = {one.entry: one for one in documents.shown(case)}
    for one in begun:
        if one.entry in known:
            try:
                _note(session, now, file, one, known[one.entry], decide)
            except BrugError as error:  # the other documents go on
                log.warning("not readable", entry=one.entry, reason=str(error))


def _begun(session: Session, now: Now, entries: Sequence[str]) -> list[_Begun]:
    rows = session.all(
        "SELECT e.uuid::text, d.size, coalesce(max(c.version + (c.state NOT IN ('held', 'refused'))"
        "   ::int) FILTER (WHERE c.kind = 'document'), 0),"
        " count(*) FILTER (WHERE c.kind = 'document' AND c.state IN ('waiting', 'failed')),"
        " bool_or(c.judged IS NOT NULL AND c.state NOT IN ('held', 'refused'))"
        " FROM case_entry e JOIN case_document d ON d.entry = e.number"
        " JOIN crossing c ON c.event_uuid = e.uuid AND c.bridge_id = %(bridge)s AND c.outward"
        " WHERE e.uuid = ANY (%(entries)s::uuid[])"
        " AND NOT EXISTS (SELECT 1 FROM crossing b WHERE b.event_uuid = e.uuid"
        "   AND b.bridge_id = %(bridge)s AND NOT b.outward AND b.state <> 'gone')"
        " GROUP BY e.number, e.uuid, d.size"
        " HAVING bool_or(c.kind = 'case' AND c.state IN ('sent', 'received')) ORDER BY e.number",
        {"bridge": now.bridge.id, "entries": list(entries)},
    )
    return [_Begun(*row) for row in rows]


def _note(
    session: Session, now: Now, file: File, begun: _Begun, one: Document, decide: Decide
) -> None:
    decision, crosses = decide(file, entry_rows.stored(session, begun.entry))
    if begun.is_released:
        decision = crosses
    last = min(begun.next + AT_ONCE - begun.under_way, pieces.count(begun.size))
    for place in range(begun.next, last):
        message = _message(session, file, one, place)
        draft = Draft(KIND, begun.entry, message, file.number, decision, now.version, crosses)
        if noting.note(session, now.bridge, None, draft) is None:
            return  # what is held or refused has nothing after it


def _message(session: Session, file: File, one: Document, place: int) -> Message:
    held = documents.pieces_of(session, file, one.entry)
    if not held.exists():
        raise NotFound(f"the content of entry {one.entry} is not here")
    content = held.get(place, last=place == pieces.count(one.act.size) - 1)
    return {
        "kind": KIND,
        "event_uuid": one.entry,
        "version": place,
        "data": b64encode(content).decode(),
    }


def message_of(session: Session, crossing: Crossing) -> Message:
    """A piece as it is on record. Raises NotFound, Damaged."""
    entry = entry_rows.stored(session, crossing.event_uuid).entry
    file = files.find(session, entry.case)
    case = fold(named(file.kind), files.entries_of(session, file))
    known = {one.entry: one for one in documents.shown(case)}
    if entry.id not in known:
        raise NotFound(f"the document of entry {entry.id} was taken back")
    return _message(session, file, known[entry.id], crossing.version)
