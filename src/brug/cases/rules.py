# SPDX-License-Identifier: EUPL-1.2
"""Whether a participant may do an act in a case as it is now.

Asked before an entry is written, where the error tells a person what would be possible, and
again by whoever folds it, because an entry from another node is only what that node says.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from brug.cases.acts import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    Acknowledged,
    AnyAct,
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
    Unknown,
)  # fmt: skip
from brug.cases.case import Case, Participant
from brug.cases.declaring import BREAK_GLASS, Machine, Transition, read_fields
from brug.cases.entries import MOST, Author, Entry, case_of
from brug.cases.forms import attached, instant, one_of, text, uuid, zone
from brug.model.errors import Conflict, Forbidden, Invalid
from brug.model.tlp import LABELS

PAP = ("clear", "green", "amber", "red")
MERGED_INTO = "merged_into"  # the case goes on in another, and is over; whoever leads it says so
MOST_BASIS = 100
LINKS = ("event", "attribute", "case", MERGED_INTO)


class NotYours(Forbidden):
    """The author takes no part, or not in a role that may do this."""

    code = "not_yours"
    public = "Your part in this case does not include this."


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


def require(case: Case, author: Author, act: AnyAct) -> None:
    """Raises NotYours, OutOfStep, Blocked, Invalid, Conflict; else the act may be done."""
    if isinstance(act, Opened):
        _may_open(case, act)
        return
    if isinstance(act, Unknown):
        raise Invalid("act", f"one that this node knows: {act.name[:60]} is of a later version")
    if not case.id:
        raise Conflict("the case was not opened")
    if isinstance(act, Joined) and act.role == BREAK_GLASS.key:
        _may_break_glass(case, author, act)
        return
    mine = parts_of(case, author) or _node_of_glass(case, author, act)
    if not any(_may(case, one, act) for one in mine):
        raise NotYours(f"{author.org} may not have this {act.__struct_config__.tag}")
    text("because", act.because, LONGEST_TEXT, empty=True)
    _FORMS[type(act)](_Asked(case, author, mine), act)


def require_own(entry: Entry) -> None:
    """A case is opened by the one whose it is, as its UUID says; where it goes on, all are told.

    Raises NotYours, Invalid.
    """
    act = entry.act
    if isinstance(act, Opened) and entry.case != case_of(entry.author, act.kind, act.participant):
        raise NotYours(f"{entry.author.org} opens a case that is another's")
    if isinstance(act, Linked) and act.kind == MERGED_INTO and entry.to:
        raise Invalid("to", "nobody in particular: all who take part see where it goes on")


def parts_of(case: Case, author: Author) -> list[Participant]:
    """What an author is in a case: as a person, and as one of an organisation."""
    speaks_as = {author.user} if author.in_person else {author.user, None}
    return [
        one
        for one in case.present
        if one.org == author.org and one.user in speaks_as and one.node in {"", author.node}
    ]


def may(case: Case, author: Author, what: str) -> bool:
    """Whether what an author is in a case includes an act, by its tag."""
    return any(_includes(case, one, what) for one in parts_of(case, author))


def possible(case: Case, author: Author) -> list[tuple[Machine, str, Transition]]:
    """The transitions that an author may choose from now, with whose they are."""
    roles = {one.role for one in parts_of(case, author)}
    return [
        (machine, of, transition)
        for (key, of), position in case.positions.items()
        if not of or case.participants[of].left is None
        for machine in (case.kind.machine(key),)
        for transition in machine.leaving(position.state)
        if roles & transition.roles and _is_own(case, author, of, roles)
    ]


def missing(case: Case, transition: Transition, of: str = "") -> list[str]:
    """What a transition needs and is not there, and what blocks it, in words."""
    needs = [name for name in transition.needs if not case.holds(name, of)]
    found = (one.finds(case, of) for one in case.kind.checks if transition.trigger in one.blocks)
    return needs + [said for said in found if said]


def _may(case: Case, one: Participant, act: AnyAct) -> bool:
    if isinstance(act, Left) and act.participant == one.id:
        return True
    return _includes(case, one, str(act.__struct_config__.tag))


def _includes(case: Case, one: Participant, what: str) -> bool:
    role = case.kind.role(one.role)
    if what in {"joined", "left", "marked", "embargoed", "renamed"}:
        return role.leads
    if what == "acknowledged":  # whatever one has, one may say that one has read it
        return True
    return what in role.may


def _is_own(case: Case, author: Author, of: str, roles: set[str]) -> bool:
    """A participant's own state is its own to say, or the lead's who heard of it."""
    if not of or any(case.kind.role(role).leads for role in roles):
        return True
    return any(one.id == of for one in parts_of(case, author))


class _Asked(msgspec.Struct, frozen=True):
    """By whom, with which parts in the case."""

    case: Case
    author: Author
    mine: list[Participant]


def _may_open(case: Case, act: Opened) -> None:
    if case.id:
        raise Conflict("the case is open already")
    text("title", act.title, LONGEST_TITLE)
    text("name", act.name, LONGEST_TITLE)
    text("number", act.number, 40)
    uuid("participant", act.participant)


def _may_rename(_: _Asked, act: Renamed) -> None:
    text("title", act.title, LONGEST_TITLE)


def _may_fill(asked: _Asked, act: Filled) -> None:
    read_fields(asked.case.kind, act.fields)


def _may_record(asked: _Asked, act: Recorded) -> None:
    fact = asked.case.kind.fact(act.fact)
    instant("at", act.at)
    zone("zone", act.zone)
    text("source", act.source, LONGEST_TITLE, empty=True)
    if act.of:
        if act.of not in {one.id for one in asked.case.present}:
            raise Invalid("of", "a participant of the case", act.of)
        roles = {one.role for one in asked.mine}
        if not roles & fact.by and not _is_own(asked.case, asked.author, act.of, roles):
            raise NotYours(f"{asked.author.org} may not say what is so of {act.of}")


def _may_say(_: _Asked, act: Said) -> None:
    text("text", act.text, LONGEST_TEXT)


def _may_decide(_: _Asked, act: Decided) -> None:
    text("question", act.question, LONGEST_TITLE)
    text("outcome", act.outcome, LONGEST_TEXT)
    if act.replaces is not msgspec.UNSET:
        uuid("replaces", act.replaces)
    if act.basis is not msgspec.UNSET:
        if not 0 < len(act.basis) <= MOST_BASIS or len(set(act.basis)) < len(act.basis):
            raise Invalid("basis", f"at most {MOST_BASIS} entries, each once")
        for one in act.basis:
            uuid("basis", one)


def _may_ask_of(asked: _Asked, act: Asked) -> None:
    """Of one's own, or by whoever leads the case. What is not here may be at others."""
    uuid("entry", act.entry)
    known = next((one for one in asked.case.timeline if one.id == act.entry), None)
    leads = any(asked.case.kind.role(one.role).leads for one in asked.mine)
    if known is not None and known.author.org != asked.author.org and not leads:
        raise NotYours(f"{asked.author.org} did not write {act.entry}")
    if act.entry in asked.case.asked:
        raise Conflict(f"entry {act.entry} is asked about already")


def _may_acknowledge(asked: _Asked, act: Acknowledged) -> None:
    uuid("entry", act.entry)
    if all((act.entry, one.id) in asked.case.read for one in asked.mine):
        raise Conflict(f"{asked.author.org} has said so of {act.entry} already")


def _may_plan(asked: _Asked, act: Planned) -> None:
    uuid("task", act.task)
    text("title", act.title, LONGEST_TITLE)
    if act.due:
        instant("due", act.due)
    if act.assignee and act.assignee not in {one.id for one in asked.case.present}:
        raise Invalid("assignee", "a participant of the case", act.assignee)


def _may_link(asked: _Asked, act: Linked) -> None:
    uuid("uuid", act.uuid)
    text("title", act.title, LONGEST_TITLE, empty=True)
    if act.kind not in LINKS:
        raise Invalid("kind", f"one of {', '.join(LINKS)}", act.kind)
    if act.kind == MERGED_INTO:
        if act.uuid == asked.case.id:
            raise Invalid("uuid", "another case", act.uuid)
        if not any(asked.case.kind.role(one.role).leads for one in asked.mine):
            raise NotYours(f"{asked.author.org} does not lead the case")


def _may_attach(asked: _Asked, act: Attached) -> None:
    attached(act)
    known = asked.case.documents.get(act.document)
    if known is None:
        if act.is_undone:
            raise Invalid("document", "one that is in the case", act.document)
        return
    if not act.is_undone or known.act.is_undone:
        raise Conflict(f"document {act.document} is known already")
    leads = any(asked.case.kind.role(one.role).leads for one in asked.mine)
    if known.author.org != asked.author.org and not leads:
        raise NotYours(f"{asked.author.org} did not attach {act.document}")
    if msgspec.structs.replace(act, is_undone=False, because=known.act.because) != known.act:
        raise Invalid("document", "what was attached, unchanged", act.document)


def _may_mark(_: _Asked, act: Marked) -> None:
    one_of("tlp", act.tlp, LABELS)
    one_of("pap", act.pap, PAP)


def _may_embargo(_: _Asked, act: Embargoed) -> None:
    if act.until:
        instant("until", act.until)
        zone("zone", act.zone)


def _may_join(asked: _Asked, act: Joined) -> None:
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
        raise Conflict(f"participant {act.participant} is known already")
    if any((p.org, p.user, p.role) == (act.org, act.user, act.role) for p in case.present):
        raise Conflict(f"{act.name} takes part in this role already")


def _may_break_glass(case: Case, author: Author, act: Joined) -> None:
    """For oneself, with the reason, on a node that an organisation which takes part has."""
    said = (act.org, act.user, act.node)
    if not author.user or not author.in_person or said != (author.org, author.user, author.node):
        raise NotYours(f"{author.org} breaks the glass for another")
    if not any(one.node == author.node and one.user is None for one in case.present):
        raise NotYours(f"nobody of node {author.node} takes part")
    _may_join(_Asked(case, author, []), act)
    text("because", act.because, LONGEST_TEXT)


def _node_of_glass(case: Case, author: Author, act: AnyAct) -> list[Participant]:
    """The node lets those leave whose time to read is over; it is in their place then."""
    if not isinstance(act, Left) or author.user:
        return []
    one = case.participants.get(act.participant)
    is_ours = one is not None and (one.role, one.node) == (BREAK_GLASS.key, author.node)
    return [one] if one is not None and is_ours and one.left is None else []


def _may_leave(asked: _Asked, act: Left) -> None:
    case = asked.case
    leaving = case.participants.get(act.participant)
    if leaving is None or leaving.left is not None:
        raise Invalid("participant", "one that takes part", act.participant)
    lead = [one for one in case.present if case.kind.role(one.role).leads]
    if lead == [leaving]:
        raise Blocked("somebody else who leads the case")


def _may_move(asked: _Asked, act: Moved) -> None:
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
        raise Invalid("trigger", f"one of {triggers or 'none: it is over'}", act.trigger)
    roles = {one.role for one in asked.mine}
    if not roles & transition.roles or not _is_own(case, asked.author, act.of, roles):
        raise NotYours(f"{', '.join(sorted(roles))} may not {act.trigger}")
    if lacking := missing(case, transition, act.of):
        raise Blocked(", ".join(lacking))
    if transition.asks and not act.because.strip():
        raise Invalid("because", "the reason", act.because)


_FORMS: dict[type, Callable[[_Asked, Any], None]] = {
    Renamed: _may_rename,
    Filled: _may_fill,
    Recorded: _may_record,
    Joined: _may_join,
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
