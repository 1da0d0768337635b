# SPDX-License-Identifier: EUPL-1.2
"""Putting a decision on record: a crossing and its entry in the ledger, in one transaction.

What was decided the same way before, of the same bytes, is not decided again: it is sent if it
was not, waits if it waits, stays refused if it was refused. A person's word holds for what that
person saw and for nothing else.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from psycopg.types.json import Jsonb

from brug.bridges import ledger
from brug.bridges.afterwards import hearing
from brug.bridges.crossing import having, messages, rows
from brug.bridges.crossing.drafting import Draft
from brug.bridges.crossing.messages import Message, Written
from brug.bridges.crossing.rows import Crossing
from brug.bridges.gate import Decision, permissions
from brug.bridges.gate.reasons import STRICTNESS
from brug.bridges.partners import BridgeRow
from brug.formats import json_text
from brug.store.session import Session

Receipt = dict[str, Any]


class Due(msgspec.Struct, frozen=True):
    """A crossing that is on record and has to be sent."""

    crossing_id: int
    written: Written

    @property
    def message(self) -> Message:
        return self.written.message


class _New(msgspec.Struct, frozen=True):
    """A draft that is put on record."""

    event_id: int | None
    draft: Draft
    written: Written
    counts: dict[str, int]

    @property
    def state(self) -> str:
        return "refused" if self.draft.is_kept else _STATES[self.draft.decision.outcome]


_STATES = {"pass": "waiting", "redact": "waiting", "hold": "held", "refuse": "refused"}


def note(session: Session, bridge: BridgeRow, event_id: int | None, draft: Draft) -> Due | None:
    """Records a draft, unless all is as it was; what has to be sent of it."""
    return note_several(session, bridge, [(event_id, draft)])[0]


def note_several(
    session: Session, bridge: BridgeRow, drafts: Sequence[tuple[int | None, Draft]]
) -> list[Due | None]:
    """The same for drafts of several events, of each at most one of a kind."""
    had = rows.all_last(session, bridge.id, [(one.event_uuid, one.kind) for _, one in drafts])
    due: list[Due | None] = [None] * len(drafts)
    new: dict[int, _New] = {}
    for place, (event_id, draft) in enumerate(drafts):
        written = messages.written(draft.message)
        known = had.get((draft.event_uuid, draft.kind))
        if known is not None and _is_sent_again(known, draft, written):
            due[place] = Due(known.id, written)
        elif known is None or _is_news(session, known, draft, written):
            new[place] = _New(event_id, draft, written, draft.crosses.counts())
            continue
        if known.waiting_parts != draft.waiting_parts:
            session.execute(
                "UPDATE crossing SET waiting_parts = %s WHERE id = %s",
                (draft.waiting_parts, known.id),
            )
    events = [one.draft.event_uuid for one in new.values() if one.draft.kind == "event"]
    end_waiting(session, bridge, events)
    for (place, one), number in zip(
        new.items(), _insert(session, bridge, list(new.values())), strict=True
    ):
        due[place] = Due(number, one.written) if one.state == "waiting" else None
    return due


def _is_same(known: Crossing, draft: Draft, written: Written) -> bool:
    return known.digest == written.digest and known.outcome == draft.decision.outcome


def _is_sent_again(known: Crossing, draft: Draft, written: Written) -> bool:
    """Whether it was decided the same way, and is not with the partner yet."""
    may = _STATES[draft.decision.outcome] == "waiting" or draft.releasable
    return _is_same(known, draft, written) and known.state in {"waiting", "failed"} and may


def _is_news(session: Session, known: Crossing, draft: Draft, written: Written) -> bool:
    """Whether what is known of it is not all there is to say."""
    settled = {"sent", "received", "held", "refused", "recalled"}
    if _is_same(known, draft, written) and known.state in settled:
        return False
    version = int(draft.message["version"])
    again = draft.kind == "event" and known.version >= version
    return not again or hearing.goes_again(session, known.bridge_id, draft.event_uuid, version)


def end_waiting(session: Session, bridge: BridgeRow, event_uuids: Sequence[str]) -> None:
    """What waits for a person or for the partner is not what would cross now."""
    if event_uuids:
        session.execute(
            "UPDATE crossing SET state = 'replaced' WHERE bridge_id = %s"
            " AND event_uuid = ANY (%s::uuid[]) AND outward AND kind = 'event'"
            " AND state IN ('held', 'waiting', 'failed')",
            (bridge.id, list(event_uuids)),
        )


def end_others(
    session: Session, bridge: BridgeRow, event_uuids: Sequence[str], due: Sequence[Due]
) -> None:
    """Of what was on its way for some events, only what is due now still is."""
    session.execute(
        "UPDATE crossing SET state = 'replaced' WHERE bridge_id = %s"
        " AND event_uuid = ANY (%s::uuid[]) AND outward"
        " AND kind IN ('event', 'withdrawal', 'reactions')"
        " AND state IN ('waiting', 'failed') AND id <> ALL (%s)",
        (bridge.id, list(event_uuids), [one.crossing_id for one in due]),
    )


def _insert(session: Session, bridge: BridgeRow, several: Sequence[_New]) -> list[int]:
    """The numbers of the new crossings, in the same order."""
    if not several:
        return []
    payloads = [_payload(one) for one in several]
    entries = ledger.record_several(session, "crossing", payloads, bridge_id=bridge.id)
    rows_ = [_row(one, entry) for one, entry in zip(several, entries, strict=True)]
    changed = [(one.draft.event_uuid, one.draft.gone) for one in several if one.draft.gone]
    having.note_decided(session, bridge, [one for one in changed if one[1].is_changed])
    found = session.all(
        "INSERT INTO crossing (bridge_id, outward, kind, event_uuid, event_id, info, version,"
        " digest, agreement_version, outcome, releasable, reasons, passed, redacted, dropped,"
        " state, entry, taken_back, waiting_parts)"
        " SELECT %s, true, n.kind, n.event_uuid, n.event_id, n.info, n.version, n.digest,"
        " n.agreement_version, n.outcome, n.releasable, n.reasons, n.passed, n.redacted,"
        " n.dropped, n.state, n.entry, n.taken_back, n.waiting_parts"
        " FROM jsonb_populate_recordset(NULL::crossing, %s)"
        " WITH ORDINALITY AS n ORDER BY n.ordinality RETURNING entry, id",
        (bridge.id, Jsonb(rows_, dumps=json_text.encode)),
    )
    numbers = dict(found)
    return [numbers[entry] for entry in entries]


def _payload(one: _New) -> dict[str, Any]:
    """What the ledger says of it."""
    draft = one.draft
    return {
        "kind": draft.kind,
        "event": draft.event_uuid,
        "version": int(draft.message["version"]),
        "digest": one.written.digest.hex(),
        "outcome": draft.decision.outcome,
        "state": one.state,
        "agreement": draft.agreement,
        "rules": sorted({reason.rule for reason in draft.decision.reasons}),
        "attributes": draft.crosses.digest().hex(),
        **one.counts,
        **({"taken_back": len(draft.gone.news)} if draft.gone and draft.gone.news else {}),
    }


def _row(one: _New, entry: UUID) -> dict[str, Any]:
    """Its columns."""
    draft, counts = one.draft, one.counts
    return {
        "kind": draft.kind, "event_uuid": draft.event_uuid, "event_id": one.event_id,
        "info": draft.info[:500], "version": int(draft.message["version"]),
        "digest": rf"\x{one.written.digest.hex()}", "agreement_version": draft.agreement,
        "outcome": draft.decision.outcome, "releasable": draft.releasable,
        "reasons": _reasons(draft.decision), "passed": counts["passed"],
        "redacted": counts["redacted"], "dropped": counts["dropped"], "state": one.state,
        "entry": str(entry), "taken_back": draft.gone.news if draft.gone else [],
        "waiting_parts": draft.waiting_parts,
    }  # fmt: skip


# What is said of a part that passes and is worth knowing afterwards: on what ground personal
# data crossed, what the source allowed, what was remarked.
_REMARKS = frozenset({
    "tool_holds", "threat_actor", "doubt_outside", "doubt_no_decision", "doubt_expired",
    "doubt_scope", "source_allows", "licensed", "embargo_over", "known_good", "expired",
})  # fmt: skip


def _reasons(decision: Decision) -> list[dict[str, Any]]:
    """Why, the strictest first: of the event, and what kept or marked parts, with how many."""
    counts: Counter[bytes] = Counter()
    for verdict, keys in (*decision.alike, *decision.others_alike):
        for one in verdict.reasons:
            if one.outcome != "pass" or one.code in _REMARKS:
                counts[msgspec.json.encode(one, order="sorted")] += len(keys)
    found = [msgspec.to_builtins(one) for one in decision.reasons]
    found += [msgspec.json.decode(one) | {"count": n} for one, n in counts.most_common(50)]
    return sorted(found, key=lambda one: -STRICTNESS[one["outcome"]])


def sent(session: Session, crossing: Crossing, receipt: Receipt | None) -> None:
    """The partner has it; with its signed statement, where the transport brings one back."""
    sent_several(session, [(crossing, receipt)])


def sent_several(
    session: Session,
    several: Sequence[tuple[Crossing, Receipt | None]],
    left_out: Mapping[int, str] | None = None,
) -> None:
    """The same of several crossings of one bridge; by number what of them was not taken."""
    if not several:
        return
    bridge_id, left_out = several[0][0].bridge_id, left_out or {}
    session.execute(
        "UPDATE crossing c SET state = CASE WHEN n.receipt IS NULL THEN 'sent' ELSE 'received' END,"
        " sent = coalesce(c.sent, now()), receipt = n.receipt,"
        " problem = n.problem, received = CASE WHEN n.receipt IS NOT NULL THEN now() END"
        " FROM jsonb_to_recordset(%s) AS n (id bigint, receipt jsonb, problem text)"
        " WHERE c.id = n.id",
        (
            Jsonb(
                [
                    {"id": one.id, "receipt": receipt, "problem": left_out.get(one.id, "")}
                    for one, receipt in several
                ],
                dumps=json_text.encode,
            ),
        ),
    )
    # Whatever the partner had of it before is replaced, or gone, by the first that came after it.
    session.execute(
        "UPDATE crossing c SET state = n.state FROM (SELECT DISTINCT ON (o.id) o.id,"
        "   CASE n.kind WHEN 'withdrawal' THEN 'gone' ELSE 'replaced' END AS state"
        "   FROM crossing n JOIN crossing o ON o.bridge_id = n.bridge_id"
        "     AND o.event_uuid = n.event_uuid AND o.outward AND o.id < n.id"
        "     AND o.kind = CASE n.kind WHEN 'withdrawal' THEN 'event' ELSE n.kind END"
        "   WHERE n.id = ANY (%s) AND o.state IN ('sent', 'received')"
        "     AND n.kind <> 'document'"  # a piece replaces none
        "   ORDER BY o.id, n.id) AS n WHERE c.id = n.id",
        ([crossing.id for crossing, _ in several],),
    )
    if any(crossing.kind in {"case", "document"} for crossing, _ in several):
        # What an entry names follows it, piece by piece.
        session.execute(
            "INSERT INTO case_due (bridge_id, case_id) SELECT DISTINCT c.bridge_id, d.case_id"
            " FROM crossing c JOIN case_entry e ON e.uuid = c.event_uuid"
            " JOIN case_document d ON d.entry = e.number"
            " WHERE c.id = ANY (%s) AND c.kind IN ('case', 'document')"
            " ON CONFLICT (bridge_id, case_id) DO UPDATE SET changes = case_due.changes + 1",
            ([crossing.id for crossing, _ in several],),
        )
    gone = [crossing.event_uuid for crossing, _ in several if crossing.kind == "withdrawal"]
    if gone:
        having.forget(session, bridge_id, gone)
    events = [crossing.event_uuid for crossing, _ in several if crossing.kind == "event"]
    if events:
        permissions.use(session, events, bridge_id)
    payloads = [
        {"crossing": crossing.entry or "", "receipt": receipt}
        for crossing, receipt in several
        if receipt is not None
    ]
    if payloads:
        ledger.record_several(session, "receipt", payloads, bridge_id=bridge_id)


def failed(session: Session, crossing: Crossing, problem: str) -> None:
    """The partner did not take it; it is tried again, ever more seldom, at least once a day.

    Soon at first: it may have met another change of the same event there.
    """
    session.execute(
        "UPDATE crossing SET state = 'failed', problem = %s,"
        " next_attempt = now() + least(interval '5 seconds' * 2 ^ least(attempts, 15),"
        " interval '1 day') WHERE id = %s",
        (problem[:1000], crossing.id),
    )
