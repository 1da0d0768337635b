# SPDX-License-Identifier: EUPL-1.2
"""Who has read what, for machines: to whoever wrote it, asked for it or leads; else one's own."""

import msgspec

from brug.cases import rules
from brug.cases.case import Case
from brug.cases.crisis import receipts
from brug.cases.crisis.receipts import Reading
from brug.cases.entries import Author


class ReadBy(msgspec.Struct, frozen=True):
    """`at` is when they said so, `by` their entry; empty for not yet."""

    participant: str
    name: str
    at: str
    by: str


class ToBeRead(msgspec.Struct, frozen=True):
    """An entry that asks to be read; `owed`: by whoever asks here."""

    entry: str
    what: str
    asked: str
    owed: bool
    rows: list[ReadBy]


class Readings(msgspec.Struct, frozen=True):
    """The newest first."""

    readings: list[ToBeRead]


def reading_of(case: Case, author: Author) -> Readings:
    return Readings([_told(case, author, one) for one in receipts.readings(case)])


def _told(case: Case, author: Author, one: Reading) -> ToBeRead:
    mine = rules.parts_of(case, author)
    leads = any(case.kind.role(part.role).leads for part in mine)
    sees_all = leads or author.org in {one.entry.author.org, one.asked.author.org}
    own = {part.id for part in mine}
    return ToBeRead(
        one.entry.id,
        str(one.entry.act.__struct_config__.tag),
        one.asked.at,
        any(part.id in own for part in one.waiting),
        [
            ReadBy(part.id, part.name, said.at if said else "", said.id if said else "")
            for part, said in one.rows
            if sees_all or part.id in own
        ],
    )
