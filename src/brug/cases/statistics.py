# SPDX-License-Identifier: EUPL-1.2
"""How many cases are open, how long things took, which deadlines were met: of the reader's cases.

Over the cases that the reader takes part in and no others, whoever the reader is; from what is
kept counted (`counting`), so none is opened. A case that is not seen any more is not counted any
more. Times are kept in two figures: medians and percentiles are right to a twentieth.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from brug.cases.counting import DAY, HOUR, MONTH
from brug.cases.kinds import KINDS
from brug.model.errors import Invalid
from brug.model.words import N_
from brug.store.session import Session

MOST_MONTHS, USUAL_MONTHS = 60, 12
# Open since at most so many days; the last has no end.
AGES: tuple[tuple[int | None, str], ...] = (
    (1, N_("Up to a day")), (7, N_("Up to a week")), (30, N_("Up to 30 days")),
    (90, N_("Up to 90 days")), (None, N_("Longer")),
)  # fmt: skip
_MEDIAN, _NINTH = 50, 90


class Open(msgspec.Struct, frozen=True):
    """Cases of a kind in a state, by how long they have been open, in the order of AGES."""

    kind: str
    state: str
    ages: list[int]
    total: int


class Month(msgspec.Struct, frozen=True):
    """How many cases of a kind were opened in a month, and how many were over in it."""

    month: str
    kind: str
    opened: int
    over: int


class Time(msgspec.Struct, frozen=True):
    """How long something took, in minutes: half of them at most so long, nine of ten, all.

    `months` has the median of each month in which there were any.
    """

    kind: str
    measure: str
    cases: int
    median: int
    ninth: int
    longest: int
    months: list[tuple[str, int]]


class Term(msgspec.Struct, frozen=True):
    """A deadline by its rule: in time, late, passed without being met, still ahead."""

    rule: str
    met: int
    late: int
    missed: int
    ahead: int


class Statistics(msgspec.Struct, frozen=True):
    """`since` is the first month that counts; what is open counts whenever it was opened."""

    since: str
    until: str
    open: list[Open]
    months: list[Month]
    times: list[Time]
    terms: list[Term]


def of(session: Session, months: int = USUAL_MONTHS, now: datetime | None = None) -> Statistics:
    """Of this month and those before it. Raises Invalid."""
    if not 0 < months <= MOST_MONTHS:
        raise Invalid("months", f"a number from 1 to {MOST_MONTHS}", str(months))
    return computed(counted(session), months, now or datetime.now(UTC))


def counted(session: Session) -> Counter[str]:
    """Facets of the cases that the session's user takes part in, and how many have each."""
    rows = session.all(
        "WITH mine AS MATERIALIZED (SELECT my_case_org() AS org)"
        " SELECT facet, sum(cases) FROM (SELECT t.facet, t.cases FROM case_tally t"
        "   WHERE t.org_id = (SELECT org FROM mine) UNION ALL"
        # In person, where the organisation takes no part, or is not the reader's to speak for.
        " SELECT f, 1 FROM case_counted c, unnest(c.facets) AS f WHERE c.case_id IN"
        "   (SELECT p.case_id FROM case_party p WHERE p.user_id = %s)"
        "   AND NOT coalesce((SELECT org FROM mine) = ANY (c.orgs), false)) AS all_of_them"
        " GROUP BY facet HAVING sum(cases) > 0",
        (session.principal.user_id,),
    )
    return Counter({facet: int(cases) for facet, cases in rows})


def computed(facets: Mapping[str, int], months: int, now: datetime) -> Statistics:
    """The same of facets that are known. Pure."""
    until = now.strftime(MONTH)
    span = _months(now, months)
    by: dict[str, list[tuple[str | int, ...]]] = {}
    for facet, count in facets.items():
        of, *values = facet.split("|")
        by.setdefault(of, []).append((*values, count))
    return Statistics(
        since=span[0],
        until=until,
        open=_open(by.get("open", ()), now),
        months=_by_month(by.get("opened", ()), by.get("over", ()), span),
        times=_times(by.get("time", ()), set(span)),
        terms=_terms(by.get("term", ()), set(span), now),
    )


def _months(now: datetime, count: int) -> list[str]:
    last = now.year * 12 + now.month - 1
    return [f"{at // 12:04}-{at % 12 + 1:02}" for at in range(last - count + 1, last + 1)]


Rows = Iterable[tuple[str | int, ...]]


def _open(rows: Rows, now: datetime) -> list[Open]:
    today = now.date()
    found: dict[tuple[str, str], list[int]] = {}
    for kind, state, day, count in rows:
        since = datetime.strptime(str(day), DAY).replace(tzinfo=UTC).date()
        age = _age((today - since) / timedelta(days=1))
        found.setdefault((str(kind), str(state)), [0] * len(AGES))[age] += int(count)
    return [Open(*key, ages, sum(ages)) for key, ages in sorted(found.items(), key=_in_order)]


def _age(days: float) -> int:
    return next(at for at, (most, _) in enumerate(AGES) if most is None or days <= most)


def _in_order(one: tuple[tuple[str, str], object]) -> tuple[int, int]:
    """Kinds and states as they are declared; of those that are not any more, last."""
    kind, state = one[0]
    kinds = list(KINDS)
    states = list(KINDS[kind].machines[0].states) if kind in KINDS else []
    return (
        kinds.index(kind) if kind in KINDS else len(kinds),
        states.index(state) if state in states else len(states),
    )


def _by_month(opened: Rows, over: Rows, span: list[str]) -> list[Month]:
    counts: dict[str, Counter[tuple[str, str]]] = {"opened": Counter(), "over": Counter()}
    for name, rows in (("opened", opened), ("over", over)):
        for kind, month, count in rows:
            counts[name][str(kind), str(month)] += int(count)
    kinds = {kind for several in counts.values() for kind, month in several if month in span}
    return [
        Month(month, kind, counts["opened"][kind, month], counts["over"][kind, month])
        for kind in sorted(kinds)
        for month in span
    ]


def _times(rows: Rows, span: set[str]) -> list[Time]:
    found: dict[tuple[str, str], dict[str, Counter[int]]] = {}
    for kind, measure, month, minutes, count in rows:
        if str(month) in span:
            months = found.setdefault((str(kind), str(measure)), {})
            months.setdefault(str(month), Counter())[int(minutes)] += int(count)
    return [_time(*key, months) for key, months in sorted(found.items(), key=_as_declared)]


def _as_declared(one: tuple[tuple[str, str], object]) -> tuple[str, int, str]:
    kind, measure = one[0]
    declared = [m.key for m in KINDS[kind].measures] if kind in KINDS else []
    return kind, declared.index(measure) if measure in declared else len(declared), measure


def _time(kind: str, measure: str, months: dict[str, Counter[int]]) -> Time:
    every: Counter[int] = sum(months.values(), Counter())
    return Time(
        kind,
        measure,
        every.total(),
        percentile(every, _MEDIAN),
        percentile(every, _NINTH),
        max(every),
        [(month, percentile(counts, _MEDIAN)) for month, counts in sorted(months.items())],
    )


def percentile(counts: Mapping[int, int], share: int) -> int:
    """The smallest value that at least `share` of a hundred do not exceed (nearest rank)."""
    wanted, had = sum(counts.values()) * share, 0
    for value, count in sorted(counts.items()):
        had += count * 100
        if had >= wanted:
            return value
    raise ValueError(share)


def _terms(rows: Rows, span: set[str], now: datetime) -> list[Term]:
    found: dict[str, Counter[str]] = {}
    for rule, how, end, count in rows:
        if how == "open":
            # By the hour: what ends within this one is still ahead.
            passed = str(end) < now.astimezone(UTC).strftime(HOUR)
            if passed and str(end)[: len("2026-11")] not in span:
                continue
            found.setdefault(str(rule), Counter())["missed" if passed else "ahead"] += int(count)
        elif str(end) in span:
            found.setdefault(str(rule), Counter())[str(how)] += int(count)
    return [
        Term(rule, c["met"], c["late"], c["missed"], c["ahead"])
        for rule, c in sorted(found.items())
    ]


def to_csv(of_all: Statistics) -> str:
    """All figures, one a row: what, of which kind or rule, of what more, in which month, value."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("what", "of", "detail", "month", "value"))
    writer.writerows(_rows(of_all))
    return out.getvalue()


def _rows(one: Statistics) -> Iterator[tuple[str | int, ...]]:
    for row in one.open:
        for (days, _), count in zip(AGES, row.ages, strict=True):
            age = f"{row.state}, up to {days} days" if days else f"{row.state}, longer"
            yield "open", row.kind, age, "", count
    for month in one.months:
        yield "opened", month.kind, "", month.month, month.opened
        yield "over", month.kind, "", month.month, month.over
    for time in one.times:
        for name in ("cases", "median", "ninth", "longest"):
            what = "cases" if name == "cases" else f"{name} in minutes"
            yield what, time.kind, time.measure, "", getattr(time, name)
        for in_month, median in time.months:
            yield "median in minutes", time.kind, time.measure, in_month, median
    for term in one.terms:
        for name in ("met", "late", "missed", "ahead"):
            yield f"deadline {name}", term.rule, "", "", getattr(term, name)
