# SPDX-License-Identifier: EUPL-1.2
"""The copy of an event that may cross, by what the gate decided.

What has no decision does not cross, and neither does a field that is not named here: what one
server adds for its reader (relations, warnings, who made it) is nobody else's. A copy from
which anything was removed carries the tag `brug:redacted`. Pure; doing it twice is doing it once.
"""

from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any

from brug.bridges.gate import fields
from brug.bridges.gate.alike import ALIKE, unfolded
from brug.bridges.gate.cleaning import Texts
from brug.bridges.gate.cutting import cut
from brug.bridges.gate.deciding import Decision
from brug.bridges.gate.hop import NOTES, rows
from brug.bridges.gate.markings import PSEUDONYM, REDACTED
from brug.bridges.gate.parts import (
    has_hanging,
    is_public,
    key_of,
    uuid_of,
    value_of,
    values_of,
)
from brug.bridges.gate.pseudonyms import Pseudonyms
from brug.bridges.gate.shapes import BESIDE, shape_of
from brug.bridges.gate.spreading import Settled, attributes_of, gone_of_proposals, settled

Document = dict[str, Any]


def redacted(
    event: Document, decision: Decision, transport: str, pseudonyms: Pseudonyms
) -> Document:
    """The copy that crosses. An event that is held or refused as a whole has one all the same,
    for whoever has to judge it; sending it is for whoever knows the decision.
    """
    return copy_of(event, settled(event, decision), transport, pseudonyms)


def copy_of(event: Document, found: Settled, transport: str, pseudonyms: Pseudonyms) -> Document:
    """The same, where what is kept out is known already."""
    if any(one.becomes == "pseudonym" for one, _ in found.decision.alike):
        event = unfolded(event)  # each of which has a UUID and a value of its own
    return _Copy(event, found, transport, pseudonyms).made()


def said_of(said: Document, event: Document, decision: Decision) -> Document:
    """What was said of a partner's event, as far as it may cross back; empty where nothing may.

    What identifies people is taken out of its texts, but for the values of the event itself:
    whoever made it knows them.
    """
    gone = gone_of_proposals(said, decision)
    copy = _Copy(event, Settled(decision, gone), "native", Pseudonyms(bytes(32)), returns=True)
    return copy.said(said)


_CROSSES = frozenset({"whole", "text"})
_BELOW = ("Attribute", "Object", "EventReport")


@cache
def _with_ids(names: frozenset[str]) -> frozenset[str]:
    return names | fields.IDS


class _Copy:
    """One copy in the making."""

    def __init__(
        self,
        event: Document,
        found: Settled,
        transport: str,
        pseudonyms: Pseudonyms,
        *,
        returns: bool = False,
    ) -> None:
        self._event, self._decision = event, found.decision
        self._pseudonyms = pseudonyms
        self._gone = found.gone
        self._removed = False
        self._keeps_ids = transport == "misp"
        self._names = {
            key: pseudonyms.uuid(key)
            for verdict, keys in found.decision.alike
            if verdict.becomes == "pseudonym"
            for key in keys
        }
        self._already = frozenset(self._names.values())
        indicators = frozenset(
            value.casefold() for one in attributes_of(event) for uuid, value in values_of(one)
            if returns or self._becomes(uuid) in _CROSSES
        ) if found.decision.scrub else frozenset()  # fmt: skip
        self._texts = Texts(found.gone, indicators, scrub=found.decision.scrub)

    def made(self) -> Document:
        event = self._event
        made = self._fields(event, fields.EVENT)
        made["Attribute"] = self._several(rows(event, "Attribute"), self._attribute)
        made["Object"] = self._several(rows(event, "Object"), self._object)
        made["EventReport"] = self._several(rows(event, "EventReport"), self._report)
        if "Galaxy" in event:
            made["Galaxy"] = self._galaxies(event) if event["Galaxy"] else []
        self._beside(event, made)
        removed = self._removed or self._texts.removed
        if removed:
            cut(event, made, self._names)
        if removed or self._decision.outcome != "pass" or _says_so(event):
            tags = [t for t in rows(made, "Tag") if t.get("name") != REDACTED]
            made["Tag"] = [*tags, _tag(REDACTED)]
        return made

    def said(self, item: Document) -> Document:
        """What was said of an item and of what is in it, without the item."""
        made: Document = {}
        self._beside(item, made)
        for name in _BELOW:
            made[name] = [below for one in rows(item, name) if (below := self.said(one))]
        found = {name: several for name, several in made.items() if several}
        return {"uuid": item.get("uuid", ""), **found} if found else {}

    def _several(
        self, given: Iterable[Document], make: Callable[[Document], Document | None]
    ) -> list[Document]:
        made = []
        for one in given:
            found = make(one)
            if found is None:
                self._removed = True
            else:
                made.append(found)
        return made

    def _fields(self, item: Document, names: frozenset[str]) -> Document:
        """The fields that cross, their texts without what does not."""
        wanted = self._wanted(names)
        made = {name: value for name, value in item.items() if name in wanted}
        if self._texts.cleans:
            made = {
                name: value if name in fields.CODES else self._texts.clean(value)
                for name, value in made.items()
            }
        if "Tag" in item:
            made["Tag"] = self._tags(item)
        return made

    def _wanted(self, names: frozenset[str]) -> frozenset[str]:
        return _with_ids(names) if self._keeps_ids else names

    def _tags(self, item: Document) -> list[Document]:
        tags = []
        for tag in rows(item, "Tag"):
            if self._texts.names(str(tag.get("name", ""))):
                self._removed = True
            else:
                wanted = self._wanted(fields.TAG)
                tags.append({k: v for k, v in tag.items() if k in wanted})
        return tags

    def _becomes(self, key: str) -> str:
        known = self._decision.attributes.get(key)
        return known.becomes if known else "nothing"

    def _attribute(self, item: Document) -> Document | None:
        if ALIKE in item:
            return self._alike(item)
        key = uuid_of(item)
        if key in self._already:
            return self._bare(item)
        becomes = self._becomes(key)
        if becomes == "nothing":
            return None
        if becomes == "pseudonym":
            self._removed = True
            return self._pseudonym(item)
        made = self._alone(item)
        if item.get("Tag"):
            made["Tag"] = self._tags(item)
        if has_hanging(item):
            if "Galaxy" in item:
                made["Galaxy"] = self._galaxies(item)
            self._beside(item, made)
        return made

    def _alike(self, item: Document) -> Document | None:
        """Those that cross of the ones that an attribute stands for."""
        known = self._decision.attributes
        kept = [
            one for one in item[ALIKE]
            if (said := known.get(one.uuid)) is not None and said.becomes in _CROSSES
        ]  # fmt: skip
        self._removed |= len(kept) < len(item[ALIKE])
        return self._alone(item) | {ALIKE: kept} if kept else None

    def _alone(self, item: Document) -> Document:
        """An attribute without what hangs on it: a copy off which is taken what does not cross.
        Which fields those are is asked once for all that have the same ones.
        """
        shape = shape_of(tuple(item), self._wanted(fields.ATTRIBUTE))
        made = item.copy()
        for name in shape.gone:
            del made[name]
        for name in shape.lists:
            made[name] = []
        if self._texts.cleans:
            for name in shape.texts:
                if (value := item[name]) and value is not True:
                    made[name] = self._texts.clean(value)
        return made

    def _pseudonym(self, item: Document) -> Document:
        """A text that stands for the value; nothing else is told than when and of which item."""
        made = self._bare(item)
        made["uuid"] = self._names[uuid_of(item)]
        made["value"] = self._pseudonyms.value(str(item.get("type", "")), value_of(item))
        return made

    def _bare(self, item: Document) -> Document:
        kept = frozenset({"distribution", "timestamp", "deleted", "object_relation", "uuid",
                          "SharingGroup", "value"})  # fmt: skip
        made = {name: value for name, value in item.items() if name in kept}
        markings = [
            {"name": tag["name"], "local": False} for tag in rows(item, "Tag")
            if str(tag.get("name", "")).lower().startswith(("tlp:", "pap:"))
        ]  # fmt: skip
        return made | {
            "type": "text", "category": "Other", "to_ids": False, "disable_correlation": True,
            "comment": "", "Tag": [*markings, _tag(PSEUDONYM)],
        }  # fmt: skip

    def _object(self, item: Document) -> Document | None:
        inside = rows(item, "Attribute")
        made = self._fields(item, fields.OBJECT)
        made["Attribute"] = self._several(inside, self._attribute)
        if inside and not made["Attribute"]:
            return None
        self._beside(item, made)
        made["ObjectReference"] = [
            self._fields(r, fields.REFERENCE) for r in rows(item, "ObjectReference")
        ]
        return made

    def _report(self, item: Document) -> Document | None:
        if not self._passes("report", item):
            return None
        made = self._fields(item, fields.REPORT)
        self._beside(item, made)
        return made

    def _passes(self, kind: str, item: Document) -> bool:
        known = self._decision.others.get(key_of(kind, item))
        return known is not None and known.becomes in _CROSSES

    def _beside(self, item: Document, made: Document) -> None:
        """Sightings, proposals and notes on an item."""
        for name, kind, names in BESIDE:
            if name in item:
                make = partial(self._said, kind=kind, names=names)
                made[name] = self._several(rows(item, name), make) if item[name] else []

    def _said(self, item: Document, kind: str, names: frozenset[str]) -> Document | None:
        if not self._passes(kind, item):
            return None
        made = self._fields(item, names)
        if kind == "proposal" and self._gone and self._gone.is_in(value_of(item)):
            return None
        for name in NOTES:
            if name in item:
                make = partial(self._said, kind="note", names=fields.NOTE)
                made[name] = self._several(rows(item, name), make)
        return made

    def _galaxies(self, item: Document) -> list[Document]:
        made: list[Document] = []
        texts = self._texts
        for galaxy in rows(item, "Galaxy"):
            clusters = [
                texts.of_everybody(c) if is_public(c) else texts.clean(c)
                for c in rows(galaxy, "GalaxyCluster")
                if is_public(c) or self._passes("cluster", c)
            ]
            self._removed |= len(clusters) != len(rows(galaxy, "GalaxyCluster"))
            if clusters:
                clean = texts.of_everybody if all(map(is_public, clusters)) else texts.clean
                made.append(clean({**galaxy, "GalaxyCluster": []}) | {"GalaxyCluster": clusters})
        return made


def _says_so(event: Document) -> bool:
    return any(tag.get("name") == REDACTED for tag in rows(event, "Tag"))


def _tag(name: str) -> Document:
    return {"name": name, "colour": "#666666", "exportable": True, "local": False}
