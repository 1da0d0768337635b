# SPDX-License-Identifier: EUPL-1.2
"""The facts of an event, from the document of it and what the node knows beside. Pure.

Each distinct combination of what is decided on becomes one part, whatever the number of
attributes that have it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from brug.bridges.gate.alike import ALIKE, alike
from brug.bridges.gate.facts import Class, Facts, Part, Permission
from brug.bridges.gate.hop import NOTES, rows
from brug.bridges.gate.markings import NOTHING, Marking, joined, read
from brug.bridges.gate.parts import (
    beside,
    has_hanging,
    key_of,
    tag_names,
    texts_of,
    uuid_of,
    value_of,
)
from brug.formats import personal_identifiers as detectors

Document = dict[str, Any]
# Of one attribute: tags, warninglists, whether it has expired, permissions.
_OfOne = tuple[tuple[str, ...], tuple[str, ...], bool, tuple[Permission, ...]]
_NOTHING_BESIDE: _OfOne = ((), (), False, ())


class Beside(msgspec.Struct, frozen=True):
    """What the node knows beside the event, by UUID."""

    tags: Mapping[str, tuple[str, ...]] = {}
    known_good: Mapping[str, tuple[str, ...]] = {}
    expired: frozenset[str] = frozenset()
    permissions: Mapping[str, tuple[Permission, ...]] = {}
    types: Mapping[str, Class] = {}


class Ends(msgspec.Struct, frozen=True):
    """From whom to whom, over what."""

    sender: str
    receiver: str
    transport: str
    relation: str
    default_purpose: str = "cyber-defence"
    encrypted: bool = True


def collected(
    event: Document,
    ends: Ends,
    known_beside: Beside,
    said: Document | None = None,
    *,
    released_by: tuple[int, ...] = (),
) -> Facts:
    """The facts, from what was read. Pure, and total over documents of any form."""
    gatherer = _Gatherer(event, known_beside)
    parts = tuple(gatherer.parts() if said is None else gatherer.parts_said(said))
    creator = event.get("Orgc")
    creator_uuid = str(creator.get("uuid", "")).lower() if isinstance(creator, dict) else ""
    relation = ends.relation if ends.relation in {"client", "community"} else "public"
    return Facts(
        ends.sender, ends.receiver, ends.transport, relation,  # type: ignore[arg-type]
        own=bool(creator_uuid) and creator_uuid == ends.sender,
        head=gatherer.head,
        combinations=tuple(gatherer.combinations),
        parts=parts,
        default_purpose=ends.default_purpose,
        encrypted=ends.encrypted,
        returning=said is not None,
        released_by=released_by,
    )  # fmt: skip


class _Gatherer:
    """Collects combinations; each is made once."""

    def __init__(self, event: Document, found: Beside) -> None:
        self._event, self._known = event, found
        self._places: dict[Part, int] = {}
        self._seen: dict[Any, int] = {}
        self._comments: dict[str, tuple[str, ...]] = {}
        # Of what is not named here nothing is known beside the event.
        self._named = {*found.tags, *found.known_good, *found.expired, *found.permissions}
        self._markings: dict[Any, Marking] = {}
        self.combinations: list[Part] = []
        self._marking = self._joined(event, NOTHING)
        self._permitted = found.permissions.get(uuid_of(event), ())
        self.head = Part(
            what="event",
            marking=self._marking,
            around=self._around(event),
            permissions=self._permitted,
        )

    def _around(self, event: Document) -> tuple[str, ...]:
        """What identifies people in texts of the event, and of its objects, which are no parts."""
        found: set[str] = set(_identifiers(texts_of("event", event)))
        for one in rows(event, "Object"):
            for text in texts_of("object", one):
                found.update(self._in_comment(text))
        return tuple(sorted(found))

    def parts(self) -> list[tuple[str, int]]:
        event = self._event
        found = self._attributes(event, self._marking)
        for one in rows(event, "Object"):
            marking = self._joined(one, self._marking)
            found += self._attributes(one, marking)
            found += self._hanging(one, marking)
        for report in rows(event, "EventReport"):
            marking = self._joined(report, self._marking)
            found.append((key_of("report", report), self._text("report", report, marking)))
            found += self._hanging(report, marking)
        found += self._hanging(event, self._marking)
        return found

    def parts_said(self, said: Document) -> Iterator[tuple[str, int]]:
        """Of what was said of the event, without the event."""
        names = ("Sighting", "ShadowAttribute", *NOTES)
        yield from self._hanging({name: said.get(name) for name in names}, self._marking)

    def _attributes(self, holder: Document, parent: Marking) -> list[tuple[str, int]]:
        parts: list[tuple[str, int]] = []
        for one in rows(holder, "Attribute"):
            if ALIKE in one:
                parts += self._alike(one, parent)
                continue
            uuid, kind = uuid_of(one), self._class_of(one)
            found = detectors.found_in(value_of(one)) if kind == "text" else ()
            beside = self._beside(uuid) if uuid in self._named else _NOTHING_BESIDE
            parts.append((uuid, self._attribute(one, kind, parent, found, beside)))
            if has_hanging(one):
                parts += self._hanging(one, self._joined(one, parent))
        return parts

    def _alike(self, shared: Document, parent: Marking) -> list[tuple[str, int]]:
        """Of those that one stands for: they differ by what is in a value or known beside it."""
        several = alike(shared)
        if not several:
            return []
        kind = self._class_of(shared)
        if kind != "text" and self._named.isdisjoint([one.uuid for one in several]):
            usual = self._attribute(shared, kind, parent, (), _NOTHING_BESIDE)
            return [(one.uuid, usual) for one in several]
        places: dict[Any, int] = {}
        parts = []
        for one in several:
            found = detectors.found_in(one.value) if kind == "text" else ()
            beside = self._beside(one.uuid) if one.uuid in self._named else _NOTHING_BESIDE
            place = places.get((found, beside))
            if place is None:
                place = places[found, beside] = self._attribute(shared, kind, parent, found, beside)
            parts.append((one.uuid, place))
        return parts

    def _class_of(self, one: Document) -> Class:
        type_ = one.get("type")
        return self._known.types.get(type_, "text") if isinstance(type_, str) else "text"

    def _attribute(
        self, one: Document, kind: Class, parent: Marking, found: tuple[str, ...], beside: _OfOne
    ) -> int:
        """The place of its combination; what was seen before makes no other part."""
        comment, flag = one.get("comment"), one.get("to_ids")
        seen = (
            tag_names(one) if one.get("Tag") else (), id(parent), kind, found,
            self._in_comment(comment) if comment and isinstance(comment, str) else (),
            flag is True or (flag is not False and str(flag) == "1"), "data" in one, beside,
        )  # fmt: skip
        place = self._seen.get(seen)
        if place is None:
            tags, known_good, expired, permissions = beside
            part = Part(
                marking=self._marked((*tag_names(one), *tags), parent), personal=kind,
                found=found, around=seen[4], indicator=seen[5], file=seen[6],
                known_good=known_good, expired=expired,
                permissions=(*self._permitted, *permissions),
            )  # fmt: skip
            place = self._seen[seen] = self._place(part)
        return place

    def _in_comment(self, text: str) -> tuple[str, ...]:
        """Many attributes have the same one."""
        found = self._comments.get(text)
        if found is None:
            found = self._comments[text] = detectors.found_in(text)
        return found

    def _beside(self, uuid: str) -> _OfOne:
        found = self._known
        return (
            found.tags.get(uuid, ()), found.known_good.get(uuid, ()), uuid in found.expired,
            found.permissions.get(uuid, ()),
        )  # fmt: skip

    def _hanging(self, holder: Document, parent: Marking) -> Iterator[tuple[str, int]]:
        for kind, one in beside(holder):
            yield key_of(kind, one), self._text(kind, one, self._joined(one, parent))

    def _text(self, kind: Any, one: Document, marking: Marking) -> int:
        """What is text above all: identifiers in it are taken out, it is not left out for them."""
        personal: Class = "low"
        value: tuple[str, ...] = ()
        if kind == "proposal":
            personal = self._known.types.get(str(one.get("type", "")), "text")
            value = detectors.found_in(value_of(one)) if personal == "text" else ()
        part = Part(
            kind=kind, what=kind, marking=marking, personal=personal, found=value,
            around=_identifiers(texts_of(kind, one)), file="data" in one,
            indicator=str(one.get("to_ids")) in {"True", "1"}, permissions=self._permitted,
        )  # fmt: skip
        return self._place(part)

    def _joined(self, item: Document, parent: Marking) -> Marking:
        names = (*tag_names(item), *self._known.tags.get(uuid_of(item), ()))
        return self._marked(names, parent)

    def _marked(self, names: tuple[str, ...], parent: Marking) -> Marking:
        if not names and parent is NOTHING:
            return NOTHING
        # All are kept, so that none has the id of another.
        key = (frozenset(names), id(parent))
        found = self._markings.get(key)
        if found is None:
            found = self._markings[key] = joined(parent, read(names))
        return found

    def _place(self, part: Part) -> int:
        place = self._places.get(part)
        if place is None:
            place = self._places[part] = len(self.combinations)
            self.combinations.append(part)
        return place


def _identifiers(texts: Iterator[str]) -> tuple[str, ...]:
    return tuple(sorted({name for text in texts for name in detectors.found_in(text)}))
