# SPDX-License-Identifier: EUPL-1.2
"""What one entry says in a letter, in a line or more. Names of states are those of the kind."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from brug.cases import acts
from brug.cases.case import Case
from brug.cases.entries import Entry
from brug.cases.persons.outside import Seat
from brug.cases.persons.words import say

LONGEST = 5_000  # characters of a text

Say = Callable[..., str]
Told = Callable[[Case, Say, Any], list[str]]


def lines(seat: Seat, entry: Entry) -> list[str]:
    case = seat.case
    who = next((p.name for p in case.participants.values() if p.org == entry.author.org), "?")
    tell: Say = partial(say, seat.person.language, who=who)
    told = _TOLD.get(type(entry.act))
    return told(case, tell, entry.act) if told else [tell("other")]


def _said(_: Case, tell: Say, act: acts.Said) -> list[str]:
    return [tell("said"), act.text[:LONGEST]]


def _moved(case: Case, tell: Say, act: acts.Moved) -> list[str]:
    machine = case.kind.machine(act.machine)
    step = machine.find(act.leaves, act.trigger)
    whose = f" ({case.participants[act.of].name})" if act.of else ""
    target = f" -> {machine.states[step.target]}" if step else ""
    what = f"{machine.title}{whose}: {step.title if step else act.trigger}{target}"
    return [tell("moved", what=what), *([act.because[:LONGEST]] if act.because else [])]


def _attached(_: Case, tell: Say, act: acts.Attached) -> list[str]:
    return [tell("detached" if act.is_undone else "attached", what=act.name)]


def _decided(_: Case, tell: Say, act: acts.Decided) -> list[str]:
    return [tell("decided", what=act.question), act.outcome[:LONGEST]]


def _marked(_: Case, tell: Say, act: acts.Marked) -> list[str]:
    pairs = (("TLP", act.tlp), ("PAP", act.pap))
    labels = [f"{scheme}:{label.upper()}" for scheme, label in pairs if label]
    return [tell("marked", what=" ".join(labels) or tell("none"))]


def _embargoed(_: Case, tell: Say, act: acts.Embargoed) -> list[str]:
    return [tell("embargoed", what=act.until) if act.until else tell("unembargoed")]


def _joined(_: Case, tell: Say, act: acts.Joined) -> list[str]:
    return [tell("joined", what=act.name)]


def _left(case: Case, tell: Say, act: acts.Left) -> list[str]:
    return [tell("left", what=case.participants[act.participant].name)]


def _filled(_: Case, tell: Say, act: acts.Filled) -> list[str]:
    return [tell("filled", what=", ".join(act.fields))]


def _recorded(_: Case, tell: Say, act: acts.Recorded) -> list[str]:
    return [tell("recorded", what=f"{act.fact}: {act.at or '—'}")]


def _planned(_: Case, tell: Say, act: acts.Planned) -> list[str]:
    return [tell("planned", what=act.title)]


_TOLD: Mapping[type, Told] = {
    acts.Said: _said, acts.Moved: _moved, acts.Attached: _attached, acts.Decided: _decided,
    acts.Marked: _marked, acts.Embargoed: _embargoed, acts.Joined: _joined, acts.Left: _left,
    acts.Filled: _filled, acts.Recorded: _recorded, acts.Planned: _planned,
}  # fmt: skip
