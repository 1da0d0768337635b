# SPDX-License-Identifier: EUPL-1.2
"""Crossings and how far bridges are, as the database holds them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, LiteralString

import msgspec

from brug.model.errors import NotFound
from brug.store.session import Session

State = Literal[
    "waiting", "held", "refused", "sent", "received", "failed", "replaced", "recalled", "gone",
    "ended",
]  # fmt: skip
Kind = Literal[
    "event", "withdrawal", "reactions", "recall", "recall_followed", "ended", "opened", "used",
    "case", "document",
]  # fmt: skip


class Crossing(msgspec.Struct, frozen=True):
    """One version of an item on a bridge; `reasons` are the gate's, strictest first.

    `taken_back` are parts of the event that it takes back; `waiting_parts` how many are held for
    a person while others cross.
    """

    id: int
    bridge_id: int
    partner: str
    outward: bool
    kind: Kind
    event_uuid: str
    event_id: int | None
    info: str
    version: int
    digest: bytes
    agreement_version: int | None
    outcome: str
    releasable: bool
    reasons: list[dict[str, Any]]
    passed: int
    redacted: int
    dropped: int
    state: State
    decided: datetime
    sent: datetime | None
    receipt: dict[str, Any] | None
    received: datetime | None
    entry: str | None
    judged_by: int | None
    judged_because: str
    judged: datetime | None
    attempts: int
    next_attempt: datetime | None
    problem: str
    taken_back: list[dict[str, str]]
    waiting_parts: int


_CROSSING: LiteralString = (
    "SELECT c.id, c.bridge_id, p.name, c.outward, c.kind, c.event_uuid::text, c.event_id, c.info,"
    " c.version, c.digest, c.agreement_version, c.outcome, c.releasable, c.reasons, c.passed,"
    " c.redacted, c.dropped, c.state, c.decided, c.sent, c.receipt, c.received, c.entry::text,"
    " c.judged_by, c.judged_because, c.judged, c.attempts, c.next_attempt, c.problem,"
    " c.taken_back, c.waiting_parts"
    " FROM crossing c JOIN bridge b ON b.id = c.bridge_id JOIN partner p ON p.id = b.partner_id"
)
PAGE = 100


def crossing(session: Session, number: int) -> Crossing:
    """Raises NotFound."""
    return crossings(session, [number])[0]


def crossings(session: Session, numbers: Sequence[int]) -> list[Crossing]:
    """Several, in the order of their numbers as given. Raises NotFound."""
    found = session.all(_CROSSING + " WHERE c.id = ANY (%s)", (list(numbers),))
    known = {row[0]: Crossing(*row) for row in found}
    missing = [number for number in numbers if number not in known]
    if missing:
        raise NotFound(f"no crossing {missing[0]}")
    return [known[number] for number in numbers]


def listed(
    session: Session,
    *,
    bridge_id: int | None = None,
    event_uuid: str | None = None,
    states: Sequence[str] = (),
    before: int | None = None,
) -> list[Crossing]:
    """The newest first, at most PAGE; `before` is the number of the last one seen."""
    rows = session.all(
        _CROSSING + " WHERE (%(bridge)s::int IS NULL OR c.bridge_id = %(bridge)s)"
        " AND (%(event)s::uuid IS NULL OR c.event_uuid = %(event)s)"
        " AND (%(states)s::text[] = '{}' OR c.state = ANY (%(states)s))"
        " AND (%(before)s::bigint IS NULL OR c.id < %(before)s) ORDER BY c.id DESC LIMIT %(most)s",
        {
            "bridge": bridge_id, "event": event_uuid, "states": list(states), "before": before,
            "most": PAGE,
        },
    )  # fmt: skip
    return [Crossing(*row) for row in rows]


def held(session: Session, bridge_id: int | None = None) -> list[Crossing]:
    """What waits for a person, whole events and parts of others: the newest first, at most PAGE."""
    rows = session.all(
        _CROSSING + " WHERE (c.state = 'held' OR (c.waiting_parts > 0"
        "   AND c.state IN ('waiting', 'sent', 'received', 'failed')))"
        " AND (%(bridge)s::int IS NULL OR c.bridge_id = %(bridge)s)"
        " ORDER BY c.id DESC LIMIT %(most)s",
        {"bridge": bridge_id, "most": PAGE},
    )
    return [Crossing(*row) for row in rows]


def one_by_one(session: Session, bridge_id: int) -> None:
    """Until the transaction ends, nobody else decides what crosses the bridge, or recalls from it.

    Else what was being decided on while it was recalled would cross afterwards.
    """
    session.execute(
        "SELECT FROM bridge_progress WHERE bridge_id = %s FOR NO KEY UPDATE", (bridge_id,)
    )


def last(session: Session, bridge_id: int, event_uuid: str, kind: Kind) -> Crossing | None:
    """The latest outward one of an item."""
    return all_last(session, bridge_id, [(event_uuid, kind)]).get((event_uuid, kind))


def all_last(
    session: Session, bridge_id: int, items: Sequence[tuple[str, Kind]]
) -> dict[tuple[str, Kind], Crossing]:
    """The same of several items, by event and kind."""
    found = session.all(
        "SELECT l.* FROM unnest(%s::uuid[], %s::text[]) AS n (event, kind) CROSS JOIN LATERAL ("
        + _CROSSING + " WHERE c.bridge_id = %s AND c.event_uuid = n.event AND c.kind = n.kind"
        " AND c.outward ORDER BY c.id DESC LIMIT 1) AS l",
        ([event for event, _ in items], [kind for _, kind in items], bridge_id),
    )  # fmt: skip
    several = [Crossing(*row) for row in found]
    return {(one.event_uuid, one.kind): one for one in several}


def held_there(session: Session, bridge_id: int, event_uuid: str) -> Crossing | None:
    """The latest version of an event that the partner has, or may have."""
    return all_held_there(session, bridge_id, [event_uuid]).get(event_uuid)


def all_held_there(
    session: Session, bridge_id: int, event_uuids: Sequence[str]
) -> dict[str, Crossing]:
    """The same of several events, by event."""
    found = session.all(
        "SELECT l.* FROM unnest(%s::uuid[]) AS n (event) CROSS JOIN LATERAL ("
        + _CROSSING + " WHERE c.bridge_id = %s AND c.event_uuid = n.event AND c.kind = 'event'"
        " AND c.outward AND (c.state IN ('sent', 'received')"
        "   OR (c.state IN ('waiting', 'failed', 'replaced') AND c.attempts > 0))"
        " AND NOT EXISTS (SELECT 1 FROM crossing w WHERE w.bridge_id = c.bridge_id"
        "   AND w.event_uuid = c.event_uuid AND w.kind = 'withdrawal' AND w.id > c.id"
        "   AND w.state IN ('sent', 'received'))"
        " ORDER BY c.id DESC LIMIT 1) AS l",
        (list(event_uuids), bridge_id),
    )  # fmt: skip
    several = [Crossing(*row) for row in found]
    return {one.event_uuid: one for one in several}


class Progress(msgspec.Struct, frozen=True):
    """How far a bridge is: `lag` changes are still to be looked at."""

    bridge_id: int
    carried: int
    lag: int
    attempts: int
    next_attempt: datetime | None
    last_success: datetime | None
    problem: str
    held: int
    failed: int


def progress(session: Session) -> dict[int, Progress]:
    """By bridge."""
    rows = session.all(
        "SELECT g.bridge_id, g.carried, bridge_lag(g.bridge_id), g.attempts,"
        " nullif(g.next_attempt, '-infinity'), g.last_success, g.problem,"
        " (SELECT count(*) FROM crossing c WHERE c.bridge_id = g.bridge_id AND c.state = 'held'),"
        " (SELECT count(*) FROM crossing c WHERE c.bridge_id = g.bridge_id AND c.state = 'failed')"
        " + bridge_stuck(g.bridge_id) FROM bridge_progress g"
    )
    return {row[0]: Progress(*row) for row in rows}
