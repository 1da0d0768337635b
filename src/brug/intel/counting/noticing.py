# SPDX-License-Identifier: EUPL-1.2
"""What concerns a reader: sightings of values, and events of others that share values.

Sightings are those that the node's policy shows; reporters are named as it allows.
"""

from typing import Any, LiteralString

import msgspec

from brug.store import settings
from brug.store.session import Session


class SeenValue(msgspec.Struct, frozen=True):
    """A sighting with the value that was seen."""

    attribute_id: int
    attribute_type: str
    value1: str
    value2: str
    organisation: str
    date_sighting: int
    source: str
    type: int


def sighting_counts(session: Session, attribute_ids: list[int]) -> dict[int, tuple[int, int, int]]:
    """Sightings, false positives and expiries of attributes, as far as the policy shows."""
    rows = session.all(
        "SELECT attribute_id, count(*) FILTER (WHERE type = 0), count(*) FILTER (WHERE type = 1),"
        " count(*) FILTER (WHERE type = 2) FROM sighting WHERE attribute_id = ANY (%s)"
        " GROUP BY attribute_id",
        (attribute_ids,),
    )
    return {int(row[0]): (int(row[1]), int(row[2]), int(row[3])) for row in rows}


# Reporters are named to themselves alone where the node says so (`sightings.anonymise`).
_SEEN: LiteralString = (
    "SELECT s.attribute_id, a.type, a.value1, a.value2,"
    " CASE WHEN %(anonymous)s AND s.org_id <> current_org_id() THEN '' ELSE o.name END,"
    " s.date_sighting, s.source, s.type FROM sighting s"
    " JOIN attribute a ON a.id = s.attribute_id JOIN organisation o ON o.id = s.org_id"
)


def _anonymous(session: Session) -> bool:
    return bool(settings.get(session, "sightings.anonymise")) and not (
        session.principal.is_site_admin
    )


def recent_sightings(session: Session, event_id: int, limit: int) -> list[SeenValue]:
    """The newest sightings of an event's attributes, as far as the policy shows them."""
    rows = session.all(
        _SEEN + " WHERE s.event_id = %(event)s"
        " ORDER BY s.date_sighting DESC, s.id DESC LIMIT %(limit)s",
        {"event": event_id, "limit": limit, "anonymous": _anonymous(session)},
    )
    return _once(rows)


def _once(rows: list[tuple[Any, ...]]) -> list[SeenValue]:
    """A report of a value stands on every attribute that holds it; people read it once."""
    found = {row[2:]: SeenValue(*row) for row in rows}
    return list(found.values())


def sightings_of_own(session: Session, limit: int) -> list[SeenValue]:
    """What others have seen of one's own values, as far as the policy shows it."""
    rows = session.all(
        _SEEN + " WHERE s.holder_id = %(org)s AND s.org_id <> %(org)s"
        " ORDER BY s.date_sighting DESC, s.id DESC LIMIT %(limit)s",
        {
            "org": session.principal.org_id,
            "limit": limit,
            "anonymous": _anonymous(session),
        },
    )
    return _once(rows)


class Touching(msgspec.Struct, frozen=True):
    """An event of others that holds values which one's own organisation has too."""

    id: int
    info: str
    orgc: str
    timestamp: int
    values: int


def sharing_with(session: Session, org_id: int, limit: int) -> list[Touching]:
    """Recent events of others that share values with what an organisation created.

    Looks at the newest 40 events of others and at most 200 values of each, so that its
    cost does not grow with the node.
    """
    rows = session.all(
        """
        WITH recent AS (
            SELECT e.id, e.info, e.orgc_id, e.timestamp FROM event e
            WHERE e.orgc_id <> %(org)s ORDER BY e.timestamp DESC LIMIT 40
        ), theirs AS (
            SELECT r.id, a.key1 FROM recent r CROSS JOIN LATERAL (
                SELECT key1 FROM attribute a WHERE a.event_id = r.id AND NOT a.deleted
                AND a.parts & 1 <> 0 LIMIT 200) AS a
        ), shared AS (
            SELECT t.id, count(DISTINCT t.key1) AS values FROM theirs t
            WHERE EXISTS (SELECT 1 FROM attribute m JOIN event o ON o.id = m.event_id
                WHERE m.key1 = t.key1 AND m.parts & 1 <> 0 AND NOT m.deleted
                AND o.orgc_id = %(org)s)
            GROUP BY t.id
        )
        SELECT r.id, r.info, c.name, r.timestamp, s.values FROM shared s
        JOIN recent r ON r.id = s.id JOIN organisation c ON c.id = r.orgc_id
        ORDER BY r.timestamp DESC LIMIT %(limit)s
        """,
        {"org": org_id, "limit": limit},
    )
    return [Touching(*row) for row in rows]
