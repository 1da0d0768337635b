# SPDX-License-Identifier: EUPL-1.2
"""What one entry says in a letter, in a line or more, in the language of whom it is for."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from brug.cases import acts
from brug.cases.case import Case
from brug.cases.entries import Entry
from brug.cases.exporting.sentences import Sentences, time
from brug.cases.persons.outside import Seat
from brug.cases.persons.words import say
from brug.mail import speaking

LONGEST = 5_000  # characters of a text


class Telling(msgspec.Struct, frozen=True):
    """`tell` says a text of letters, `words` what the kind of the case calls its things."""

    case: Case
    tell: Callable[..., str]
    words: Sentences


Told = Callable[[Telling, Any], list[str]]


def lines(seat: Seat, entry: Entry) -> list[str]:
    language = seat.person.language
    words = Sentences(seat.case, speaking.say_in(language), language)
    who = next((p.name for p in seat.case.participants.values() if p.org == entry.author.org), "?")
    telling = Telling(seat.case, partial(say, language, who=who), words)
    told = _TOLD.get(type(entry.act))
    return told(telling, entry.act) if told else [telling.tell("other")]


def _said(it: Telling, act: acts.Said) -> list[str]:
    return [it.tell("said"), act.text[:LONGEST]]


def _moved(it: Telling, act: acts.Moved) -> list[str]:
    machine, name = it.case.kind.machine(act.machine), it.words.say
    whose = f" ({it.words.name(act.of)})" if act.of else ""
    step = machine.find(act.leaves, act.trigger)
    target = f" → {name(machine.states[step.target])}" if step else ""
    what = f"{name(machine.title)}{whose}: {name(step.title) if step else act.trigger}{target}"
    return [it.tell("moved", what=what), *([act.because[:LONGEST]] if act.because else [])]


def _attached(it: Telling, act: acts.Attached) -> list[str]:
    return [it.tell("detached" if act.is_undone else "attached", what=act.name)]


def _decided(it: Telling, act: acts.Decided) -> list[str]:
    return [it.tell("decided", what=act.question), act.outcome[:LONGEST]]


def _marked(it: Telling, act: acts.Marked) -> list[str]:
    pairs = (("TLP", act.tlp), ("PAP", act.pap))
    labels = [f"{scheme}:{label.upper()}" for scheme, label in pairs if label]
    return [it.tell("marked", what=" ".join(labels) or it.tell("none"))]


def _embargoed(it: Telling, act: acts.Embargoed) -> list[str]:
    until = time(act.until, act.zone) if act.until else ""
    return [it.tell("embargoed", what=until) if until else it.tell("unembargoed")]


def _joined(it: Telling, act: acts.Joined) -> list[str]:
    return [it.tell("joined", what=act.name, role=it.words.role(act.role))]


def _left(it: Telling, act: acts.Left) -> list[str]:
    return [it.tell("left", what=it.words.name(act.participant))]


def _filled(it: Telling, act: acts.Filled) -> list[str]:
    return [it.tell("filled", what=", ".join(it.words.field(one) for one in act.fields))]


def _recorded(it: Telling, act: acts.Recorded) -> list[str]:
    at = time(act.at, act.zone) if act.at else it.tell("taken_back")
    what = f"{it.words.fact(act.fact)}: {at}"
    return [it.tell("recorded", what=what)]


def _planned(it: Telling, act: acts.Planned) -> list[str]:
    return [it.tell("planned", what=act.title)]


def _asked(it: Telling, act: acts.Asked) -> list[str]:
    return [it.tell("asked", what=_about(it, act.entry))]


def _acknowledged(it: Telling, act: acts.Acknowledged) -> list[str]:
    return [it.tell("acknowledged", what=_about(it, act.entry))]


def _about(it: Telling, entry: str) -> str:
    """What can be read, in a word and by whom."""
    found = next((one for one in it.case.timeline if one.id == entry), None)
    if found is None:
        return it.tell("something")
    return f"{it.words.title(found)}, {it.words.who(found)}, {time(found.at)}"


_TOLD: Mapping[type, Told] = {
    acts.Said: _said, acts.Moved: _moved, acts.Attached: _attached, acts.Decided: _decided,
    acts.Marked: _marked, acts.Embargoed: _embargoed, acts.Joined: _joined, acts.Left: _left,
    acts.Filled: _filled, acts.Recorded: _recorded, acts.Planned: _planned, acts.Asked: _asked,
    acts.Acknowledged: _acknowledged,
}  # fmt: skip
