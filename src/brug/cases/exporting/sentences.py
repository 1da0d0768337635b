# SPDX-License-Identifier: EUPL-1.2
"""What entries say, in lines of plain text, in the reader's language."""

from collections.abc import Callable

from brug.cases import acts, narrowing
from brug.cases.case import Case
from brug.cases.clocks import facts
from brug.cases.entries import Entry
from brug.cases.reports.telling import titles_in
from brug.model.errors import Invalid
from brug.model.words import N_

Say = Callable[[str], str]

TITLES = {
    "opened": N_("Opening"), "renamed": N_("Title"), "filled": N_("Fields"),
    "recorded": N_("Time"), "joined": N_("Taking part"), "left": N_("Leaving"),
    "moved": N_("Step"), "said": N_("Message"), "decided": N_("Decision"), "planned": N_("Task"),
    "linked": N_("Link"), "attached": N_("Document"), "marked": N_("Marking"),
    "embargoed": N_("Embargo"), "asked": N_("To be read"), "acknowledged": N_("Read"),
    "unknown": N_("Of a later version"),
}  # fmt: skip
_DONE, _TAKEN_BACK, _ENDS = N_("done"), N_("taken back"), N_("ends")
_FOR, _BECAUSE, _SINCE, _DUE = N_("for"), N_("because"), N_("source"), N_("due")


class Sentences:
    """For one case and one language."""

    def __init__(self, case: Case, say: Say, language: str = "en") -> None:
        self.case, self.say, self.language = case, say, language
        self._fields = titles_in(case.kind.fields)
        self._parts = case.participants

    def title(self, entry: Entry) -> str:
        tag = str(entry.act.__struct_config__.tag)
        return self.say(TITLES[tag]) if tag in TITLES else tag

    def lines(self, entry: Entry) -> list[str]:
        """What it says, whom it is for, and why."""
        act = entry.act
        found = self._of(act)
        if entry.to:
            names = map(self.name, narrowing.readers(self.case, entry))
            found.append(f"({self.say(_FOR)} {', '.join(names)})")
        if act.because:
            found += [f"{self.say(_BECAUSE)}: {act.because}"]
        return found

    def _of(self, act: acts.AnyAct) -> list[str]:  # noqa: C901 — a line an act
        say, name = self.say, self.name
        match act:
            case acts.Opened():
                return [act.title, act.name]
            case acts.Renamed():
                return [act.title]
            case acts.Filled():
                return [f"{self.field(key)}: {', '.join(self.value(key, one)) or '—'}"
                        for key, one in act.fields.items()]  # fmt: skip
            case acts.Recorded():
                of = f" ({name(act.of)})" if act.of else ""
                source = [f"{say(_SINCE)}: {act.source}"] if act.source else []
                at = time(act.at, act.zone) if act.at else say(_TAKEN_BACK)
                return [f"{self.fact(act.fact)}{of}: {at}", *source]
            case acts.Joined():
                return [f"{act.name}: {self.role(act.role)}"]
            case acts.Left():
                return [name(act.participant)]
            case acts.Moved():
                return [self._step(act)]
            case acts.Said():
                return act.text.split("\n")
            case acts.Decided():
                return [act.question, f"→ {act.outcome}"]
            case acts.Planned():
                return [self.task(act)]
            case acts.Linked():
                undone = f" ({say(_TAKEN_BACK)})" if act.is_undone else ""
                return [f"{act.kind} {act.uuid} {act.title}".strip() + undone]
            case acts.Attached():
                undone = f" ({say(_TAKEN_BACK)})" if act.is_undone else ""
                return [f"{act.name}, {act.size} B{undone}", f"SHA-256 {act.sha256}"]
            case acts.Marked():
                return [marking(act) or "—"]
            case acts.Embargoed():
                return [time(act.until, act.zone) if act.until else say(_ENDS)]
            case acts.Asked() | acts.Acknowledged():
                return self._about(act.entry)
            case acts.Unknown():
                return [act.name]

    def _about(self, entry: str) -> list[str]:
        """What an entry is that another one names, if it is here."""
        for one in self.case.timeline:
            if one.id == entry:
                return [f"{self.title(one)}, {self.who(one)}, {time(one.at)}"]
        return []

    def task(self, act: acts.Planned) -> str:
        parts = [act.title]
        if act.assignee:
            parts.append(self.name(act.assignee))
        if act.due:
            parts.append(f"{self.say(_DUE)} {time(act.due)}")
        if act.is_done:
            parts.append(self.say(_DONE))
        return ", ".join(parts)

    def _step(self, act: acts.Moved) -> str:
        machine = self.case.kind.machine(act.machine)
        found = machine.find(act.leaves, act.trigger)
        target = self.say(machine.states[found.target]) if found else act.trigger
        of = f" ({self.name(act.of)})" if act.of else ""
        leaves = self.say(machine.states.get(act.leaves, act.leaves))
        return f"{self.say(machine.title)}{of}: {leaves} → {target}"

    def name(self, participant: str) -> str:
        one = self._parts.get(participant)
        return one.name if one else participant

    def role(self, key: str) -> str:
        try:
            return self.say(self.case.kind.role(key).title)
        except Invalid:
            return key

    def who(self, entry: Entry) -> str:
        """The organisation of whoever wrote it, as it takes part."""
        for one in self._parts.values():
            if one.org == entry.author.org:
                return one.name
        return entry.author.org

    def field(self, key: str) -> str:
        return self.say(self._fields[key][0]) if key in self._fields else key

    def fact(self, key: str) -> str:
        known = {one.key: one.title for one in self.case.kind.facts}
        return self.say(known[key]) if key in known else key

    def value(self, key: str, value: object) -> list[str]:
        """A value as people read it; none for nothing."""
        titles = self._fields[key][1] if key in self._fields else {}
        several = value if isinstance(value, list) else [value]
        return [
            self.say(titles[one]) if isinstance(one, str) and one in titles else str(one)
            for one in several
            if one is not None
        ]


def marking(act: acts.Marked) -> str:
    pairs = (("TLP", act.tlp), ("PAP", act.pap))
    return " ".join(f"{scheme}:{label}".upper() for scheme, label in pairs if label)


def time(at: str, zone: str = "UTC") -> str:
    """On the wall of the zone in which it was stated; as it stands where it cannot be read."""
    try:
        return facts.told(facts.read(at, zone).at, zone)
    except Invalid:
        return at
