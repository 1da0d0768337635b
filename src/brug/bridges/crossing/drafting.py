# SPDX-License-Identifier: EUPL-1.2
"""Drafts: what could cross a bridge now, and what the gate says of it.

Of what is held, the draft is what crosses once people let it: they release exactly that.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from brug.bridges import agreements, gate
from brug.bridges.agreements import Agreement
from brug.bridges.crossing import folding, having, messages, parts, protected, reading, unsaying
from brug.bridges.crossing.messages import Message
from brug.bridges.crossing.rows import Kind
from brug.bridges.gate import Decision
from brug.bridges.partners import BridgeRow
from brug.store.session import Session


class Draft(msgspec.Struct, frozen=True):
    """What could cross, and what was decided of it under which version of the agreement.

    Of what is held, `crosses` is the decision once people let it.
    """

    kind: Kind
    event_uuid: str
    message: Message
    info: str
    decision: Decision
    agreement: int | None
    crosses: Decision
    gone: having.Gone | None = None
    waiting_parts: int = 0  # that are held for a person, beside what crosses
    is_kept: bool = False  # all that is held, a person said, stays

    @property
    def releasable(self) -> bool:
        """Whether it is people alone that it waits for."""
        return self.crosses.outcome in {"pass", "redact"}


class Now:
    """What decides beside the item itself."""

    def __init__(self, bridge: BridgeRow, agreement: Agreement | None, at: datetime) -> None:
        self.bridge, self.agreement, self.at = bridge, agreement, at
        self._judge = gate.Judge(agreement, at)

    @property
    def version(self) -> int | None:
        return self.agreement.version if self.agreement else None

    def decided(self, facts: gate.Facts) -> tuple[Decision, Decision]:
        """The decision, and the one by which it crosses once people let it."""
        decision = self._judge.decide(facts)
        if decision.outcome != "hold":
            return decision, decision
        return decision, self._judge.decide(gate.as_released(facts))

    def heard(
        self, facts: gate.Facts, event: Message, words: Mapping[str, gate.Word]
    ) -> gate.Facts:
        """With what people said of single parts of an event."""
        if not words:
            return facts
        return gate.heard(facts, gate.held_of(event, self._judge.decide(facts)), words)

    def waiting(self, facts: gate.Facts, decision: Decision) -> list[str]:
        """The parts that a person could let cross beside what crosses, by key."""
        parts = (*decision.alike, *decision.others_alike)
        if not any(one.outcome == "hold" for one, _ in parts):
            return []
        return gate.waiting(decision, self._judge.decide(gate.as_released(facts)))


class Subject(msgspec.Struct, frozen=True):
    """What is decided on: an event with the level that it leaves with.

    Or, of an event that the partner made, what was `said` of it here.
    """

    document: Message
    said: Message | None = None


def decided(
    session: Session, bridge: BridgeRow, lowered: Message
) -> tuple[Decision, Decision, Now]:
    """What the gate says of an event now, and once people let it cross, with what they said of
    its parts. As the system.
    """
    at = datetime.now(UTC)
    now = Now(bridge, agreements.in_force(session, bridge.id, at), at)
    uuid = str(lowered["uuid"])
    words = parts.words_of(session, bridge.id, [uuid]).get(uuid, {})
    heard = now.heard(gate.facts_of(session, lowered, bridge), lowered, words)
    return (*now.decided(heard), now)


def of_event(session: Session, now: Now, lowered: Message) -> Draft:
    """Of one event; the session is the system's."""
    return of_several(session, now, [Subject(lowered)])[0]


def of_several(session: Session, now: Now, subjects: Sequence[Subject]) -> list[Draft]:
    """Of several; what decides is asked for all of them at once."""
    if not subjects:
        return []
    asked = [
        (one.document, None if one.said is None else reading.all_said(one.said)) for one in subjects
    ]
    facts = gate.facts_of_several(session, asked, now.bridge)
    events = [str(one.document["uuid"]) for one in subjects if one.said is None]
    had = having.of_events(session, now.bridge, [str(one.document["uuid"]) for one in subjects])
    back = unsaying.taken_back(session, now.bridge, had)
    words = parts.words_of(session, now.bridge.id, events)
    drafts = []
    for one, its in zip(subjects, facts, strict=True):
        uuid = str(one.document["uuid"])
        if one.said is not None:
            draft = _of_reactions(now, one.document, one.said, its)
            drafts.append(_unsaying(draft, had.get(uuid), back.get(uuid, ()), one.document))
            continue
        heard = now.heard(its, one.document, words.get(uuid, {}))
        draft = _of_event(session, now, one.document, heard, had.get(uuid))
        drafts.append(_unsaying(draft, had.get(uuid), back.get(uuid, ()), one.document))
    return drafts


def _unsaying(
    draft: Draft, had: having.Had | None, back: Collection[str], lowered: Message
) -> Draft:
    """Naming what was said, crossed and was taken back since."""
    copy = draft.message["said" if draft.kind == "reactions" else "event"]
    if not (named := unsaying.named(had, back, copy, lowered)):
        return draft
    gone = unsaying.with_news(draft.gone, had, unsaying.listed(named))
    message = {**draft.message, unsaying.FIELD: named}
    return msgspec.structs.replace(draft, message=message, gone=gone)


def _of_event(
    session: Session, now: Now, lowered: Message, facts: gate.Facts, had: having.Had | None
) -> Draft:
    decision, crosses = now.decided(facts)
    # What is kept back is kept back inside other values too, and counts so.
    found = gate.settled(lowered, crosses)
    told = found if decision is crosses else gate.settled(lowered, decision)
    copy = folding.unfold(gate.copy_of(session, lowered, found, now.bridge), lowered)
    redacted = found.decision.outcome == "redact"
    gone = having.gone(session, now.bridge, had, copy, lowered)
    message = messages.of_event(
        copy, redacted=redacted, agreement=now.version, gone=gone.in_message() if gone else None
    )
    terms = now.agreement.terms if now.agreement else None
    message = protected.signed(session, now.bridge, message, terms)
    uuid, info = str(lowered["uuid"]), str(lowered["info"])
    is_held = decision.outcome == "hold"
    return Draft(
        "event", uuid, message, info, told.decision, now.version, found.decision, gone,
        0 if is_held else len(now.waiting(facts, decision)),
        is_held and crosses.outcome == "hold" and not gate.waits(crosses),
    )  # fmt: skip


def _of_reactions(now: Now, document: Message, said: Message, facts: gate.Facts) -> Draft:
    """What was said here of a partner's event goes back to the partner, never the event."""
    decision, crosses = now.decided(facts)
    uuid, info = str(document["uuid"]), str(document["info"])
    kept = gate.said_of(said, document, crosses) or {"uuid": uuid}
    message = messages.of_reactions(uuid, int(document["timestamp"]), kept)
    return Draft("reactions", uuid, message, info, decision, now.version, crosses)
