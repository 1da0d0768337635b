# SPDX-License-Identifier: EUPL-1.2
"""What ends between two times in the cases of a principal: deadlines, tasks, embargoes."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import LiteralString

import msgspec

from brug.cases import due, files, keeping, taking_part
from brug.cases.calendar import endings
from brug.cases.calendar.endings import Ending, What
from brug.cases.clocks import Row, UnusableTable
from brug.cases.due import Rules
from brug.cases.files import CHANGED
from brug.cases.views import reading, storing
from brug.model.errors import Invalid
from brug.store.session import Session

Span = tuple[datetime, datetime]
MOST_CASES = 500
LONGEST = timedelta(days=500)
_FEW = 2
"""Moments of a case between two times, for a first look at MOST_CASES of them."""
_UNION: LiteralString = " UNION ALL "
_MOMENTS: LiteralString = _UNION.join(
    "(SELECT case_id, at FROM case_moment WHERE reader = " + reader
    + " AND at >= %(since)s AND at < %(until)s ORDER BY at, case_id LIMIT %(few)s)"
    for reader in reading.READERS
)  # fmt: skip
_PARTS: LiteralString = _UNION.join(
    "SELECT s.part, m.at, m.case_id FROM unnest(%(parts)s::int[], %(sinces)s::timestamptz[],"
    " %(untils)s::timestamptz[], %(mosts)s::int[], %(ats)s::timestamptz[], %(cases)s::int[])"
    " AS s (part, since, until, most, behind, id), LATERAL (SELECT at, case_id FROM case_moment"
    " WHERE reader = " + reader + " AND at >= s.since AND at < s.until"
    " AND (at, case_id) > (s.behind, s.id) AND case_id <> ALL (%(without)s)"
    " ORDER BY at, case_id LIMIT s.most) AS m"
    for reader in reading.READERS
)  # fmt: skip
_decoder = msgspec.json.Decoder(list[Ending])


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Something that ends. `uid` stays the same when it moves; `sequence` grows with each move.

    `row` is the rule of a deadline, `whose` whom it binds, `is_mine` whether that is the reader.
    `says` is what the task is. `warns` are the times at which a deadline warns beforehand.
    """

    what: What
    at: datetime
    number: str
    case: str
    title: str
    tlp: str
    changed: datetime
    uid: str
    sequence: int
    is_mine: bool
    row: Row | None = None
    is_verified: bool = True
    whose: str = ""
    says: str = ""
    warns: tuple[datetime, ...] = ()


class Gathered(msgspec.Struct, frozen=True):
    """The first first. `is_cut`: there are more cases than are looked at.

    `is_broken`: the node's table of deadlines has an error, so there are none of them.
    """

    items: list[Item]
    is_cut: bool = False
    is_broken: bool = False


class Place(msgspec.Struct, frozen=True):
    """Up to where something was listed: what ends when in which case, by its id."""

    at: datetime
    case: int


class Asked(msgspec.Struct, frozen=True):
    """From one time up to, and without, another: what ends first in `most` cases, behind `after`.

    A case is as many of them as it has times at which something ends.
    """

    since: datetime
    until: datetime
    most: int
    after: Place | None = None


class Part(msgspec.Struct, frozen=True):
    """`last` is behind which more ends before the time that was asked for; None: nothing does."""

    items: list[Item]
    last: Place | None = None


class Parts(msgspec.Struct, frozen=True):
    """In the order in which they were asked for. `is_broken` as of Gathered."""

    parts: list[Part]
    is_broken: bool = False


def require_span(since: datetime, until: datetime) -> None:
    """Raises Invalid for a time that is none, or too long."""
    if not since < until <= since + LONGEST:
        raise Invalid("until", f"a time after the first, and at most {LONGEST.days} days later")


def gather_parts(session: Session, asked: Sequence[Asked]) -> Parts:
    """Of some spans as much as was asked for, however much ends in them."""
    now = datetime.now(UTC)
    by, is_broken = _rules(session)
    folded = reading.to_fold(session, now)
    places = _places(session, asked, folded)
    cases = sorted({place.case for several in places for place in several})
    span = (min(one.since for one in asked), max(one.until for one in asked))
    kept = {number: list(items) for number, items in _by_case(session, cases, by, span)}
    others = list(_folded(session, folded, by, now, span))
    return Parts(
        [_part(one, several, kept, others) for one, several in zip(asked, places, strict=True)],
        is_broken,
    )


def _places(session: Session, asked: Sequence[Asked], without: Sequence[int]) -> list[list[Place]]:
    """Of each, one more than it asked for where there are so many."""
    rows = session.all(
        _PARTS,
        reading.readers(session)
        | {
            "parts": list(range(len(asked))),
            "sinces": [one.since for one in asked],
            "untils": [one.until for one in asked],
            "mosts": [one.most + 1 for one in asked],
            "ats": [one.after.at if one.after else one.since for one in asked],
            "cases": [one.after.case if one.after else 0 for one in asked],
            "without": list(without),
        },
    )
    found: list[list[Place]] = [[] for _ in asked]
    for part, at, case in sorted(rows):
        if len(found[part]) <= asked[part].most:
            found[part].append(Place(at, case))
    return found


def _part(
    asked: Asked, places: Sequence[Place], kept: dict[int, list[Item]], others: Sequence[Item]
) -> Part:
    """What was folded has no place: it stands between those that end before and after it."""
    last = places[asked.most - 1] if len(places) > asked.most else None
    shown = places[: asked.most]
    since = asked.after.at if asked.after else asked.since
    until = last.at if last else asked.until
    items = [
        item for place in shown for item in kept.get(place.case, ()) if item.at == place.at
    ] + [item for item in others if since <= item.at < until]
    return Part(sorted(items, key=_order), last)


def _order(one: Item) -> tuple[datetime, str, str, str]:
    return one.at, one.number, one.what, one.uid


def _rules(session: Session) -> tuple[Rules | None, bool]:
    """And whether the node's own table of them has an error."""
    try:
        return due.rules_here(session), False
    except UnusableTable:
        return None, True


def gather(session: Session, since: datetime, until: datetime) -> Gathered:
    """From one time up to, and without, another; of the cases in which something ends first."""
    now = datetime.now(UTC)
    by, is_broken = _rules(session)
    folded = reading.to_fold(session, now)
    several = _first(session, since, until, folded)
    span = (since, until)
    found = [
        *_kept(session, several[:MOST_CASES], by, span), *_folded(session, folded, by, now, span)
    ]  # fmt: skip
    found.sort(key=_order)
    return Gathered(found, len(several) > MOST_CASES, is_broken)


def _first(session: Session, since: datetime, until: datetime, without: Sequence[int]) -> list[int]:
    """Cases by what ends first in them; one more than MOST_CASES, where there are so many."""
    few = (MOST_CASES + 1) * _FEW
    skipped = set(without)
    while True:
        rows = session.all(
            _MOMENTS,
            reading.readers(session) | {"since": since, "until": until, "few": few},
        )
        moments = sorted((at, case) for case, at in rows)
        found = [case for case in dict.fromkeys(case for _, case in moments) if case not in skipped]
        if len(found) > MOST_CASES or len(rows) < few:
            return found[: MOST_CASES + 1]
        few *= 4


def _kept(session: Session, several: Sequence[int], by: Rules | None, span: Span) -> Iterator[Item]:
    for _, items in _by_case(session, several, by, span):
        yield from items


def _by_case(
    session: Session, several: Sequence[int], by: Rules | None, span: Span
) -> Iterator[tuple[int, Iterator[Item]]]:
    rows = session.all(
        "SELECT f.id, f.uuid::text, f.number, f.shown, f.tlp, " + CHANGED + ", v.reader, v.sealed"
        " FROM case_view v JOIN case_file f ON f.id = v.case_id"
        " WHERE v.case_id = ANY (%(several)s) AND v.reader IN (%(of)s, %(self)s)",
        reading.readers(session) | {"several": list(several)},
    )  # fmt: skip
    for case, uuid, number, shown, tlp, changed, reader, sealed in rows:
        opened = session.seal.open_bytes(sealed, f"{storing.VIEW}{uuid} {reader}")
        of = _Of(number, uuid, files.title_of(session, uuid, shown), tlp, changed)
        yield case, _items(_decoder.decode(opened), of, by, span)


def _folded(
    session: Session, several: Sequence[int], by: Rules | None, now: datetime, span: Span
) -> Iterator[Item]:
    me = keeping.author(session)
    for file in files.of_ids(session, several):
        case = files.known(session, file).case
        bound = due.clocks_of(case, by, now) if by is not None else ()
        mine = {one.id for one in taking_part.parts_of(case, me)}
        of = _Of(file.number, file.uuid, file.title, file.tlp, file.changed)
        yield from _items(endings.of_case(case, mine, bound), of, by, span)


class _Of(msgspec.Struct, frozen=True):
    """What an item says of its case."""

    number: str
    case: str
    title: str
    tlp: str
    changed: datetime


def _items(several: Iterable[Ending], of: _Of, by: Rules | None, span: Span) -> Iterator[Item]:
    """Without deadlines where the table of them cannot be used, or has a row no more."""
    since, until = span
    rows = by.table.rows if by is not None else {}
    for one in several:
        row = rows.get(one.rule)
        if since <= one.at < until and (row is not None or not one.rule):
            yield Item(
                what=one.what, at=one.at, number=of.number, case=of.case, title=of.title,
                tlp=of.tlp, changed=of.changed, uid=one.uid, sequence=one.sequence,
                is_mine=one.is_mine, row=row, is_verified=row is None or row.is_verified,
                whose=one.whose, says=one.says, warns=one.warns,
            )  # fmt: skip
