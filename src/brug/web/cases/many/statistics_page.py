# SPDX-License-Identifier: EUPL-1.2
"""How many cases are open, how long things took, which deadlines were met: of the reader's own."""

from typing import Any

from brug.cases import due, statistics
from brug.cases.clocks import UnknownDeadline, UnusableTable, titles
from brug.cases.kinds import KINDS
from brug.cases.statistics import AGES, Month, Statistics, Time
from brug.formats.disposition import attachment
from brug.web.cases import room
from brug.web.cases.room import BASE, require_reader
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = BASE + "/statistics"
SPANS = {3: N_("3 months"), 12: N_("12 months"), 24: N_("2 years"), 60: N_("5 years")}
_KEPT = {"X-Content-Type-Options": "nosniff"}
WIDTH, HEIGHT = 100, 24  # of a line drawn beside its figures
_MINUTES, _HOURS = 60, 24


@page(PLACE, shows=("own",), probe=PLACE)
def show(visit: Visit) -> Reply:
    require_reader(visit)
    months = _asked(visit)
    found = statistics.of(visit.session, months)
    return visit.show(
        "cases/statistics.html",
        tabs=room.tabs_of(visit),
        found=found,
        months=months,
        spans=SPANS,
        ages=[visit.gettext(title) for _, title in AGES],
        open=_open(visit, found),
        by_month=_by_month(visit, found.months),
        times=[_time(visit, one) for one in found.times],
        terms=_terms(visit, found),
        total=sum(one.total for one in found.open),
    )


@page(PLACE + "/csv", shows=("own",), probe=PLACE + "/csv")
def as_csv(visit: Visit) -> Reply:
    require_reader(visit)
    found = statistics.of(visit.session, _asked(visit))
    headers = _KEPT | {"Content-Disposition": attachment(f"cases-{found.until}.csv")}
    return Reply(statistics.to_csv(found).encode(), 200, headers, media_type="text/csv")


def _asked(visit: Visit) -> int:
    usual = statistics.USUAL_MONTHS
    return visit.query.number("months", usual, low=1, high=statistics.MOST_MONTHS)


def _state(visit: Visit, kind: str, state: str) -> str:
    states = KINDS[kind].machines[0].states if kind in KINDS else {}
    return visit.gettext(states[state]) if state in states else state


def _open(visit: Visit, found: Statistics) -> list[dict[str, Any]]:
    most = max((one.total for one in found.open), default=1)
    return [
        {
            "kind": room.kind_title(visit, one.kind),
            "state": _state(visit, one.kind, one.state),
            "query": {"kind": one.kind, "state": one.state, "over": "0"},
            "ages": one.ages,
            "total": one.total,
            "share": max(1, round(100 * one.total / most)),
        }
        for one in found.open
    ]


def _by_month(visit: Visit, months: list[Month]) -> list[dict[str, Any]]:
    kinds: dict[str, list[Month]] = {}
    for one in months:
        kinds.setdefault(one.kind, []).append(one)
    return [
        {
            "kind": room.kind_title(visit, kind),
            "months": several,
            "opened": sum(one.opened for one in several),
            "over": sum(one.over for one in several),
            "opened_line": line([one.opened for one in several]),
            "over_line": line([one.over for one in several]),
        }
        for kind, several in kinds.items()
    ]


def _time(visit: Visit, one: Time) -> dict[str, Any]:
    titles = {m.key: m.title for m in KINDS[one.kind].measures} if one.kind in KINDS else {}
    return {
        "kind": room.kind_title(visit, one.kind),
        "title": visit.gettext(titles[one.measure]) if one.measure in titles else one.measure,
        "cases": one.cases,
        "median": lasted(visit, one.median),
        "ninth": lasted(visit, one.ninth),
        "longest": lasted(visit, one.longest),
        "line": line([median for _, median in one.months]),
        "months": [(month, lasted(visit, median)) for month, median in one.months],
    }


def lasted(visit: Visit, minutes: int) -> str:
    """A length of time as people say it: in minutes, hours or days."""
    if minutes < 2 * _MINUTES:
        return visit.ngettext("%(num)s minute", "%(num)s minutes", minutes) % {"num": minutes}
    hours = round(minutes / _MINUTES)
    if hours < 2 * _HOURS:
        return visit.ngettext("%(num)s hour", "%(num)s hours", hours) % {"num": hours}
    days = round(hours / _HOURS)
    return visit.ngettext("%(num)s day", "%(num)s days", days) % {"num": days}


def _terms(visit: Visit, found: Statistics) -> list[dict[str, Any]]:
    try:
        table = due.rules_here(visit.session).table
    except UnusableTable:
        table = None
    rows = []
    for one in found.terms:
        title, lang, source, of = one.rule, "en", "", "en"
        if table is not None:
            try:
                row = table.row(one.rule)
                title = titles.title_of(row, visit.language)
                lang = "en" if title == row.title else visit.language
                source = titles.source_of(row, visit.language)
                of = titles.source_lang(row, visit.language)
            except UnknownDeadline:
                pass
        ended = one.met + one.late + one.missed
        share = round(100 * one.met / ended) if ended else None
        rows.append({
            "term": one, "title": title, "lang": lang, "source": source, "source_lang": of,
            "share": share,
        })  # fmt: skip
    return rows


def line(counts: list[int]) -> str:
    """The points of a line through them, from 0 at the bottom to the largest."""
    counts = counts if len(counts) > 1 else counts * 2
    most = max(counts, default=0) or 1
    step = WIDTH / max(1, len(counts) - 1)
    return " ".join(
        f"{at * step:.1f},{HEIGHT - 1 - (HEIGHT - 2) * one / most:.1f}"
        for at, one in enumerate(counts)
    )
