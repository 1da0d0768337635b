# SPDX-License-Identifier: EUPL-1.2
"""Organisations: where they are, who is new, who contributes; how what is shared grew.

Organisations are known to every user; of their events only those count that are seen.
"""

from datetime import UTC, datetime

from brug.directory import organisations as directory
from brug.intel.dashboard import options
from brug.intel.dashboard.options import Config
from brug.intel.dashboard.shown import Bars, Lines, Organisations
from brug.store.session import Session

FIELDS = ("id", "date_created", "name", "uuid", "sector", "nationality", "type")
FIRST_MONTH = "2012-10"  # MISP's charts begin here


def by_country(session: Session, config: Config) -> Bars:
    """How many organisations there are of each country that is said."""
    rows = session.all(
        "SELECT o.nationality, count(*)::int FROM organisation o WHERE o.nationality <> '' AND "
        + options.ORGANISATIONS
        + " GROUP BY o.nationality ORDER BY count(*) DESC, o.nationality LIMIT %(limit)s",
        options.organisations(config, "filter")
        | {"limit": options.limit(config, "limit", usual=options.MOST_ROWS)},
    )
    return Bars({str(name): int(count) for name, count in rows})


def newest(session: Session, config: Config) -> Organisations:
    """The organisations that came last, of this node unless `local` says otherwise."""
    span = options.span(config)
    rows = session.all(
        "SELECT o.id FROM organisation o WHERE " + options.ORGANISATIONS
        + " AND o.date_created BETWEEN to_timestamp(%(since)s) AND to_timestamp(%(until)s + 1)"
        " ORDER BY o.date_created DESC, o.id DESC LIMIT %(limit)s",
        options.organisations(config, "filter", config.get("local", True))
        | {
            "since": span.since, "until": span.until,
            "limit": options.limit(config, "limit"),
        },
    )  # fmt: skip
    ids = [int(row[0]) for row in rows]
    found = {one.id: one for one in directory.of_ids(session, ids)}
    asked = [one for one in options.texts(config, "fields") if one in FIELDS]
    return Organisations([found[one] for one in ids if one in found], asked or list(FIELDS))


def contributors(session: Session, config: Config) -> Bars:
    """Who created most of the events that the reader sees, changed in the period."""
    span = options.span(config)
    rows = session.all(
        "SELECT o.name, count(*)::int FROM event e JOIN organisation o ON o.id = e.orgc_id"
        " WHERE e.timestamp BETWEEN %(since)s AND %(until)s AND " + options.ORGANISATIONS
        + " GROUP BY o.id, o.name ORDER BY count(*) DESC, o.name LIMIT %(limit)s",
        options.organisations(config, "filter")
        | {
            "since": span.since, "until": span.until,
            "limit": options.limit(config, "limit", "threshold"),
        },
    )  # fmt: skip
    return Bars({str(name): int(count) for name, count in rows})


def events_over_time(session: Session, config: Config) -> Lines:
    """How many of the events that the reader sees were published by each month."""
    rows = session.all(
        "SELECT to_char(to_timestamp(e.publish_timestamp) AT TIME ZONE 'UTC', 'YYYY-MM'),"
        " count(*)::int FROM event e JOIN organisation o ON o.id = e.orgc_id"
        " WHERE e.publish_timestamp >= %(since)s AND e.publish_timestamp > 0 AND "
        + options.ORGANISATIONS
        + " GROUP BY 1 ORDER BY 1",
        options.organisations(config, "filter") | {"since": _start(config)},
    )
    counted = {str(month): int(count) for month, count in rows}
    return Lines(["Events"], _monthly(counted, config))


def organisations_over_time(session: Session, config: Config) -> Lines:
    """How many organisations there were by each month."""
    rows = session.all(
        "SELECT to_char(o.date_created AT TIME ZONE 'UTC', 'YYYY-MM'), count(*)::int"
        " FROM organisation o WHERE o.date_created >= to_timestamp(%(since)s) AND "
        + options.ORGANISATIONS
        + " GROUP BY 1 ORDER BY 1",
        options.organisations(config, "filter", config.get("local", True))
        | {"since": _start(config)},
    )
    counted = {str(month): int(count) for month, count in rows}
    return Lines(["Organisations"], _monthly(counted, config))


def _start(config: Config) -> int:
    return options.span({"start_date": config.get("start_date") or f"{FIRST_MONTH}-01"}).since


def _monthly(counted: dict[str, int], config: Config) -> list[tuple[str, list[int]]]:
    """Every month from the first that counts until now; summed up unless told otherwise."""
    cumulative = options.flag(config, "cumulative", usual=True)
    now = datetime.now(UTC)
    month, last = min(counted, default=f"{now:%Y-%m}"), f"{now:%Y-%m}"
    points, total = [], 0
    while month <= last:
        count = counted.get(month, 0)
        total = total + count if cumulative else count
        points.append((f"{month}-01", [total]))
        year, number = int(month[:4]), int(month[5:])
        month = f"{year + number // 12:04}-{number % 12 + 1:02}"
    return points
