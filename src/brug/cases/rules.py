# SPDX-License-Identifier: EUPL-1.2
"""Whether a participant may do an act in a case as it is now.

Asked before an entry is written, where the error tells a person what would be possible, and
again by whoever folds it, because an entry from another node is only what that node says.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from brug.cases.acts import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    AnyAct,
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
from brug.cases.case import Case, Participant
from brug.cases.declaring import Machine, Transition, read_fields
from brug.cases.entries import Author
from brug.model.errors import Conflict, Forbidden, Invalid
from brug.model.naming import is_uuid
from brug.model.tlp import LABELS

PAP = ("clear", "green", "amber", "red")
LINKS = ("event", "attribute", "case")
FIRST_YEAR, LAST_YEAR = 1970, 2200


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
    if not case.id:
        raise Conflict("the case was not opened")
    mine = parts_of(case, author)
    if not any(_may(case, one, act) for one in mine):
        raise NotYours(f"{author.org} may not have this {act.__struct_config__.tag}")
    _text("because", act.because, LONGEST_TEXT, empty=True)
    _FORMS[type(act)](_Asked(case, author, mine), act)


def parts_of(case: Case, author: Author) -> list[Participant]:
    """What an author is in a case: as a person, and as one of an organisation."""
    speaks_as = {author.user} if author.in_person else {author.user, None}
    return [one for one in case.present if one.org == author.org and one.user in speaks_as]


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
    _text("title", act.title, LONGEST_TITLE)
    _text("name", act.name, LONGEST_TITLE)
    _text("number", act.number, 40)
    _uuid("participant", act.participant)


def _may_rename(_: _Asked, act: Renamed) -> None:
    _text("title", act.title, LONGEST_TITLE)


def _may_fill(asked: _Asked, act: Filled) -> None:
    read_fields(asked.case.kind, act.fields)


def _may_record(asked: _Asked, act: Recorded) -> None:
    asked.case.kind.fact(act.fact)
    instant("at", act.at)
    _zone("zone", act.zone)
    _text("source", act.source, LONGEST_TITLE, empty=True)
    if act.of:
        if act.of not in {one.id for one in asked.case.present}:
            raise Invalid("of", "a participant of the case", act.of)
        roles = {one.role for one in asked.mine}
        if not _is_own(asked.case, asked.author, act.of, roles):
            raise NotYours(f"{asked.author.org} may not say what is so of {act.of}")


def _may_say(_: _Asked, act: Said) -> None:
    _text("text", act.text, LONGEST_TEXT)


def _may_decide(_: _Asked, act: Decided) -> None:
    _text("question", act.question, LONGEST_TITLE)
    _text("outcome", act.outcome, LONGEST_TEXT)


def _may_plan(asked: _Asked, act: Planned) -> None:
    _uuid("task", act.task)
    _text("title", act.title, LONGEST_TITLE)
    if act.due:
        instant("due", act.due)
    if act.assignee and act.assignee not in {one.id for one in asked.case.present}:
        raise Invalid("assignee", "a participant of the case", act.assignee)


def _may_link(_: _Asked, act: Linked) -> None:
    _uuid("uuid", act.uuid)
    _text("title", act.title, LONGEST_TITLE, empty=True)
    if act.kind not in LINKS:
        raise Invalid("kind", f"one of {', '.join(LINKS)}", act.kind)


def _may_mark(_: _Asked, act: Marked) -> None:
    _one_of("tlp", act.tlp, LABELS)
    _one_of("pap", act.pap, PAP)


def _may_embargo(_: _Asked, act: Embargoed) -> None:
    if act.until:
        instant("until", act.until)
        _zone("zone", act.zone)


def _may_join(asked: _Asked, act: Joined) -> None:
    case = asked.case
    _uuid("participant", act.participant)
    _uuid("org", act.org)
    _text("name", act.name, LONGEST_TITLE)
    case.kind.role(act.role)
    if act.participant in case.participants:
        raise Conflict(f"participant {act.participant} is known already")
    if any((p.org, p.user, p.role) == (act.org, act.user, act.role) for p in case.present):
        raise Conflict(f"{act.name} takes part in this role already")


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
    Marked: _may_mark,
    Embargoed: _may_embargo,
}


def instant(field: str, given: str) -> datetime:
    """A time in UTC, in years that people and clocks count with. Raises Invalid."""
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        found = None
    if found is None or not given.endswith("Z") or found.utcoffset() != UTC.utcoffset(None):
        raise Invalid(field, "a time in UTC like 2026-03-29T01:30:00Z", given)
    if not FIRST_YEAR <= found.year < LAST_YEAR:
        raise Invalid(field, f"a time between {FIRST_YEAR} and {LAST_YEAR}", given)
    return found


def _zone(field: str, given: str) -> None:
    try:
        ZoneInfo(given)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(field, "a time zone like Europe/Amsterdam", given) from error


def _text(field: str, given: str, most: int, *, empty: bool = False) -> None:
    if not (empty or given.strip()) or len(given) > most or "\0" in given:
        raise Invalid(field, f"a text of at most {most} characters", given)


def _uuid(field: str, given: str) -> None:
    if not is_uuid(given) or given != given.lower():
        raise Invalid(field, "a UUID in lower case", given)


def _one_of(field: str, given: str, known: tuple[str, ...]) -> None:
    if given and given not in known:
        raise Invalid(field, f"one of {', '.join(known)}, or nothing", given)
