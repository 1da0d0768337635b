# SPDX-License-Identifier: EUPL-1.2
"""What was published in a day, week or month, as far as the reader sees it."""

import time
from collections.abc import Callable, Sequence

import msgspec

from brug.intel import loading
from brug.model.errors import NotFound
from brug.model.event import Event
from brug.store.session import Session

SECONDS = {"daily": 86_400, "weekly": 7 * 86_400, "monthly": 30 * 86_400}
MOST_EVENTS = 50
MOST_TAGS = 10


class Summary(msgspec.Struct, frozen=True):
    """Counts are of everything seen; `events` are the newest, without what hangs on them."""

    period: str
    since: int
    until: int
    event_count: int
    attribute_count: int
    events: list[Event]
    tags: list[tuple[str, int]]


# Ids of those events, without what hangs on them, that are wanted.
Wants = Callable[[Session, Sequence[Event]], set[int]]


def of(
    session: Session, period: str, until: int | None = None, wants: Wants | None = None
) -> Summary:
    """Of all events, or of those that `wants` takes. Raises NotFound for an unknown period."""
    if period not in SECONDS:
        raise NotFound(f"no period {period!r}")
    until = until or int(time.time())
    since = until - SECONDS[period]
    rows = session.all(
        "SELECT e.id, " + loading.ATTRIBUTE_COUNT + " FROM event e WHERE e.published"
        " AND e.publish_timestamp > %s AND e.publish_timestamp <= %s"
        " ORDER BY e.publish_timestamp DESC, e.id DESC",
        (since, until),
    )
    if wants is not None:
        several = list(loading.heads(session, [row[0] for row in rows]).values())
        kept = wants(session, several)
        rows = [row for row in rows if row[0] in kept]
    newest = [int(row[0]) for row in rows[:MOST_EVENTS]]
    heads = loading.heads(session, newest)
    tags = session.all(
        "SELECT t.name, count(*)::int FROM event_tag l JOIN tag t ON t.id = l.tag_id"
        " WHERE l.event_id = ANY (%s) GROUP BY t.name ORDER BY count(*) DESC, t.name LIMIT %s",
        ([row[0] for row in rows], MOST_TAGS),
    )
    return Summary(
        period, since, until, len(rows), sum(int(row[1]) for row in rows),
        [heads[one] for one in newest if one in heads], [(str(n), int(c)) for n, c in tags],
    )  # fmt: skip
