# SPDX-License-Identifier: EUPL-1.2
"""Event reports: texts in Markdown with a level of their own within the event's."""

import time
from collections.abc import Sequence
from typing import LiteralString
from uuid import uuid4

from brug.intel.finding import Claim
from brug.intel.levels import Narrowing
from brug.model.event import EventReport, NewReport
from brug.store.session import Session

COLUMNS: LiteralString = (
    "r.id, r.uuid::text, r.event_id, r.name, r.content, r.distribution, r.sharing_group_id,"
    " r.timestamp, r.deleted"
)


def insert(
    session: Session, claim: Claim, new: Sequence[NewReport], narrowing: Narrowing
) -> list[int]:
    """Stores reports of the claimed event; their ids, in order."""
    now = int(time.time())
    ids = []
    for report in new:
        level, group = narrowing.level(report.distribution, report.group)
        ids.append(
            int(
                session.value(
                    "INSERT INTO event_report (uuid, event_id, org_id, name, content, distribution,"
                    " sharing_group_id, timestamp, deleted, audience)"
                    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
                    (
                        report.uuid or str(uuid4()),
                        claim.event_id,
                        claim.org_id,
                        report.name,
                        report.content,
                        level,
                        group,
                        report.timestamp or now,
                        report.deleted,
                        narrowing.audience(claim.audience, level, group),
                    ),
                )
            )
        )
    return ids


def of_events(
    session: Session, event_ids: Sequence[int], *, deleted: bool = False
) -> dict[int, list[EventReport]]:
    """The reports that the session sees, by event."""
    found: dict[int, list[EventReport]] = {}
    for row in session.all(
        "SELECT " + COLUMNS + " FROM event_report r"
        " WHERE r.event_id = ANY (%s) AND (%s OR NOT r.deleted) ORDER BY r.id",
        (list(event_ids), deleted),
    ):
        report = EventReport(*row)
        found.setdefault(report.event_id, []).append(report)
    return found
