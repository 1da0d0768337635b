# SPDX-License-Identifier: EUPL-1.2
"""The summary of a quarter for ENISA: on a page, and as the files that leave the node."""

from datetime import UTC, datetime
from typing import Any

from brug.cases import severity
from brug.cases.authority import summarising, summary
from brug.cases.authority.summary import Quarter, Summary
from brug.formats.disposition import attachment
from brug.web.cases import room
from brug.web.cases.received import PLACE
from brug.web.cases.room import require_reader
from brug.web.page import page
from brug.web.visit import Reply, Visit

_QUARTERS = 8
_KEPT = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@page(PLACE + "/summary", shows=("own",), probe=PLACE + "/summary")
def show(visit: Visit) -> Reply:
    told, now = _told(visit)
    scheme = severity.scheme_here(visit.session)
    say = visit.gettext
    tables: list[tuple[str, list[tuple[str, str]]]] = [
        (
            say(summarising.TITLES[table.dimension]),
            [
                (
                    summarising.name_of(table.dimension, one.value, scheme, say),
                    summarising.count_of(one.count, told, say),
                )
                for one in table.counts
            ],
        )
        for table in told.tables
        if table.counts
    ]
    return visit.show(
        "cases/summary.html",
        tabs=room.tabs_of(visit),
        told=told,
        total=summarising.count_of(told.total, told, say),
        tables=tables,
        quarters=_last(summary.quarter_of(now)),
        how=say(summarising.HOW) % {"num": told.smallest},
    )


@page(PLACE + "/summary/json")
def as_json(visit: Visit) -> Reply:
    told, _ = _told(visit)
    return _file(summarising.as_json(told), told, "json", "application/json")


@page(PLACE + "/summary/csv")
def as_csv(visit: Visit) -> Reply:
    told, _ = _told(visit)
    return _file(summarising.as_csv(told), told, "csv", "text/csv")


@page(PLACE + "/summary/pdf")
def as_pdf(visit: Visit) -> Reply:
    told, now = _told(visit)
    scheme, author = severity.scheme_here(visit.session), visit.principal.org_name
    data = summarising.as_pdf(told, author, scheme, now, visit.gettext, visit.language)
    return _file(data, told, "pdf", "application/pdf")


def _told(visit: Visit) -> tuple[Summary, datetime]:
    """Of the quarter that was asked for, or the last that ended. Raises Invalid."""
    require_reader(visit)
    now, said = datetime.now(UTC), visit.query.text("period")
    quarter = summary.read_quarter(said) if said else summary.quarter_of(now).before
    return summarising.of_quarter(visit.session, quarter, now), now


def _last(quarter: Quarter) -> list[str]:
    found = [quarter]
    while len(found) < _QUARTERS:
        found.append(found[-1].before)
    return [str(one) for one in found]


def _file(data: bytes, told: Summary, ending: str, media_type: str) -> Reply:
    headers: dict[str, Any] = _KEPT | {
        "Content-Disposition": attachment(f"nis2-summary-{told.period}.{ending}")
    }
    return Reply(data, 200, headers, media_type=media_type)
