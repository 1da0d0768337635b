# SPDX-License-Identifier: EUPL-1.2
"""Documents of cases that a partner's node brings, piece by piece.

Nothing is stored that no entry names, and nothing becomes the document before all of it has
the SHA-256 that the author of the entry signed. What two partners bring is gathered apart, so
that none of them can spoil what the other brings.
"""

from base64 import b64decode
from binascii import Error as NoBase64

from brug.bridges.crossing.messages import Message
from brug.bridges.partners import BridgeRow
from brug.bridges.terms import Terms
from brug.cases import documents, entry_rows, files
from brug.cases.case import Document
from brug.cases.files import File
from brug.cases.folding import fold
from brug.cases.kinds import named
from brug.model.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from brug.store import pieces, settings
from brug.store.pieces import Damaged, Pieces
from brug.store.session import Session


class UnknownEntry(Conflict):
    """The entry that names the document has not come yet, or is not the partner's to have."""

    code = "unknown_entry"
    public = "The entry that names this document is not known here yet: it comes first."


class MissingPieces(Conflict):
    """They come in their order."""

    code = "missing_pieces"
    public = "The pieces before this one are not here: they come first."


def take(session: Session, bridge: BridgeRow, message: Message, terms: Terms | None) -> str:
    """Stores a piece. Raises Invalid, Forbidden, UnknownEntry, MissingPieces, TooLarge."""
    if terms is None or "case" not in terms.kinds:
        raise Forbidden("the agreement covers no cases")
    try:
        entry = entry_rows.stored(session, message["event_uuid"]).entry
        file = files.find(session, entry.case)
    except NotFound as error:
        raise UnknownEntry(f"no entry {message['event_uuid']} that {bridge.partner} has") from error
    with files.whole(session, file.id):
        files.lock(session, file.id)
        case = fold(named(file.kind), files.entries_of(session, file))
        known = {one.entry: one for one in case.documents.values()}
        if entry.id not in known:
            raise Invalid("event_uuid", "an entry that attaches a document", entry.id)
        return _take(session, bridge, message, file, known[entry.id])


def _take(session: Session, bridge: BridgeRow, message: Message, file: File, one: Document) -> str:
    act, place = one.act, message["version"]
    content = _content(message, act.size)
    if act.is_undone:
        return "taken back"
    held = documents.pieces_of(session, file, one.entry)
    if held.exists():
        return "unchanged"
    coming = documents.coming(session, file, one.entry, bridge.id)
    if place == 0 and not coming.exists():
        limit = int(settings.get(session, documents.LIMIT))
        if act.size > limit:
            raise TooLarge("The document", limit, documents.LIMIT)
        documents.require_room(session, file, act.size)
    if not all(coming.holds(earlier) for earlier in range(place)):
        raise MissingPieces(f"entry {one.entry}: piece {place} came before others")
    is_last = place == pieces.count(act.size) - 1
    coming.put(place, content, last=is_last)
    if is_last:
        _complete(session, file, one, coming, held)
    return "added"


def _content(message: Message, size: int) -> bytes:
    """The bytes of a piece, which are as many as the entry lets it have."""
    place, data = message["version"], message.get("data")
    if place >= pieces.count(size):
        raise Invalid("version", f"a piece below {pieces.count(size)}", str(place))
    wanted = pieces.length(size, place)
    try:
        content = b64decode(data, validate=True) if isinstance(data, str) else None
    except (NoBase64, ValueError):
        content = None
    if content is None or len(content) != wanted:
        raise Invalid("data", f"{wanted} bytes in base64")
    return content


def _complete(session: Session, file: File, one: Document, coming: Pieces, held: Pieces) -> None:
    try:
        coming.verify(one.act.size, one.act.sha256)
    except Damaged as error:
        coming.discard()
        raise Invalid("data", "content that has the SHA-256 of the entry") from error
    coming.move_to(held.folder)
    # Who takes part on other nodes may get it from here.
    session.execute(
        "SELECT case_is_due(case_id, org_id) FROM case_party WHERE case_id = %s"
        " AND org_id IS NOT NULL",
        (file.id,),
    )
