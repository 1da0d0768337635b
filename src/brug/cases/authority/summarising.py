# SPDX-License-Identifier: EUPL-1.2
"""The summary of a quarter from what the principal's organisation received, on paper and as files.

Over that and nothing else: a case in which it takes part for another reason does not count. Values
are kept counted with each case (`brug.cases.views`), so none is opened.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import msgspec

from brug.cases import due, severity
from brug.cases.authority import notices, received, summary
from brug.cases.authority.summary import Notified, Quarter, Summary
from brug.cases.kinds.incident_fields import CLASSES, NOTIFIED_AS, SECTORS, rsit
from brug.cases.reports import telling
from brug.cases.reports.printing import FORM, lines, plain, typeset
from brug.cases.reports.telling import Say
from brug.cases.severity import Scheme
from brug.cases.views import reading, storing
from brug.formats.csv import quoted
from brug.model.words import N_
from brug.store import settings
from brug.store.session import Session

TITLE = N_("Summary of notifications (NIS2 art. 23(9))")
FEW = N_("fewer than %(num)s, or hidden beside such")
NOT_KNOWN = N_("Not known")
TOTAL = N_("All notifications")
HOW = N_(
    "Counts below %(num)s are not shown, nor the next smaller count where one hidden alone could"
    " be told from the total."
)
TITLES = {
    "notified_as": N_("What was notified"),
    "sector": N_("Sector"),
    "entity_class": N_("Essential or important"),
    "class": N_("Class (RSIT)"),
    "severity": N_("Severity"),
    "cause": N_("Unlawful or malicious"),
    "cross_border": N_("Impact across borders"),
}
_ANSWERS = {"yes": N_("Yes"), "no": N_("No"), "unknown": N_("Not known yet")}
_NAMES: dict[str, dict[str, str]] = {
    "notified_as": NOTIFIED_AS, "sector": SECTORS, "entity_class": CLASSES, "cause": _ANSWERS,
    "cross_border": _ANSWERS,
}  # fmt: skip


def of_quarter(session: Session, period: Quarter, now: datetime | None = None) -> Summary:
    """Raises what reading the node's tables does."""
    at = now or datetime.now(UTC)
    smallest = int(settings.get(session, summary.SETTING))
    folded = reading.to_fold(session)
    counts = summary.counts_of(_folded(session, period, folded, at))
    for dimension, value, several in _kept(session, period, folded):
        counts[dimension][value] += several
    return summary.summed(period, {of: +found for of, found in counts.items()}, smallest, at)


def _kept(
    session: Session, period: Quarter, without: Sequence[int]
) -> Iterator[tuple[str, str, int]]:
    """Dimension, value, how often: of all that is counted, less what is folded."""
    rows = session.all(
        "SELECT dimension, (array_agg(said))[1], sum(cases) FROM ("
        " SELECT dimension, mark, said, cases FROM case_notified_tally"
        "   WHERE reader IN (%(of)s, %(self)s) AND quarter = %(quarter)s UNION ALL"
        " SELECT d, m, s, -1 FROM case_notified n,"
        "   unnest(n.marks, n.said) WITH ORDINALITY AS v (m, s, d)"
        "   WHERE n.case_id = ANY (%(without)s) AND n.reader IN (%(of)s, %(self)s)"
        "     AND n.since >= %(start)s AND n.since < %(end)s) AS every"
        " GROUP BY dimension, mark HAVING sum(cases) <> 0",
        reading.readers(session) | {
            "quarter": period.start.date(), "start": period.start, "end": period.end,
            "without": list(without),
        },
    )  # fmt: skip
    for number, sealed, several in rows:
        of = summary.DIMENSIONS[number - 1]
        yield of, session.seal.open(sealed, storing.COUNTED + of), int(several)


def _folded(
    session: Session, period: Quarter, several: Sequence[int], at: datetime
) -> Iterator[Notified]:
    if not several:
        return
    rules, scheme = due.rules_here(session), severity.scheme_here(session)
    for file in received.incidents(session, several):
        for one in received.of_file(session, file, rules, at):
            if period.start <= one.since < period.end:
                yield notices.notified_of(one.case, scheme, at.date())


# -- for people ---------------------------------------------------------------------------


def name_of(dimension: str, value: str, scheme: Scheme, say: Say) -> str:
    if not value:
        return say(NOT_KNOWN)
    if dimension == "class":
        return str(rsit().get(value, {}).get("name", value))
    if dimension == "severity":
        level = next((one for one in scheme.levels if one.id == value), None)
        return say(level.title) if level else value
    titles = _NAMES[dimension]
    return say(titles[value]) if value in titles else value


def count_of(count: int | None, told: Summary, say: Say) -> str:
    return str(count) if count is not None else say(FEW) % {"num": told.smallest}


def as_json(told: Summary) -> bytes:
    return telling.as_json(summary.document(told))


def as_csv(told: Summary) -> bytes:
    return "".join(",".join(map(quoted, row)) + "\r\n" for row in summary.lines(told)).encode()


def as_pdf(
    told: Summary, author: str, scheme: Scheme, at: datetime, say: Say = str, language: str = "en"
) -> bytes:
    """Raises NotPrinted."""
    how = say(HOW) % {"num": told.smallest}
    parts = [(say(TOTAL), [(str(told.period), [count_of(told.total, told, say), how])])]
    for one in told.tables:
        rows = [
            (name_of(one.dimension, count.value, scheme, say), [count_of(count.count, told, say)])
            for count in one.counts
        ]
        if rows:
            parts.append((say(TITLES[one.dimension]), rows))
    data = {
        "title": say(TITLE), "author": plain(author), "number": str(told.period), "marking": "",
        "lang": language, "foot": plain(f"{author} · {told.period}"),
        "parts": [
            {"title": title, "rows": [[plain(name), lines(said)] for name, said in rows]}
            for title, rows in parts
        ],
    }  # fmt: skip
    return typeset(msgspec.json.encode(data), at, FORM)
