# SPDX-License-Identifier: EUPL-1.2
"""What the agreement with a server's side says of what is about to be pushed to it.

A server whose partner has a bridge is pushed to under the agreement in force, by the gate
that all bridges share: each event is put on record as a crossing before it leaves, what is
held waits for a person, and a push that comes later carries what was released. Where there
is no bridge there is no agreement: MISP's own rules hold alone, those of levels and of the
record, and the server's page says so.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from brug.bridges import agreements, gate, partners
from brug.bridges.crossing import drafting, having, noting, rows
from brug.bridges.crossing.drafting import Now
from brug.bridges.gate import Decision
from brug.bridges.partners import BridgeRow
from brug.bridges.terms import Kind
from brug.store.session import Database, Session

Json = dict[str, Any]
_WORDS = {"held": "held for a person", "refused": "refused by the agreement"}


class Judged(msgspec.Struct, frozen=True):
    """What goes, if anything, and why not all of it; `crossing` is on record where one is.

    `gone` are the UUIDs of what crossed before and is not here any more.
    """

    document: Json | None
    reason: str = ""
    held: bool = False
    crossing: int | None = None
    gone: Sequence[str] = ()


def bridge_of(session: Session, server_id: int) -> BridgeRow | None:
    """The bridge to a server, if its partner has one that is not closed."""
    number = session.value(
        "SELECT b.id FROM bridge b JOIN partner p ON p.id = b.partner_id"
        " WHERE p.server_id = %s AND b.transport = 'misp' AND b.state <> 'closed'",
        (server_id,),
    )
    return None if number is None else partners.view(session, int(number))


def judge(session: Session, bridge: BridgeRow | None, event_id: int, lowered: Json) -> Judged:
    """The event as it may go; what was decided is on record when the caller commits."""
    if bridge is None:
        return Judged(lowered)
    if bridge.state != "open":
        return Judged(None, f"the bridge is {bridge.state}")
    at = datetime.now(UTC)
    now = Now(bridge, agreements.in_force(session, bridge.id, at), at)
    draft = drafting.of_event(session, now, lowered)
    due = noting.note(session, bridge, event_id, draft)
    last = rows.last(session, bridge.id, draft.event_uuid, "event")
    if due is None and last is not None and last.state not in {"sent", "received"}:
        said = _WORDS.get(last.state, last.state)
        return Judged(None, f"{said}: {_why(draft.decision)}", held=last.state == "held")
    if due is not None:
        having.note_handed_over(session, bridge, [draft.message])
    left_out = "left out by the agreement" if draft.message["redacted"] else ""
    gone = [one["uuid"] for one in having.listed(draft.gone.named)] if draft.gone else []
    crossing = due.crossing_id if due else None
    return Judged(draft.message["event"], left_out, crossing=crossing, gone=gone)


def _why(decision: Decision) -> str:
    texts = [one.text for one in decision.reasons if one.outcome == decision.outcome]
    return " ".join(dict.fromkeys(texts))[:250]


def note_outcome(database: Database, crossing: int | None, problem: str) -> None:
    """What became of a crossing: a server of MISP signs no receipt, so it is sent, not received."""
    if crossing is None:
        return
    with database.system() as session:
        session.execute("UPDATE crossing SET attempts = attempts + 1 WHERE id = %s", (crossing,))
        found = rows.crossing(session, crossing)
        if problem:
            noting.failed(session, found, problem)
        else:
            noting.sent(session, found, None)


def lets(
    session: Session, bridge: BridgeRow | None, kind: Kind, event: Json | None, said: Json
) -> bool:
    """Whether what was said of an event, or a cluster, may go as it is. With no bridge: yes."""
    if bridge is None:
        return True
    at = datetime.now(UTC)
    agreement = agreements.in_force(session, bridge.id, at)
    if bridge.state != "open" or agreement is None or kind not in agreement.terms.kinds:
        return False
    if event is None:
        return kind == "cluster"
    facts = gate.facts_of(session, event, bridge, said)
    return gate.decide(facts, agreement, at).outcome == "pass"
