# SPDX-License-Identifier: EUPL-1.2
"""The decision: every rule on every distinct combination of facts, once.

Total and pure: the same facts, agreement and time give the same decision, and any facts give
one. The strictest outcome wins: refuse, hold, redact, pass. What a person released is no
longer held; what is refused nobody can release, controlled technology waits for its licence
and what must be encrypted for a key, not for a release.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any, Literal, Protocol

import msgspec

from brug.bridges.gate import personal, rules
from brug.bridges.gate.facts import PSEUDONYMS, Facts, Part
from brug.bridges.gate.reasons import STRICTNESS, Outcome, Reason, reason, strictest
from brug.bridges.terms import Terms
from brug.formats.canonical import canonical_texts

# What becomes of a part: as it is, without what its texts say of people, as a pseudonym, not.
Becomes = Literal["whole", "text", "pseudonym", "nothing"]


class Agreed(Protocol):
    """An agreement, as far as the gate goes."""

    @property
    def terms(self) -> Terms: ...


class Verdict(msgspec.Struct, frozen=True):
    """What was decided of one combination."""

    outcome: Outcome
    becomes: Becomes
    reasons: tuple[Reason, ...]


# What waits for something else than a person's word.
_NOT_BY_PEOPLE = frozenset({"export control", "encryption"})
_COUNTED = {"whole": "passed", "text": "redacted", "pseudonym": "redacted", "nothing": "dropped"}


class Decision(msgspec.Struct, frozen=True, dict=True):
    """Of an event. `attributes` are by UUID, `others` by kind and UUID ("report:...").

    `outcome` "redact" says that something is left out of what crosses. `scrub` says that
    texts cross without what identifies people.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...]
    attributes: dict[str, Verdict] = {}
    others: dict[str, Verdict] = {}
    scrub: bool = True

    @cached_property
    def alike(self) -> list[tuple[Verdict, list[str]]]:
        """What was decided of attributes, of which there is little, and the keys of each."""
        return _alike(self.attributes)

    @cached_property
    def others_alike(self) -> list[tuple[Verdict, list[str]]]:
        """The same of the other parts."""
        return _alike(self.others)

    def counts(self) -> dict[str, int]:
        """How many attributes cross as they are, changed, and not; how many of those wait."""
        found = dict.fromkeys(("passed", "redacted", "dropped", "held"), 0)
        for one, keys in self.alike:
            found[_COUNTED[one.becomes]] += len(keys)
            found["held"] += len(keys) if one.outcome == "hold" else 0
        return found

    def digest(self) -> bytes:
        """SHA-256 over what was decided, canonical: the outcome, and of all parts that were
        decided alike their outcome, what becomes of them, why, and their keys.
        """
        alike: dict[tuple[str, str, str], list[str]] = {}
        for one, keys in (*self.alike, *self.others_alike):
            why = " ".join(r.code for r in one.reasons if r.outcome == one.outcome)
            alike.setdefault((one.outcome, one.becomes, why), []).extend(keys)
        parts = [[*said, " ".join(sorted(keys))] for said, keys in sorted(alike.items())]
        return hashlib.sha256(canonical_texts({"outcome": self.outcome, "parts": parts})).digest()


def _alike(parts: Mapping[str, Verdict]) -> list[tuple[Verdict, list[str]]]:
    found: dict[int, tuple[Verdict, list[str]]] = {}
    for key, one in parts.items():
        if (known := found.get(id(one))) is not None:
            known[1].append(key)
        else:
            found[id(one)] = one, [key]
    return list(found.values())


# For what needs no decision: a message that takes back or confirms.
PASS = Decision("pass", ())


def as_released(facts: Facts) -> Facts:
    """The facts as if two people had released it: what they would send by that."""
    return msgspec.structs.replace(facts, released_by=(-1, -2))


def decide(facts: Facts, agreement: Agreed | None, at: datetime) -> Decision:
    """What may cross, and why."""
    return Judge(agreement, at).decide(facts)


# All facts of an event but those of its parts.
_circumstances = attrgetter(
    *(name for name in Facts.__struct_fields__ if name not in {"head", "combinations", "parts"})
)


class Judge:
    """Decides under one agreement at one time, on each combination once for all events whose
    circumstances are the same.
    """

    def __init__(self, agreement: Agreed | None, at: datetime) -> None:
        self._agreement, self._at = agreement, at
        self._known: dict[Any, dict[Part, Verdict]] = {}

    def decide(self, facts: Facts) -> Decision:
        if self._agreement is None:
            return _without(facts)
        terms = self._agreement.terms
        known = self._known.setdefault(_circumstances(facts), {})
        for part in (facts.head, *facts.combinations):
            if part not in known:
                known[part] = verdict(part, facts, terms, self._at)
        return _decided(facts, known, terms, self._at)


def _decided(facts: Facts, known: Mapping[Part, Verdict], terms: Terms, at: datetime) -> Decision:
    verdicts = [known[part] for part in facts.combinations]
    attributes: dict[str, Verdict] = {}
    others: dict[str, Verdict] = {}
    nameless = 0
    for key, place in facts.parts:
        found = verdicts[place]
        alike = others if ":" in key else attributes
        if not key or key[-1] == ":":
            nameless += 1
        elif key in alike:
            alike[key] = _stricter(alike[key], found)
        else:
            alike[key] = found
    head = known[facts.head]
    reasons = (*head.reasons, *_of_parts(attributes, others, nameless))
    shared = terms.personal_data.handling == "share"
    scrub = not shared or bool(personal.obstacles(facts.head, facts, terms, at))
    return Decision(strictest(reasons), reasons, attributes, others, scrub)


def verdict(part: Part, facts: Facts, terms: Terms, at: datetime) -> Verdict:
    """Of one combination: what every rule says of it."""
    said = tuple(one for rule in rules.ALL for one in rule(part, facts, terms, at))
    reasons = tuple(_released(one, part, facts, terms) for one in said)
    outcome = strictest(reasons)
    return Verdict(outcome, _becomes(outcome, reasons, facts, terms), reasons)


def _released(one: Reason, part: Part, facts: Facts, terms: Terms) -> Reason:
    """The reason once people have released the item, or said that this part of it stays."""
    if one.outcome != "hold" or one.rule in _NOT_BY_PEOPLE:
        return one
    if part.kept_here:
        return reason(one.rule, "hold", one.where, "kept_here", held=one.text)
    people = facts.released_by or part.released_by
    if not people:
        return one
    if terms.release.four_eyes and len(set(people)) < 2:
        return reason(one.rule, "hold", one.where, "second_person", held=one.text)
    return reason(one.rule, "pass", one.where, "released", held=one.text)


# Redacted for these, only the texts beside the value change; for those, the value may be a
# pseudonym. For anything else it is left out.
_TEXT = frozenset({"around_identifies"})
_PERSON = frozenset({"identifies", "may_identify"})


def _becomes(outcome: Outcome, reasons: tuple[Reason, ...], facts: Facts, terms: Terms) -> Becomes:
    if outcome == "pass":
        return "whole"
    if outcome != "redact":
        return "nothing"
    codes = {one.code for one in reasons if one.outcome == "redact"}
    if codes <= _TEXT:
        return "text"
    wanted = terms.personal_data.handling == "pseudonymise" and facts.transport in PSEUDONYMS
    what = {one.where for one in reasons}
    return (
        "pseudonym" if wanted and codes <= _TEXT | _PERSON and what == {"attribute"} else "nothing"
    )


def _stricter(known: Verdict, found: Verdict) -> Verdict:
    """Of two parts with one UUID; the rest of a tie is settled by what becomes of it."""
    order = ("whole", "text", "pseudonym", "nothing")

    def rank(one: Verdict) -> tuple[int, int, list[str]]:
        codes = sorted(said.code for said in one.reasons)
        return STRICTNESS[one.outcome], order.index(one.becomes), codes

    return max(known, found, key=rank)


def _of_parts(
    attributes: dict[str, Verdict], others: dict[str, Verdict], nameless: int
) -> tuple[Reason, ...]:
    """What the parts mean for the whole: something is left out, or there is nothing left."""
    every = [*attributes.values(), *others.values()]
    # What has no UUID cannot be named by anybody, and so does not cross.
    touched = nameless + sum(one.outcome != "pass" for one in every)
    if not touched:
        return ()
    if attributes and all(one.becomes == "nothing" for one in attributes.values()):
        # Held or refused where each of them is at least that.
        least = min((one.outcome for one in attributes.values()), key=STRICTNESS.__getitem__)
        return (reason("parts", least, "event", "nothing_left"),)
    return (reason("parts", "redact", "event", "some_left_out", count=str(touched)),)


def _without(facts: Facts) -> Decision:
    def none(where: str) -> tuple[Reason, ...]:
        return (reason("agreement", "refuse", where, "no_agreement"),)

    found = [Verdict("refuse", "nothing", none(part.what)) for part in facts.combinations]
    attributes = {key: found[at] for key, at in facts.parts if ":" not in key}
    others = {key: found[at] for key, at in facts.parts if ":" in key}
    return Decision("refuse", none("event"), attributes, others)
