# SPDX-License-Identifier: EUPL-1.2
"""A situation report as a draft, made of the timeline of a period: pure, and only a proposal.

Its sections are text that whoever releases it changes first. What only some have is left out of
the draft; states, what is open, deadlines and numbers are as of the moment of drafting.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from brug.cases import due
from brug.cases.acts import Moved, Planned, Recorded
from brug.cases.case import Case, Document
from brug.cases.clocks import titles
from brug.cases.clocks.facts import told
from brug.cases.crisis import decisions, escalating
from brug.cases.crisis.comparing import NUMBERS, Last, Period, Say, compared
from brug.cases.due import Rules
from brug.cases.severity import Scheme, assess
from brug.model.errors import Invalid
from brug.model.languages import DEFAULT
from brug.model.words import N_

SECTIONS = {
    "situation": N_("Situation"),
    "new": N_("New since the last report"),
    "facts": N_("Facts"),
    "decisions": N_("Decisions"),
    "open": N_("What is open"),
    "deadlines": N_("Deadlines"),
    "participants": N_("Who takes part, and their state"),
    "numbers": N_("Numbers"),
}
_TAKEN_BACK = N_("taken back")
LONGEST = 20_000
_NAME = re.compile(r"situation_([0-9a-f]{8})_v([0-9]+)\.json")


class Given(msgspec.Struct, frozen=True):
    """What does not stand in the case. `scheme` is None where the node's cannot be used.

    `language` is that in which deadlines are named.
    """

    now: datetime
    rules: Rules | None
    scheme: Scheme | None
    language: str = DEFAULT


class Draft(msgspec.Struct, frozen=True):
    """`sections` by key; `numbers` and `states` are what the next report compares with."""

    period: Period
    sections: dict[str, str]
    numbers: dict[str, int]
    states: dict[str, str]


def released(case: Case) -> list[Document]:
    """The reports that the reader has, as JSON, the newest first."""
    found = [
        one
        for one in case.documents.values()
        if _NAME.fullmatch(one.act.name) and not one.act.is_undone
    ]
    return sorted(found, key=lambda one: (one.at, one.act.name), reverse=True)


def next_version(case: Case, participant: str) -> int:
    """Of a participant's own reports; also of one that was taken back the number is given once."""
    mine = (_NAME.fullmatch(one.act.name) for one in case.documents.values())
    known = [int(one[2]) for one in mine if one and one[1] == participant[:8]]
    return max(known, default=0) + 1


def file_name(participant: str, version: int, ending: str) -> str:
    return f"situation_{participant[:8]}_v{version}.{ending}"


def period_of(case: Case, last: Last | None, since: str, until: str, now: datetime) -> Period:
    """Since the last report, or the opening, where nothing is said. Raises Invalid."""
    begins = since or (last.until if last else case.opened)
    found = Period(_time("from", begins), _time("until", until) if until else now)
    if found.until > now:
        raise Invalid("until", "a time that is past", until)
    if found.since > found.until or (since and found.since == found.until):
        raise Invalid("from", "a time before the end of the period", begins)
    return found


def _time(field: str, text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(field, "a time such as 2026-11-27T14:20Z", text) from error


def draft(
    case: Case, given: Given, period: Period, last: Last | None, words: Mapping[str, str],
    say: Say = str,
) -> Draft:  # fmt: skip
    """`words` are titles of fields, as the reader has them."""
    numbers, states = numbers_of(case), states_of(case, given)
    texts = {
        "situation": _situation(case, given, say),
        "new": compared(case, period, last, (numbers, states), words, say),
        "facts": _facts(case, period, say),
        "decisions": _decisions(case, period, say),
        "open": _open(case, say),
        "deadlines": _deadlines(case, given),
        "participants": _participants(case, say),
        "numbers": (f"{words.get(name, name)}: {value:,}" for name, value in numbers.items()),
    }
    sections = {key: "\n".join(lines)[:LONGEST] for key, lines in texts.items()}
    return Draft(period, sections, numbers, states)


def numbers_of(case: Case) -> dict[str, int]:
    """Of a list, how many."""
    found = {name: case.fields.get(name) for name in NUMBERS}
    return {
        name: len(value) if isinstance(value, list) else value
        for name, value in found.items()
        if isinstance(value, list) or (isinstance(value, int) and not isinstance(value, bool))
    }


def states_of(case: Case, given: Given) -> dict[str, str]:
    """Of the case's own machines, and its severity."""
    found = {key: one.state for (key, of), one in case.positions.items() if not of}
    assessed = assess(case, given.scheme, given.now.date()) if given.scheme else None
    if assessed and assessed.level:
        found["severity"] = assessed.level.id
    return found


def _situation(case: Case, given: Given, say: Say) -> Iterator[str]:
    if summary := case.fields.get("summary"):
        yield str(summary)
    for machine in case.kind.machines:
        position = case.positions.get((machine.key, ""))
        if position and (not machine.apart or position.state != machine.initial):
            yield f"{say(machine.title)}: {say(machine.states[position.state])}"
    assessed = assess(case, given.scheme, given.now.date()) if given.scheme else None
    if assessed and assessed.level:
        because = f" — {assessed.because}" if assessed.is_set else ""
        yield f"{say(N_('Severity'))}: {say(assessed.level.title)}{because}"
    if criteria := case.fields.get(escalating.CRITERIA):
        yield f"{say(N_('Criteria met for the crisis level'))}: {criteria}"


def _facts(case: Case, period: Period, say: Say) -> Iterator[str]:
    """What was recorded in the period, with its own time, and steps that were taken."""
    for entry in case.timeline:
        act = entry.act
        if not period.has(entry.at):
            continue
        if isinstance(act, Recorded):
            whose = f" ({case.participants[act.of].name})" if act.of else ""
            at = say(_TAKEN_BACK)
            if act.at:
                at = told(datetime.fromisoformat(act.at), act.zone)
            source = f" [{act.source}]" if act.source else ""
            yield f"{say(case.kind.fact(act.fact).title)}{whose}: {at}{source}"
        elif isinstance(act, Moved):
            machine = case.kind.machine(act.machine)
            found = machine.find(act.leaves, act.trigger)
            whose = f" ({case.participants[act.of].name})" if act.of else ""
            target = say(machine.states[found.target]) if found else act.trigger
            at = told(datetime.fromisoformat(entry.at), "UTC")
            yield f"{say(machine.title)}{whose}: {target}, {at}"


def _decisions(case: Case, period: Period, say: Say) -> Iterator[str]:
    for one in decisions.log(case):
        if period.has(one.entry.at):
            because = f" ({one.act.because})" if one.act.because else ""
            by = decisions.org_of(case, one.entry)
            said = say(N_("Replaced by decision %(number)s")) % {"number": one.replaced_by}
            replaced = f" [{said}]" if one.replaced_by else ""
            yield f"{one.number}. {one.act.question} {one.act.outcome}{because} — {by}{replaced}"


def _open(case: Case, say: Say) -> Iterator[str]:
    """Tasks that all know of, and what conflicts."""
    last = {one.act.task: one for one in case.timeline if isinstance(one.act, Planned)}
    for entry in last.values():
        act = entry.act
        if isinstance(act, Planned) and not act.is_done and not entry.to:
            whose = case.participants.get(act.assignee)
            due = told(datetime.fromisoformat(act.due), "UTC") if act.due else ""
            parts = [act.title, whose.name if whose else "", due]
            yield " · ".join(one for one in parts if one)
    if count := len(case.open_conflicts):
        yield f"{say(N_('Conflicts'))}: {count}"


def _deadlines(case: Case, given: Given) -> Iterator[str]:
    if given.rules is None:
        return
    for one in due.clocks_of(case, given.rules, given.now):
        clock = one.clock
        if clock.is_open and clock.legal and clock.status != "not_applicable":
            source = titles.source_of(clock.row, given.language)
            ends = told(clock.legal, clock.zone)
            title = titles.title_of(clock.row, given.language)
            yield f"{title} ({source}) · {one.participant.name}: {ends}"


def _participants(case: Case, say: Say) -> Iterator[str]:
    for one in case.present:
        states = [
            say(case.kind.machine(key).states[position.state])
            for (key, of), position in case.positions.items()
            if of == one.id
        ]
        yield " · ".join([one.name, say(case.kind.role(one.role).title), *states])


def document(
    case: Case, made: Draft, texts: Mapping[str, str], about: Mapping[str, Any], say: Say = str
) -> dict[str, Any]:
    """A report for machines, which is what is kept of it."""
    return {
        "format": "brug-situation-1",
        "case": case.number,
        "uuid": case.id,
        "title": case.title,
        **about,
        "from": made.period.since.isoformat(),
        "until": made.period.until.isoformat(),
        "sections": [
            {"key": key, "title": say(title), "text": texts.get(key, "")}
            for key, title in SECTIONS.items()
            if texts.get(key, "").strip()
        ],
        "numbers": made.numbers,
        "states": made.states,
    }
