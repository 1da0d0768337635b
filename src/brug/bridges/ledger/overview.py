# SPDX-License-Identifier: EUPL-1.2
"""How far each log is: recorded, placed, signed, countersigned; what a page shows of it."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from brug.bridges import partners
from brug.bridges.ledger import logs, partner_logs
from brug.bridges.ledger.logs import Log
from brug.bridges.ledger.partner_logs import Evidence, PartnerLog
from brug.bridges.partners import BridgeRow
from brug.store.session import Session


class State(msgspec.Struct, frozen=True):
    """A log of this node; `covered` is up to where the partner stands for it."""

    log: Log
    partner: str | None
    size: int
    signed: int
    signed_at: datetime | None
    covered: int
    covered_at: datetime | None


class Followed(msgspec.Struct, frozen=True):
    """What we hold of a partner's log, and what speaks against it."""

    bridge: BridgeRow
    logs: list[PartnerLog]
    evidence: list[Evidence]


def states(session: Session, bridges: Sequence[BridgeRow]) -> list[State]:
    """Of each log that the session sees, the node's first."""
    names = {bridge.uuid: bridge.partner for bridge in bridges}
    found = []
    for log in logs.every(session):
        signed = session.one(
            "SELECT size, at FROM ledger_checkpoint WHERE log_id = %s ORDER BY size DESC LIMIT 1",
            (log.id,),
        )
        covered = session.one(
            "SELECT size, at FROM ledger_countersignature WHERE log_id = %s"
            " ORDER BY size DESC LIMIT 1",
            (log.id,),
        )
        name = names.get(log.bridge_uuid) if log.bridge_uuid else None
        size = logs.size(session, log)
        found.append(State(log, name, size, *(signed or (0, None)), *(covered or (0, None))))
    return found


def followed(session: Session, bridges: Sequence[BridgeRow]) -> list[Followed]:
    """Of each bridge whose partner tells of its log."""
    found = [
        Followed(
            bridge, partner_logs.followed(session, bridge), partner_logs.evidence(session, bridge)
        )
        for bridge in bridges
    ]
    return [one for one in found if one.logs]


def waiting(session: Session) -> int:
    """Entries that the session sees and that have no place yet."""
    return int(session.value("SELECT count(*) FROM ledger_pending") or 0)


def kinds(session: Session) -> list[str]:
    """Of what there are entries, as far as the session sees them."""
    # Few kinds among many entries: from one to the next, not over all of them.
    rows = session.all(
        "WITH RECURSIVE found AS (SELECT min(kind) AS kind FROM ledger_entry UNION ALL"
        " SELECT (SELECT min(kind) FROM ledger_entry WHERE kind > found.kind) FROM found"
        " WHERE found.kind IS NOT NULL) SELECT kind FROM found WHERE kind IS NOT NULL"
    )
    return [kind for (kind,) in rows]


def bridges_of(session: Session) -> list[BridgeRow]:
    """The bridges that the session sees."""
    return partners.listed(session)
