# SPDX-License-Identifier: EUPL-1.2
"""Documents of a case: what they hold lies sealed among the node's files, and nowhere else.

Whoever has the entry that attached one has the document, by the same rule of the database.
Nothing here runs, unpacks or converts what it keeps; what comes out is what went in, checked
against the SHA-256 that was signed, or it is not served. Malware is boxed before it is kept.

Order: the content is written under a name of its own; the entry is written; the content takes
its place while the case is still locked; the transaction commits. Whoever is killed on the way
leaves content that no entry names, which `sweeping` takes away.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import msgspec

from brug.cases import files, forms, keeping, taking_part
from brug.cases.acts import AnyAct, Attached
from brug.cases.case import Case, Document
from brug.cases.entries import Entry
from brug.cases.files import File
from brug.cases.taking_part import NotYours
from brug.formats import encrypted_zip, media_types
from brug.model.errors import Conflict, Invalid, NotFound, TooLarge, Unavailable
from brug.store import sealing, settings
from brug.store.home import Home
from brug.store.pieces import Pieces
from brug.store.planning import planned_once
from brug.store.session import Session

LIMIT = "limits.document_bytes"
LIMIT_OF_CASE = "limits.case_documents_bytes"
LIMIT_OF_SAMPLE = "limits.sample_bytes"
UPLOAD = ".up-"  # begins the name of what is not attached yet


class NotHere(NotFound):
    """The entry is here, what it names is not: it comes from the author's node, or never came."""

    code = "not_here"
    public = "The content of this document is not on this node: its author's node has it."


class TakenBack(Conflict):
    """Whoever attached it, or leads the case, took it back."""

    code = "taken_back"
    public = "This document was taken back."


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What its sender says of a document.

    `sealed_for` are those whom it was encrypted for (age) before it came here; `boxed` is the
    SHA-256 of malware that it is a box of already, where the node boxed it.
    """

    name: str
    media_type: str = ""
    sealed_for: tuple[str, ...] = ()
    is_malware: bool = False
    boxed: str = ""
    because: str = ""


def attach(
    session: Session, which: str, source: BinaryIO, told: Told, to: Sequence[str] = (), *,
    who_may: AnyAct | None = None,
) -> Entry:  # fmt: skip
    """A document of a case, for all who take part or for some; of somebody who may do `who_may`.

    Raises NotFound, Invalid, TooLarge, and what `keeping.act` does; then nothing is kept.
    """
    file, case = files.view(session, which)
    if session.principal.read_only or not taking_part.may(
        case, keeping.author(session), "attached"
    ):
        raise NotYours(f"{session.principal.email} may not attach anything to {file.number}")
    return attach_by(
        session, file, source, told,
        lambda doing: keeping.act(session, which, doing, to, who_may=who_may),
    )  # fmt: skip


def attach_by(
    session: Session, file: File, source: BinaryIO, told: Told, act: Callable[[Attached], Entry]
) -> Entry:
    """The same by whoever writes the entry as `act` does; it is for the caller to ask first."""
    forms.file_name("name", told.name)
    if told.is_malware:
        source, told, sample = _boxed(session, source, told)
    else:
        sample = told.boxed
    fresh = _pieces(session, file, f"{UPLOAD}{uuid4()}")
    try:
        doing = _kept(fresh, _Head(source, int(settings.get(session, LIMIT))), told, sample)
        entry = act(doing)
        with files.whole(session, file.id):
            _place(session, file, entry.id, doing.size, fresh)
    except BaseException:
        fresh.discard()
        raise
    return entry


def take_back(session: Session, which: str, document: str, because: str = "") -> Entry:
    """By whoever attached it, or leads the case: it is served no more. Raises NotFound."""
    doing, to = taking_back(files.view(session, which)[1], document, because)
    return keeping.act(session, which, doing, to)


def taking_back(case: Case, document: str, because: str = "") -> tuple[Attached, list[str]]:
    """The act, and whom it is for: those of them who still take part."""
    known = find(case, document)
    doing = msgspec.structs.replace(known.act, is_undone=True, because=because)
    present = {one.id for one in case.present}
    return doing, [one for one in known.to if one in present]


def find(case: Case, which: str) -> Document:
    """By UUID, or by its name where only one has it. Raises NotFound, TakenBack, Invalid."""
    found = case.documents.get(which.lower())
    if found is not None and found.act.is_undone:
        raise TakenBack(f"document {which} was taken back")
    if found is not None:
        return found
    named = [one for one in shown(case) if one.act.name == which]
    if len(named) > 1:
        uuids = ", ".join(one.act.document for one in named)
        raise Invalid("document", f"one of {uuids}, which are called so", which)
    if not named:
        raise NotFound("no document of the case has such a name")
    return named[0]


def cases_with(session: Session, sha256: str) -> list[tuple[File, Case]]:
    """Those that the session sees in which a document has this content."""
    (mark,) = session.seal.marks([sha256], files.CONTENT)
    rows = session.all("SELECT DISTINCT case_id FROM case_document WHERE mark = %s", (mark,))
    return [files.view(session, str(row[0])) for row in rows]


def shown(case: Case) -> list[Document]:
    """Those that were not taken back."""
    return [one for one in case.documents.values() if not one.act.is_undone]


def is_here(session: Session, file: File, document: Document) -> bool:
    """Whether this node has the content."""
    with suppress(NotFound):
        return pieces_of(session, file, document.entry).exists()
    return False


def here(session: Session, file: File, several: Sequence[Document]) -> set[str]:
    """Of which documents this node has the content, by their entries."""
    if not several:
        return set()
    rows = session.all(
        "SELECT e.uuid::text, d.content::text FROM case_entry e JOIN case_document d"
        " ON d.entry = e.number WHERE e.uuid = ANY (%s::uuid[])",
        (planned_once([one.entry for one in several]),),
    )
    return {entry for entry, found in rows if _pieces(session, file, found).exists()}


def content(session: Session, file: File, document: Document) -> Iterator[bytes]:
    """What a document holds, all of it checked first. Raises NotHere, Damaged, TakenBack."""
    if document.act.is_undone:
        raise TakenBack(f"document {document.act.document} was taken back")
    pieces = pieces_of(session, file, document.entry)
    if not pieces.exists():
        raise NotHere(f"{pieces.folder} is not there")
    pieces.verify(document.act.size, document.act.sha256)
    return pieces.read(document.act.size)


def pieces_of(session: Session, file: File, entry: str) -> Pieces:
    """Where the content lies that an entry names, if the session has the entry, else NotFound."""
    return _pieces(session, file, content_of(session, entry))


def content_of(session: Session, entry: str) -> str:
    """What the content of an entry is called among the files. Raises NotFound."""
    found = session.value(
        "SELECT d.content::text FROM case_document d JOIN case_entry e ON e.number = d.entry"
        " WHERE e.uuid = %s",
        (entry,),
    )
    if found is None:
        raise NotFound(f"no document of entry {entry}")
    return str(found)


def coming(session: Session, file: File, entry: str, bridge_id: int) -> Pieces:
    """Where content is gathered that a partner brings: apart from what another brings."""
    return _pieces(session, file, f".{content_of(session, entry)}.{bridge_id}")


def require_room(session: Session, file: File, size: int) -> None:
    """Within `files.whole`, for so much beside what is here or on its way. Raises TooLarge.

    Of what the principal has: how much there is of others is not told by what is refused.
    """
    limit = int(settings.get(session, LIMIT_OF_CASE))
    top = folder(session) / file.uuid
    here = {one.name.strip(".").partition(".")[0] for one in top.iterdir()} if top.is_dir() else ()
    held = session.value(
        "SELECT coalesce(sum(size), 0) FROM (SELECT DISTINCT d.content, d.size"
        " FROM case_document d JOIN case_entry e ON e.number = d.entry"
        " JOIN case_audience a ON a.id = e.readers"
        " WHERE d.case_id = %s AND d.content::text = ANY (%s) AND (current_user_id() IS NULL"
        "   OR a.orgs @> ARRAY[my_case_org()] OR a.users @> ARRAY[current_user_id()])) AS d",
        (file.id, list(here)),
    )
    if int(held) + size > limit:
        raise TooLarge("All documents of the case together", limit, LIMIT_OF_CASE)


def folder(session: Session) -> Path:
    """Of all documents of the node; of each case one folder in it."""
    keys = session.seal.folder or sealing.of_environment()
    if keys is None:
        raise Unavailable("this process knows no folder of the node")
    return Home(Path(keys).parent).files / "cases"


def _pieces(session: Session, file: File, name: str) -> Pieces:
    return Pieces(folder(session) / file.uuid / name, session.seal, f"case document {file.uuid}")


def _kept(fresh: Pieces, source: "_Head", told: Told, sample: str) -> Attached:
    """Writes the content; what is said of it."""
    written = fresh.fill(source.read)
    media_type = media_types.of(source.start)
    if told.sealed_for and media_type != media_types.AGE:
        raise Invalid("sealed_for", "nobody, or a file that is encrypted with age")
    return Attached(
        document=str(uuid4()), name=told.name, size=written.size, sha256=written.sha256,
        media_type=media_type, said_type=told.media_type, sealed_for=told.sealed_for,
        sample=sample, because=told.because,
    )  # fmt: skip


def _place(session: Session, file: File, entry: str, size: int, fresh: Pieces) -> None:
    """The case is locked: nobody else places the same. Raises TooLarge."""
    held = pieces_of(session, file, entry)
    if held.exists():
        fresh.discard()
    else:
        require_room(session, file, size)
        fresh.move_to(held.folder)


def _boxed(session: Session, source: BinaryIO, told: Told) -> tuple[BinaryIO, Told, str]:
    """As MISP hands malware round, with the SHA-256 of what is in it."""
    if told.sealed_for:
        raise Invalid("malware", "a file that the node can box: not one that is encrypted")
    limit = int(settings.get(session, LIMIT_OF_SAMPLE))
    data = source.read(limit + 1)
    if len(data) > limit:
        raise TooLarge("A sample that is to be boxed", limit, LIMIT_OF_SAMPLE)
    box, _ = encrypted_zip.pack(data, told.name)
    told = msgspec.structs.replace(told, name=f"{told.name}.zip")
    return BytesIO(box), told, hashlib.sha256(data).hexdigest()


class _Head:
    """Reads on from a file up to a limit, and keeps how it begins."""

    def __init__(self, source: BinaryIO, limit: int) -> None:
        self.start = b""
        self._source, self._limit, self._had = source, limit, 0

    def read(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size and (more := self._source.read(size - len(found))):
            found += more
        self._had += len(found)
        if self._had > self._limit:
            raise TooLarge("The document", self._limit, LIMIT)
        if len(self.start) < media_types.HEAD:
            self.start += bytes(found[: media_types.HEAD - len(self.start)])
        return bytes(found)
