# SPDX-License-Identifier: EUPL-1.2
"""What a community holds: totals, by organisation, by type; of what the reader sees.

Organisations, and how many users each has, are known to every user.
"""

from typing import Any

import msgspec

from brug.intel.loading import ATTRIBUTE_COUNT
from brug.store.session import Session


class Totals(msgspec.Struct, frozen=True):
    """What there is, and what came since the first of the month."""

    events: int
    events_month: int
    attributes: int
    attributes_month: int
    users: int
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
        " (SELECT coalesce(sum(members_of(id)), 0)::int FROM organisation),"
        " (SELECT count(*) FROM organisation), (SELECT count(*) FROM organisation WHERE local),"
        " (SELECT count(DISTINCT orgc_id) FROM event)"
        " FROM (SELECT date_trunc('month', now()) AS month) AS this"
    )
    return Totals(*(row or (0,) * 8))


def per_organisation(session: Session) -> list[tuple[Any, ...]]:
    """(id, users, events, attributes) of each organisation, by what it created."""
    return session.all(
        "SELECT o.id, members_of(o.id), coalesce(e.events, 0), coalesce(e.attributes, 0)"
        " FROM organisation o LEFT JOIN (SELECT orgc_id, count(*) AS events,"
        "  sum(" + ATTRIBUTE_COUNT + ") AS attributes FROM event e GROUP BY orgc_id) e"
        " ON e.orgc_id = o.id"
        " ORDER BY lower(o.name)"
    )


def growth(session: Session) -> dict[str, tuple[int, int, int]]:
    """(all, this month, this year) of organisations, `local` and `external`."""
    found = session.all(
        "SELECT CASE WHEN local THEN 'local' ELSE 'external' END, count(*),"
        " count(*) FILTER (WHERE date_created >= date_trunc('month', now())),"
        " count(*) FILTER (WHERE date_created >= date_trunc('year', now()))"
        " FROM organisation GROUP BY local"
    )
    return {row[0]: (row[1], row[2], row[3]) for row in found}


def tags(session: Session) -> list[tuple[str, int]]:
    """Tags of events and how many events carry each, the most used first."""
    found = session.all(
        "SELECT t.name, count(*) FROM event_tag e JOIN tag t ON t.id = e.tag_id"
        " GROUP BY t.name ORDER BY count(*) DESC, t.name"
    )
    return [(row[0], row[1]) for row in found]


def types(session: Session) -> list[tuple[str, str, int]]:
    """(organisation, attribute type, how many), by creator of the event."""
    found = session.all(
        "SELECT o.name, a.type, count(*) FROM attribute a JOIN event e ON e.id = a.event_id"
        " JOIN organisation o ON o.id = e.orgc_id WHERE NOT a.deleted"
        " GROUP BY o.name, a.type ORDER BY o.name, a.type"
    )
    return [(row[0], row[1], row[2]) for row in found]


def sighting_sources(session: Session) -> list[tuple[str, int]]:
    """Sources of sightings and how many each has."""
    found = session.all(
        "SELECT coalesce(nullif(source, ''), 'Undefined'), count(*) FROM sighting"
        " GROUP BY 1 ORDER BY count(*) DESC, 1"
    )
    return [(row[0], row[1]) for row in found]
