# SPDX-License-Identifier: EUPL-1.2
"""Entries as they are stored: sealed, each with the signature under its bytes."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, LiteralString

import msgspec

from brug.cases.entries import Entry, read_again
from brug.model.errors import NotFound
from brug.store.session import Session

ENTRY = "case entry "


class Stored(msgspec.Struct, frozen=True):
    """An entry with the bytes that were signed, by which key, and when it came to this node."""

    uuid: str
    entry: Entry
    data: bytes
    key_id: str
    signature: bytes
    came: datetime


_STORED: LiteralString = "SELECT uuid::text, sealed, key_id, signature, came FROM case_entry"


def _opened(session: Session, rows: Sequence[Sequence[Any]]) -> list[Stored]:
    found = []
    for uuid, sealed, *rest in rows:
        data = session.seal.open_bytes(sealed, ENTRY + uuid)
        found.append(Stored(uuid, read_again(data), data, *rest))
    return found


def stored_of(session: Session, case_id: int) -> list[Stored]:
    """Those of a case that the session may read, in the order in which they came."""
    return _opened(
        session, session.all(_STORED + " WHERE case_id = %s ORDER BY number", (case_id,))
    )


def uuids_of(session: Session, case_id: int) -> list[str]:
    """Of the entries of a case that the session may read, in the order in which they came."""
    rows = session.all(
        "SELECT uuid::text FROM case_entry WHERE case_id = %s ORDER BY number", (case_id,)
    )
    return [row[0] for row in rows]


def stored(session: Session, uuid: str) -> Stored:
    """One of them. Raises NotFound."""
    found = _opened(session, session.all(_STORED + " WHERE uuid = %s", (uuid,)))
    if not found:
        raise NotFound(f"no entry {uuid}")
    return found[0]


def stored_several(session: Session, uuids: Collection[str]) -> list[Stored]:
    """Those of some UUIDs that the session may read, in the order in which they came."""
    query = _STORED + " WHERE uuid = ANY (%s::uuid[]) ORDER BY number"
    return _opened(session, session.all(query, (list(uuids),)))


def removing(session: Session, case_id: int, org: str, seen: Sequence[str]) -> list[Stored]:
    """By which an organisation left, besides those that it sees: it is told so."""
    return _opened(
        session,
        session.all(
            _STORED + " WHERE case_id = %s AND removes::text = %s AND uuid <> ALL (%s::uuid[])"
            " ORDER BY number",
            (case_id, org, list(seen)),
        ),
    )
