# SPDX-License-Identifier: EUPL-1.2
"""Whether an act is one that makes sense in a case as it is now: a function for each kind of act.

Who may do it at all is asked before (`rules`).
"""

from collections.abc import Callable
from typing import Any

import msgspec

from brug.cases.acts import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    Acknowledged,
    Asked,
    Attached,
    Decided,
    Embargoed,
    Filled,
    Joined,
    Left,
    Linked,
    Marked,
    Moved,
    Opened,
    Planned,
    Recorded,
    Renamed,
    Said,
)  # fmt: skip
from brug.cases.case import Case, Machine, Participant, Transition
from brug.cases.entries import MOST, Author
from brug.cases.forms import attached, instant, one_of, text, uuid, zone
from brug.cases.kind_fields import read_fields
from brug.cases.refusing import Refused
from brug.cases.taking_part import NotYours, called, is_own
from brug.model.errors import Conflict, Invalid
from brug.model.tlp import LABELS
from brug.model.words import N_

PAP = ("clear", "green", "amber", "red")
MERGED_INTO = "merged_into"  # the case goes on in another, and is over; whoever leads it says so
MOST_BASIS = 100
LINKS = ("event", "attribute", "case", MERGED_INTO)


class OutOfStep(Conflict):
    """The case is not in the state that the transition leaves; `by` left it last, if anything."""

    code = "out_of_step"

    def __init__(self, machine: Machine, now: str, leaves: str, by: str | None) -> None:
        self.machine, self.now, self.leaves = machine, now, leaves
        possible = ", ".join(one.trigger for one in machine.leaving(now)) or "nothing"
        self.public = f"{machine.key} is {now} and not {leaves}; from there: {possible}"
        self.by = by
        super().__init__(self.public)


class Blocked(Conflict):
    """Something has to be there, or mended, first."""

    code = "blocked"

    def __init__(self, what: str) -> None:
        self.public = f"This needs first: {what}"
        super().__init__(self.public)


def missing(case: Case, transition: Transition, of: str = "") -> list[str]:
    """What a transition needs and is not there, and what blocks it, in words."""
    needs = [name for name in transition.needs if not case.holds(name, of)]
    found = (one.finds(case, of) for one in case.kind.checks if transition.trigger in one.blocks)
    return needs + [said for said in found if said]


class Asking(msgspec.Struct, frozen=True):
    """By whom, with which parts in the case."""

    case: Case
    author: Author
    mine: list[Participant]

    @property
    def by(self) -> str:
        """The author, as the case calls them."""
        return called(self.case, self.author)


def may_open(case: Case, act: Opened) -> None:
    if case.id:
        raise Conflict("the case is open already")
    text("title", act.title, LONGEST_TITLE)
    text("name", act.name, LONGEST_TITLE)
    text("number", act.number, 40)
    uuid("participant", act.participant)


def _may_rename(_: Asking, act: Renamed) -> None:
    text("title", act.title, LONGEST_TITLE)


def _may_fill(asked: Asking, act: Filled) -> None:
    read_fields(asked.case.kind, act.fields)


def _may_record(asked: Asking, act: Recorded) -> None:
    fact = asked.case.kind.fact(act.fact)
    if act.at:
        instant("at", act.at)
    else:
        _may_take_back(asked.case, act)
    zone("zone", act.zone)
    text("source", act.source, LONGEST_TITLE, empty=True)
    if act.of:
        if act.of not in {one.id for one in asked.case.present}:
            raise Invalid("of", "a participant of the case", act.of)
        roles = {one.role for one in asked.mine}
        one = asked.case.participants[act.of]
        says_of_others = roles & fact.by and (not fact.of or one.role in fact.of)
        if not says_of_others and not is_own(asked.case, asked.author, act.of, roles):
            raise NotYours(f"{asked.by} may not say what is so of {one.name}")


def _may_take_back(case: Case, act: Recorded) -> None:
    """A fact that turned out not to be so."""
    said = case.own_facts.get((act.fact, act.of)) if act.of else case.facts.get(act.fact)
    if not said or not getattr(said[-1].act, "at", ""):
        raise Invalid("at", "a time: nothing was recorded that could be taken back")
    text("because", act.because, LONGEST_TEXT)


def _may_say(_: Asking, act: Said) -> None:
    text("text", act.text, LONGEST_TEXT)


def _may_decide(_: Asking, act: Decided) -> None:
    text("question", act.question, LONGEST_TITLE)
    text("outcome", act.outcome, LONGEST_TEXT)
    if act.replaces is not msgspec.UNSET:
        uuid("replaces", act.replaces)
    if act.basis is not msgspec.UNSET:
        if not 0 < len(act.basis) <= MOST_BASIS or len(set(act.basis)) < len(act.basis):
            raise Invalid("basis", f"at most {MOST_BASIS} entries, each once")
        for one in act.basis:
            uuid("basis", one)


def _may_ask_of(asked: Asking, act: Asked) -> None:
    """Of one's own, or by whoever leads the case. What is not here may be at others."""
    uuid("entry", act.entry)
    known = next((one for one in asked.case.timeline if one.id == act.entry), None)
    leads = any(asked.case.kind.role(one.role).leads for one in asked.mine)
    if known is not None and not asked.author.is_of(known.author.org) and not leads:
        raise NotYours(f"{asked.by} did not write what is asked about")
    if act.entry in asked.case.asked:
        raise Refused(N_("Who has read this was asked already."))


def _may_acknowledge(asked: Asking, act: Acknowledged) -> None:
    uuid("entry", act.entry)
    if all((act.entry, one.id) in asked.case.read for one in asked.mine):
        raise Refused(N_("%(name)s has said already that this is read."), name=asked.by)


def _may_plan(asked: Asking, act: Planned) -> None:
    uuid("task", act.task)
    text("title", act.title, LONGEST_TITLE)
    if act.due:
        instant("due", act.due)
    if act.assignee and act.assignee not in {one.id for one in asked.case.present}:
        raise Invalid("assignee", "a participant of the case", act.assignee)


def _may_link(asked: Asking, act: Linked) -> None:
    uuid("uuid", act.uuid)
    text("title", act.title, LONGEST_TITLE, empty=True)
    if act.kind not in LINKS:
        raise Invalid("kind", f"one of {', '.join(LINKS)}", act.kind)
    if act.kind == MERGED_INTO:
        if act.uuid == asked.case.id:
            raise Invalid("uuid", "another case", act.uuid)
        if not any(asked.case.kind.role(one.role).leads for one in asked.mine):
            raise NotYours(f"{asked.by} does not lead the case")


def _may_attach(asked: Asking, act: Attached) -> None:
    attached(act)
    known = asked.case.documents.get(act.document)
    if known is None:
        if act.is_undone:
            raise Invalid("document", "one that is in the case", act.document)
        return
    if not act.is_undone or known.act.is_undone:
        raise Refused(
            N_("The document %(name)s is in the case already, or was."), name=known.act.name
        )
    leads = any(asked.case.kind.role(one.role).leads for one in asked.mine)
    if not asked.author.is_of(known.author.org) and not leads:
        raise NotYours(f"{asked.by} did not attach {known.act.name}")
    if msgspec.structs.replace(act, is_undone=False, because=known.act.because) != known.act:
        raise Invalid("document", "what was attached, unchanged", act.document)


def _may_mark(_: Asking, act: Marked) -> None:
    one_of("tlp", act.tlp, LABELS)
    one_of("pap", act.pap, PAP)


def _may_embargo(_: Asking, act: Embargoed) -> None:
    if act.until:
        instant("until", act.until)
        zone("zone", act.zone)


def may_join(asked: Asking, act: Joined) -> None:
    case = asked.case
    uuid("participant", act.participant)
    uuid("org", act.org)
    text("name", act.name, LONGEST_TITLE)
    if act.user is not None and not 0 < act.user < MOST:
        raise Invalid("user", "the number of a person's account", str(act.user))
    if act.node:
        uuid("node", act.node)
    case.kind.role(act.role)
    if act.participant in case.participants:
        raise Refused(
            N_("%(name)s takes part by this UUID already, or did."),
            name=case.participants[act.participant].name,
        )  # fmt: skip
    if any((p.org, p.user, p.role) == (act.org, act.user, act.role) for p in case.present):
        raise Refused(N_("%(name)s takes part in this role already."), name=act.name)


def _may_leave(asked: Asking, act: Left) -> None:
    case = asked.case
    leaving = case.participants.get(act.participant)
    if leaving is None or leaving.left is not None:
        raise Invalid("participant", "one that takes part", act.participant)
    lead = [one for one in case.present if case.kind.role(one.role).leads]
    if lead == [leaving]:
        raise Blocked("somebody else who leads the case")


def _may_move(asked: Asking, act: Moved) -> None:
    case = asked.case
    machine = case.kind.machine(act.machine)
    position = case.positions.get((act.machine, act.of))
    if position is None or (act.of and case.participants[act.of].left is not None):
        raise Invalid("of", "a participant that has such a state", act.of)
    if position.state != act.leaves:
        raise OutOfStep(machine, position.state, act.leaves, position.left.get(act.leaves))
    transition = machine.find(position.state, act.trigger)
    if transition is None:
        triggers = ", ".join(one.trigger for one in machine.leaving(position.state))
        wanted = f"one of {triggers}" if triggers else f"none: {machine.key} is {position.state}"
        raise Invalid("trigger", wanted, act.trigger)
    roles = {one.role for one in asked.mine}
    if not roles & transition.roles or not is_own(case, asked.author, act.of, roles):
        said = ", ".join(sorted(roles))
        raise NotYours(f"{said} may not {act.trigger}", said, f"the step {act.trigger}")
    if lacking := missing(case, transition, act.of):
        raise Blocked(", ".join(lacking))
    if transition.asks and not act.because.strip():
        raise Invalid("because", "the reason", act.because)
    if transition.reads and (expected := transition.reads(case, act.because)):
        raise Invalid("because", expected, act.because)


FORMS: dict[type, Callable[[Asking, Any], None]] = {
    Renamed: _may_rename,
    Filled: _may_fill,
    Recorded: _may_record,
    Joined: may_join,
    Left: _may_leave,
    Moved: _may_move,
    Said: _may_say,
    Decided: _may_decide,
    Planned: _may_plan,
    Linked: _may_link,
    Attached: _may_attach,
    Marked: _may_mark,
    Embargoed: _may_embargo,
    Asked: _may_ask_of,
    Acknowledged: _may_acknowledge,
}
