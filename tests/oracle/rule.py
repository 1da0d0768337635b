# SPDX-License-Identifier: EUPL-1.2
"""The sharing rule a second time, in Python, read off MISP's rule and not off the database.

MISP's levels: 0 the holder, 1-3 everyone on the node, 4 the members of a group, 5 as the
parent. A child is never seen where its parent is not; the holder sees everything of an
event that it holds. With private drafts an unpublished event is its holder's alone.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Group:
    """A sharing group: who is listed; or everybody on this node."""

    members: frozenset[int]
    all_orgs: bool = False

    def has(self, org: int) -> bool:
        return self.all_orgs or org in self.members


@dataclass(frozen=True)
class Level:
    level: int
    group: int | None = None


@dataclass
class Note:
    """What an organisation says about an item, or about what another said; nested."""

    marker: str
    author: int
    level: Level
    about: list["Note"] = field(default_factory=list)


@dataclass
class Attribute:
    marker: str
    level: Level
    value: str = ""  # empty: the marker; else what several attributes share
    tag: str | None = None
    sightings: list[tuple[int, str]] = field(default_factory=list)  # (reporter, marker)
    notes: list[Note] = field(default_factory=list)
    proposals: list[str] = field(default_factory=list)


@dataclass
class Thing:
    """An object or a report: a level of its own and a marker."""

    marker: str
    level: Level
    attributes: list[Attribute] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@dataclass
class Event:
    marker: str
    holder: int
    level: Level
    published: bool
    tag: str | None
    attributes: list[Attribute]
    objects: list[Thing]
    reports: list[Thing]
    notes: list[Note] = field(default_factory=list)
    proposals: list[str] = field(default_factory=list)
    delegate: int | None = None  # who is asked to take it over, where it is its holder's alone


@dataclass
class World:
    organisations: int
    groups: list[Group]
    events: list[Event]
    drafts_private: bool
    sighting_policy: int
    host: int = 0


def admits(world: World, level: Level, org: int, holder: int) -> bool:
    """Whether a level alone lets an organisation see."""
    if org == holder:
        return True
    if level.level == 4:
        assert level.group is not None
        return world.groups[level.group].has(org)
    return level.level in (1, 2, 3, 5)


def sees_event(world: World, event: Event, org: int) -> bool:
    if org in (event.holder, event.delegate):
        return True
    if world.drafts_private and not event.published:
        return False
    return admits(world, event.level, org, event.holder)


def sees_sighting(world: World, event: Event, reporter: int, org: int) -> bool:
    """Policies 0-3 for a sighting of an attribute that `org` sees."""
    reporters = {
        who
        for a in [*event.attributes, *(a for o in event.objects for a in o.attributes)]
        for who, _ in a.sightings
    }
    return (
        org in (event.holder, reporter)
        or world.sighting_policy == 2
        or (world.sighting_policy == 1 and org in reporters)
        or (world.sighting_policy == 3 and reporter == world.host)
    )


def visible(world: World, org: int) -> dict[str, set[str]]:
    """The markers that an organisation may see, by kind."""
    seen: dict[str, set[str]] = {
        k: set()
        for k in ("event", "attribute", "object", "report", "tag", "sighting", "note", "proposal")
    }
    for event in world.events:
        if sees_event(world, event, org):
            _add_event(world, event, org, seen)
        seen["note"] |= notes_seen(world, event, org)
    return seen


def carriers(event: Event) -> list[tuple[list[Level], list[Note]]]:
    """What carries notes in an event: the levels below the event's that lead there, and they."""
    found: list[tuple[list[Level], list[Note]]] = [([], event.notes)]
    for thing in (*event.reports, *event.objects):
        found.append(([thing.level], thing.notes))
        found += [([thing.level, a.level], a.notes) for a in thing.attributes]
    return [*found, *(([a.level], a.notes) for a in event.attributes)]


def notes_seen(world: World, event: Event, org: int) -> set[str]:
    """A note whose author could not see the item is its author's alone; any other is seen where
    all above it is seen and its own level lets one see it."""
    seen: set[str] = set()

    def visit(notes: list[Note], *, above: bool, levels: list[Level], chain: list[Note]) -> None:
        for note in notes:
            if not _could_see(world, event, levels, chain, note.author):
                seen.update([note.marker] if note.author == org else [])
                for inner in _all(note.about):
                    seen.update([inner.marker] if inner.author == org else [])
                continue
            shows = above and admits(world, note.level, org, note.author)
            seen.update([note.marker] if shows else [])
            visit(note.about, above=shows, levels=levels, chain=[*chain, note])

    for levels, notes in carriers(event):
        above = sees_event(world, event, org) and all(
            admits(world, level, org, event.holder) for level in levels
        )
        visit(notes, above=above, levels=levels, chain=[])
    return seen


def _all(notes: list[Note]) -> list[Note]:
    return [one for note in notes for one in (note, *_all(note.about))]


def _could_see(
    world: World, event: Event, levels: list[Level], chain: list[Note], author: int
) -> bool:
    """Whether an author saw what is above a note when it was written, everybody in all groups."""
    private = world.drafts_private and len(world.events) > 1 and not event.published
    holds = author == event.holder
    if not holds and (private or event.level.level == 0 or any(lv.level == 0 for lv in levels)):
        return False
    return all(note.author == author or note.level.level != 0 for note in chain)


def _add_event(world: World, event: Event, org: int, seen: dict[str, set[str]]) -> None:
    seen["event"].add(event.marker)
    seen["proposal"].update(event.proposals)
    if event.tag:
        seen["tag"].add(event.tag)
    shown = list(event.attributes)
    for kind, things in (("report", event.reports), ("object", event.objects)):
        for thing in things:
            if admits(world, thing.level, org, event.holder):
                seen[kind].add(thing.marker)
                shown += thing.attributes
    for attribute in shown:
        if admits(world, attribute.level, org, event.holder):
            _add_attribute(world, event, attribute, org, seen)


def _add_attribute(
    world: World, event: Event, attribute: Attribute, org: int, seen: dict[str, set[str]]
) -> None:
    seen["attribute"].add(attribute.marker)
    seen["proposal"].update(attribute.proposals)
    if attribute.tag:
        seen["tag"].add(attribute.tag)
    for reporter, marker in attribute.sightings:
        if sees_sighting(world, event, reporter, org):
            seen["sighting"].add(marker)


def shown_attributes(world: World, event: Event, org: int) -> list[Attribute]:
    """The attributes of a visible event that an organisation sees, objects' included."""
    inside = [
        a
        for thing in event.objects
        if admits(world, thing.level, org, event.holder)
        for a in thing.attributes
    ]
    return [a for a in [*event.attributes, *inside] if admits(world, a.level, org, event.holder)]


def related(world: World, event: Event, org: int) -> set[str]:
    """The markers of other visible events that share a value with this one, both sides seen."""
    mine = {a.value for a in shown_attributes(world, event, org) if a.value}
    return {
        other.marker
        for other in world.events
        if other is not event
        and sees_event(world, other, org)
        and mine & {a.value for a in shown_attributes(world, other, org)}
    }


def everything(world: World) -> dict[str, set[str]]:
    """All markers, by kind."""
    found: dict[str, set[str]] = {}
    for org in range(world.organisations):
        for kind, markers in visible(world, org).items():
            found.setdefault(kind, set()).update(markers)
    return found
