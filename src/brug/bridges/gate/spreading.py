# SPDX-License-Identifier: EUPL-1.2
"""A value that does not cross does not cross in another attribute either.

The values of an event are looked at here, after the decision and before the copy: an attribute
whose value holds one that is left out (a URL with a domain that is held) is left out as well.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from brug.bridges.gate.deciding import Decision, Verdict
from brug.bridges.gate.hop import rows
from brug.bridges.gate.keeping_out import KeptOut
from brug.bridges.gate.parts import key_of, value_of, values_of
from brug.bridges.gate.reasons import reason

Document = dict[str, Any]
_CROSSES = frozenset({"whole", "text"})


class Settled(msgspec.Struct, frozen=True):
    """A decision in which nothing contradicts, and the values that do not cross as they are."""

    decision: Decision
    gone: KeptOut


def spread(event: Document, decision: Decision) -> Decision:
    """The decision, with what holds values that do not cross decided the same way."""
    return settled(event, decision).decision


def settled(event: Document, decision: Decision) -> Settled:
    """The same, with what is kept out by it.

    An attribute whose value holds one (a URL with a domain that is held) does not cross.
    """
    attributes = {}
    gone = _gone_of(event, decision)
    if not gone:
        return Settled(decision, gone)
    for key, value in (each for one in attributes_of(event) for each in values_of(one)):
        known = decision.attributes.get(key)
        if known is None or known.becomes not in _CROSSES or not gone.is_in(value):
            continue
        said = reason("parts", "redact", "attribute", "contains")
        attributes[key] = Verdict("redact", "nothing", (*known.reasons, said))
    if not attributes:
        return Settled(decision, gone)
    outcome, reasons = decision.outcome, decision.reasons
    if outcome == "pass":
        said = reason("parts", "redact", "event", "some_left_out", count=str(len(attributes)))
        outcome, reasons = "redact", (*reasons, said)
    made = {**decision.attributes, **attributes}
    changed = msgspec.structs.replace(decision, outcome=outcome, reasons=reasons, attributes=made)
    return settled(event, changed)


def attributes_of(event: Document) -> Iterator[Document]:
    yield from rows(event, "Attribute")
    for one in rows(event, "Object"):
        yield from rows(one, "Attribute")


def _gone_of(event: Document, decision: Decision) -> KeptOut:
    """The values of attributes and proposals that do not cross as they are."""
    cross = {uuid for known, uuids in decision.alike if known.becomes in _CROSSES for uuid in uuids}
    values = [
        value for one in attributes_of(event) for uuid, value in values_of(one) if uuid not in cross
    ]
    return KeptOut([*values, *_of_proposals(event, decision)])


def gone_of_proposals(event: Document, decision: Decision) -> KeptOut:
    """The values of proposals that do not cross."""
    return KeptOut(_of_proposals(event, decision))


def _of_proposals(event: Document, decision: Decision) -> Iterator[str]:
    for item in (event, *attributes_of(event)):
        for proposal in rows(item, "ShadowAttribute") if item.get("ShadowAttribute") else ():
            known = decision.others.get(key_of("proposal", proposal))
            if known is None or known.becomes not in _CROSSES:
                yield value_of(proposal)
