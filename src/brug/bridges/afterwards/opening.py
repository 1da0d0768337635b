# SPDX-License-Identifier: EUPL-1.2
"""Which events that came over a bridge were opened here: remembered in memory, written later.

Opening is looking at one event, on its page or by the interface; lists, searches and exports
open nothing. Who opened it is never written, and when only as a day. To the one who reads it
costs a look into a set.
"""

import threading

import structlog

from brug.model.errors import BrugError
from brug.store.principal import Principal
from brug.store.session import Database, Session

log = structlog.get_logger("brug.bridges.opening")

LATER_SECONDS = 5.0
MOST = 100_000  # pairs that are remembered; then the process begins anew
Pair = tuple[int, int]


class Openings:
    """What one process saw opened: of each organisation's readers, each event once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: set[Pair] = set()
        self._waiting: list[Pair] = []
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def note(self, event_id: int, reader: Principal) -> None:
        """Notes that somebody of an organisation looks at an event."""
        pair = (event_id, reader.org_id)
        if pair not in self._known:
            self._remember(pair)

    def _remember(self, pair: Pair) -> None:
        with self._lock:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known.add(pair)
            self._waiting.append(pair)
            if self._timer is None:
                self._timer = threading.Timer(LATER_SECONDS, self.write)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """Writes what is remembered. What cannot be written now waits for the next opening."""
        with self._lock:
            waiting, self._waiting, self._timer = self._waiting, [], None
        if not waiting:
            return
        try:
            with self._database.system() as session:
                store(session, waiting)
        except BrugError as error:
            log.warning("openings not written", reason=str(error))
            with self._lock:
                self._known.difference_update(waiting)

    def close(self) -> None:
        """Writes the last ones."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
        self.write()


def store(session: Session, pairs: list[Pair]) -> int:
    """Of events and reading organisations, notes what came over a bridge; how many are new.

    Whoever sent it, and accounts here of its organisation, do not open it.
    """
    return session.execute(
        "INSERT INTO kept_here AS k (bridge_id, event_uuid, opened)"
        " SELECT DISTINCT b.id, e.uuid, (now() AT TIME ZONE 'UTC')::date"
        " FROM unnest(%s::bigint[], %s::int[]) AS o (event_id, org_id)"
        " JOIN event e ON e.id = o.event_id AND e.org_id <> o.org_id"
        " JOIN partner p ON p.org_id = e.org_id JOIN bridge b ON b.partner_id = p.id"
        " JOIN organisation reader ON reader.id = o.org_id AND reader.local"
        " WHERE EXISTS (SELECT 1 FROM crossing c WHERE c.bridge_id = b.id"
        "   AND c.event_uuid = e.uuid AND NOT c.outward AND c.kind = 'event'"
        "   AND c.state = 'received')"
        " ON CONFLICT (bridge_id, event_uuid) DO UPDATE SET opened = excluded.opened"
        " WHERE k.opened IS NULL",
        ([one[0] for one in pairs], [one[1] for one in pairs]),
    ).rowcount
