# SPDX-License-Identifier: EUPL-1.2
"""What people said of single parts of an event that are held, and of which version of them.

Pure. A word holds for exactly what was looked at: what of the part would cross, and why it is
held. Where either is another by now, it is decided anew.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from brug.bridges.gate import fields
from brug.bridges.gate.alike import apart
from brug.bridges.gate.deciding import Decision, Verdict
from brug.bridges.gate.facts import Facts, Part
from brug.bridges.gate.hop import NOTES, rows
from brug.bridges.gate.parts import key_of, tag_names, uuid_of
from brug.bridges.gate.reasons import Reason

Document = dict[str, Any]
HEAD = "event"  # what an event says of itself: its title, date, tags
_FIELDS = {
    HEAD: fields.EVENT - {"timestamp", "publish_timestamp", "published"},
    "attribute": fields.ATTRIBUTE, "report": fields.REPORT, "sighting": fields.SIGHTING,
    "proposal": fields.PROPOSAL, "note": fields.NOTE,
}  # fmt: skip
_encoder = msgspec.json.Encoder(order="deterministic")


class Word(msgspec.Struct, frozen=True):
    """Of one part: for which version, who released it, or that it stays here."""

    version: bytes
    released_by: tuple[int, ...] = ()
    kept_here: bool = False


class Held(msgspec.Struct, frozen=True):
    """A part that is held, with the version of it that a word would be of; `parent` is the UUID
    of its object.
    """

    key: str
    kind: str
    uuid: str
    parent: str
    version: bytes
    verdict: Verdict


def parts_of(event: Document) -> Iterator[tuple[str, str, str, Document]]:
    """Key, kind, UUID of the object that it is in, and the part; the head is the first."""
    yield HEAD, HEAD, "", event
    yield from _attributes(event, "")
    for one in rows(event, "Object"):
        yield from _attributes(one, uuid_of(one))
        yield from _hanging(one, uuid_of(one))
    for report in rows(event, "EventReport"):
        yield key_of("report", report), "report", "", report
        yield from _hanging(report, "")
    yield from _hanging(event, "")


def held_of(event: Document, decision: Decision) -> list[Held]:
    """The parts that are held, the head first."""
    found = []
    head = tuple(one for one in decision.reasons if one.where == "event" and one.rule != "parts")
    holds = any(one.outcome == "hold" for one in head)
    of_head = Verdict("hold", "nothing", head) if holds else None
    for key, kind, parent, item in parts_of(event):
        among = decision.others if ":" in key else decision.attributes
        verdict = of_head if key == HEAD else among.get(key)
        if verdict is not None and verdict.outcome == "hold":
            version = version_of(kind, item, verdict.reasons)
            found.append(Held(key, kind, uuid_of(item), parent, version, verdict))
    return found


def version_of(kind: str, item: Document, reasons: Sequence[Reason]) -> bytes:
    """SHA-256 over what of a part crosses if it does, and why it is held."""
    content = {name: item[name] for name in _FIELDS.get(kind, item.keys()) if name in item}
    why = sorted((one.rule, one.code, sorted(one.about.items()))
                 for one in reasons if one.outcome == "hold")  # fmt: skip
    said = [kind, content, sorted(tag_names(item)), why]
    return hashlib.sha256(_encoder.encode(said)).digest()


def heard(facts: Facts, held: Sequence[Held], words: Mapping[str, Word]) -> Facts:
    """The facts with what people said of the parts that are held, as far as it is of these."""
    counting = {
        one.key: words[one.key]
        for one in held
        if one.key in words and words[one.key].version == one.version
    }
    if not counting:
        return facts
    places: dict[Part, int] = {part: place for place, part in enumerate(facts.combinations)}

    def place_of(key: str, place: int) -> int:
        word = counting.get(key)
        if word is None:
            return place
        return places.setdefault(_said(facts.combinations[place], word), len(places))

    parts = tuple((key, place_of(key, place)) for key, place in facts.parts)
    head = _said(facts.head, counting[HEAD]) if HEAD in counting else facts.head
    return msgspec.structs.replace(facts, head=head, combinations=tuple(places), parts=parts)


def _said(part: Part, word: Word) -> Part:
    return msgspec.structs.replace(part, released_by=word.released_by, kept_here=word.kept_here)


def waiting(decision: Decision, released: Decision) -> list[str]:
    """The parts that a person could let cross, beside what crosses already: their keys."""
    found = []
    for parts, once in (
        (decision.attributes, released.attributes), (decision.others, released.others),
    ):  # fmt: skip
        for key, verdict in parts.items():
            if verdict.outcome == "hold" and once[key].outcome in {"pass", "redact"}:
                found.append(key)
    return found


def waits(decision: Decision) -> bool:
    """Whether anything that is held is so for more than that people said that it stays."""
    every = (decision.reasons, *(v.reasons for v in decision.attributes.values()),
             *(v.reasons for v in decision.others.values()))  # fmt: skip
    holding = {(one.rule, one.code) for reasons in every for one in reasons
               if one.outcome == "hold"}  # fmt: skip
    return any(rule != "parts" and code != "kept_here" for rule, code in holding)


def _attributes(holder: Document, parent: str) -> Iterator[tuple[str, str, str, Document]]:
    for shared in rows(holder, "Attribute"):
        for one in apart(shared):
            yield uuid_of(one), "attribute", parent, one
        yield from _hanging(shared, parent)


def _hanging(holder: Document, parent: str) -> Iterator[tuple[str, str, str, Document]]:
    for name, kind in (("Sighting", "sighting"), ("ShadowAttribute", "proposal")):
        for one in rows(holder, name):
            yield key_of(kind, one), kind, parent, one
    for name in NOTES:
        for one in rows(holder, name):
            yield key_of("note", one), "note", parent, one
            yield from _hanging({n: one.get(n) for n in NOTES}, parent)
