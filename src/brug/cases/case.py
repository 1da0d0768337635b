# SPDX-License-Identifier: EUPL-1.2
"""A case as its entries make it, what `folding` builds, `rules` asks and pages show; and its kind,
whose tables and small functions are of cases.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from brug.cases.acts import Attached, Embargoed, Linked, Marked, Planned, Recorded
from brug.cases.declaring import BREAK_GLASS, Effect, Fact, Measure, Role
from brug.cases.entries import Author, Entry
from brug.model.errors import Invalid


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a machine's table.

    `needs` are fields and facts that have to be there first; `asks` asks for a reason; `also`
    is what follows from it in other machines, of the case and of all who take part. `reads`
    answers what the reason has to say and does not. `beside`: one that did not know of another
    of the same trigger holds as well, from the state to which the other led.
    """

    trigger: str
    title: str
    source: tuple[str, ...]
    target: str
    roles: frozenset[str]
    needs: tuple[str, ...] = ()
    asks: bool = False
    also: tuple[Effect, ...] = ()
    reads: "Callable[[Case, str], str] | None" = None
    beside: bool = False


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """States and their transitions, once for the case or once for each of some roles."""

    key: str
    title: str
    states: Mapping[str, str]  # key -> title, in their usual order
    initial: str
    final: frozenset[str]
    transitions: tuple[Transition, ...]
    each: frozenset[str] = frozenset()  # roles that have one of their own; none: the case has it
    apart: bool = False  # shown on a page of its own, not among the next steps
    # Steps are for those who lead the case and the one whose state it is, and for nobody else.
    discreet: bool = False

    def leaving(self, state: str) -> list[Transition]:
        """The transitions that a state has."""
        return [one for one in self.transitions if state in one.source]

    def find(self, state: str, trigger: str) -> Transition | None:
        return next((one for one in self.leaving(state) if one.trigger == trigger), None)


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be looked at: a warning, or what blocks some triggers until it is mended.

    `finds` answers what is wrong, in words, or nothing; it is given the case, and whose
    state would be moved ("" for the case's own). `title` says for people what it asks
    for; `about` are the fields and facts where that is mended.
    """

    key: str
    title: str = ""
    about: tuple[str, ...] = ()
    finds: "Callable[[Case, str], str]"
    blocks: frozenset[str] = frozenset()


def _by_role(_: "Case", one: "Participant") -> frozenset[str]:
    return frozenset({one.role})


def _none(_: "Case") -> frozenset[str]:
    return frozenset()


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """All that the engine has to know of a kind.

    `fields` is a Struct of optional fields whose `Meta` holds title, description and limits; in
    its `extra` may be `titles` of what can be chosen, in their order, and `choices`, a function
    that gives values to choose from where others fit too.
    The first machine is what lists and boards show; a case is over where it is final.
    """

    key: str
    title: str
    prefix: str  # of the numbers that people say
    fields: type[msgspec.Struct]
    roles: tuple[Role, ...]
    opener: str  # the role of whoever opens one
    machines: tuple[Machine, ...]
    facts: tuple[Fact, ...] = ()
    # Rows of the table of deadlines (brug.cases.clocks); as what a participant is bound by
    # them, and the circumstances in which some do not bind.
    clocks: tuple[str, ...] = ()
    bound: "Callable[[Case, Participant], frozenset[str]]" = _by_role
    circumstances: "Callable[[Case], frozenset[str]]" = _none
    checks: tuple[Check, ...] = ()
    measures: tuple[Measure, ...] = ()

    def role(self, key: str) -> Role:
        """Raises Invalid, with the roles that there are."""
        if key == BREAK_GLASS.key:
            return BREAK_GLASS
        found = next((one for one in self.roles if one.key == key), None)
        if found is None:
            raise Invalid("role", f"one of {', '.join(one.key for one in self.roles)}", key)
        return found

    def machine(self, key: str) -> Machine:
        """Raises Invalid, with the machines that there are."""
        found = next((one for one in self.machines if one.key == key), None)
        if found is None:
            raise Invalid("machine", f"one of {', '.join(m.key for m in self.machines)}", key)
        return found

    def fact(self, key: str) -> Fact:
        """Raises Invalid, with the facts that there are."""
        found = next((one for one in self.facts if one.key == key), None)
        if found is None:
            raise Invalid("fact", f"one of {', '.join(one.key for one in self.facts)}", key)
        return found


class Participant(msgspec.Struct):
    """An organisation, or one person of it, in a role; `left` where it does not any more."""

    id: str
    org: str
    user: int | None
    name: str
    role: str
    joined: str
    node: str = ""
    left: str | None = None


class Position(msgspec.Struct):
    """Where a machine is, and which entry left a state last."""

    state: str
    left: dict[str, str] = {}


class Conflict(msgspec.Struct):
    """Two entries that did not know of each other; `holds` is the one that counts.

    `settled` is the entry of somebody who knew of both.
    """

    about: str
    holds: str
    beside: str
    settled: str | None = None


class Ignored(msgspec.Struct, frozen=True):
    """An entry that changes nothing, and why."""

    entry: str
    reason: str


class Document(msgspec.Struct, frozen=True):
    """A document as it was last said; `entry` brought it, for those in `to` or for all.

    `speaks_for` are the participants of whom its author might record facts when it came.
    """

    act: Attached
    entry: str
    author: Author
    at: str
    to: tuple[str, ...]
    speaks_for: tuple[str, ...] = ()


class Case(msgspec.Struct):
    """A case as its entries make it. Keys of `positions` are (machine, participant or "")."""

    kind: Kind
    id: str = ""
    number: str = ""
    title: str = ""
    opened: str = ""
    fields: dict[str, Any] = {}
    filled: dict[str, str] = {}  # field -> entry
    participants: dict[str, Participant] = {}
    positions: dict[tuple[str, str], Position] = {}
    facts: dict[str, list[Entry]] = {}  # each with its corrections, the newest last
    own_facts: dict[tuple[str, str], list[Entry]] = {}  # the same of one participant
    tasks: dict[str, Planned] = {}
    links: dict[tuple[str, str], Linked] = {}
    merged: tuple[str, str] | None = None  # by which entry, into which case
    documents: dict[str, Document] = {}
    decisions: list[Entry] = []
    asked: dict[str, Entry] = {}  # entry -> by which it asks to be read
    read: dict[tuple[str, str], Entry] = {}  # (entry, participant) -> by which they said so
    marking: Marked = Marked()
    embargo: Embargoed | None = None
    timeline: list[Entry] = []  # all that counts, in their order
    conflicts: list[Conflict] = []
    ignored: list[Ignored] = []

    @property
    def present(self) -> list[Participant]:
        return [one for one in self.participants.values() if one.left is None]

    @property
    def open_conflicts(self) -> list[Conflict]:
        return [one for one in self.conflicts if one.settled is None]

    @property
    def state(self) -> str:
        """Of the machine that lists show."""
        return self.positions[self.kind.machines[0].key, ""].state

    @property
    def known_positions(self) -> dict[tuple[str, str], Position]:
        """Without those that nobody moved as far as the reader has it, where steps are not for
        all: whether a vendor was written to, say, is not known to whoever was not told.
        """
        return {
            (key, of): one
            for (key, of), one in self.positions.items()
            if one.left or not self.kind.machine(key).discreet
        }

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to be done in it: it has ended, or goes on in another."""
        return self.is_ended or self.merged_into != ""

    @property
    def is_ended(self) -> bool:
        return self.state in self.kind.machines[0].final

    @property
    def merged_into(self) -> str:
        """The UUID of the case in which it goes on, as whoever leads it said last."""
        return self.merged[1] if self.merged else ""

    @property
    def merged_by(self) -> str:
        """The entry that said so."""
        return self.merged[0] if self.merged else ""

    def fact(self, name: str, of: str = "") -> Recorded | None:
        """A fact as it was last said: of a participant, or else of all. One that was taken back
        is not there.
        """
        for said in (self.own_facts.get((name, of)), self.facts.get(name)):
            act = said[-1].act if said else None
            if isinstance(act, Recorded) and act.at:
                return act
        return None

    def holds(self, name: str, of: str = "") -> bool:
        """Whether a field is filled, or a fact recorded of all or of a participant."""
        return self.fact(name, of) is not None or self.fields.get(name) not in (None, "", [], ())
