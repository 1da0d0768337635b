# SPDX-License-Identifier: EUPL-1.2
"""What would cross a bridge, before anything does: the same steps, and nothing is sent.

What the partner's account sees, what the bridge's filters want, which level it leaves with,
what the gate says. Attributes that were decided alike are told together; of their values only
those are shown that whoever asks may see.
"""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from brug.bridges import partners
from brug.bridges.crossing import drafting, filtering, reading
from brug.bridges.gate import hop
from brug.bridges.gate.deciding import Becomes, Decision, Verdict
from brug.bridges.gate.parts import uuid_of, value_of
from brug.bridges.gate.reasons import Outcome, Reason
from brug.bridges.gate.spreading import spread
from brug.bridges.partners import BridgeRow
from brug.intel import loading
from brug.intel.finding import find
from brug.store.session import Database, Session

Document = dict[str, Any]
# Where an event's way ends: at the gate, or before it for a reason that needs no agreement.
Stage = Literal["gate", "unseen", "theirs", "unwanted", "level", "not_open"]
MOST_EXAMPLES = 5
STAGES: dict[str, str] = {
    "unseen": "The partner does not see this event: its level, group or being a draft keeps it.",
    "theirs": "The partner made this event; only what is said of it here goes back.",
    "unwanted": "The bridge's filters do not want this event.",
    "level": "Its level does not leave this node.",
    "not_open": "The bridge is not open.",
}


class Together(msgspec.Struct, frozen=True):
    """Parts that were decided alike. `reasons` are those that made the outcome, and remarks."""

    kind: str
    outcome: Outcome
    becomes: Becomes
    count: int
    reasons: list[Reason]
    examples: list[str]


class Explained(msgspec.Struct, frozen=True):
    """What would happen with one event on one bridge, now."""

    bridge_id: int
    partner: str
    transport: str
    event_uuid: str
    info: str
    draft: bool
    stage: Stage
    outcome: Outcome
    says: str
    version: int | None
    level: int | None
    seen: int
    staying: int  # by a level of their own
    unwanted: int  # by the bridge's filters
    counts: dict[str, int]
    reasons: list[Reason]
    parts: list[Together]


def explain(database: Database, reader: Session, bridge: BridgeRow, event: str | int) -> Explained:
    """Raises NotFound where the reader sees no such event."""
    event_id = find(reader, "event", event)
    document = what_partner_sees(database, bridge, event_id)
    with database.system() as session:
        steps = steps_of(session, bridge, document)
    head = loading.heads(reader, [event_id])[event_id].head
    return _told(reader, bridge, head.uuid, head.info, not head.published, steps)


def everywhere(database: Database, reader: Session, event: str | int) -> list[Explained]:
    """The same for each bridge that is not closed."""
    return [
        explain(database, reader, bridge, event)
        for bridge in partners.listed(reader)
        if bridge.state != "closed"
    ]


class Steps(msgspec.Struct, frozen=True):
    """How far an event comes; `document` is what the gate looked at."""

    stage: Stage
    seen: Document | None = None
    document: Document | None = None
    decision: Decision | None = None
    version: int | None = None
    crosses: Decision | None = None  # of what is held, once people let it
    unwanted: int = 0


def steps_of(session: Session, bridge: BridgeRow, document: Document | None) -> Steps:
    """Of what the partner sees, what would be decided now. Reads as the system."""
    if document is None:
        return Steps("unseen")
    stage, goes = lowered(bridge, document)
    if goes is None:
        return Steps(stage, document)
    decision, crosses, now = drafting.decided(session, bridge, goes)
    kept = filtering.wanted(document, bridge.filters) or document
    return Steps(
        stage, document, goes, spread(goes, decision), now.version, spread(goes, crosses),
        len(reading.items(document)) - len(reading.items(kept)),
    )  # fmt: skip


def lowered(bridge: BridgeRow, document: Document) -> tuple[Stage, Document | None]:
    """What of an event comes before the gate, drafts as if they were published."""
    if reading.creator(document) == str(bridge.org_uuid):
        return "theirs", None
    reading.leave_out_what_was_said_by(document, str(bridge.org_uuid))
    kept = filtering.wanted(document, bridge.filters)
    if kept is None:
        return "unwanted", None
    found = reading.lowered({**kept, "published": True}, bridge.transport, str(bridge.org_uuid))
    if found is None:
        return "level", None
    return "gate" if bridge.state == "open" else "not_open", found


def what_partner_sees(database: Database, bridge: BridgeRow, event_id: int) -> Document | None:
    """In the session of the partner's account, drafts as if they were published."""
    with database.as_user(bridge.account_id) as partner:
        return reading.all_for_partner(partner, [event_id], drafts=True).get(event_id)


def _told(
    reader: Session, bridge: BridgeRow, uuid: str, info: str, draft: bool, steps: Steps
) -> Explained:
    document = steps.document
    decision = _of_what_is_there(document, steps.decision)
    seen = len(reading.items(steps.seen)) if steps.seen else 0
    went = len(reading.items(steps.document)) if steps.document else 0
    level = hop.level_in(steps.document) if steps.document else None
    outcome: Outcome = decision.outcome if decision and steps.stage == "gate" else "refuse"
    return Explained(
        bridge.id, bridge.partner, bridge.transport, uuid, info, draft, steps.stage, outcome,
        STAGES.get(steps.stage, ""), steps.version, level, seen,
        seen - went - steps.unwanted if steps.document else 0, steps.unwanted,
        decision.counts() if decision else {},
        _telling(decision.reasons) if decision else [],
        _together(reader, steps.document, decision) if steps.document and decision else [],
    )  # fmt: skip


def _of_what_is_there(document: Document | None, decision: Decision | None) -> Decision | None:
    """Without what is deleted: of that only the deletion crosses."""
    if document is None or decision is None:
        return decision
    gone = {uuid_of(one) for one in reading.items(document) if one.get("deleted")}
    there = {key: said for key, said in decision.attributes.items() if key not in gone}
    return msgspec.structs.replace(decision, attributes=there)


def _telling(reasons: Iterable[Reason]) -> list[Reason]:
    """The reasons that say more than that nothing is against it, the strictest first."""
    said = [one for one in reasons if one.outcome != "pass" or one.code in _REMARKS]
    each = {(one.rule, one.text): one for one in said}.values()
    return sorted(each, key=lambda one: -_ORDER.index(one.outcome))


_ORDER = ("pass", "redact", "hold", "refuse")
_REMARKS = frozenset({
    "source_allows", "known_good", "expired", "released", "licensed", "embargo_over",
    "threat_actor", "doubt_outside", "doubt_no_decision", "doubt_expired", "doubt_scope",
})  # fmt: skip


def _together(reader: Session, document: Document, decision: Decision) -> list[Together]:
    said = {uuid_of(one): f"{one.get('type')} {value_of(one)}" for one in reading.items(document)}
    visible = {
        row[0]
        for row in reader.all(
            "SELECT uuid::text FROM attribute WHERE uuid = ANY (%s::uuid[])",
            ([uuid for uuid in said if uuid in decision.attributes],),
        )
    }
    alike: dict[Any, list[str]] = {}
    verdicts: dict[Any, Verdict] = {}
    of_verdict: dict[int, Any] = {}
    for key, verdict in [*decision.attributes.items(), *decision.others.items()]:
        kind = key.partition(":")[0] if ":" in key else "attribute"
        said_of_it = of_verdict.get(id(verdict))
        if said_of_it is None:
            texts = tuple(one.text for one in _telling(verdict.reasons))
            said_of_it = of_verdict[id(verdict)] = (verdict.outcome, verdict.becomes, texts)
        alike.setdefault((kind, said_of_it), []).append(key)
        verdicts[kind, said_of_it] = verdict
    found = [
        Together(
            place[0], verdicts[place].outcome, verdicts[place].becomes, len(keys),
            _telling(verdicts[place].reasons),
            [said[key] for key in keys if key in visible][:MOST_EXAMPLES],
        )
        for place, keys in alike.items()
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-_ORDER.index(one.outcome), one.kind, -one.count))
