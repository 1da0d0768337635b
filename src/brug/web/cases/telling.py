# SPDX-License-Identifier: EUPL-1.2
"""What entries say, in the reader's words: the timeline, what conflicts, what does not count."""

from functools import cached_property
from zoneinfo import ZoneInfo

import msgspec
from markupsafe import Markup

from brug.cases.acts import (
    AnyAct,
    Attached,
    Decided,
    Filled,
    Linked,
    Marked,
    Moved,
    Recorded,
    Said,
    Unknown,
)
from brug.cases.case import Conflict
from brug.cases.entries import Entry
from brug.web.cases import kind_fields, linking, room
from brug.web.cases.view import View
from brug.web.compiling import escaped, safe
from brug.web.languages import N_
from brug.web.rendering import time_element, zone

SHORT = 80  # characters
TAKEN_BACK = N_("taken back")
TITLES = {
    "opened": N_("Opening"), "renamed": N_("Title"), "filled": N_("Fields"),
    "recorded": N_("Time"), "joined": N_("Taking part"), "left": N_("Leaving"),
    "moved": N_("Step"), "said": N_("Message"), "decided": N_("Decision"), "planned": N_("Task"),
    "linked": N_("Link"), "attached": N_("Document"), "marked": N_("Marking"),
    "embargoed": N_("Embargo"), "asked": N_("To be read"), "acknowledged": N_("Read"),
    "unknown": N_("Of a later version"),
}  # fmt: skip


class Line(msgspec.Struct, frozen=True):
    """A field and what it was filled with; empty where it was emptied."""

    title: str
    value: str


class Step(msgspec.Struct, frozen=True):
    """A move, in words."""

    machine: str
    title: str
    leaves: str
    target: str


class Time(msgspec.Struct, frozen=True):
    """A fact as it was last said, of all or of one who takes part; and what it was before."""

    key: str
    title: str
    of: str
    whose: str
    last: Entry
    earlier: list[Entry]


class Side(msgspec.Struct, frozen=True):
    """One of two that conflict: what it says, in which entry."""

    says: str
    entry: Entry


class Told(msgspec.Struct, frozen=True):
    """Two who did not know of each other; `settled` by whoever knew of both."""

    title: str
    holds: Side
    beside: Side
    href: str
    settled: Entry | None


class Uncounted(msgspec.Struct, frozen=True):
    """An entry that changes nothing, and why, as the engine says it."""

    what: str
    entry: Entry
    reason: str


def briefly(act: AnyAct | Unknown) -> str:
    """A message, decision or document in a few words, as whoever wrote it has them."""
    match act:
        case Said():
            said = act.text
        case Decided():
            said = act.question
        case Attached():
            said = act.name
        case _:
            said = str(act.__struct_config__.tag)
    first = " ".join(said.split())
    return first if len(first) <= SHORT else first[:SHORT].rstrip() + "…"


class Telling:
    """For the templates of one case."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._say = view.visit.gettext
        reader = view.visit.reader
        self._zone = zone(reader.timezone) if reader else None
        self._times: dict[tuple[str, bool], Markup] = {}
        self._fields = {one.name: one for one in kind_fields.fields_of(view.case.kind)}

    def time(self, text: str, focus: bool = False) -> Markup:
        """A time that an entry states, in the reader's zone."""
        found = self._times.get((text, focus))
        if found is None:
            at = room.when(text)
            found = (
                time_element(at, self._zone, focus=focus)
                if at
                else Markup('<span class="value">{}</span>').format(text)
            )
            self._times[text, focus] = found
        return found

    def by(self, entry: Entry, focus: bool = False) -> Markup:
        """Who wrote it, and when."""
        who, at = escaped(self._view.who(entry)), self.time(entry.at, focus)
        return safe(f"{who}, {at}")  # noqa: S704 — both escaped

    def tag(self, entry: Entry) -> str:
        return str(entry.act.__struct_config__.tag)

    def title(self, entry: Entry) -> str:
        """What kind of act it is, in a word."""
        tag = self.tag(entry)
        return self._say(TITLES[tag]) if tag in TITLES else tag

    def filled(self, act: Filled) -> list[Line]:
        return [Line(self._view.title(name), self._value(name, act)) for name in act.fields]

    def _value(self, name: str, act: Filled) -> str:
        value = act.fields.get(name)
        if value is None or name not in self._fields:
            return "" if value is None else str(value)
        return ", ".join(kind_fields.in_words(self._view.visit, self._fields[name], value))

    @cached_property
    def times(self) -> list[Time]:
        """In the order of the kind; those of all before those of one."""
        view = self._view
        found = {(name, ""): said for name, said in view.case.facts.items()} | view.case.own_facts
        return [
            Time(fact.key, view.title(fact.key), of, view.name(of) if of else "", said[-1],
                 said[-2::-1])
            for fact in view.case.kind.facts
            for (name, of), said in sorted(found.items(), key=lambda one: one[0])
            if name == fact.key
        ]  # fmt: skip

    def is_correction(self, entry: Entry) -> bool:
        """Whether the same time was recorded before."""
        case, act = self._view.case, entry.act
        if not isinstance(act, Recorded):
            return False
        said = case.own_facts[act.fact, act.of] if act.of else case.facts[act.fact]
        return said[0].id != entry.id

    def step(self, act: Moved) -> Step:
        machine = self._view.case.kind.machine(act.machine)
        found = machine.find(act.leaves, act.trigger)
        say, states = self._say, machine.states
        return Step(
            say(machine.title),
            say(found.title) if found else act.trigger,
            say(states.get(act.leaves, act.leaves)),
            say(states[found.target]) if found else "",
        )

    def labels(self, act: Marked) -> list[str]:
        return room.labels(act)

    @cached_property
    def conflicts(self) -> list[Told]:
        return [self._told(one) for one in self._view.case.conflicts]

    def _told(self, one: Conflict) -> Told:
        view = self._view
        holds, beside = view.entries[one.holds], view.entries[one.beside]
        if isinstance(holds.act, Moved):
            machine = view.case.kind.machine(holds.act.machine)
            name = f" ({view.name(holds.act.of)})" if holds.act.of else ""
            title, href = self._say(machine.title) + name, f"{view.place}#next"
        elif isinstance(holds.act, Linked):
            title, href = self._say(linking.TITLES[holds.act.kind]), f"{view.place}#linked"
        elif isinstance(holds.act, Recorded):
            whose = f" ({view.name(holds.act.of)})" if holds.act.of else ""
            title, href = view.title(holds.act.fact) + whose, f"{view.place}#recorded"
        else:
            title, href = view.title(one.about), f"{view.place}/edit#f-fields.{one.about}"
        return Told(
            title,
            Side(self._side(one.about, holds), holds),
            Side(self._side(one.about, beside), beside),
            href,
            view.entries.get(one.settled or ""),
        )

    def _side(self, about: str, entry: Entry) -> str:
        act = entry.act
        if isinstance(act, Moved):
            return self.step(act).title
        if isinstance(act, Linked):
            return act.uuid
        if isinstance(act, Recorded):
            return act.at or self._say(TAKEN_BACK)
        said = self._value(about, act) if isinstance(act, Filled) else ""
        return said or self._view.visit.gettext("emptied")

    @cached_property
    def ignored(self) -> list[Uncounted]:
        view = self._view
        return [
            Uncounted(self.title(view.entries[one.entry]), view.entries[one.entry], one.reason)
            for one in view.case.ignored
        ]

    def about(self, entry: str) -> str:
        """How an entry begins that another one names."""
        found = self._view.entries.get(entry)
        return briefly(found.act) if found else entry

    def wall(self, text: str) -> str:
        """A time as an input holds it, on the wall of the reader's zone."""
        at = room.when(text) if text else None
        zone = self._view.visit.principal.timezone
        return at.astimezone(ZoneInfo(zone or "UTC")).strftime("%Y-%m-%dT%H:%M") if at else ""

    def is_past(self, text: str) -> bool:
        return room.is_past(text)
