# SPDX-License-Identifier: EUPL-1.2
"""Sends what was noted. Whether its receiver takes part is asked now; if not, nobody is told.

1. An address that has something waiting is taken for a while, and that commits: whoever is
   killed has it sent again, under the same id.
2. The receiver's part in the case is asked, in the receiver's own session.
3. The message goes out, with no transaction open; the oldest first, one after another.
4. What came of it is written down. What failed is tried again, later each time, and what
   waits behind it waits on; an address that fails for days, or is gone, is paused.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import structlog

from brug.cases.hooks import keeping, noting
from brug.cases.kinds import KINDS
from brug.directory import routes
from brug.directory.routes import Route
from brug.edge import outgoing
from brug.edge.outgoing import Limits
from brug.formats import webhooks
from brug.model.errors import BrugError, Unauthenticated
from brug.store import settings
from brug.store.repeating import Repeating
from brug.store.session import Database, Session

log = structlog.get_logger("brug.cases.hooks")

ROUND_SECONDS = 5.0
MOST = 20  # addresses a round, and messages of each
SECONDS = 10.0
LEASE = timedelta(minutes=10)
AGAIN = tuple(
    timedelta(seconds=one)
    for one in (30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
)
FAILING_DAYS = 3
_GONE = 410
_ANSWER_BYTES = 64 * 1024
_NOBODY = "00000000-0000-0000-0000-000000000000"


class Hooks(Repeating):
    """One per node that is served; several share the work."""

    def __init__(self, dsn: str, keys: Path | None) -> None:
        super().__init__("hooks", Database(dsn, 2, "brug hooks", keys), send)


class _Due(msgspec.Struct, frozen=True):
    """The oldest message that waits for an address."""

    id: int
    hook_id: int
    user_id: int | None
    org_id: int
    case_id: int | None
    entry: str | None
    event: str
    message: str
    details: dict[str, Any]
    tries: int
    made: datetime


class _Letter(msgspec.Struct, frozen=True):
    """Ready to go. `number` is the case's."""

    url: str
    secret: str
    body: bytes
    number: str
    route: Route
    limits: Limits


def send(database: Database) -> float:
    """One round; the seconds until the next."""
    with database.system() as session:
        _note_ended_embargoes(session)
    more = False
    for _ in range(MOST):
        # One at a time: of several, the last one's lease would end while the first one is slow.
        hook_id = _taken(database)
        if hook_id is None:
            break
        more = _told_if_possible(database, hook_id) or more
    return 0.0 if more else ROUND_SECONDS


def _taken(database: Database) -> int | None:
    """An address that has something waiting, for this process until the lease ends."""
    with database.system() as session:
        found = session.value(
            "UPDATE case_hook SET next = now() + %s WHERE id = (SELECT h.id FROM case_hook h"
            " WHERE h.paused IS NULL AND h.next <= now()"
            " AND EXISTS (SELECT 1 FROM case_hook_due d WHERE d.hook_id = h.id)"
            " ORDER BY h.next LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id",
            (LEASE,),
        )
    return None if found is None else int(found)


def _told_if_possible(database: Database, hook_id: int) -> bool:
    """What nobody foresaw of one keeps no other waiting: it is tried when its lease ends."""
    try:
        return _told(database, hook_id)
    except (BrugError, psycopg.Error):
        raise
    except Exception:  # the border of a job
        log.exception("webhook not sent, unforeseen", hook=hook_id)
        return False


def _told(database: Database, hook_id: int) -> bool:
    """Whether an address takes what it is told, and there may be more for it."""
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
            if row is None:
                _free(session, hook_id)
                return False
        if not _sent(database, _Due(*row)):
            return False
    with database.system() as session:
        _free(session, hook_id)
    return True


def _free(session: Session, hook_id: int) -> None:
    session.execute("UPDATE case_hook SET next = now() WHERE id = %s", (hook_id,))


def _note_ended_embargoes(session: Session) -> None:
    """Once each, also of a node that stood still meanwhile; what ended before anybody listened
    is no news.
    """
    rows = session.all(
        "INSERT INTO case_warned (case_id, participant, key) SELECT id, %s::uuid,"
        " 'embargo/' || to_char(embargo AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
        " FROM case_file WHERE embargo <= now() AND (embargo > now() - interval '1 day'"
        "   OR EXISTS (SELECT 1 FROM case_hook h WHERE h.made < embargo))"
        " ON CONFLICT DO NOTHING RETURNING case_id, key",
        (_NOBODY,),
    )
    for case_id, key in rows:
        noting.note(session, case_id, "embargo", {"ended": key.partition("/")[2]})


def _sent(database: Database, one: _Due) -> bool:
    """Whether the other side took it, or nobody was to be told."""
    try:
        letter = _letter(database, one)
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


# Who is told what ------------------------------------------------------------------------


def _letter(database: Database, one: _Due) -> _Letter | None:
    """None where the receiver has no part in it, or not any more."""
    about = _about(database, one)
    if about is None:
        return None
    number, uuid, kind = about
    with database.system() as session:
        url, secret = keeping.secrets_of(session, one.hook_id)
        node = str(settings.get(session, "node.url")).rstrip("/")
        networks = tuple(settings.get(session, "outgoing.private_networks"))
        route = routes.of_node(session, url)
    data: dict[str, Any] = {"node": node}
    if number:
        data |= {
            "case": number, "uuid": uuid, "kind": kind if kind in KINDS else "",
            "link": f"{node}/cases/{number}",
        }  # fmt: skip
    if one.entry:
        data["entry"] = one.entry
    data |= one.details
    at = one.made.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = msgspec.json.encode({"type": f"case.{one.event}", "timestamp": at, "data": data})
    limits = Limits(seconds=SECONDS, body_bytes=_ANSWER_BYTES, networks=networks)
    return _Letter(url, secret, body, number, route, limits)


def _about(database: Database, one: _Due) -> tuple[str, str, str] | None:
    """Number, UUID and kind of the case, if the receiver sees it and the entry now."""
    if one.case_id is None:
        return "", "", ""
    if one.user_id is None:
        with database.system() as session:
            return _seen_by_org(session, one)
    try:
        with database.as_user(one.user_id) as session:
            if session.principal.is_closed:
                return None
            return _seen(session, one)
    except Unauthenticated:
        return None


def _seen(session: Session, one: _Due) -> tuple[str, str, str] | None:
    """In the receiver's session."""
    row = session.one(
        "SELECT number, uuid::text, kind FROM case_file WHERE id = %s AND (%s::uuid IS NULL"
        " OR EXISTS (SELECT 1 FROM case_entry WHERE uuid = %s::uuid))",
        (one.case_id, one.entry, one.entry),
    )
    return None if row is None else (row[0], row[1], row[2])


def _seen_by_org(session: Session, one: _Due) -> tuple[str, str, str] | None:
    """By the audiences that decide for its people, too."""
    row = session.one(
        "SELECT number, uuid::text, kind FROM case_file WHERE id = %s"
        " AND organisation_reads_case(%s, id, %s::uuid)",
        (one.case_id, one.org_id, one.entry),
    )
    return None if row is None else (row[0], row[1], row[2])


# What came of it -------------------------------------------------------------------------


def _note(session: Session, one: _Due, number: str, status: int, said: str) -> None:
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


def _took(session: Session, one: _Due, _: int) -> None:
    session.execute("DELETE FROM case_hook_due WHERE id = %s", (one.id,))
    session.execute("UPDATE case_hook SET failing = NULL WHERE id = %s", (one.hook_id,))


def _failed(session: Session, one: _Due, status: int) -> None:
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
