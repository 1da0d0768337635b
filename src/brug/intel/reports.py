# SPDX-License-Identifier: EUPL-1.2
"""Event reports: texts in Markdown with a level of their own within the event's."""

import time
from collections.abc import Sequence
from typing import LiteralString
from uuid import uuid4

from brug.intel.finding import Claim
from brug.intel.levels import Narrowing
from brug.model.event import OWN_ORGANISATION, EventReport
from brug.model.new_event import NewReport
from brug.store.rows import among
from brug.store.session import Session

COLUMNS: LiteralString = (
    "r.id, r.uuid::text, r.event_id, r.name, r.content, r.distribution, r.sharing_group_id,"
    " r.timestamp, r.deleted"
)


def insert(
    session: Session, claim: Claim, new: Sequence[NewReport], narrowing: Narrowing
) -> list[tuple[NewReport, int | None]]:
    """Stores reports of the claimed event, each with its id; None where its UUID is taken.

    One that names no level is for the holder's organisation alone, as in MISP.
    """
    now = int(time.time())
    stored: list[tuple[NewReport, int | None]] = []
    for report in new:
        named = OWN_ORGANISATION if report.distribution is None else report.distribution
        level, group = narrowing.level(named, report.group)
        found = session.value(
            "INSERT INTO event_report (uuid, event_id, org_id, name, content, distribution,"
            " sharing_group_id, timestamp, deleted, audience)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (uuid, org_id) DO NOTHING RETURNING id",
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
        stored.append((report, None if found is None else int(found)))
    return stored


def update(
    session: Session,
    claim: Claim,
    report_id: int,
    new: NewReport,
    level: tuple[int, int | None],
) -> None:
    """Stores a changed report; its audience follows with `reaudience_event`."""
    session.execute(
        "UPDATE event_report SET name = %s, content = %s, distribution = %s,"
        " sharing_group_id = %s, timestamp = %s, deleted = %s WHERE id = %s AND event_id = %s",
        (
            new.name,
            new.content,
            *level,
            new.timestamp or int(time.time()),
            new.deleted,
            report_id,
            claim.event_id,
        ),
    )


def by_ids(session: Session, ids: Sequence[int]) -> dict[int, EventReport]:
    """Reports that the session sees, deleted ones too, by id."""
    rows = session.all(
        "SELECT " + COLUMNS + " FROM event_report r WHERE r.id = ANY (%s) ORDER BY r.id",
        (list(ids),),
    )
    return {row[0]: EventReport(*row) for row in rows}


def every(
    session: Session, *, event_id: int | None = None, context: str = "default"
) -> list[EventReport]:
    """The reports that the session sees; of an event; `context` default, deleted or all."""
    return [
        EventReport(*row)
        for row in session.all(
            "SELECT " + COLUMNS + " FROM event_report r"
            " WHERE (%(event)s::bigint IS NULL OR r.event_id = %(event)s)"
            " AND (%(context)s = 'all' OR r.deleted = (%(context)s = 'deleted')) ORDER BY r.id",
            {"event": event_id, "context": context},
        )
    ]


def by_uuids(session: Session, event_id: int, uuids: Sequence[str]) -> dict[str, EventReport]:
    """The reports of an event that have these UUIDs."""
    rows = session.all(
        "SELECT " + COLUMNS + " FROM event_report r"
        " WHERE r.event_id = %s AND r.uuid = ANY (%s::uuid[])",
        (event_id, list(uuids)),
    )
    return {row[1]: EventReport(*row) for row in rows}


def of_events(
    session: Session, event_ids: Sequence[int], *, deleted: bool = False
) -> dict[int, list[EventReport]]:
    """The reports that the session sees, by event."""
    found: dict[int, list[EventReport]] = {}
    which, ids = among("r.event_id", event_ids)
    for row in session.all(
        "SELECT " + COLUMNS + " FROM event_report r"
        " WHERE " + which + " AND (%s OR NOT r.deleted) ORDER BY r.id",
        (ids, deleted),
    ):
        report = EventReport(*row)
        found.setdefault(report.event_id, []).append(report)
    return found
