# SPDX-License-Identifier: EUPL-1.2
"""When a feed is fetched and cached next, who does it now, and what became of the last time.

A job is a row: leased by one worker at a time, put off after a failure, due again after a
success as often as the feed says. A worker that dies leaves a lease that runs out, and what
it did stands or does not: each part is a transaction that does no harm twice.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, LiteralString

import msgspec
from psycopg.types.json import Jsonb

from brug.store.session import Session

Action = Literal["fetch", "cache"]
ACTIONS: tuple[Action, ...] = ("fetch", "cache")
LEASE_SECONDS = 900
FIRST_PAUSE, LONGEST_PAUSE = 60, 6 * 3600


class Job(msgspec.Struct, frozen=True):
    """How it stands with one feed's fetching or caching."""

    feed_id: int
    action: str
    due: datetime | None
    leased_until: datetime | None
    failures: int
    started: datetime | None
    succeeded: datetime | None
    failed: datetime | None
    reason: str
    outcome: dict[str, Any]
    now: datetime

    @property
    def is_failing(self) -> bool:
        return self.failures > 0

    @property
    def is_running(self) -> bool:
        return self.leased_until is not None and self.leased_until > self.now

    @property
    def late_seconds(self) -> int:
        """How far it is behind its schedule."""
        if self.due is None or self.due >= self.now:
            return 0
        return int((self.now - self.due).total_seconds())


_SELECT: LiteralString = (
    "SELECT feed_id, action, due, leased_until, failures, started, succeeded, failed, reason,"
    " outcome, now() FROM feed_job "
)


def listed(session: Session) -> dict[tuple[int, str], Job]:
    """All that the session sees, by feed and action."""
    return {(row[0], row[1]): Job(*row) for row in session.all(_SELECT)}


def of_feed(session: Session, feed_id: int) -> dict[str, Job]:
    return {row[1]: Job(*row) for row in session.all(_SELECT + "WHERE feed_id = %s", (feed_id,))}


def reschedule(session: Session, feed_id: int) -> None:
    """Makes the jobs of a feed follow what it says now; one that is due sooner stays so."""
    session.execute(
        "INSERT INTO feed_job (feed_id, action, due)"
        " SELECT f.id, a.action, CASE WHEN a.wanted AND f.every_minutes > 0 THEN now() END"
        " FROM feed f CROSS JOIN LATERAL (VALUES ('fetch', f.enabled), ('cache',"
        " f.caching_enabled)) AS a (action, wanted) WHERE f.id = %(feed)s"
        " ON CONFLICT (feed_id, action) DO UPDATE SET due = CASE WHEN excluded.due IS NULL"
        " THEN NULL ELSE least(feed_job.due, greatest(excluded.due, feed_job.succeeded"
        " + (SELECT every_minutes FROM feed WHERE id = %(feed)s) * interval '1 minute')) END",
        {"feed": feed_id},
    )


def ask(session: Session, feed_id: int, action: Action) -> None:
    """Makes it due now, whatever its schedule and failures say."""
    session.execute(
        "INSERT INTO feed_job (feed_id, action, due) VALUES (%s, %s, now())"
        " ON CONFLICT (feed_id, action) DO UPDATE SET due = now()",
        (feed_id, action),
    )


def forget_copies(session: Session, feed_id: int) -> None:
    """The next time it is asked for whole."""
    session.execute("DELETE FROM feed_copy WHERE feed_id = %s", (feed_id,))


def lease_one(session: Session) -> tuple[int, Action] | None:
    """A job that is due, for this worker alone until the lease ends."""
    row = session.one(
        "WITH next AS (SELECT feed_id, action FROM feed_job WHERE due <= now()"
        " AND coalesce(leased_until < now(), true) ORDER BY due LIMIT 1 FOR UPDATE SKIP LOCKED)"
        " UPDATE feed_job j SET leased_until = now() + make_interval(secs => %s),"
        " started = now() FROM next n"
        " WHERE j.feed_id = n.feed_id AND j.action = n.action RETURNING j.feed_id, j.action",
        (LEASE_SECONDS,),
    )
    return None if row is None else (int(row[0]), row[1])


def lease(session: Session, feed_id: int, action: Action) -> bool:
    """Takes a job that somebody asks for by name; False where another has it."""
    row = session.one(
        "INSERT INTO feed_job (feed_id, action, started, leased_until)"
        " VALUES (%(feed)s, %(action)s, now(), now() + make_interval(secs => %(secs)s))"
        " ON CONFLICT (feed_id, action) DO UPDATE SET started = now(),"
        " leased_until = excluded.leased_until"
        " WHERE coalesce(feed_job.leased_until < now(), true) RETURNING 1",
        {"feed": feed_id, "action": action, "secs": LEASE_SECONDS},
    )
    return row is not None


def renew(session: Session, feed_id: int, action: Action) -> None:
    """A long one is still under way."""
    session.execute(
        "UPDATE feed_job SET leased_until = now() + make_interval(secs => %s)"
        " WHERE feed_id = %s AND action = %s",
        (LEASE_SECONDS, feed_id, action),
    )


def succeed(session: Session, feed_id: int, action: Action, outcome: Mapping[str, Any]) -> None:
    """Notes what a run did, and when the next is due."""
    session.execute(
        "UPDATE feed_job j SET leased_until = NULL, failures = 0, reason = '', succeeded = now(),"
        " outcome = %s, run_event_id = 0, run_digest = NULL, due = CASE WHEN f.every_minutes > 0"
        " AND CASE j.action WHEN 'fetch' THEN f.enabled ELSE f.caching_enabled END"
        " THEN now() + f.every_minutes * interval '1 minute' END"
        " FROM feed f WHERE f.id = j.feed_id AND j.feed_id = %s AND j.action = %s",
        (Jsonb(dict(outcome)), feed_id, action),
    )


def fail(
    session: Session, feed_id: int, action: Action, reason: str, *, in_part: bool = False
) -> None:
    """Notes why, and puts the next time off, longer each time; what nobody scheduled waits.

    One that failed `in_part` alone waits no longer than its schedule says: what is new is there.
    """
    session.execute(
        "UPDATE feed_job j SET leased_until = NULL, failures = j.failures + 1, failed = now(),"
        " reason = %(reason)s, due = CASE WHEN j.due IS NULL THEN NULL ELSE now()"
        " + make_interval(secs => least(%(longest)s, %(first)s * 2 ^ least(j.failures, 16),"
        "   CASE WHEN %(in_part)s AND f.every_minutes > 0 THEN f.every_minutes * 60 END)) END"
        " FROM feed f WHERE f.id = j.feed_id AND j.feed_id = %(feed)s AND j.action = %(action)s",
        {
            "reason": reason[:1000], "feed": feed_id, "action": action, "in_part": in_part,
            "first": FIRST_PAUSE, "longest": LONGEST_PAUSE,
        },
    )  # fmt: skip


def leave(session: Session, feed_id: int, action: Action) -> None:
    """A run that had no more time: whoever comes next goes on at once."""
    session.execute(
        "UPDATE feed_job SET leased_until = NULL, due = now() WHERE feed_id = %s AND action = %s",
        (feed_id, action),
    )
