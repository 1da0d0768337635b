# SPDX-License-Identifier: EUPL-1.2
"""One thing done in many cases: in each by its own rules, in a transaction of its own.

What one case refuses is said of that one, and the others go on. Who works beside somebody loses
nothing of theirs: what a step replaces (a state, a marking) is compared with what whoever asks had
seen of it, while the case is locked, and is refused where it has become something else since.
"""

from collections.abc import Sequence
from uuid import uuid4

import msgspec
import psycopg

from brug.cases import act_rules, files, forms, keeping, people
from brug.cases.acts import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    AnyAct,
    Linked,
    Marked,
    Moved,
    Planned,
    Said,
)  # fmt: skip
from brug.cases.case import Case, Participant
from brug.cases.files import File
from brug.model.errors import BrugError, Conflict, Invalid
from brug.model.naming import is_uuid
from brug.model.tlp import LABELS
from brug.store.failing import meaning
from brug.store.session import Session

MOST = 200
LINKED = ("event", "attribute", "case")


class Overtaken(Conflict):
    """What would be replaced is not any more what whoever asks saw."""

    code = "meanwhile"
    public = "Somebody else changed this meanwhile: look at it again."


class Step(msgspec.Struct, frozen=True, kw_only=True, tag_field="what", forbid_unknown_fields=True):
    """What is done in each case; tags are those of the acts that it becomes."""

    because: str = ""

    def require(self) -> None:
        """What is wrong with it whatever the case. Raises Invalid."""


class Say(Step, tag="said", frozen=True):
    text: str

    def require(self) -> None:
        forms.text("text", self.text, LONGEST_TEXT)


class Plan(Step, tag="planned", frozen=True):
    """A task. One that is open, for all, and called the same is changed and not doubled.

    `assignee` is whoever takes part in the case by that name, role or UUID; empty fields leave
    what an open task has.
    """

    title: str
    assignee: str = ""
    due: str = ""

    def require(self) -> None:
        forms.text("title", self.title, LONGEST_TITLE)
        if self.due:
            forms.instant("due", self.due)


class Mark(Step, tag="marked", frozen=True):
    """Labels; null leaves one as it is, and an empty one takes it away."""

    tlp: str | None = None
    pap: str | None = None

    def require(self) -> None:
        if self.tlp is None and self.pap is None:
            raise Invalid("tlp", "a label, or one of PAP")
        forms.one_of("tlp", self.tlp or "", LABELS)
        forms.one_of("pap", self.pap or "", act_rules.PAP)


class Join(Step, tag="joined", frozen=True):
    """Has an organisation, or one person of it by e-mail, take part; as for one case."""

    org: str
    role: str
    name: str = ""
    email: str = ""

    def require(self) -> None:
        forms.text("org", self.org, LONGEST_TITLE)


class Move(Step, tag="moved", frozen=True):
    """A transition of the case itself; `leaves` is the state in which each has to be."""

    trigger: str
    leaves: str = ""

    def require(self) -> None:
        forms.text("trigger", self.trigger, LONGEST_TITLE)


class Link(Step, tag="linked", frozen=True):
    """Links each with an event, an attribute or a case that whoever asks may see, or a UUID."""

    kind: str
    uuid: str
    title: str = ""

    def require(self) -> None:
        if self.kind not in LINKED:
            raise Invalid("kind", f"one of {', '.join(LINKED)}", self.kind)
        if not is_uuid(self.uuid):
            raise Invalid("uuid", "a UUID", self.uuid)


AnyStep = Say | Plan | Mark | Join | Move | Link


class Asked(msgspec.Struct, frozen=True):
    """A case, and what whoever asks saw of it: its state and labels, if that matters."""

    case: str
    state: str | None = None
    labels: tuple[str, str] | None = None


class Outcome(msgspec.Struct, frozen=True):
    """What became of one: done, or why not. `named` is how it was asked for."""

    named: str
    file: File | None
    error: BrugError | None = None

    @property
    def is_done(self) -> bool:
        return self.error is None


def run(session: Session, step: AnyStep, asked: Sequence[Asked]) -> list[Outcome]:
    """In each, in this order; what was done in one stays whatever comes. Raises Invalid, nothing
    done, where the step or the number of cases does not fit any.
    """
    if not 0 < len(asked) <= MOST:
        raise Invalid("cases", f"1 to {MOST} cases", str(len(asked)))
    step.require()
    forms.text("because", step.because, LONGEST_TEXT, empty=True)
    outcomes: list[Outcome] = []
    done: set[str] = set()
    for one in asked:
        outcome = _one(session, step, one, done)
        session.commit()
        if outcome is not None:
            outcomes.append(outcome)
    return outcomes


def _one(session: Session, step: AnyStep, asked: Asked, done: set[str]) -> Outcome | None:
    """Nothing where the case was named before under another of its names."""
    file: File | None = None
    try:
        with session.connection.transaction():
            file = files.find(session, asked.case)
            if file.uuid in done:
                return None
            done.add(file.uuid)
            file, case = files.view(session, keeping.held(session, file.uuid).uuid)
            keeping.act(session, file.uuid, _act(session, step, case, asked))
    except BrugError as error:
        return Outcome(asked.case, file, error)
    except psycopg.Error as error:
        said = meaning(error)
        if said is None:
            raise
        return Outcome(asked.case, file, said)
    return Outcome(asked.case, files.find(session, file.uuid))


def _act(session: Session, step: AnyStep, case: Case, asked: Asked) -> AnyAct:
    because = step.because
    match step:
        case Say():
            return Said(text=step.text, because=because)
        case Plan():
            return _planned(step, case)
        case Mark():
            if asked.labels is not None and asked.labels != (case.marking.tlp, case.marking.pap):
                raise Overtaken(f"{asked.case} is marked otherwise now")
            tlp = case.marking.tlp if step.tlp is None else step.tlp
            pap = case.marking.pap if step.pap is None else step.pap
            return Marked(tlp=tlp, pap=pap, because=because)
        case Join():
            doing = people.joining(session, step.org, step.role, name=step.name, email=step.email)
            return msgspec.structs.replace(doing, because=because)
        case Move():
            return moved(case, step.trigger, because=because, leaves=step.leaves or asked.state)
        case Link():
            return Linked(kind=step.kind, uuid=step.uuid.lower(), title=step.title, because=because)


def _planned(step: Plan, case: Case) -> Planned:
    whose = participant(case, step.assignee).id if step.assignee else ""
    for entry in reversed(case.timeline):
        task = entry.act
        if not isinstance(task, Planned) or case.tasks[task.task] is not task:
            continue
        if task.title == step.title and not task.is_done and not entry.to:
            return msgspec.structs.replace(
                task, assignee=whose or task.assignee, due=step.due or task.due,
                because=step.because,
            )  # fmt: skip
    return Planned(
        task=str(uuid4()), title=step.title, assignee=whose, due=step.due, because=step.because
    )


def moved(
    case: Case, trigger: str, of: str = "", because: str = "", leaves: str | None = None
) -> Moved:
    """A move from the state in which it is, or from that in which it has to be. Raises Invalid."""
    if leaves:
        for machine in case.kind.machines:
            if bool(machine.each) == bool(of) and machine.find(leaves, trigger) is not None:
                return Moved(
                    machine=machine.key, trigger=trigger, leaves=leaves, of=of, because=because
                )
    for (key, owner), position in case.positions.items():
        if owner == of and case.kind.machine(key).find(position.state, trigger):
            return Moved(
                machine=key, trigger=trigger, leaves=position.state, of=of, because=because
            )
    owners = [
        case.participants[owner].name
        for (key, owner), position in case.positions.items()
        if owner and not of and case.kind.machine(key).find(position.state, trigger)
    ]
    if owners:
        raise Invalid("of", f"whose state it is: {', '.join(owners)}")
    possible = [
        one.trigger
        for (key, owner), position in case.positions.items()
        if owner == of
        for one in case.kind.machine(key).leaving(position.state)
    ]
    wanted = f"one of {', '.join(possible)}" if possible else "none: nothing leads on from there"
    raise Invalid("trigger", wanted, trigger)


_NAMED = "{0.name} ({0.role})"


def participant(case: Case, which: str) -> Participant:
    """One that takes part, by UUID, name, role, or name and role. Raises Invalid."""
    wanted = which.casefold()
    for told_by in ("{0.id}", "{0.name}", "{0.role}", _NAMED):
        found = [one for one in case.present if told_by.format(one).casefold() == wanted]
        if len(found) == 1:
            return found[0]
    known = ", ".join(_NAMED.format(one) for one in case.present)
    raise Invalid("participant", f"one of {known}", which)
