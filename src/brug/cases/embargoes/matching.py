# SPDX-License-Identifier: EUPL-1.2
"""Whether the numbers of a case under embargo are named outside of it, as one organisation sees it.

Published events that are not linked to the case, whoever made them, and advisories of others in
the catalogue. What an organisation may not see is looked at for none of its people.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from brug.model import value_key
from brug.store.session import Session

MOST = 20


class Seen(msgspec.Struct, frozen=True):
    """A number, where it stands, and by whom."""

    cve: str
    where: str
    reference: str
    who: str


def seen(
    session: Session, org_id: int, cves: Sequence[str], since: datetime, linked: Sequence[str]
) -> list[Seen]:
    """The session is the system's; `linked` are the UUIDs of events of the case."""
    if not cves:
        return []
    events = session.all(
        "SELECT DISTINCT a.value1, e.uuid::text, o.name FROM attribute a"
        " JOIN event e ON e.id = a.event_id JOIN organisation o ON o.id = e.orgc_id"
        " WHERE a.key1 = ANY (%(keys)s) AND NOT a.deleted AND e.published"
        "   AND upper(a.value1) = ANY (%(cves)s) AND e.publish_timestamp >= %(since)s"
        "   AND e.uuid::text <> ALL (%(linked)s)"
        "   AND is_in_audience(a.audience, %(org)s) AND is_in_audience(e.audience, %(org)s)"
        " LIMIT %(most)s",
        {
            "keys": value_key.keys(list(cves)), "cves": list(cves), "org": org_id,
            "since": int(since.timestamp()), "linked": list(linked), "most": MOST,
        },
    )  # fmt: skip
    advisories = session.all(
        "SELECT n.cve, c.id::text, c.publisher FROM catalogue_advisory c, unnest(c.cves) AS n (cve)"
        " WHERE c.cves && %(cves)s AND n.cve = ANY (%(cves)s) AND c.came >= %(since)s"
        "   AND is_in_audience(c.audience, %(org)s) LIMIT %(most)s",
        {"cves": list(cves), "since": since, "org": org_id, "most": MOST},
    )
    return [
        *(Seen(cve.upper(), "event", uuid, who) for cve, uuid, who in events),
        *(Seen(cve, "advisory", number, who) for cve, number, who in advisories),
    ]


def published(session: Session, linked: Sequence[str]) -> list[str]:
    """Which events of a case are published."""
    rows = session.all(
        "SELECT uuid::text FROM event WHERE uuid::text = ANY (%s) AND published", (list(linked),)
    )
    return [row[0] for row in rows]
