# SPDX-License-Identifier: EUPL-1.2
"""What waits for a person on bridges, and which bridges fail: for those who may do something.

Counted in the reader's session, so that nobody learns of what they do not see.
"""

from datetime import datetime
from typing import Literal, LiteralString

import msgspec

from brug.bridges.feeds import waiting_parts
from brug.bridges.mail import mailboxes
from brug.store.session import Session

MOST_FAILING = 20
RIGHTS = ("release", "recall", "bridge_admin")

# A first yes of two waits for somebody else; what waits for a key waits for no person's word.
_HELD: LiteralString = (
    "SELECT count(*) FROM crossing WHERE (state = 'held' AND releasable"
    "   AND judged_by IS DISTINCT FROM %(me)s)"
    " OR (waiting_parts > 0 AND state IN ('waiting', 'sent', 'received', 'failed'))"
)
_IN_FEEDS: LiteralString = waiting_parts.COUNT
_BLOCKED: LiteralString = "SELECT count(*) FROM crossing WHERE state = 'held' AND NOT releasable"
_RECALLS: LiteralString = "SELECT count(*) FROM recall_asked WHERE state = 'asked'"
_STRINGS: LiteralString = (
    "SELECT count(*) FROM bridge b JOIN channel c ON c.bridge_id = b.id"
    " WHERE b.state = 'invited' AND c.confirmed IS NULL"
)
# The latest version of each bridge: where it came from there, ours; on paper, both sides' words
# are given here.
_AGREEMENTS: LiteralString = (
    "SELECT count(*) FROM (SELECT DISTINCT ON (a.bridge_id) a.id, p.kind FROM agreement a"
    " JOIN bridge b ON b.id = a.bridge_id JOIN partner p ON p.id = b.partner_id"
    " WHERE b.state <> 'closed' ORDER BY a.bridge_id, a.version DESC) l"
    " WHERE NOT EXISTS (SELECT 1 FROM agreement_acceptance o"
    "   WHERE o.agreement_id = l.id AND o.side = 'ours')"
    " OR (l.kind <> 'brug' AND NOT EXISTS (SELECT 1 FROM agreement_acceptance t"
    "   WHERE t.agreement_id = l.id AND t.side = 'theirs'))"
)
_LOGS: LiteralString = (
    "SELECT count(*) FROM partner_log l JOIN bridge b ON b.uuid = l.bridge_uuid"
    " WHERE l.accepted IS NULL AND b.state <> 'closed'"
)
_VERSIONS: LiteralString = "SELECT count(*) FROM version_beside WHERE settled IS NULL"


class Failing(msgspec.Struct, frozen=True):
    """A bridge, or a MISP server, over which nothing goes just now, and why."""

    kind: Literal["bridge", "server"]
    id: int
    name: str
    problem: str
    last_success: datetime | None
    next_attempt: datetime | None


class Waiting(msgspec.Struct, frozen=True):
    """How much waits for the reader; 0 where it is not theirs to do."""

    held: int = 0
    blocked: int = 0  # held for something else than a release: a key, a licence
    recalls: int = 0
    strings: int = 0
    agreements: int = 0
    logs: int = 0
    versions: int = 0
    failing: list[Failing] = []

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__struct_fields__)


def for_reader(session: Session) -> Waiting:
    """Empty for whoever has none of the rights, at the host."""
    me = session.principal
    if not any(me.may(right) for right in RIGHTS) and not me.is_site_admin:
        return Waiting()
    release, recall, looks_after = session.all(
        "SELECT host_has_right('release'), host_has_right('recall'), host_has_right('bridge_admin')"
    )[0]
    every = me.is_site_admin

    def count(query: LiteralString, mine: bool) -> int:
        return int(session.value(query, {"me": me.user_id})) if mine or every else 0

    failing = _bridges(session) if looks_after or every else []
    return Waiting(
        count(_HELD, release) + count(_IN_FEEDS, release), count(_BLOCKED, looks_after),
        count(_RECALLS, recall), count(_STRINGS, looks_after),
        count(_AGREEMENTS, looks_after), count(_LOGS, looks_after), count(_VERSIONS, looks_after),
        [*failing, *(_servers(session) if every else ())],
    )  # fmt: skip


def _bridges(session: Session) -> list[Failing]:
    """Open ones that could not be worked on when it was last tried, the longest first."""
    rows = session.all(
        "SELECT b.id, p.name, g.problem, b.transport, g.last_success,"
        " nullif(g.next_attempt, '-infinity')"
        " FROM bridge_progress g JOIN bridge b ON b.id = g.bridge_id"
        " JOIN partner p ON p.id = b.partner_id"
        " WHERE b.state = 'open' AND g.problem <> ''"
        " ORDER BY g.last_success NULLS FIRST, b.id LIMIT %s",
        (MOST_FAILING,),
    )
    by_mail = any(row[3] == "mail" for row in rows)
    letters = mailboxes.last_letters(session) if by_mail else {}
    return [
        Failing("bridge", number, name, problem,
                letters.get(number) if transport == "mail" else success, following)
        for number, name, problem, transport, success, following in rows
    ]  # fmt: skip


def _servers(session: Session) -> list[Failing]:
    """MISP servers that could not be reached when it was last tried."""
    rows = session.all(
        "SELECT s.id, s.name, coalesce((SELECT r.problem FROM server_run r"
        "   WHERE r.server_id = s.id AND r.problem <> '' ORDER BY r.id DESC LIMIT 1), ''),"
        " (SELECT max(r.ended) FROM server_run r WHERE r.server_id = s.id AND r.state = 'done'),"
        " nullif(w.not_before, '-infinity') FROM server_work w JOIN server s ON s.id = w.server_id"
        " WHERE w.failures > 0 ORDER BY s.name LIMIT %s",
        (MOST_FAILING,),
    )
    return [Failing("server", *row) for row in rows]
