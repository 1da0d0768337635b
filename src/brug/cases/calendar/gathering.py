# SPDX-License-Identifier: EUPL-1.2
"""What ends between two times in the cases of a principal: deadlines, tasks, embargoes."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import LiteralString, Self

import msgspec

from brug.cases import due
from brug.cases.calendar import items
from brug.cases.calendar.items import Item, Span
from brug.cases.clocks import UnusableTable
from brug.cases.due import Rules
from brug.cases.views import reading
from brug.model.errors import Invalid
from brug.store.session import Session

MOST = 500
LONGEST = timedelta(days=500)
_UNION: LiteralString = " UNION ALL "
_PARTS: LiteralString = _UNION.join(
    "SELECT s.part, m.at, m.case_id FROM unnest(%(parts)s::int[], %(sinces)s::timestamptz[],"
    " %(untils)s::timestamptz[], %(mosts)s::int[], %(ats)s::timestamptz[], %(cases)s::int[])"
    " AS s (part, since, until, most, behind, id), LATERAL (SELECT at, case_id FROM case_moment"
    " WHERE reader = " + reader + " AND at >= s.since AND at < s.until"
    " AND (at, case_id) > (s.behind, s.id) AND case_id <> ALL (%(without)s)"
    " ORDER BY at, case_id LIMIT s.most) AS m"
    for reader in reading.READERS
)  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE = re.compile(r"([0-9]{1,16})~([0-9]{1,9})")


class Gathered(msgspec.Struct, frozen=True):
    """The first first. `is_broken`: the node's table of deadlines has an error, so there are none
    of them.
    """

    items: list[Item]
    is_broken: bool = False


class Place(msgspec.Struct, frozen=True):
    """Up to where something was listed: what ends when in which case, by its id."""

    at: datetime
    case: int

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}~{self.case}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """What it says as a text; none of nothing. Raises Invalid."""
        if not text:
            return None
        found = _PLACE.fullmatch(text)
        if found is None:
            raise Invalid("after", "the `next` of the part before it", text)
        return cls(_EPOCH + timedelta(microseconds=int(found[1])), int(found[2]))


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
    span = Span(min(one.since for one in asked), max(one.until for one in asked))
    looking = _Looking.begun(session, span)
    return Parts(looking.parts(asked), looking.is_broken)


def whole(session: Session, since: datetime, until: datetime) -> Gathered:
    """All that ends, in however many cases: not for what is asked of a server again and again."""
    looking = _Looking.begun(session, Span(since, until))
    found = sorted(looking.through(since, until), key=_order)
    return Gathered(found, is_broken=looking.is_broken)


class _Looking(msgspec.Struct, frozen=True):
    """What is the same for all that is asked: the rules, and what ends in cases to be folded."""

    session: Session
    by: Rules | None
    folded: list[int]
    others: list[Item]

    @classmethod
    def begun(cls, session: Session, span: Span) -> Self:
        now = datetime.now(UTC)
        by = _rules(session)
        folded = reading.to_fold(session, now)
        return cls(session, by, folded, list(items.folded(session, folded, span, by, now)))

    @property
    def is_broken(self) -> bool:
        return self.by is None

    def parts(self, asked: Sequence[Asked]) -> list[Part]:
        places = _places(self.session, asked, self.folded)
        wanted: dict[int, set[datetime]] = {}
        for one, several in zip(asked, places, strict=True):
            for place in several[: one.most]:
                wanted.setdefault(place.case, set()).add(place.at)
        kept = items.kept(self.session, wanted, self.by)
        return [
            _part(one, several, kept, self.others)
            for one, several in zip(asked, places, strict=True)
        ]

    def through(self, since: datetime, until: datetime) -> Iterator[Item]:
        after = None
        while True:
            (part,) = self.parts([Asked(since, until, MOST, after)])
            yield from part.items
            after = part.last
            if after is None:
                return


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
    found = [item for place in shown for item in kept.get(place.case, ()) if item.at == place.at]
    found += [item for item in others if since <= item.at < until]
    return Part(sorted(found, key=_order), last)


def _order(one: Item) -> tuple[datetime, str, str, str]:
    return one.at, one.number, one.what, one.uid


def _rules(session: Session) -> Rules | None:
    """None where the node's own table of them has an error."""
    try:
        return due.rules_here(session)
    except UnusableTable:
        return None
