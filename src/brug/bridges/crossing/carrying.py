# SPDX-License-Identifier: EUPL-1.2
"""Carrying: each bridge looks at what changed, in order, and sends what may cross.

Every bridge has a place of its own in the order of changes, so that one partner's outage holds up
nobody else. A process that works on a bridge leases it; one that was killed is followed by
another when the lease ends, and whatever was sent twice by then is the same message twice. An
event that the partner does not take is tried again by itself while the others go on; a partner
that is away is waited for, ever longer, up to an hour.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import msgspec
import structlog

from brug.bridges import channel, partners
from brug.bridges.crossing import (
    case_entries,
    having,
    leasing,
    noting,
    outward,
    portions,
    recalls,
    rows,
    standing,
)
from brug.bridges.crossing.messages import Written
from brug.bridges.crossing.noting import Due
from brug.bridges.crossing.outward import Change
from brug.bridges.crossing.receipts import InPart, Later, Result
from brug.bridges.crossing.rows import Crossing
from brug.bridges.native import PartnerRefused
from brug.bridges.partners import BridgeRow
from brug.edge.border import unforeseen
from brug.model.errors import BrugError
from brug.store.session import Database, Session

log = structlog.get_logger("brug.bridges.carrying")

ONE_ROUND = 500
ROUND_SECONDS = 5.0  # after which a recall, say, goes first
IN_FLIGHT = 2  # so that the partner reads one while its database stores another
LEASE_SECONDS = 300
# What a partner refuses whatever the message is.
_OF_THE_BRIDGE = frozenset({"bridge_not_open", "too_many_requests", "unknown_key"})
# What is raised is of the bridge, and not of one message.
Deliver = Callable[[Database, BridgeRow, Sequence[Written]], Sequence[Result]]


class _UnderWay(msgspec.Struct, frozen=True):
    """Changes that were looked at, when all of it is sent, and why one was not looked at."""

    sent: Future[None]
    changes: Sequence[Change]
    problem: str

    @property
    def events(self) -> set[str]:
        return {change.event_uuid for change in self.changes}


def carry(database: Database, deliver: Deliver) -> bool:
    """One round over all bridges that are open and due; whether there was anything to do."""
    due = due_bridges(database)
    done = [one_bridge(database, one, deliver, in_flight=IN_FLIGHT) for one in due]
    return any(done)


def due_bridges(database: Database) -> list[int]:
    """Those that are open, have something to do, and do not wait for a partner that was away."""
    with database.system() as session:
        return [
            row[0]
            for row in session.all(
                "SELECT b.id FROM bridge b JOIN bridge_progress g ON g.bridge_id = b.id"
                " WHERE b.state = 'open' AND b.transport = 'native'"
                " AND g.next_attempt <= now() AND g.leased_until <= now()"
                " AND NOT EXISTS (SELECT 1 FROM channel h WHERE h.bridge_id = b.id"
                "   AND h.collected > now() - %s)"
                " AND (EXISTS (SELECT 1 FROM event_change c WHERE c.position > g.carried)"
                "   OR EXISTS (SELECT 1 FROM crossing c WHERE c.bridge_id = b.id AND c.outward"
                "     AND (c.state = 'waiting'"
                "       OR (c.state = 'failed' AND c.next_attempt <= now())))"
                "   OR EXISTS (SELECT 1 FROM case_due d WHERE d.bridge_id = b.id)"
                "   OR EXISTS (SELECT 1 FROM carry_again a WHERE a.bridge_id = b.id"
                "     AND a.next_attempt <= now()))"
                " ORDER BY g.last_success NULLS FIRST",
                (channel.FETCHING,),
            )
        ]


def one_bridge(
    database: Database,
    bridge_id: int,
    deliver: Deliver,
    most: int | None = None,
    *,
    in_flight: int = 1,
) -> bool:
    """A round of one bridge, whatever its state; whether there was anything to do.

    `most` are the changes that are looked at, and so many that were before; unless it is said,
    the round goes on for ROUND_SECONDS, without waiting in between for what is on its way.
    `deliver` is called by as many threads at once as may be `in_flight`.
    """
    at_once = ONE_ROUND if most is None else most
    with database.system() as session:
        if not leasing.lease(session, bridge_id, LEASE_SECONDS):
            return False
        bridge = partners.view(session, bridge_id)
        waiting = standing.due(session, bridge_id)
        again = outward.again(session, bridge_id, at_once)
        changes = outward.changes(session, bridge_id, at_once)

    def work() -> None:
        nonlocal waiting
        if case_entries.note_due(database, bridge):
            with database.system() as session:
                waiting = standing.due(session, bridge_id)
        round_ = _Round(database, bridge, deliver, in_flight)
        round_.send(waiting)
        round_.work_off(again)
        round_.work_off(round_.going_on(changes) if most is None else changes)

    went_well = leasing.worked_off(database, bridge_id, work)
    return went_well and bool(waiting or again or changes)


class _Round:
    """Looks at events while those looked at before are on their way."""

    def __init__(
        self, database: Database, bridge: BridgeRow, deliver: Deliver, in_flight: int
    ) -> None:
        self._database, self._bridge, self._deliver = database, bridge, deliver
        self._in_flight = in_flight

    def going_on(self, changes: Sequence[Change]) -> Iterator[Change]:
        """Those, and what comes after them, until it is time to see to anything else."""
        ends = time.monotonic() + ROUND_SECONDS
        while changes:
            yield from changes
            if len(changes) < ONE_ROUND or time.monotonic() > ends:
                return
            with self._database.system() as session:
                place = changes[-1].position
                changes = outward.changes(session, self._bridge.id, ONE_ROUND, place)

    def work_off(self, changes: Iterable[Change]) -> None:
        """All that follows from changes, of each event in their order; then the next place."""
        under_way = deque[_UnderWay]()
        with ThreadPoolExecutor(self._in_flight, thread_name_prefix="brug-wire") as wire:
            for several, due, problem in self._looked_at(changes):
                events = {change.event_uuid for change in several}
                while under_way and (
                    len(under_way) == self._in_flight
                    or any(events & one.events for one in under_way)
                ):
                    self._arrived(under_way.popleft())
                under_way.append(_UnderWay(wire.submit(self.send, due), several, problem))
            while under_way:
                self._arrived(under_way.popleft())

    def _looked_at(
        self, changes: Iterable[Change]
    ) -> Iterator[tuple[Sequence[Change], list[Due], str]]:
        """Some changes with what is to be sent, and why one could not be looked at."""
        for several in portions.of_changes(changes):
            try:
                due = outward.look_at(self._database, self._bridge, several)
            except BrugError:
                raise
            except Exception:  # noqa: BLE001 — one event must not hold up all others
                yield from self._one_by_one(several)
            else:
                yield several, due, ""

    def _one_by_one(
        self, changes: Sequence[Change]
    ) -> Iterator[tuple[Sequence[Change], list[Due], str]]:
        for change in changes:
            try:
                due = outward.look_at(self._database, self._bridge, [change])
            except BrugError:
                raise
            except Exception as error:  # noqa: BLE001 — as above
                where = f"bridge {self._bridge.id} {change.event_uuid}"
                yield [change], [], f"unforeseen {unforeseen(where, error)}"
            else:
                yield [change], due, ""

    def send(self, due: Sequence[Due]) -> None:
        """Sends messages in loads, and notes what became of each. Raises what is of the bridge."""
        for load in portions.of_messages(due):
            with self._database.system() as session:
                # From here on the partner may have them, whatever is heard of it.
                session.execute(
                    "UPDATE crossing SET attempts = attempts + 1 WHERE id = ANY (%s)",
                    ([one.crossing_id for one in load],),
                )
                having.note_handed_over(session, self._bridge, [one.message for one in load])
            results = self._delivered(load)
            with self._database.system() as session:
                _record(session, load, results)

    def _delivered(self, load: Sequence[Due]) -> Sequence[Result]:
        try:
            return self._deliver(self._database, self._bridge, [one.written for one in load])
        except PartnerRefused as error:
            if not _is_of_the_load(error):
                raise
            if len(load) == 1:
                return [error]
        # The partner does not take all of it together: which one is it?
        return [result for one in load for result in self._delivered([one])]

    def _arrived(self, one: _UnderWay) -> None:
        one.sent.result()
        with self._database.system() as session:
            leasing.note_again(session, self._bridge.id, one.changes, one.problem)
            place = max(change.position for change in one.changes)
            leasing.reached(session, self._bridge.id, place, LEASE_SECONDS)


def _record(session: Session, load: Sequence[Due], results: Sequence[Result]) -> None:
    """What became of messages that were sent together."""
    crossings = rows.crossings(session, [due.crossing_id for due in load])
    sent: list[tuple[Crossing, noting.Receipt | None]] = []
    left_out: dict[int, str] = {}
    for crossing, result in zip(crossings, results, strict=True):
        if isinstance(result, Later):
            continue
        if isinstance(result, BrugError):
            log.warning("not taken", crossing=crossing.id, reason=str(result))
            noting.failed(session, crossing, str(result))
        elif isinstance(result, InPart):
            left_out[crossing.id] = result.left_out
            sent.append((crossing, result.receipt))
        else:
            sent.append((crossing, result))
    noting.sent_several(session, sent, left_out)
    for crossing, receipt in sent:
        if crossing.kind == "recall" and receipt is not None:
            outcome = str(receipt["statement"].get("outcome"))
            recalls.followed(session, crossing.bridge_id, crossing.event_uuid, outcome)


def _is_of_the_load(error: PartnerRefused) -> bool:
    """Whether the partner itself refused what came, and would take other messages."""
    return error.signed and 400 <= error.answered < 500 and error.reason not in _OF_THE_BRIDGE
