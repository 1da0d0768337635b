# SPDX-License-Identifier: EUPL-1.2
"""What a community holds: totals, by organisation, by type; of what the reader sees.

Organisations, and how many users each has, are known to every user.
"""

from typing import Any

import msgspec

from brug.intel.loading import ATTRIBUTE_COUNT
from brug.store.briefly import briefly
from brug.store.failing import TooSlow
from brug.store.session import Session


class Totals(msgspec.Struct, frozen=True):
    """What there is, and what came since the first of the month."""

    events: int
    events_month: int
    attributes: int
    attributes_month: int
    proposals: int
    users: int
    users_with_key: int
    organisations: int
    local_organisations: int
    contributors: int


def totals(session: Session) -> Totals:
    row = session.one(
        "SELECT (SELECT count(*) FROM event),"
        " (SELECT count(*) FROM event WHERE timestamp >= extract(epoch FROM this.month)),"
        " (SELECT count(*) FROM attribute WHERE NOT deleted),"
        " (SELECT count(*) FROM attribute WHERE NOT deleted"
        "  AND timestamp >= extract(epoch FROM this.month)),"
        " (SELECT count(*) FROM proposal WHERE NOT deleted),"
        " (SELECT accounts FROM count_accounts()), (SELECT with_key FROM count_accounts()),"
        " (SELECT count(*) FROM organisation), (SELECT count(*) FROM organisation WHERE local),"
        " (SELECT count(DISTINCT orgc_id) FROM event)"
        " FROM (SELECT date_trunc('month', now()) AS month) AS this"
    )
    return Totals(*(row or (0,) * 10))


# Counting what correlates reads every value once; a page of counts is not worth more time.
CORRELATING_SECONDS = 5.0
_CORRELATIONS = """
SELECT coalesce(sum(n * (n - 1) / 2), 0)::bigint FROM (
    SELECT count(DISTINCT event_id) AS n FROM (
        SELECT key1 AS key, event_id FROM attribute WHERE parts & 1 <> 0 AND NOT deleted
        UNION ALL
        SELECT key2, event_id FROM attribute
            WHERE parts & 2 <> 0 AND key2 IS NOT NULL AND NOT deleted
    ) AS held GROUP BY key HAVING count(*) > 1
) AS shared
"""


def correlations(session: Session) -> int | None:
    """Pairs of events that share a value, one for each value; None where there are too many.

    Lists and rules that keep values apart are not looked at.
    """
    try:
        with briefly(session, CORRELATING_SECONDS):
            return int(session.value(_CORRELATIONS))
    except TooSlow:
        return None


def per_organisation(session: Session) -> list[tuple[Any, ...]]:
    """(id, users, events, attributes) of each organisation, by what it created."""
    return session.all(
        "SELECT o.id, members_of(o.id), coalesce(e.events, 0), coalesce(e.attributes, 0)"
        " FROM organisation o LEFT JOIN (SELECT orgc_id, count(*) AS events,"
        "  sum(" + ATTRIBUTE_COUNT + ") AS attributes FROM event e GROUP BY orgc_id) e"
        " ON e.orgc_id = o.id"
        " ORDER BY lower(o.name)"
    )


def accounts(session: Session) -> tuple[int, int, int]:
    """(all, this month, this year) of the node's users."""
    row = session.one("SELECT accounts, month, year FROM count_accounts()")
    return (row[0], row[1], row[2]) if row else (0, 0, 0)


def growth(session: Session) -> dict[str, tuple[int, int, int]]:
    """(all, this month, this year) of organisations, `local` and `external`."""
    found = session.all(
        "SELECT CASE WHEN local THEN 'local' ELSE 'external' END, count(*),"
        " count(*) FILTER (WHERE date_created >= date_trunc('month', now())),"
        " count(*) FILTER (WHERE date_created >= date_trunc('year', now()))"
        " FROM organisation GROUP BY local"
    )
    return {row[0]: (row[1], row[2], row[3]) for row in found}


def types(session: Session) -> list[tuple[str, str, int]]:
    """(organisation, attribute type, how many), by creator of the event."""
    found = session.all(
        "SELECT o.name, a.type, count(*) FROM attribute a JOIN event e ON e.id = a.event_id"
        " JOIN organisation o ON o.id = e.orgc_id WHERE NOT a.deleted"
        " GROUP BY o.name, a.type ORDER BY o.name, a.type"
    )
    return [(row[0], row[1], row[2]) for row in found]


def sighted_events(session: Session) -> list[tuple[str, int, list[int]]]:
    """Sources of sightings, kinds of sightings, and the events that these are on."""
    return [
        (row[0], row[1], row[2])
        for row in session.all(
            "SELECT coalesce(nullif(source, ''), 'Undefined'), type,"
            " array_agg(DISTINCT event_id ORDER BY event_id) FROM sighting"
            " GROUP BY 1, 2 ORDER BY 1, 2"
        )
    ]


def sighting_sources(session: Session) -> list[tuple[str, int]]:
    """Sources of sightings and how many each has."""
    found = session.all(
        "SELECT coalesce(nullif(source, ''), 'Undefined'), count(*) FROM sighting"
        " GROUP BY 1 ORDER BY count(*) DESC, 1"
    )
    return [(row[0], row[1]) for row in found]
