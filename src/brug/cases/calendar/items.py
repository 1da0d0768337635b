# SPDX-License-Identifier: EUPL-1.2
"""What ends in some cases, as a principal has it: from what is kept of them, and by folding."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from brug.cases import due, files, keeping, taking_part
from brug.cases.calendar import endings
from brug.cases.calendar.endings import Ending
from brug.cases.clocks import Row
from brug.cases.due import Rules
from brug.cases.views import reading, storing
from brug.store.session import Session

Moments = Collection[datetime]
_decoder = msgspec.json.Decoder(list[Ending])


class Item(Ending, frozen=True, kw_only=True):
    """Something that ends, with the case that it is of, and the row of its rule."""

    number: str
    case: str
    title: str
    tlp: str
    changed: datetime
    row: Row | None

    @property
    def is_verified(self) -> bool:
        return self.row is None or self.row.is_verified


class Span(msgspec.Struct, frozen=True):
    """From one time up to, and without, another."""

    since: datetime
    until: datetime

    def __contains__(self, at: datetime) -> bool:
        return self.since <= at < self.until


class _Of(msgspec.Struct, frozen=True):
    """What an item says of its case."""

    number: str
    case: str
    title: str
    tlp: str
    changed: datetime


def kept(
    session: Session, wanted: Mapping[int, Span | Moments], by: Rules | None
) -> dict[int, list[Item]]:
    """Of cases what ends at some times, by their id. Not of cases that are to be folded."""
    rows = session.all(
        "SELECT f.id, f.uuid::text, f.number, f.shown, f.tlp, " + files.CHANGED + ","
        " v.reader, v.sealed FROM case_view v JOIN case_file f ON f.id = v.case_id"
        " WHERE v.case_id = ANY (%(several)s) AND v.reader IN (%(of)s, %(self)s)",
        reading.readers(session) | {"several": list(wanted)},
        binary=True,
    ) if wanted else []  # fmt: skip
    found: dict[int, list[Item]] = {}
    for case, uuid, number, shown, tlp, changed, reader, sealed in rows:
        opened = session.seal.open_bytes(sealed, f"{storing.VIEW}{uuid} {reader}")
        several = [one for one in _decoder.decode(opened) if one.at in wanted[case]]
        of = _Of(number, uuid, files.title_of(session, uuid, shown), tlp, changed)
        found[case] = list(_items(several, of, by))
    return found


def folded(
    session: Session, several: Sequence[int], wanted: Span, by: Rules | None, now: datetime
) -> Iterator[Item]:
    """The same of cases of which nothing that is kept is to be believed."""
    if not several:
        return
    me = keeping.author(session)
    for file in files.of_ids(session, several):
        case = files.known(session, file).case
        bound = due.clocks_of(case, by, now) if by is not None else ()
        mine = {one.id for one in taking_part.parts_of(case, me)}
        of = _Of(file.number, file.uuid, file.title, file.tlp, file.changed)
        ends = [one for one in endings.of_case(case, mine, bound) if one.at in wanted]
        yield from _items(ends, of, by)


def _items(several: Iterable[Ending], of: _Of, by: Rules | None) -> Iterator[Item]:
    """Without deadlines where the table of them cannot be used, or has a row no more."""
    rows = by.table.rows if by is not None else {}
    for one in several:
        row = rows.get(one.rule)
        if row is not None or not one.rule:
            yield Item(
                what=one.what, at=one.at, uid=one.uid, sequence=one.sequence,
                is_mine=one.is_mine, rule=one.rule, whose=one.whose, says=one.says,
                warns=one.warns, number=of.number, case=of.case, title=of.title, tlp=of.tlp,
                changed=of.changed, row=row,
            )  # fmt: skip
