# SPDX-License-Identifier: EUPL-1.2
"""Case files as they are stored: a row for lists, and beside it the sealed entries.

What a page shows is folded from the entries that its reader has. What the row says follows from
all of them, whoever wrote last.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec

from brug.cases import entry_rows, kept, narrowing, searching, values
from brug.cases.acts import Attached, Left
from brug.cases.case import Case
from brug.cases.entries import Entry
from brug.cases.folding import continued, fold
from brug.cases.hooks import noting
from brug.cases.kinds import named
from brug.model.errors import NotFound
from brug.model.naming import is_uuid
from brug.store import settings
from brug.store.planning import planned_once
from brug.store.session import Session

SHOWN = "case file "
CONTENT = "case document"


class File(msgspec.Struct, frozen=True):
    """A case as lists have it. `title` is empty where it cannot be unsealed.

    `changed` is when the last entry came that the session's principal has; `stamp` is another
    whenever what the principal has of the case is another.
    """

    id: int
    uuid: str
    kind: str
    number: str
    org_id: int
    state: str
    is_over: bool
    tlp: str
    pap: str
    embargo: datetime | None
    title: str
    due: datetime | None
    conflicts: int
    opened: datetime
    severity: str  # a level of the node's scheme; of one that is over, of the scheme it had then
    crisis: int
    changed: datetime
    stamp: str


class Shown(msgspec.Struct, frozen=True):
    """What lists show of what is sealed."""

    title: str


_shown = msgspec.json.Decoder(Shown)
# Rows of case_reading are those of the session's principal: as one of an organisation, in person.
CHANGED: LiteralString = "(SELECT max(r.changed) FROM case_reading r WHERE r.case_id = f.id)"
COLUMNS: LiteralString = (
    "f.id, f.uuid::text, f.kind, f.number, f.org_id, f.state, f.is_over, f.tlp, f.pap, f.embargo,"
    " f.shown, f.due, f.conflicts, f.opened, f.severity, f.crisis, "
    + CHANGED
    + ", (SELECT string_agg(r.stamp::text, ' ' ORDER BY r.reader) FROM case_reading r"
    " WHERE r.case_id = f.id)"
)


def read_row(session: Session, row: Sequence[Any]) -> File:
    """A row of COLUMNS."""
    found = dict(zip(File.__struct_fields__, row, strict=True))
    found["title"] = title_of(session, found["uuid"], found["title"])
    return File(**found)


def title_of(session: Session, uuid: str, shown: bytes | None) -> str:
    """Of a row's `shown`."""
    opened = b"" if shown is None else session.seal.open_bytes(shown, SHOWN + uuid)
    return _shown.decode(opened).title if opened else ""


def of_id(session: Session, number: int) -> File:
    """Raises NotFound."""
    return find(session, str(number))


def lock(session: Session, number: int) -> None:
    """Within `whole`: whoever writes an entry next waits for this transaction."""
    session.execute("SELECT 1 FROM case_file WHERE id = %s FOR UPDATE", (number,))


def find(session: Session, which: str) -> File:
    """By number as people say it, UUID, or id. Raises NotFound."""
    if "\0" in which:
        raise NotFound("no case has such a name")
    row = session.one(
        "SELECT " + COLUMNS + " FROM case_file f WHERE f.number = upper(%(which)s)"
        " OR f.uuid = %(uuid)s OR f.id = %(id)s",
        {
            "which": which,
            "uuid": UUID(which) if is_uuid(which) else None,
            "id": int(which) if which.isascii() and which.isdecimal() and len(which) < 10 else None,
        },
    )
    if row is None:
        raise NotFound(f"no case {which[:60]}")
    return read_row(session, row)


def find_several(session: Session, uuids: Sequence[str]) -> dict[str, File]:
    """Those of some UUIDs that the session sees, by UUID."""
    return {one.uuid: one for one in _several(session, "f.uuid = ANY (%s::uuid[])", uuids)}


def of_ids(session: Session, ids: Sequence[int]) -> list[File]:
    """Those of some ids that the session sees."""
    return _several(session, "f.id = ANY (%s)", ids)


def _several(session: Session, which: LiteralString, wanted: Sequence[Any]) -> list[File]:
    if not wanted:
        return []
    query = "SELECT " + COLUMNS + " FROM case_file f WHERE " + which
    rows = session.all(query, (planned_once(wanted),))
    return [read_row(session, row) for row in rows]


def entries_of(session: Session, file: File) -> list[Entry]:
    """Those that the session may read."""
    return [one.entry for one in entry_rows.stored_of(session, file.id)]


def view(session: Session, which: str) -> tuple[File, Case]:
    """A case as the session's principal has it. Raises NotFound."""
    file = find(session, which)
    return file, known(session, file).case


def known(session: Session, file: File) -> kept.Kept:
    """The entries of a case and what they make, as its principal has them whose session found it.

    Not for a file that was found before somebody wrote, or by whom the case was found for another.
    """
    key = (file.uuid, file.stamp, session.principal.user_id)
    found = kept.SHELF.find(key)
    if found is None:
        found = folded(session, file)
        kept.SHELF.keep(key, found)
    return found


def folded(session: Session, file: File) -> kept.Kept:
    """Of the entries that the session may read now, with what was decoded, and folded, before."""
    before = kept.SHELF.of_case(file.uuid)
    if not before:
        stored = entry_rows.stored_of(session, file.id)
        entries, came = {one.uuid: one.entry for one in stored}, _came(stored)
        return kept.Kept(entries, fold(named(file.kind), entries.values()), came)
    (pool, came), uuids = kept.pool(before), entry_rows.uuids_of(session, file.id)
    missing = set(uuids) - pool.keys()
    fresh = entry_rows.stored_several(session, missing) if missing else []
    pool |= {one.uuid: one.entry for one in fresh}
    came |= _came(fresh)
    entries = {one: pool[one] for one in uuids if one in pool}
    begun = kept.begun(before, uuids)
    if begun is None:
        return kept.Kept(entries, fold(named(file.kind), entries.values()), came)
    more = [one for uuid, one in entries.items() if uuid not in begun.entries]
    return kept.Kept(entries, continued(begun.case, begun.entries, more), came)


def _came(several: Iterable[entry_rows.Stored]) -> dict[str, datetime]:
    return {one.uuid: one.came for one in several}


@contextmanager
def whole(session: Session, file_id: int) -> Iterator[None]:
    """All of one case is at hand, to write an entry into it and say what it then is.

    The caller has found the case in its own session, and gives away nothing that it reads.
    """
    session.execute("SELECT set_config('brug.whole_case', %s, true)", (str(file_id),))
    try:
        with session.as_system():
            yield
    finally:
        if session.is_usable:
            session.execute("SELECT set_config('brug.whole_case', '', true)")


def store_entry(
    session: Session, file_id: int, entry: Entry, data: bytes, digest: bytes, by: tuple[str, bytes]
) -> None:
    """Within `whole`. `by` is the id of the key that signed, and the signature."""
    kind = session.value("SELECT kind FROM case_file WHERE id = %s", (file_id,))
    number = session.value(
        "INSERT INTO case_entry (uuid, case_id, recipients, roles, removes, author_org, by_user,"
        " sealed, digest, key_id, signature) VALUES (%s, %s, %s, %s, (SELECT org_uuid"
        "   FROM case_party WHERE case_id = %s AND participant::text = %s), %s, %s, %s, %s, %s, %s)"
        " RETURNING number",
        (
            entry.id,
            file_id,
            list(entry.to) or None,
            narrowing.roles(named(kind), entry.act) or None,
            file_id,
            entry.act.participant if isinstance(entry.act, Left) else None,
            _known_here(session, entry.author.org),
            _user_here(session, entry),
            session.seal.close_bytes(data, entry_rows.ENTRY + entry.id),
            digest,
            *by,
        ),
    )
    session.execute(
        "INSERT INTO case_word (mark, entry, case_id) SELECT DISTINCT n, %s, %s"
        " FROM unnest(%s::bigint[]) AS n",
        (number, file_id, session.seal.marks(searching.words_of(entry.act), searching.PURPOSE)),
    )
    values.note(session, file_id, number, entry.act)
    if isinstance(entry.act, Attached) and not entry.act.is_undone:
        _store_document(session, file_id, number, entry.act)
    noting.note_entry(session, file_id, entry.id, entry.act)


def _user_here(session: Session, entry: Entry) -> int | None:
    """Who wrote it, where that was on this node: also what it gets back, once it was restored."""
    is_own = entry.author.node == str(settings.get(session, "node.uuid"))
    return entry.author.user if is_own else None


def _known_here(session: Session, org: str) -> int | None:
    """An author's organisation; nobody who takes part without an account is of one."""
    if org == session.principal.org_uuid:
        return session.principal.org_id
    found = session.value("SELECT id FROM organisation_named WHERE uuid::text = %s", (org,))
    return None if found is None else int(found)


def _store_document(session: Session, file_id: int, number: int, act: Attached) -> None:
    """The same content of a case is in one folder, whoever attached it how often."""
    (mark,) = session.seal.marks([act.sha256], CONTENT)
    session.execute(
        "INSERT INTO case_document (entry, case_id, content, mark, size) SELECT %(entry)s,"
        " %(case)s, coalesce((SELECT content FROM case_document WHERE case_id = %(case)s"
        "   AND mark = %(mark)s AND size = %(size)s LIMIT 1), gen_random_uuid()),"
        " %(mark)s, %(size)s",
        {"entry": number, "case": file_id, "mark": mark, "size": act.size},
    )
