# SPDX-License-Identifier: EUPL-1.2
"""The table of runs: what is due with which server, who works on it, what came of it.

Whoever takes a run holds its server for half a minute and says every few seconds that it
still works; nobody else works for that server meanwhile. A run whose worker died is taken
up again by the next one, and since each item is stored by itself and known again, it goes on
where it stood.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, LiteralString
from uuid import uuid4

import msgspec

from brug.bridges.misp.report import Failure, Loss, Report
from brug.model.errors import Conflict, NotFound
from brug.store.session import Database, Session

Kind = Literal["pull", "push", "cache"]
LEASE_SECONDS = 30
KEPT = 200  # finished runs of a server
# Minutes between attempts, doubled with each; six hours at most.
FIRST_PAUSE, LONGEST_PAUSE = 1, 360
ATTEMPTS = 12  # of what somebody published; after that the next full push carries it


class Lost(Conflict):
    """Another process works for this server by now."""

    code = "run_lost"


class Run(msgspec.Struct, frozen=True):
    """One piece of work for a server."""

    id: int
    server_id: int
    kind: str
    technique: str
    state: str
    asked: bool
    asked_by: int | None
    queued: datetime
    due: datetime
    started: datetime | None
    ended: datetime | None
    attempts: int
    counts: dict[str, int]
    failures: list[Failure]
    losses: list[Loss]
    problem: str

    @property
    def failed(self) -> int:
        """How many items could not be carried."""
        return max(len(self.failures), self.counts.get("events_failed", 0))


_COLUMNS: LiteralString = (
    "r.id, r.server_id, r.kind, r.technique, r.state, r.asked, r.asked_by, r.queued, r.due,"
    " r.started, r.ended, r.attempts, r.counts, r.failures, r.losses, r.problem"
)


def _run(row: Sequence[Any]) -> Run:
    failures = msgspec.convert(row[13], list[Failure])
    losses = msgspec.convert(row[14], list[Loss])
    return Run(*(*row[:13], failures, losses, row[15]))


def queue(
    session: Session, server_id: int, kind: Kind, technique: str, *, asked: bool = True
) -> int:
    """The number of the run that will do it: one that waits already, or a new one."""
    waiting = session.value(
        "UPDATE server_run SET due = least(due, now()), asked = asked OR %s"
        " WHERE id = (SELECT id FROM server_run WHERE server_id = %s AND kind = %s"
        " AND technique = %s AND state = 'queued' ORDER BY id LIMIT 1) RETURNING id",
        (asked, server_id, kind, technique),
    )
    if waiting is not None:
        return int(waiting)
    user_id = session.principal.user_id or None
    made = session.value(
        "INSERT INTO server_run (server_id, kind, technique, asked, asked_by)"
        " VALUES (%s, %s, %s, %s, %s) RETURNING id",
        (server_id, kind, technique, asked, user_id),
    )
    return int(made)


def queue_due(session: Session) -> int:
    """Puts the pulls into the table whose time has come; how many."""
    done = session.execute(
        "INSERT INTO server_run (server_id, kind, technique)"
        " SELECT s.id, 'pull', 'full' FROM server s JOIN server_work w ON w.server_id = s.id"
        " WHERE s.pull AND s.sealed_key IS NOT NULL AND w.pull_minutes > 0"
        " AND w.not_before <= now() AND NOT EXISTS ("
        "   SELECT 1 FROM server_run r WHERE r.server_id = s.id AND r.kind = 'pull'"
        "   AND r.technique = 'full' AND (r.state IN ('queued', 'running')"
        "     OR r.ended > now() - w.pull_minutes * interval '1 minute'))"
    )
    return done.rowcount


class Taken(msgspec.Struct):
    """A run in the hands of this process."""

    run: Run
    holder: str


_HOLD = """
UPDATE server_work SET leased_until = now() + make_interval(secs => %(seconds)s),
    holder = %(holder)s
WHERE server_id = (
    SELECT w.server_id FROM server_work w
    WHERE w.leased_until < now() AND EXISTS (
        SELECT 1 FROM server_run r WHERE r.server_id = w.server_id
        AND (%(wanted)s::bigint IS NULL OR r.id = %(wanted)s)
        AND (r.state = 'running' OR r.state = 'queued' AND r.due <= now()
             AND (r.asked OR w.not_before <= now())))
    ORDER BY w.server_id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING server_id
"""
_TAKE: LiteralString = (
    "UPDATE server_run r SET state = 'running', started = coalesce(started, now()),"
    " attempts = attempts + 1, problem = '' WHERE r.id = ("
    "   SELECT id FROM server_run o WHERE o.server_id = %(server)s"
    "   AND (%(wanted)s::bigint IS NULL OR o.id = %(wanted)s)"
    "   AND (o.state = 'running' OR o.state = 'queued' AND o.due <= now())"
    "   ORDER BY o.state = 'running' DESC, o.asked DESC, o.id LIMIT 1)"
    " RETURNING " + _COLUMNS
)


def take(session: Session, wanted: int | None = None) -> Taken | None:
    """The next run, with its server held for this process; None where nothing is due.

    `wanted`: that run and no other, if nobody works for its server.
    """
    holder = str(uuid4())
    given = {"seconds": LEASE_SECONDS, "holder": holder, "wanted": wanted}
    server_id = session.value(_HOLD, given)
    if server_id is None:
        return None
    row = session.one(_TAKE, {"server": server_id, "wanted": wanted})
    if row is None:
        _let_go(session, int(server_id), holder)
        return None
    return Taken(_run(row), holder)


def _let_go(session: Session, server_id: int, holder: str) -> None:
    session.execute(
        "UPDATE server_work SET leased_until = '-infinity', holder = NULL"
        " WHERE server_id = %s AND holder = %s",
        (server_id, holder),
    )


def keep(database: Database, taken: Taken, report: Report) -> None:
    """Says that this process still works on it, and what it has done. Raises Lost."""
    counts = msgspec.json.encode(report.counts).decode()
    with database.system() as session:
        held = session.value(
            "UPDATE server_work SET leased_until = now() + make_interval(secs => %s)"
            " WHERE server_id = %s AND holder = %s RETURNING true",
            (LEASE_SECONDS, taken.run.server_id, taken.holder),
        )
        if held is None:
            raise Lost(f"run {taken.run.id} is another's")
        session.execute(
            "UPDATE server_run SET counts = %s::jsonb WHERE id = %s", (counts, taken.run.id)
        )


def finish(session: Session, taken: Taken, report: Report, problem: str, *, away: bool) -> str:
    """Writes down what came of a run, and lets its server go; the state that it is in now.

    `away`: it failed as a whole and may do better later. What nobody asked for, and what
    somebody published, then waits longer and longer and is tried again.
    """
    run = taken.run
    _count_failures(session, run, away=away)
    again = away and not run.asked and run.attempts < ATTEMPTS
    state = "queued" if again else "failed" if problem else "done"
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(run.attempts - 1, 10))
    session.execute(
        "UPDATE server_run SET state = %s, ended = now(), counts = %s::jsonb,"
        " failures = %s::jsonb, losses = %s::jsonb, problem = %s,"
        " due = CASE WHEN %s THEN now() + make_interval(mins => %s) ELSE due END WHERE id = %s",
        (
            state,
            msgspec.json.encode(report.counts).decode(),
            msgspec.json.encode(report.failures).decode(),
            msgspec.json.encode(report.losses).decode(),
            problem[:1000].replace("\0", ""),
            again,
            pause,
            run.id,
        ),
    )
    _prune(session, run.server_id)
    _let_go(session, run.server_id, taken.holder)
    return state


def _count_failures(session: Session, run: Run, *, away: bool) -> None:
    if not away:
        session.execute(
            "UPDATE server_work SET failures = 0, not_before = '-infinity' WHERE server_id = %s",
            (run.server_id,),
        )
        return
    session.execute(
        "UPDATE server_work SET failures = failures + 1, not_before = now()"
        " + make_interval(mins => least(%s, %s * 2 ^ least(failures, 10))::int)"
        " WHERE server_id = %s",
        (LONGEST_PAUSE, FIRST_PAUSE, run.server_id),
    )


def _prune(session: Session, server_id: int) -> None:
    session.execute(
        "DELETE FROM server_run WHERE server_id = %(server)s AND state IN ('done', 'failed')"
        " AND id <= (SELECT id FROM server_run WHERE server_id = %(server)s"
        "   AND state IN ('done', 'failed') ORDER BY id DESC OFFSET %(kept)s LIMIT 1)",
        {"server": server_id, "kept": KEPT},
    )


def listed(session: Session, server_id: int, limit: int = 20) -> list[Run]:
    """The runs of a server, the newest first."""
    return [
        _run(row)
        for row in session.all(
            "SELECT " + _COLUMNS + " FROM server_run r WHERE r.server_id = %s"
            " ORDER BY r.id DESC LIMIT %s",
            (server_id, limit),
        )
    ]


def view(session: Session, run_id: int) -> Run:
    """Raises NotFound."""
    row = session.one("SELECT " + _COLUMNS + " FROM server_run r WHERE r.id = %s", (run_id,))
    if row is None:
        raise NotFound(f"no run {run_id}")
    return _run(row)


def clear(session: Session) -> int:
    """Forgets what waits and nobody has begun; how many."""
    return session.execute("DELETE FROM server_run WHERE state = 'queued'").rowcount
