# SPDX-License-Identifier: EUPL-1.2
"""Many cases, each with all its entries, asked of the database at once: by the system alone."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter

import msgspec

from brug.cases import entry_rows
from brug.cases.entries import Entry, read_again
from brug.store.session import Session


class Whole(msgspec.Struct, frozen=True):
    """A case; `came` is when each of its entries came here, by UUID."""

    id: int
    number: str
    kind: str
    entries: list[Entry]
    came: dict[str, datetime]


def read(session: Session, ids: Sequence[int]) -> Iterator[Whole]:
    """In the order of the ids, each unsealed when it is its turn."""
    rows = session.all(
        "SELECT f.id, f.number, f.kind, e.uuid::text, e.sealed, e.came FROM case_file f"
        " JOIN case_entry e ON e.case_id = f.id WHERE f.id = ANY (%(ids)s)"
        " ORDER BY array_position(%(ids)s, f.id), e.number",
        {"ids": list(ids)},
    )
    for (number, named, kind), several in groupby(rows, itemgetter(0, 1, 2)):
        entries, came = [], {}
        for *_, uuid, sealed, at in several:
            entries.append(read_again(session.seal.open_bytes(sealed, entry_rows.ENTRY + uuid)))
            came[uuid] = at
        yield Whole(number, named, kind, entries, came)
