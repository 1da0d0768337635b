# SPDX-License-Identifier: EUPL-1.2
"""The summary of a quarter from what the principal's organisation received, on paper and as files.

Over that and nothing else: a case in which it takes part for another reason does not count.
"""

from datetime import UTC, datetime

import msgspec

from brug.cases import severity
from brug.cases.authority import received, summary
from brug.cases.authority.received import Received
from brug.cases.authority.summary import Notified, Quarter, Summary
from brug.cases.kinds.incident_fields import CLASSES, NOTIFIED_AS, SECTORS, rsit
from brug.cases.reports import telling
from brug.cases.reports.printing import FORM, lines, plain, typeset
from brug.cases.reports.telling import Say
from brug.cases.severity import Scheme
from brug.formats.csv import quoted
from brug.model.errors import Conflict
from brug.model.words import N_
from brug.store import settings
from brug.store.session import Session

MOST = 20_000
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


class TooMany(Conflict):
    """More than one look can count."""

    code = "too_many_notifications"
    public = f"There are more than {MOST} notifications since the quarter began."


def of_quarter(session: Session, period: Quarter, now: datetime | None = None) -> Summary:
    """Raises TooLarge, and what reading the node's tables does."""
    at = now or datetime.now(UTC)
    several = received.listed(session, over=None, most=MOST + 1, now=at, since=period.start)
    if len(several) > MOST:
        raise TooMany(f"more than {MOST} notifications since {period.start}")
    scheme = severity.scheme_here(session)
    return summary.summed(
        period,
        [_notified(one, scheme, at) for one in several if period.start <= one.since < period.end],
        int(settings.get(session, summary.SETTING)),
        at,
    )


def _notified(one: Received, scheme: Scheme, at: datetime) -> Notified:
    said = one.case.fields
    return Notified(
        notified_as=str(said.get("notified_as") or ""),
        sector=str(said.get("sector") or ""),
        entity_class=str(said.get("entity_class") or ""),
        class_=_class(str(said.get("classification") or "")),
        severity=severity.level_of(one.case, scheme, at.date())[0],
        cause=str(said.get("suspected_malicious") or ""),
        cross_border=str(said.get("cross_border") or ""),
    )


def _class(tag: str) -> str:
    """The class of a tag of the taxonomy, without its type."""
    return tag.removeprefix("rsit:").partition("=")[0]


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
