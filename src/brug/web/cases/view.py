# SPDX-License-Identifier: EUPL-1.2
"""A case as its page shows it: what the engine folded, with names, steps and what each needs.

Read in the reader's session, so a case that is hidden is absent, and the entries are those that
the reader has.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import BinaryIO

import msgspec

from brug.cases import act_rules, documents, files, keeping, narrowing, rules, taking_part
from brug.cases.acts import AnyAct, Embargoed, Linked, Marked, Planned, Recorded, Renamed
from brug.cases.case import Machine, Participant, Transition
from brug.cases.declaring import Effect
from brug.cases.documents import Told
from brug.cases.entries import Author, Entry
from brug.cases.files import File
from brug.cases.notified import answering
from brug.cases.reaching import Reached, reached
from brug.web.cases import kind_fields, room
from brug.web.rendering import address
from brug.web.visit import Visit

_REPLACING = frozenset({Recorded, Planned, Linked, Marked, Embargoed, Renamed})


class Need(msgspec.Struct, frozen=True):
    """What a step waits for, and where it is filled in."""

    title: str
    href: str


class Want(msgspec.Struct, frozen=True):
    """Something that a step needs first: in words, or by its name alone; and where."""

    says: str
    where: list[Need]


class Step(msgspec.Struct, frozen=True):
    """A transition that the reader may choose, as soon as nothing is wanting.

    `effects` are the states in which others then are by themselves.
    """

    transition: Transition
    target: str
    effects: list[str]
    wants: list[Want]
    form: str


class Track(msgspec.Struct, frozen=True):
    """One machine, of the case or of a participant, and where it is."""

    machine: Machine
    of: str
    whose: str
    state: str
    title: str
    steps: list[Step]
    is_mine: bool  # of the reader's own part

    @property
    def is_over(self) -> bool:
        return self.state in self.machine.final


class View:
    """One case for one reader."""

    is_outside = False  # whether the reader has this page of the case and no other

    def __init__(self, visit: Visit, which: str, *, writes: bool = False) -> None:
        """`writes`: nobody else does from here on, so that what a form replaces stays so."""
        self.visit = visit
        find = keeping.held if writes else files.find
        self.file: File = find(visit.session, which)
        known = files.known(visit.session, self.file)
        self.entries, self.case, self.came = known.entries, known.case, known.came
        self.author: Author = keeping.author(visit.session)

    @cached_property
    def place(self) -> str:
        return room.place(self.file)

    def fresh(self) -> "View":
        """The case as it is now."""
        return View(self.visit, self.file.uuid)

    def act(self, doing: AnyAct, to: Sequence[str] = ()) -> Entry:
        """One act, by the reader."""
        return keeping.act(self.visit.session, self.file.uuid, doing, to)

    def attach(self, source: BinaryIO, told: Told, to: Sequence[str]) -> Entry:
        """A document, by the reader."""
        return documents.attach(self.visit.session, self.file.uuid, source, told, to)

    @property
    def labels(self) -> list[str]:
        return room.labels(self.case.marking)

    def may(self, what: str) -> bool:
        """Whether the reader's part includes an act."""
        if what not in self._included:
            self._included[what] = any(
                taking_part.includes(self.case, one, what) for one in self.mine
            )
        return self._included[what]

    @cached_property
    def _included(self) -> dict[str, bool]:
        return {}

    @cached_property
    def seen(self) -> dict[str, str]:
        """By act: the entries that forms carry, to tell whether somebody was faster."""
        found: dict[str, list[str]] = {}
        for (tag, _), entry in self.latest.items():
            found.setdefault(tag, []).append(entry)
        return {tag: " ".join(entries) for tag, entries in found.items()}

    @cached_property
    def mine(self) -> list[Participant]:
        return taking_part.parts_of(self.case, self.author)

    @cached_property
    def latest(self) -> dict[tuple[str, str], str]:
        """The entry that said last what a later one would replace."""
        found: dict[tuple[str, str], str] = {}
        for entry in self.case.timeline:
            # Most are messages, which replace nothing.
            if type(entry.act) in _REPLACING and (key := replaced(entry.act)) is not None:
                found[key] = entry.id
        return found

    # -- who ------------------------------------------------------------------------------

    @cached_property
    def _organisations(self) -> dict[str, str]:
        """Names by UUID: as they joined, else as the node knows them."""
        joined = {p.org: p.name for p in self.case.participants.values() if p.user is None}
        others = {one.author.org for one in self.entries.values()} - joined.keys()
        if not others:
            return joined
        query = "SELECT uuid::text, name FROM organisation WHERE uuid = ANY (%s::uuid[])"
        return joined | dict(self.visit.session.all(query, (list(others),)))

    @cached_property
    def _colleagues(self) -> dict[int, str]:
        """E-mail addresses of authors, of those that the reader may know."""
        wanted = {
            one.author.user for one in self.entries.values() if one.author.node == self.author.node
        }
        me = self.visit.principal
        known = {me.user_id: me.email}
        if others := wanted - known.keys():
            query = "SELECT u, creator_email(u) FROM unnest(%s::int[]) AS u"
            known |= dict(self.visit.session.all(query, (list(others),)))
        return {user: email for user, email in known.items() if email}

    def who(self, entry: Entry) -> str:
        """The organisation of whoever wrote it; and the person, for those who may know."""
        by = entry.author
        org = self._organisations.get(by.org, by.org)
        if by.node == self.author.node and by.user in self._colleagues:
            return f"{self._colleagues[by.user]} ({org})"
        for one in self.case.participants.values():
            if by.in_person and (one.org, one.user) == (by.org, by.user):
                return one.name
        return org

    def name(self, participant: str) -> str:
        """Of somebody who takes part or did."""
        found = self.case.participants.get(participant)
        return found.name if found else participant

    def to(self, entry: Entry) -> list[str]:
        return [self.name(one) for one in narrowing.readers(self.case, entry)]

    def speaks_for(self, one: Participant) -> bool:
        """Whether the reader may say what is so of somebody alone."""
        return self.leads or self.is_mine(one)

    @property
    def leads(self) -> bool:
        return any(self.case.kind.role(one.role).leads for one in self.mine)

    @cached_property
    def reached(self) -> dict[str, Reached]:
        """By organisation: how much of the case its node has."""
        had = [] if self.is_outside else reached(self.visit.session, self.case)
        return {one.org: one for one in had}

    @property
    def is_notified(self) -> bool:
        """Whether the reader answers what entities notify."""
        return answering(self.case, self.author) is not None

    def role(self, one: Participant) -> str:
        return self.visit.gettext(self.case.kind.role(one.role).title)

    def is_mine(self, one: Participant) -> bool:
        return any(one.id == part.id for part in self.mine)

    # -- what is next ---------------------------------------------------------------------

    @cached_property
    def tracks(self) -> list[Track]:
        """The case's own first, then each participant's."""
        open_to: dict[tuple[str, str], list[Transition]] = {}
        for machine, of, transition in rules.possible(self.case, self.author):
            open_to.setdefault((machine.key, of), []).append(transition)
        return [
            self._track(self.case.kind.machine(key), of, open_to.get((key, of), []))
            for key, of in self.case.positions
            if not of or (self.case.participants[of].left is None and self._knows(key, of))
        ]

    def _knows(self, key: str, of: str) -> bool:
        """Whether a state is one that the reader has."""
        return (key, of) in self.case.known_positions or self.speaks_for(self.case.participants[of])

    def _track(self, machine: Machine, of: str, steps: list[Transition]) -> Track:
        say = self.visit.gettext
        state = self.case.positions[machine.key, of].state
        return Track(
            machine,
            of,
            self.name(of) if of else "",
            state,
            say(machine.states[state]),
            [
                Step(
                    one,
                    say(machine.states[one.target]),
                    [self._effect(effect) for effect in one.also],
                    list(self._wants(one, of)),
                    f"moved.{machine.key}.{of}.{one.trigger}",
                )
                for one in steps
            ],
            any(one.id == of for one in self.mine),
        )

    def _effect(self, effect: Effect) -> str:
        machine = self.case.kind.machine(effect.machine)
        say = self.visit.gettext
        return f"{say(machine.title)}: {say(machine.states[effect.target])}"

    def _wants(self, transition: Transition, of: str) -> Iterator[Want]:
        """What `act_rules.missing` says, with the places where it is mended."""
        if not act_rules.missing(self.case, transition, of):
            return
        for name in transition.needs:
            if not self.case.holds(name, of):
                yield Want("", [self.need(name, of)])
        for check in self.case.kind.checks:
            found = check.finds(self.case, of) if transition.trigger in check.blocks else ""
            if found:
                where = [self.need(name, of) for name in check.about]
                yield Want(self.visit.gettext(check.title) if check.title else found, where)

    def need(self, name: str, of: str) -> Need:
        """Where a field is filled in, or a fact recorded."""
        if any(one.key == name for one in self.case.kind.facts):
            query = {"open": "recorded", "fact": name, "of": of}
            return Need(self.title(name), address(self.place, query) + "#recorded")
        return Need(self.title(name), f"{self.place}/edit#f-fields.{name}")

    def title(self, name: str) -> str:
        """What a field or fact is called."""
        return self._titles.get(name, name)

    @cached_property
    def _titles(self) -> dict[str, str]:
        titles = {one.name: one.title for one in kind_fields.fields_of(self.case.kind)}
        titles |= {one.key: one.title for one in self.case.kind.facts}
        return {name: self.visit.gettext(title) for name, title in titles.items()}


def replaced(act: AnyAct) -> tuple[str, str] | None:
    """What an act says anew, if it was said before: the same key for the same thing."""
    tag = str(act.__struct_config__.tag)
    match act:
        case Recorded():
            return tag, f"{act.fact} {act.of}".strip()
        case Planned():
            return tag, act.task
        case Linked():
            return tag, f"{act.kind} {act.uuid}"
        case Marked() | Embargoed() | Renamed():
            return tag, ""
        case _:
            return None
