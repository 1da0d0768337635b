# SPDX-License-Identifier: EUPL-1.2
"""Sends what was noted. Whether its receiver takes part is asked now; if not, nobody is told.

Several addresses are told side by side, so that one that hangs holds up few others: some of the
threads are for those alone that took what they were told last.

1. An address that has something waiting is taken for a while, and that commits: nobody else tells
   it anything meanwhile, and whoever is killed has it sent again, under the same id.
2. The receiver's part in the case is asked, in the receiver's own session.
3. The message goes out, with no transaction open; the oldest first, one after another.
4. What came of it is written down. What failed is tried again, later each time, and what
   waits behind it waits on; an address that fails for days, or is gone, is paused.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import LiteralString

import psycopg
import structlog

from brug.cases.hooks import keeping, letters
from brug.cases.hooks.letters import Due
from brug.cases.hooks.noting import note_ended_embargoes
from brug.edge import outgoing
from brug.formats import webhooks
from brug.model.errors import BrugError
from brug.store.repeating import LAST_ROUND_SECONDS, Repeating
from brug.store.session import Database, Session
from brug.store.side_by_side import SideBySide

log = structlog.get_logger("brug.cases.hooks")

ROUND_SECONDS = 5.0
AT_ONCE = 8  # addresses; all share a few connections, of which none is held while one waits
FOR_OTHERS = 2  # of these, for addresses that do not fail
CONNECTIONS = 3
MOST = 20  # messages to an address, before others have their turn
TURN_SECONDS = 10.0  # no address is told more after that
LEASE = timedelta(minutes=10)
AGAIN = tuple(
    timedelta(seconds=one)
    for one in (30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
)
FAILING_DAYS = 3
_GONE = 410


class Hooks(Repeating):
    """One per node that is served; several share the work."""

    def __init__(self, dsn: str, keys: Path | None) -> None:
        database = Database(dsn, CONNECTIONS, "brug hooks", keys)
        super().__init__("hooks", database, self._begin)
        self._each = SideBySide("hooks", AT_ONCE)

    def __exit__(self, *exc: object) -> None:
        self._stop.set()  # what is under way is finished, for it would be told twice
        self._each.finish(LAST_ROUND_SECONDS)
        super().__exit__(*exc)

    def _begin(self, database: Database) -> float:
        note_ended_embargoes(database)
        left = _due_addresses(database)
        for place in range(AT_ONCE):
            healthy = place >= AT_ONCE - FOR_OTHERS
            doing = partial(send, database, only_healthy=healthy, stopped=self._stop.is_set)
            left -= self._each.begin(place, doing) if left else 0
        return ROUND_SECONDS


def send(
    database: Database,
    *,
    only_healthy: bool = False,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Tells one address after another, until none has anything waiting whose time has come."""
    while not stopped():
        # One at a time: of several, the last one's lease would end while the first one is slow.
        hook_id = _taken(database, only_healthy)
        if hook_id is None:
            return
        _tell_if_possible(database, hook_id)


_IS_DUE: LiteralString = (
    " h.paused IS NULL AND h.next <= now()"
    " AND EXISTS (SELECT 1 FROM case_hook_due d WHERE d.hook_id = h.id)"
)


def _due_addresses(database: Database) -> int:
    """How many wait; no more than can be told at once."""
    with database.system() as session:
        return int(session.value(
            "SELECT count(*) FROM (SELECT FROM case_hook h WHERE" + _IS_DUE + " LIMIT %s) AS n",
            (AT_ONCE,),
        ))  # fmt: skip


def _taken(database: Database, only_healthy: bool) -> int | None:
    """An address that has something waiting, for this thread until the lease ends."""
    with database.system() as session:
        found = session.value(
            "UPDATE case_hook SET next = now() + %s WHERE id = (SELECT h.id FROM case_hook h WHERE"
            + _IS_DUE
            + " AND (h.failing IS NULL OR NOT %s)"
            " ORDER BY h.next LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id",
            (LEASE, only_healthy),
        )
    return None if found is None else int(found)


def _tell_if_possible(database: Database, hook_id: int) -> None:
    """What nobody foresaw of one keeps no other waiting: it is tried when its lease ends."""
    try:
        _tell(database, hook_id)
    except (BrugError, psycopg.Error):
        raise
    except Exception:  # the border of a job
        log.exception("webhook not sent, unforeseen", hook=hook_id)


def _tell(database: Database, hook_id: int) -> None:
    """As much as an address takes in its turn."""
    begun = time.monotonic()
    for _ in range(MOST):
        with database.system() as session:
            row = session.one(
                "UPDATE case_hook_due d SET tries = tries + 1 FROM case_hook h"
                " WHERE h.id = d.hook_id AND d.id = (SELECT min(id) FROM case_hook_due"
                "   WHERE hook_id = %s)"
                " RETURNING d.id, d.hook_id, h.user_id, h.org_id, d.case_id, d.entry::text,"
                " d.event, d.message::text, d.details, d.tries, d.made",
                (hook_id,),
            )
        if row is not None and not _sent(database, Due(*row)):
            return
        if row is None or time.monotonic() - begun > TURN_SECONDS:
            break
    with database.system() as session:
        _free(session, hook_id)


def _free(session: Session, hook_id: int) -> None:
    session.execute("UPDATE case_hook SET next = now() WHERE id = %s", (hook_id,))


def _sent(database: Database, one: Due) -> bool:
    """Whether the other side took it, or nobody was to be told."""
    try:
        letter = letters.letter_of(database, one)
    except BrugError as error:  # what is sealed cannot be opened
        log.warning("webhook not sent", hook=one.hook_id, reason=str(error))
        with database.system() as session:
            _failed(session, one, 0)
        return False
    if letter is None:
        with database.system() as session:
            session.execute("DELETE FROM case_hook_due WHERE id = %s", (one.id,))
        return True
    headers = webhooks.headers(
        letter.secret, one.message, int(datetime.now(UTC).timestamp()), letter.body
    )
    headers |= {"Content-Type": "application/json", "User-Agent": "Brug"}
    try:
        answer = outgoing.fetch(
            "POST", letter.url, headers=headers, body=letter.body, limits=letter.limits,
            route=letter.route, follow=False,
        )  # fmt: skip
        status, said = answer.status, ""
    except BrugError as error:  # nobody there, or what came cannot be unpacked
        # The whole address may hold a secret, and the log is read by others of the organisation.
        status, said = 0, error.public
    fine = 200 <= status < 300
    with database.system() as session:
        _note(session, one, letter.number, status, said)
        (_took if fine else _failed)(session, one, status)
    return fine


# What came of it -------------------------------------------------------------------------


def _note(session: Session, one: Due, number: str, status: int, said: str) -> None:
    session.execute(
        "INSERT INTO case_hook_sent (hook_id, message, event, number, tries, status, said)"
        " SELECT id, %s, %s, %s, %s, %s, %s FROM case_hook WHERE id = %s",
        (one.message, one.event, number, one.tries, status, said[:300], one.hook_id),
    )
    session.execute(
        "DELETE FROM case_hook_sent WHERE hook_id = %(hook)s AND id <= (SELECT id"
        " FROM case_hook_sent WHERE hook_id = %(hook)s ORDER BY id DESC OFFSET %(kept)s LIMIT 1)",
        {"hook": one.hook_id, "kept": keeping.KEPT},
    )


def _took(session: Session, one: Due, _: int) -> None:
    session.execute("DELETE FROM case_hook_due WHERE id = %s", (one.id,))
    session.execute("UPDATE case_hook SET failing = NULL WHERE id = %s", (one.hook_id,))


def _failed(session: Session, one: Due, status: int) -> None:
    """Later; or never, where it was tried for long enough."""
    wait = AGAIN[min(one.tries, len(AGAIN)) - 1]
    failing = session.value(
        "UPDATE case_hook SET failing = coalesce(failing, now()), next = now() + %s"
        " WHERE id = %s RETURNING failing",
        (wait, one.hook_id),
    )
    if one.tries > len(AGAIN):
        session.execute("DELETE FROM case_hook_due WHERE id = %s", (one.id,))
    if failing is None:
        return
    if status == _GONE or failing < datetime.now(UTC) - timedelta(days=FAILING_DAYS):
        session.execute(
            "UPDATE case_hook SET paused = now(), why = %s WHERE id = %s",
            ("gone" if status == _GONE else "failing", one.hook_id),
        )
        session.execute("DELETE FROM case_hook_due WHERE hook_id = %s", (one.hook_id,))
