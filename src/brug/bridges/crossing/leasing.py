# SPDX-License-Identifier: EUPL-1.2
"""Who works on a bridge, and how far that came: one process at a time, by a lease that ends.

Whoever was killed is followed by another when the lease ends. A partner that is away is waited
for, ever longer, up to an hour; an event that could not be looked at comes again by itself.
"""

from collections.abc import Callable, Sequence

import structlog

from brug.bridges.crossing.outward import Change
from brug.edge.border import unforeseen
from brug.model.errors import BrugError
from brug.store.session import Database, Session

log = structlog.get_logger("brug.bridges.leasing")


def lease(session: Session, bridge_id: int, seconds: int) -> bool:
    """Whether this process works on the bridge now, for so long unless it says more."""
    leased = session.execute(
        "UPDATE bridge_progress SET leased_until = now() + interval '1 second' * %s"
        " WHERE bridge_id = %s AND leased_until <= now()",
        (seconds, bridge_id),
    )
    return bool(leased.rowcount)


def worked_off(database: Database, bridge_id: int, work: Callable[[], None]) -> bool:
    """A round of whoever has the lease, which ends with it; whether the round went well.

    Whatever went wrong, the bridge is tried again soon: a lease runs out by itself only where
    the process that had it is gone.
    """
    try:
        work()
    except Exception as error:  # noqa: BLE001 — a bridge must not stand still for what nobody foresaw
        if isinstance(error, BrugError):
            problem = str(error)
        else:
            problem = f"unforeseen {unforeseen(f'bridge {bridge_id}', error)}"
        log.warning("round did not end", bridge=bridge_id, reason=problem)
        with database.system() as session:
            wait(session, bridge_id, problem)
        return False
    with database.system() as session:
        done(session, bridge_id)
    return True


def reached(session: Session, bridge_id: int, position: int, seconds: int) -> None:
    """Everything up to a place was looked at; the lease goes on."""
    session.execute(
        "UPDATE bridge_progress SET carried = greatest(carried, %s),"
        " leased_until = now() + interval '1 second' * %s WHERE bridge_id = %s",
        (position, seconds, bridge_id),
    )


def done(session: Session, bridge_id: int) -> None:
    """A round ended well."""
    session.execute(
        "UPDATE bridge_progress SET leased_until = '-infinity', attempts = 0, problem = '',"
        " last_success = now() WHERE bridge_id = %s",
        (bridge_id,),
    )


def wait(session: Session, bridge_id: int, problem: str) -> None:
    """The partner is away: the next round is later each time."""
    session.execute(
        "UPDATE bridge_progress SET leased_until = '-infinity', problem = %s,"
        " attempts = attempts + 1, next_attempt = now() + least("
        "   interval '5 seconds' * 2 ^ least(attempts, 12), interval '1 hour')"
        " WHERE bridge_id = %s",
        (problem[:1000], bridge_id),
    )


def note_again(session: Session, bridge_id: int, several: Sequence[Change], problem: str) -> None:
    """Events that could not be looked at come again later; those that could do not."""
    if not problem:
        session.execute(
            "DELETE FROM carry_again WHERE bridge_id = %s AND event_id = ANY (%s)",
            (bridge_id, [change.event_id for change in several]),
        )
        return
    session.execute(
        "INSERT INTO carry_again AS a (bridge_id, event_id, event_uuid, withdrawn, next_attempt,"
        " problem) SELECT %s, n.event, n.uuid, n.withdrawn, now() + interval '1 minute', %s"
        " FROM unnest(%s::bigint[], %s::uuid[], %s::bool[]) AS n (event, uuid, withdrawn)"
        " ON CONFLICT (bridge_id, event_id) DO UPDATE SET problem = excluded.problem,"
        " attempts = a.attempts + 1, withdrawn = excluded.withdrawn, next_attempt = now()"
        "   + least(interval '1 minute' * 2 ^ least(a.attempts, 12), interval '1 day')",
        (
            bridge_id,
            problem,
            [one.event_id for one in several],
            [one.event_uuid for one in several],
            [one.withdrawn for one in several],
        ),
    )
