# SPDX-License-Identifier: EUPL-1.2
"""A round over the native bridges that are open: keys, agreements, and each other's proof.

What crosses has its own queue (`brug.bridges.crossing`); this is what two nodes have to know
of each other whether or not anything crosses. A partner that does not answer is asked again
after longer and longer pauses, an hour at most, and keeps nobody else waiting meanwhile.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from brug.bridges import agreements, channel, partners
from brug.bridges.channel import Channel
from brug.bridges.crossing import asking, collecting, grounds, own_words
from brug.bridges.gate import permissions
from brug.bridges.ledger import exchanging, logs
from brug.bridges.native import agreeing, client
from brug.bridges.partners import BridgeRow
from brug.formats.canonical import canonical
from brug.model.errors import BrugError, NotFound
from brug.store.repeating import Repeating
from brug.store.session import Database, Session
from brug.store.side_by_side import SideBySide

log = structlog.get_logger("brug.bridges.keeping_up")

SECONDS = 2.0
EXCHANGED = 20.0  # seconds between two exchanges of checkpoints with a partner
QUIET = 300.0  # the same where the partner stands for all that we signed; it tells of its own
LONGEST = 3600.0
AT_ONCE = 6  # partners; one that does not answer takes a place for as long as it is waited for


class Keeper(Repeating):
    """The thread of a served node that does it."""

    def __init__(self, dsn: str, keys: Path | None) -> None:
        collecting.register()
        super().__init__("keeper", Database(dsn, AT_ONCE, "brug keeper", keys), KeepingUp())


class KeepingUp:
    """The round, and since when each partner has not answered."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: dict[int, tuple[int, float]] = {}
        self._exchanged: dict[int, float] = {}
        self._exchange_at: dict[int, float] = {}
        self._each = SideBySide("keeper", AT_ONCE)

    def __call__(self, database: Database) -> float:
        """One round; the seconds until the next."""
        grounds.notice(database)
        now = datetime.now(UTC)
        with database.system() as session:
            permissions.expire(session)
            known = channel.all_of(session)
            news = exchanging.with_news(session)
            found = [
                one
                for one in partners.listed(session)
                if one.transport == "native" and one.state == "open" and one.id in known
            ]
            for bridge in found:
                notice_agreement(session, bridge, now)
        for bridge in found:
            if self._is_due(bridge, known[bridge.id], now):
                if bridge.uuid in news:
                    soon = self._exchanged.get(bridge.id, -EXCHANGED) + EXCHANGED
                    self._exchange_at[bridge.id] = min(self._exchange_at.get(bridge.id, soon), soon)
                do = partial(self._one, database, bridge, known[bridge.id])
                self._each.begin(bridge.id, do)
        return SECONDS if self._each.finish(SECONDS) else 0.0

    def _is_due(self, bridge: BridgeRow, known: Channel, now: datetime) -> bool:
        """Whether the partner is to be asked now, as far as that is known without asking it."""
        _, again = self._failed.get(bridge.id, (0, 0.0))
        return self._clock() >= again and not known.is_fetching(now)

    def _one(self, database: Database, bridge: BridgeRow, known: Channel) -> None:
        failures, _ = self._failed.get(bridge.id, (0, 0.0))
        try:
            keep_up(database, bridge)
            if known.collects:
                collecting.collect(database, bridge)
            if self._clock() >= self._exchange_at.get(bridge.id, 0.0):
                problem = exchange(database, bridge)
                is_quiet = not problem and not known.was_restored
                self._exchanged[bridge.id] = self._clock()
                self._exchange_at[bridge.id] = self._clock() + (QUIET if is_quiet else EXCHANGED)
                if known.was_restored and not problem and _is_accepted(database, bridge):
                    collecting.collect(database, bridge)
                    own_words.ask(database, bridge)
        except BrugError as error:
            log.warning("bridge not kept up", bridge=bridge.id, reason=str(error)[:500])
            # Soon at first: the other side may be about to open the bridge.
            pause = min(SECONDS * 2.0**failures, LONGEST)
            self._failed[bridge.id] = (min(failures + 1, 20), self._clock() + pause)
        else:
            self._failed.pop(bridge.id, None)


def _is_accepted(database: Database, bridge: BridgeRow) -> bool:
    """Whether the partner has countersigned our log: whoever was restored waits for that."""
    with database.system() as session:
        try:
            log_id = logs.of(session, bridge.uuid).id
        except NotFound:  # nothing ever crossed here
            return True
        return exchanging.countersigned(session, log_id) > 0


def notice_agreement(session: Session, bridge: BridgeRow, at: datetime) -> bool:
    """Has everything decided anew where another agreement is in force than the last time.

    One comes into force when both sides have accepted it, when its time begins, and ends when
    that is over: no event's own change says so.
    """
    found = agreements.in_force(session, bridge.id, at)
    changed = session.execute(
        "UPDATE channel SET agreement = %(now)s"
        " WHERE bridge_id = %(bridge)s AND agreement IS DISTINCT FROM %(now)s",
        {"now": found.id if found else None, "bridge": bridge.id},
    )
    if changed.rowcount:
        asking.look_again(session, bridge.id)
    return bool(changed.rowcount)


def keep_up(database: Database, bridge: BridgeRow) -> None:
    """Tells what a partner has not been told yet. Raises what `client.send` does."""
    client.tell_keys(database, bridge)
    agreeing.carry(database, bridge)


def exchange(database: Database, bridge: BridgeRow) -> str:
    """Each side's newest checkpoint, proved and countersigned; what is wrong, or nothing."""

    def send(said: dict[str, Any]) -> dict[str, Any]:
        reply = client.send(database, bridge, canonical(said)).document
        if not isinstance(reply, dict):
            raise client.BadAnswer("a checkpoint is answered with an object")
        return reply

    problem = exchanging.synchronise(database, bridge, send)
    if problem:
        log.warning("the partner's log", bridge=bridge.id, problem=problem[:500])
    return problem
