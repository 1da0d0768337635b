# SPDX-License-Identifier: EUPL-1.2
"""A round of a bridge by mail: look at what changed, then send what is due.

Looking comes first and at once, whatever the frequency: the gate decides, what it holds comes
before a person, what may cross waits. Sending waits for the digest; a recall, what is taken
back, what a person released or sent by hand, and what was tried before, do not. Before it leaves
everything is decided anew, so that nothing goes under an agreement that ended meanwhile.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import LiteralString

from brug.bridges import agreements, partners
from brug.bridges.crossing import asking, leasing, outward, standing
from brug.bridges.crossing.noting import Due
from brug.bridges.crossing.outward import Change
from brug.bridges.mail import mailboxes, posting
from brug.bridges.mail.mailboxes import Mailbox
from brug.bridges.partners import BridgeRow
from brug.edge.border import unforeseen
from brug.model.errors import BrugError
from brug.store import outbox
from brug.store.session import Database, Session

ONE_ROUND = 500
TOGETHER = 25
LEASE_SECONDS = 600

# What waits for no digest: 2 goes by itself, 1 was tried before and goes as it was tried.
_URGENCY: LiteralString = (
    "(CASE WHEN c.kind IN ('withdrawal', 'recall') OR c.judged IS NOT NULL"
    " OR EXISTS (SELECT 1 FROM crossing_asked a WHERE a.bridge_id = c.bridge_id"
    "   AND a.event_id = c.event_id AND NOT EXISTS (SELECT 1 FROM crossing s"
    "     WHERE s.bridge_id = c.bridge_id AND s.event_uuid = c.event_uuid AND s.sent > a.asked))"
    " THEN 2 WHEN c.attempts > 0 THEN 1 ELSE 0 END)"
)
_READY: LiteralString = (
    "(c.state = 'waiting' OR (c.state = 'failed' AND c.next_attempt <= now()))"
    " AND NOT EXISTS (SELECT 1 FROM carry_again r WHERE r.bridge_id = c.bridge_id"
    "   AND r.event_id = c.event_id AND r.next_attempt > now())"
)


def carry(database: Database) -> bool:
    """A round of each bridge by mail that is open and due; whether there was anything to do."""
    with database.system() as session:
        if not outbox.is_set_up(session):
            return False
        due = [
            row[0]
            for row in session.all(
                "SELECT b.id FROM bridge b JOIN mail_bridge m ON m.bridge_id = b.id"
                " JOIN bridge_progress g ON g.bridge_id = b.id"
                " WHERE b.state = 'open' AND b.transport = 'mail'"
                " AND g.next_attempt <= now() AND g.leased_until <= now()"
                " AND (m.next_digest <= now()"
                "   OR EXISTS (SELECT 1 FROM event_change c WHERE c.position > g.carried)"
                "   OR EXISTS (SELECT 1 FROM carry_again a WHERE a.bridge_id = b.id"
                "     AND a.next_attempt <= now())"
                "   OR EXISTS (SELECT 1 FROM crossing c WHERE c.bridge_id = b.id AND c.outward"
                "     AND "
                + _READY
                + " AND (m.frequency = 'immediately' OR "
                + _URGENCY
                + " > 0)))"
                " ORDER BY b.id"
            )
        ]
    done = [one_bridge(database, bridge_id) for bridge_id in due]
    return any(done)


def follow_agreements(database: Database) -> None:
    """Where another agreement is in force than before, or none any more, all is decided anew."""
    with database.system() as session:
        rows = session.all(
            "SELECT m.bridge_id, m.agreement FROM mail_bridge m JOIN bridge b ON b.id = m.bridge_id"
            " WHERE b.state = 'open' FOR UPDATE OF m SKIP LOCKED"
        )
        for bridge_id, known in rows:
            found = agreements.in_force(session, bridge_id, datetime.now(UTC))
            now = None if found is None else found.id
            if now != known:
                session.execute(
                    "UPDATE mail_bridge SET agreement = %s WHERE bridge_id = %s", (now, bridge_id)
                )
                asking.look_again(session, bridge_id)


def left(session: Session, bridge_id: int) -> tuple[int, str]:
    """How many crossings the mail server did not take, which are tried again, and why the last
    one.
    """
    row = session.one(
        "SELECT count(*) OVER (), problem FROM crossing WHERE bridge_id = %s AND outward"
        " AND state = 'failed' ORDER BY id DESC LIMIT 1",
        (bridge_id,),
    )
    return (int(row[0]), str(row[1])) if row else (0, "")


def one_bridge(database: Database, bridge_id: int, *, everything: bool = False) -> bool:
    """A round of one bridge that is open; `everything` is a digest before its time.

    Whether it went as it should; what did not is noted with the bridge's progress.
    """
    with database.system() as session:
        if partners.view(session, bridge_id).state != "open":
            return False
        if not leasing.lease(session, bridge_id, LEASE_SECONDS):
            return False
        bridge = partners.view(session, bridge_id)
        mailbox = mailboxes.view(session, bridge)

    def work() -> None:
        while _look(database, bridge, mailbox):
            pass
        _send(database, bridge, mailbox, everything=everything)

    return leasing.worked_off(database, bridge_id, work)


def _look(database: Database, bridge: BridgeRow, mailbox: Mailbox) -> bool:
    """Decides on some of what changed; whether there may be more."""
    with database.system() as session:
        again = session.all(
            "SELECT 0, event_id, event_uuid::text, withdrawn FROM carry_again"
            " WHERE bridge_id = %s AND next_attempt <= now() LIMIT %s",
            (bridge.id, ONE_ROUND),
        )
        changes = outward.changes(session, bridge.id, ONE_ROUND)
        several = [*(Change(*row) for row in again), *changes]
        wanted = _new_enough(session, bridge, mailbox, several)
    for start in range(0, len(wanted), TOGETHER):
        _decide(database, bridge, wanted[start : start + TOGETHER])
    if changes:
        with database.system() as session:
            leasing.reached(session, bridge.id, changes[-1].position, LEASE_SECONDS)
    return len(changes) == ONE_ROUND


def _new_enough(
    session: Session, bridge: BridgeRow, mailbox: Mailbox, several: Sequence[Change]
) -> list[Change]:
    """Without what was published before the bridge was there, unless it goes already."""
    found = session.all(
        "SELECT e.id FROM event e WHERE e.id = ANY (%(ids)s)"
        " AND (to_timestamp(e.publish_timestamp) >= %(since)s"
        "   OR EXISTS (SELECT 1 FROM crossing c WHERE c.bridge_id = %(bridge)s"
        "     AND c.event_uuid = e.uuid AND c.outward)"
        "   OR EXISTS (SELECT 1 FROM crossing_asked a WHERE a.bridge_id = %(bridge)s"
        "     AND a.event_id = e.id))",
        {"ids": [c.event_id for c in several], "since": mailbox.since, "bridge": bridge.id},
    )
    ids = {row[0] for row in found}
    return [one for one in several if one.withdrawn or one.event_id in ids]


def _decide(database: Database, bridge: BridgeRow, several: Sequence[Change]) -> list[Due]:
    """One event that nobody foresaw must not hold up all others."""
    try:
        due = outward.look_at(database, bridge, several)
    except BrugError:
        raise
    except Exception as error:  # noqa: BLE001 — as above
        if len(several) > 1:
            return [due for one in several for due in _decide(database, bridge, [one])]
        where = f"bridge {bridge.id} {several[0].event_uuid}"
        _note(database, bridge, several, f"unforeseen {unforeseen(where, error)}")
        return []
    _note(database, bridge, several, "")
    return due


def _note(database: Database, bridge: BridgeRow, several: Sequence[Change], problem: str) -> None:
    """An event that could not be looked at comes again later; one that could does not."""
    with database.system() as session:
        leasing.note_again(session, bridge.id, several, problem)


def _send(database: Database, bridge: BridgeRow, mailbox: Mailbox, *, everything: bool) -> None:
    now = datetime.now(UTC)
    is_digest = mailbox.next_digest is not None and (everything or mailbox.next_digest <= now)
    gathers = mailbox.frequency != "immediately"
    with database.system() as session:
        contacts = mailboxes.contacts(session, bridge.id)
        waiting = standing.due(session, bridge.id)
    called_back = [one for one in waiting if one.message["kind"] == "recall"]
    if called_back:
        posting.post(database, bridge, called_back, contacts, digest=False)
    _post_all(database, bridge, {2}, digest=False)
    _post_all(database, bridge, {0, 1} if is_digest or not gathers else {1}, digest=gathers)
    if is_digest:
        following = mailboxes.next_digest(mailbox.frequency, now)
        with database.system() as session:
            session.execute(
                "UPDATE mail_bridge SET next_digest = %s WHERE bridge_id = %s"
                " AND next_digest <= %s",
                (following, bridge.id, max(now, mailbox.next_digest or now)),
            )


def _post_all(
    database: Database, bridge: BridgeRow, urgency: Collection[int], *, digest: bool
) -> None:
    """Sends all that is that urgent; each event is looked at once, whatever comes of it."""
    seen: set[str] = set()
    while True:
        with database.system() as session:
            contacts = mailboxes.contacts(session, bridge.id)
            ready = _ready(session, bridge, urgency, seen)
        if not ready:
            return
        seen |= {one.event_uuid for one in ready}
        due = _again(database, bridge, ready)
        if due:
            posting.post(database, bridge, due, contacts, digest=digest)


def _ready(
    session: Session, bridge: BridgeRow, urgency: Collection[int], seen: Collection[str]
) -> list[Change]:
    """Events of which something may leave, the longest waiting first."""
    found = session.all(
        "SELECT 0, c.event_id, c.event_uuid::text, bool_or(c.kind = 'withdrawal') FROM crossing c"
        " WHERE c.bridge_id = %s AND c.outward AND c.event_uuid <> ALL (%s::uuid[])"
        " AND c.kind IN ('event', 'withdrawal', 'reactions') AND "
        + _READY
        + " AND "
        + _URGENCY
        + " = ANY (%s) GROUP BY c.event_id, c.event_uuid ORDER BY min(c.id) LIMIT %s",
        (bridge.id, list(seen), list(urgency), ONE_ROUND),
    )
    return [Change(*row) for row in found]


def _again(database: Database, bridge: BridgeRow, several: Sequence[Change]) -> list[Due]:
    """What of it may leave now, decided anew."""
    parts = (several[at : at + TOGETHER] for at in range(0, len(several), TOGETHER))
    return [due for part in parts for due in _decide(database, bridge, part)]
