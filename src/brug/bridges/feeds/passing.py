# SPDX-License-Identifier: EUPL-1.2
"""What of an event may be in a published feed: the hop rule, then the gate.

To a partner what its agreement says. To anyone what is marked TLP:CLEAR and of level 3, item
by item; what is not marked is not cleared. There is nobody to agree with then, so the terms
below stand in: no personal data but indicators, cyber defence alone, no pseudonyms.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from brug.bridges import gate
from brug.bridges.agreements import Agreement
from brug.bridges.crossing.parts import words_of
from brug.bridges.gate import hop
from brug.bridges.parties import Party
from brug.bridges.partners import BridgeRow
from brug.bridges.terms import Ceiling, PersonalData, Terms
from brug.directory import organisations
from brug.model.event import ALL, INHERIT
from brug.store import settings
from brug.store.session import Session

Document = dict[str, Any]
NOBODY = UUID(int=0)
_LONG_AGO = datetime(2018, 1, 1, tzinfo=UTC)
_MOST_REASONS = 20
_CHILDREN = ("Attribute", "Object", "EventReport")


class Reader(msgspec.Struct, frozen=True):
    """Who reads a feed, as far as the gate goes, and under which terms."""

    id: int
    uuid: Any
    transport: str
    relation: str
    org_uuid: Any
    terms: Terms | None
    version: int = 0

    @property
    def is_anyone(self) -> bool:
        return bool(self.org_uuid == NOBODY)


class Passed(msgspec.Struct, frozen=True):
    """The copy that may be in the feed, or None; what was left out, and why, by number.

    `held` says that it waits for something: for a person, where nothing else is in the way.
    `waiting` are parts beside what passes that a person could let in, and `why` they are held.
    """

    document: Document | None
    left_out: dict[str, int]
    held: bool = False
    waiting: int = 0
    why: list[dict[str, Any]] = []


def anyone(session: Session) -> Reader:
    """The public, to whom no agreement holds."""
    host = organisations.view(session, settings.get(session, "node.host_org_id"))
    parties = (
        Party(organisation=str(NOBODY), name="anyone", country="ZZ"),
        Party(organisation=host.uuid, name=host.name, country="ZZ"),
    )
    terms = Terms(
        bridge=str(NOBODY), version=1, parties=parties, senders=(host.uuid,),
        purposes=("cyber-defence",), legal_basis="published for everyone",
        ceiling=Ceiling(tlp="clear", pap="red"), unmarked="refuse", quality="drop",
        personal_data=PersonalData(
            regime="none", crossing="published for everyone: indicators alone"
        ),
        valid_from=_LONG_AGO, document="docs/how-to/feeds.md",
    )  # fmt: skip
    return Reader(0, NOBODY, "feed", "public", NOBODY, terms)


def partner(bridge: BridgeRow, agreement: Agreement | None) -> Reader:
    """A partner at a feed; without an agreement in force nothing goes to it."""
    open_now = agreement if bridge.state == "open" else None
    return Reader(
        bridge.id, bridge.uuid, bridge.transport, bridge.relation, bridge.org_uuid,
        open_now.terms if open_now else None, open_now.version if open_now else 0,
    )  # fmt: skip


def passed(
    session: Session, event: Document, reader: Reader, at: datetime, *, released: bool = False
) -> Passed:
    """What may be in the feed of an event as the reader's account sees it."""
    lowered = hop.lowered(event, "feed", str(reader.org_uuid))
    if lowered is None:
        return Passed(None, {"level": 1})
    left_out: dict[str, int] = {}
    if reader.is_anyone:
        lowered = _for_all(lowered)
        if lowered is None:
            return Passed(None, {"level": 1})
    cut = _number(event) - _number(lowered)
    if cut > 0:
        left_out["level"] = cut
    agreed = _Agreed(reader.terms) if reader.terms else None
    facts = _heard(session, lowered, reader, agreed, at)
    decision = gate.decide(gate.as_released(facts) if released else facts, agreed, at)
    for verdict in decision.attributes.values():
        if verdict.becomes == "nothing":
            for rule in {one.rule for one in verdict.reasons if one.outcome == verdict.outcome}:
                left_out[rule] = left_out.get(rule, 0) + 1
    if decision.outcome in {"hold", "refuse"}:
        for rule in {one.rule for one in decision.reasons if one.outcome == decision.outcome}:
            left_out.setdefault(rule, 1)
        return Passed(None, left_out, held=decision.outcome == "hold")
    waiting, why = _waiting(facts, decision, agreed, at) if not reader.is_anyone else (0, [])
    passes = gate.apply(session, lowered, decision, reader)
    return Passed(passes, left_out, waiting=waiting, why=why)


def _waiting(
    facts: gate.Facts, decision: gate.Decision, agreed: "_Agreed | None", at: datetime
) -> tuple[int, list[dict[str, Any]]]:
    """How many parts wait for a person, and why."""
    every = decision.attributes | decision.others
    if not any(one.outcome == "hold" for one in every.values()):
        return 0, []
    keys = gate.waiting(decision, gate.decide(gate.as_released(facts), agreed, at))
    why = {
        one.text: msgspec.to_builtins(one)
        for key in keys for one in every[key].reasons
        if one.outcome == "hold" and one.rule != "parts"
    }  # fmt: skip
    return len(keys), list(why.values())[:_MOST_REASONS]


def _heard(
    session: Session, lowered: Document, reader: Reader, agreed: "_Agreed | None", at: datetime
) -> gate.Facts:
    """The facts, with what people said of single parts for this reader."""
    facts, uuid = gate.facts_of(session, lowered, reader), str(lowered["uuid"])
    words = {} if reader.is_anyone else words_of(session, reader.id, [uuid]).get(uuid, {})
    if not words:
        return facts
    return gate.heard(facts, gate.held_of(lowered, gate.decide(facts, agreed, at)), words)


class _Agreed(msgspec.Struct, frozen=True):
    terms: Terms


def _for_all(item: Document) -> Document | None:
    """The event if it is for all communities, with those items that are as well."""
    if hop.level_in(item) != ALL:
        return None
    return _open(item)


def _open(item: Document) -> Document:
    made = dict(item)
    for name in _CHILDREN:
        if name in made:
            kept = [one for one in hop.rows(made, name) if _is_open(one)]
            made[name] = [_open(one) for one in kept]
    return made


def _is_open(item: Document) -> bool:
    return "distribution" not in item or hop.level_in(item) in {ALL, INHERIT}


def _number(event: Document) -> int:
    """How many attributes there are."""
    inside = [a for one in hop.rows(event, "Object") for a in hop.rows(one, "Attribute")]
    return len(hop.rows(event, "Attribute")) + len(inside)
