# SPDX-License-Identifier: EUPL-1.2
"""Putting a decision on record: a crossing and its entry in the ledger, in one transaction.

What was decided the same way before, of the same bytes, is not decided again: it is sent if it
was not, waits if it waits, stays refused if it was refused. A person's word holds for what that
person saw and for nothing else.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from brug.bridges import ledger
from brug.bridges.afterwards import hearing
from brug.bridges.crossing import messages, rows
from brug.bridges.crossing.drafting import Draft
from brug.bridges.crossing.messages import Message
from brug.bridges.crossing.rows import Crossing
from brug.bridges.gate import Decision, permissions
from brug.bridges.gate.reasons import STRICTNESS
from brug.bridges.partners import BridgeRow
from brug.store.session import Session


class Due(msgspec.Struct, frozen=True):
    """A crossing that is on record and has to be sent."""

    crossing_id: int
    message: Message


_STATES = {"pass": "waiting", "redact": "waiting", "hold": "held", "refuse": "refused"}


def note(session: Session, bridge: BridgeRow, event_id: int, draft: Draft) -> Due | None:
    """Records a draft, unless all is as it was; what has to be sent of it."""
    digest = messages.digest(draft.message)
    state = _STATES[draft.decision.outcome]
    had = rows.last(session, bridge.id, draft.event_uuid, draft.kind)
    if had is not None and had.digest == digest and had.outcome == draft.decision.outcome:
        if had.state in {"waiting", "failed"} and (state == "waiting" or draft.releasable):
            return Due(had.id, draft.message)
        if had.state in {"sent", "received", "held", "refused", "recalled"}:
            return None
    version = int(draft.message["version"])
    again = had is not None and had.version >= version and draft.kind == "event"
    if again and not hearing.goes_again(session, bridge.id, draft.event_uuid, version):
        return None
    if draft.kind == "event":
        end_waiting(session, bridge, draft.event_uuid)
    crossing_id = _insert(session, bridge, event_id, draft, digest, state)
    return Due(crossing_id, draft.message) if state == "waiting" else None


def end_waiting(session: Session, bridge: BridgeRow, event_uuid: str) -> None:
    """What waits for a person or for the partner is not what would cross now."""
    session.execute(
        "UPDATE crossing SET state = 'replaced' WHERE bridge_id = %s AND event_uuid = %s"
        " AND outward AND kind = 'event' AND state IN ('held', 'waiting', 'failed')",
        (bridge.id, event_uuid),
    )


def end_others(session: Session, bridge: BridgeRow, event_uuid: str, due: Sequence[Due]) -> None:
    """Of what was on its way for an event, only what is due now still is."""
    session.execute(
        "UPDATE crossing SET state = 'replaced' WHERE bridge_id = %s AND event_uuid = %s"
        " AND outward AND kind IN ('event', 'withdrawal', 'reactions')"
        " AND state IN ('waiting', 'failed') AND id <> ALL (%s)",
        (bridge.id, event_uuid, [one.crossing_id for one in due]),
    )


def _insert(
    session: Session, bridge: BridgeRow, event_id: int, draft: Draft, digest: bytes, state: str
) -> int:
    decision, version = draft.decision, int(draft.message["version"])
    counts = draft.crosses.counts()
    payload: dict[str, Any] = {
        "kind": draft.kind,
        "event": draft.event_uuid,
        "version": version,
        "digest": digest.hex(),
        "outcome": decision.outcome,
        "state": state,
        "agreement": draft.agreement,
        "rules": sorted({reason.rule for reason in decision.reasons}),
        "attributes": draft.crosses.digest().hex(),
        **counts,
    }
    entry = ledger.record(session, "crossing", payload, bridge_id=bridge.id)
    reasons = Jsonb(_reasons(decision))
    return int(
        session.value(
            "INSERT INTO crossing (bridge_id, outward, kind, event_uuid, event_id, info, version,"
            " digest, agreement_version, outcome, releasable, reasons, passed, redacted, dropped,"
            " state, entry) VALUES (%s, true, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
            " %s, %s) RETURNING id",
            (
                bridge.id, draft.kind, draft.event_uuid, event_id, draft.info[:500], version,
                digest, draft.agreement, decision.outcome, draft.releasable, reasons,
                counts["passed"], counts["redacted"], counts["dropped"], state, entry,
            ),
        )
    )  # fmt: skip


# What is said of a part that passes and is worth knowing afterwards: on what ground personal
# data crossed, what the source allowed, what was remarked.
_REMARKS = frozenset({
    "tool_holds", "threat_actor", "doubt_outside", "doubt_no_decision", "doubt_expired",
    "doubt_scope", "source_allows", "licensed", "embargo_over", "known_good", "expired",
})  # fmt: skip


def _reasons(decision: Decision) -> list[dict[str, Any]]:
    """Why, the strictest first: of the event, and what kept or marked parts, with how many."""
    parts = [*decision.attributes.values(), *decision.others.values()]
    verdicts = {id(verdict): verdict for verdict in parts}
    counts: Counter[bytes] = Counter()
    for key, several in Counter(map(id, parts)).items():
        for one in verdicts[key].reasons:
            if one.outcome != "pass" or one.code in _REMARKS:
                counts[msgspec.json.encode(one, order="sorted")] += several
    found = [msgspec.to_builtins(one) for one in decision.reasons]
    found += [msgspec.json.decode(one) | {"count": n} for one, n in counts.most_common(50)]
    return sorted(found, key=lambda one: -STRICTNESS[one["outcome"]])


def sent(session: Session, crossing: Crossing, receipt: dict[str, Any] | None) -> None:
    """The partner has it; with its signed statement, where the transport brings one back."""
    state = "received" if receipt else "sent"
    session.execute(
        "UPDATE crossing SET state = %s, sent = coalesce(sent, now()), receipt = %s, problem = '',"
        " received = CASE WHEN %s THEN now() END WHERE id = %s",
        (state, Jsonb(receipt) if receipt else None, receipt is not None, crossing.id),
    )
    # Whatever the partner had of it before is replaced, or gone.
    session.execute(
        "UPDATE crossing SET state = %s WHERE bridge_id = %s AND event_uuid = %s AND outward"
        " AND kind = %s AND id < %s AND state IN ('sent', 'received')",
        (
            "gone" if crossing.kind == "withdrawal" else "replaced",
            crossing.bridge_id,
            crossing.event_uuid,
            "event" if crossing.kind == "withdrawal" else crossing.kind,
            crossing.id,
        ),
    )
    if crossing.kind == "event":
        permissions.use(session, crossing.event_uuid, crossing.bridge_id)
    if receipt is not None:
        payload = {"crossing": crossing.entry or "", "receipt": receipt}
        ledger.record(session, "receipt", payload, bridge_id=crossing.bridge_id)


def failed(session: Session, crossing: Crossing, problem: str) -> None:
    """The partner did not take it; it is tried again, ever more seldom, at least once a day."""
    session.execute(
        "UPDATE crossing SET state = 'failed', problem = %s,"
        " next_attempt = now() + least(interval '1 minute' * 2 ^ least(attempts, 12),"
        " interval '1 day') WHERE id = %s",
        (problem[:1000], crossing.id),
    )
