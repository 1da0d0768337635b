# SPDX-License-Identifier: EUPL-1.2
"""The summary for ENISA (NIS2 art. 23(9)): anonymous totals of what an authority was notified of.

By quarter, because periods that overlap could be subtracted from one another. A count below the
setting `cases.summary_smallest` is not shown. Where that hides one count alone, or counts that
are together smaller than that, the next smaller one is hidden too: the total less what is shown
would tell it. A total below it hides everything.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec

from brug.model.errors import Invalid

FORMAT = "brug-summary-1"
SETTING = "cases.summary_smallest"
UNKNOWN = ""  # what the case does not say
_NOT_KNOWN_YET = "unknown"  # what it says of a question that nobody can answer yet
DIMENSIONS = (
    "notified_as", "sector", "entity_class", "class", "severity", "cause", "cross_border",
)  # fmt: skip
_QUARTER = re.compile(r"([0-9]{4})-Q([1-4])")


class Notified(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was notified, by nothing that says who did; "" is what is not known."""

    notified_as: str = UNKNOWN
    sector: str = UNKNOWN
    entity_class: str = UNKNOWN
    class_: str = UNKNOWN
    severity: str = UNKNOWN
    cause: str = UNKNOWN
    cross_border: str = UNKNOWN

    def of(self, dimension: str) -> str:
        return str(getattr(self, "class_" if dimension == "class" else dimension))


class Quarter(msgspec.Struct, frozen=True):
    """In UTC, from its first moment to that of the next."""

    year: int
    number: int

    @property
    def start(self) -> datetime:
        return datetime(self.year, self.number * 3 - 2, 1, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        return self.next.start

    @property
    def next(self) -> "Quarter":
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def before(self) -> "Quarter":
        year = self.year - (self.number == 1)
        return Quarter(year, (self.number - 2) % 4 + 1)

    def __str__(self) -> str:
        return f"{self.year:04}-Q{self.number}"


def quarter_of(at: datetime) -> Quarter:
    return Quarter(at.year, (at.month + 2) // 3)


def read_quarter(text: str) -> Quarter:
    """Raises Invalid."""
    found = _QUARTER.fullmatch(text)
    if found is None or not 2000 <= int(found[1]) < 2200:
        raise Invalid("period", "a quarter such as 2026-Q4", text)
    return Quarter(int(found[1]), int(found[2]))


class Count(msgspec.Struct, frozen=True):
    """How often a value was there; None: too few to be shown."""

    value: str
    count: int | None


class Table(msgspec.Struct, frozen=True):
    dimension: str
    counts: list[Count]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """`smallest` is the count from which on one is shown; `is_over`: the quarter has ended."""

    period: Quarter
    smallest: int
    total: int | None
    tables: list[Table]
    is_over: bool = True


Counts = Mapping[str, Counter[str]]
"""Of each dimension how often each value is there."""


def counts_of(several: Iterable[Notified]) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {dimension: Counter() for dimension in DIMENSIONS}
    for one in several:
        for dimension, found in counts.items():
            found[one.of(dimension)] += 1
    return counts


def summed(period: Quarter, counts: Counts, smallest: int, now: datetime) -> Summary:
    counts = {dimension: _with_one_unknown(counts[dimension]) for dimension in DIMENSIONS}
    total = counts[DIMENSIONS[0]].total()
    return Summary(
        period=period, smallest=smallest, is_over=now >= period.end,
        tables=[Table(one, shown(counts[one], smallest)) for one in DIMENSIONS],
        total=None if 0 < total < smallest else total,
    )  # fmt: skip


def _with_one_unknown(counts: Counter[str]) -> Counter[str]:
    """What is answered by *not known yet* is no better known than what nobody answered."""
    folded = Counter({one: count for one, count in counts.items() if one != _NOT_KNOWN_YET})
    if counts[_NOT_KNOWN_YET]:
        folded[UNKNOWN] += counts[_NOT_KNOWN_YET]
    return folded


def shown(counts: Counter[str], smallest: int) -> list[Count]:
    """The most frequent first, what is not known last; no count that can be told from the rest."""
    hidden = hidden_of(counts, smallest)
    known = sorted((one for one in counts if one), key=lambda one: (-counts[one], one))
    order = [*(one for one in known if one not in hidden), *sorted(hidden - {UNKNOWN})]
    order += [UNKNOWN] if UNKNOWN in counts else []
    return [Count(one, None if one in hidden else counts[one]) for one in order]


def hidden_of(counts: Counter[str], smallest: int) -> set[str]:
    hidden = {one for one, count in counts.items() if count < smallest}
    if not hidden:
        return hidden
    rest = sorted(set(counts) - hidden, key=lambda one: (counts[one], one))
    for one in rest:
        if len(hidden) > 1 and sum(counts[each] for each in hidden) >= smallest:
            break
        hidden.add(one)
    return hidden


def document(told: Summary) -> dict[str, object]:
    """For machines; null is a count that is too small to be shown."""
    return {
        "format": FORMAT,
        "law": "Directive (EU) 2022/2555 art. 23(9)",
        "period": str(told.period),
        "from": told.period.start.isoformat(),
        "to": told.period.end.isoformat(),
        "is_over": told.is_over,
        "smallest_shown": told.smallest,
        "total": told.total,
        "counts": {
            one.dimension: [
                {"value": count.value or None, "count": count.count} for count in one.counts
            ]
            for one in told.tables
        },
    }


def lines(told: Summary) -> Iterable[tuple[str, ...]]:
    """Of a table with a head; an empty count is too small to be shown."""
    yield ("period", "dimension", "value", "count")
    period = str(told.period)
    yield (period, "total", "", _said(told.total))
    for table in told.tables:
        for one in table.counts:
            yield (period, table.dimension, one.value or "unknown", _said(one.count))


def _said(count: int | None) -> str:
    return "" if count is None else str(count)
