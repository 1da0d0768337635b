# SPDX-License-Identifier: EUPL-1.2
"""The hop rule: with which level an event goes from one server to the next, if it goes.

What stock MISP servers do, as recorded (docs/explanation/the-gate.md says where they differ):

    push    we send: 0 and 1 stay, 2 becomes 1. Native bridges, files, feeds and mail as well
    served  a MISP pulls from us: levels as they are, it lowers them itself
    pull    we pull from a MISP: 2 becomes 1, 1 becomes 0
    taken   it was pushed to us, or came natively: as it is; the sender lowered it

Level 3 stays, 5 follows what it is in, 4 goes to the members of the group by their UUIDs; a
group without members is nobody. Attributes, objects, reports, notes and clusters one by one.
A link flagged internal lowers nothing. Drafts go nowhere. Pure, on MISP's core format.
"""

from collections.abc import Callable, Iterator
from typing import Any, Literal

Document = dict[str, Any]
Way = Literal["push", "served", "pull", "taken"]
Level = Callable[[int], int | None]

OWN, COMMUNITY, CONNECTED, ALL, GROUP, INHERIT = range(6)
NOTES = ("Note", "Opinion", "Relationship")
# What a bridge's transport does to what goes out over it.
WAYS: dict[str, Way] = {
    "native": "push", "misp": "push", "taxii": "push", "feed": "push", "file": "push",
    "mail": "push", "push": "push", "served": "served", "pull": "pull", "taken": "taken",
}  # fmt: skip
_LOWER: dict[Way, dict[int, int]] = {
    "push": {CONNECTED: COMMUNITY, ALL: ALL, INHERIT: INHERIT},
    "served": {COMMUNITY: COMMUNITY, CONNECTED: CONNECTED, ALL: ALL, INHERIT: INHERIT},
    "pull": {OWN: OWN, COMMUNITY: OWN, CONNECTED: COMMUNITY, ALL: ALL, INHERIT: INHERIT},
    "taken": {level: level for level in (OWN, COMMUNITY, CONNECTED, ALL, INHERIT)},
}
_OUTWARD = frozenset({"push", "served"})


def lowered(
    event: Document, transport: str, partner_org: str, *, internal: bool = False
) -> Document | None:
    """The event as it goes over, or None where it does not.

    `transport` is a bridge's, or a way; `partner_org` the UUID of the organisation at the
    other end, whom a sharing group has to name.
    """
    way = WAYS[transport]
    if way in _OUTWARD and not _is(event.get("published")):
        return None
    hop = _Hop(way, partner_org.lower(), event, internal=internal)
    level = hop.level_of(event)
    if level is None or level == INHERIT:
        return None
    made = hop.carried(event, level)
    if way == "pull" and not internal:
        made["locked"] = True
    return made


def said_lowered(said: Document, transport: str, partner_org: str) -> Document:
    """What was said of a partner's event, without the notes and clusters whose level keeps them
    here; empty where nothing is left.
    """
    return _said(_Hop(WAYS[transport], partner_org.lower(), said, internal=False), said)


def _said(hop: "_Hop", item: Document) -> Document:
    found = {name: hop.several(item, name) for name in NOTES}
    found |= {name: rows(item, name) for name in ("Sighting", "ShadowAttribute")}
    for name in ("Attribute", "Object", "EventReport"):
        found[name] = [below for one in rows(item, name) if (below := _said(hop, one))]
    found["Galaxy"] = hop.galaxies(item)
    kept = {name: several for name, several in found.items() if several}
    return {"uuid": item.get("uuid", ""), **kept} if kept else {}


_DIGITS = {str(level): level for level in range(10)}


def level_in(item: Document) -> int | None:
    """The level that an item says it has; what is no level is None."""
    said = item.get("distribution")
    if isinstance(said, bool) or not isinstance(said, int | str):
        return None
    return _DIGITS.get(str(said))


def rows(item: Document, name: str) -> list[Document]:
    """What a document lists under a name; anything else there is nothing."""
    found = item.get(name)
    if not found:
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def notes(item: Document) -> Iterator[tuple[str, Document]]:
    """What is noted on an item, with its kind; notes on notes as well."""
    for name in NOTES:
        for one in rows(item, name):
            yield name, one
            yield from notes(one)


def org_in(row: Document, name: str) -> str:
    """The UUID of the organisation that a row names there; "" where it names none."""
    named = row.get(name)
    return str(named.get("uuid", "")).lower() if isinstance(named, dict) else ""


def names_of(group: Any) -> frozenset[str]:
    """The UUIDs of a group's organisations."""
    if not isinstance(group, dict):
        return frozenset()
    members = (one.get("Organisation") for one in rows(group, "SharingGroupOrg"))
    return frozenset(str(m.get("uuid", "")).lower() for m in members if isinstance(m, dict)) - {""}


# What has a level of its own below an item.
_BELOW = ("Attribute", "Object", "EventReport", "GalaxyClusterRelation", *NOTES)
_LISTS = frozenset({*_BELOW, "Tag", "Galaxy"})  # and what else is looked into


class _Hop:
    """One event on one hop: the groups that it brings are known by number."""

    def __init__(self, way: Way, partner_org: str, event: Document, *, internal: bool) -> None:
        self._way, self._partner, self._internal = way, partner_org, internal
        self._levels = {
            said: self._lowered(level) for said, level in _DIGITS.items() if level != GROUP
        }
        self._looked_into = _LISTS - {"Tag"} if way == "taken" else _LISTS
        # Which of those items have, by the names of their fields, of which there are few.
        self._lists: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._groups: dict[str, Any] = {}
        for item in _all_with_groups(event):
            if isinstance(item.get("SharingGroup"), dict):
                self._groups[str(item.get("sharing_group_id"))] = item["SharingGroup"]

    def level_of(self, item: Document, default: int | None = None) -> int | None:
        """The level at the other end; None where the item stays here."""
        level = default if "distribution" not in item else level_in(item)
        if level == GROUP:
            return GROUP if self._reaches(item) else None
        return None if level is None else self._lowered(level)

    def _lowered(self, level: int) -> int | None:
        if self._internal:
            return level if OWN <= level <= INHERIT else None
        return _LOWER[self._way].get(level)

    def _reaches(self, item: Document) -> bool:
        """Whether the partner is named in the item's group. What comes in was checked there."""
        if self._way not in _OUTWARD:
            return True
        group = item.get("SharingGroup") or self._groups.get(str(item.get("sharing_group_id")))
        return self._partner in names_of(group)

    def carried(self, item: Document, level: int | None) -> Document:
        """The item at its new level, with what below it goes along."""
        made = item.copy()
        if level is not None and "distribution" in item:
            made["distribution"] = level if self._way == "push" else _as(item, level)
        names = tuple(item)
        lists = self._lists.get(names)
        if lists is None:
            lists = self._lists[names] = tuple(n for n in names if n in self._looked_into)
        for name in lists:
            if item[name]:
                self._carry_lists(item, made)
                break
            made[name] = []
        return made

    def _carry_lists(self, item: Document, made: Document) -> None:
        for name in _BELOW:
            if name in item:
                made[name] = self.several(item, name)
        if "Tag" in item and self._way != "taken":
            made["Tag"] = [tag for tag in rows(item, "Tag") if self._goes(tag)]
        if "Galaxy" in item:
            made["Galaxy"] = self.galaxies(item) if item["Galaxy"] else []
        if item.get("Object"):
            _cut_references(made)

    def several(self, item: Document, name: str) -> list[Document]:
        """What goes along of what an item lists under a name."""
        found = []
        levels = self._levels
        for one in rows(item, name):
            said = one.get("distribution")
            # Where an item says nothing it follows what it is in, as MISP has it.
            level = (
                levels[said]
                if isinstance(said, str) and said in levels
                else self.level_of(one, INHERIT)
            )
            if level is not None:
                found.append(self.carried(one, level))
        return found

    def _goes(self, tag: Document) -> bool:
        """Local tags, and those that are not to be exported, stay."""
        if _is(tag.get("local")) and not self._internal:
            return False
        exportable = tag.get("exportable", True)
        return self._way not in _OUTWARD or _is(exportable)

    def galaxies(self, item: Document) -> list[Document]:
        """Those of an item of which a cluster goes along, with what goes of them."""
        found = []
        for galaxy in rows(item, "Galaxy"):
            kept = []
            for cluster in rows(galaxy, "GalaxyCluster"):
                public = _is(cluster.get("default")) or "distribution" not in cluster
                level = ALL if public else self.level_of(cluster)
                local = _is(cluster.get("local")) and not self._internal
                if level is not None and not local:
                    kept.append(cluster if public else self.carried(cluster, level))
            if kept:
                found.append({**galaxy, "GalaxyCluster": kept})
        return found


def _all_with_groups(event: Document) -> list[Document]:
    objects = rows(event, "Object")
    inside = [a for one in objects for a in rows(one, "Attribute")]
    return [event, *rows(event, "Attribute"), *objects, *inside, *rows(event, "EventReport")]


def _as(item: Document, level: int) -> int | str:
    """In the form in which the item said it."""
    return str(level) if isinstance(item["distribution"], str) else level


def _is(value: Any) -> bool:
    """MISP's flags: true, 1, "1"."""
    return value is True or str(value) in {"1", "true", "True"}


def uuids(event: Document) -> set[str]:
    """The UUIDs of attributes, objects and reports of an event."""
    return {str(item.get("uuid", "")).lower() for item in _all_with_groups(event)[1:]}


def _cut_references(event: Document) -> None:
    """References to what stays here tell of it: they stay, too."""
    if not any("ObjectReference" in one for one in event.get("Object") or ()):
        return
    known = uuids(event)
    event["Object"] = [
        {
            **one,
            "ObjectReference": [
                r
                for r in rows(one, "ObjectReference")
                if str(r.get("referenced_uuid", "")).lower() in known
            ],
        }
        if "ObjectReference" in one
        else one
        for one in event["Object"]
    ]
