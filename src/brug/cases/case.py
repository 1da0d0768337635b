# SPDX-License-Identifier: EUPL-1.2
"""A case as its entries make it: what `folding` builds, `rules` asks and pages show."""

from typing import Any

import msgspec

from brug.cases.acts import Attached, Embargoed, Linked, Marked, Planned, Recorded
from brug.cases.declaring import Kind
from brug.cases.entries import Author, Entry


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
    """A document as it was last said; `entry` brought it, for those in `to` or for all."""

    act: Attached
    entry: str
    author: Author
    at: str
    to: tuple[str, ...]


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
