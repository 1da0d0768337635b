# SPDX-License-Identifier: EUPL-1.2
"""Who has read what, where a crisis stands, what was decided, for machines.

Who has read something is told to whoever wrote it, asked for it or leads; to others their own.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from brug.cases import rules, taking_part
from brug.cases.case import Case
from brug.cases.crisis import decisions, escalating, levels, receipts, remarks
from brug.cases.crisis.comparing import Last
from brug.cases.crisis.receipts import Reading
from brug.cases.crisis.remarks import Remark
from brug.cases.crisis.situation import Draft
from brug.cases.entries import Author


class ReadBy(msgspec.Struct, frozen=True):
    """`at` is when they said so, `by` their entry; empty for not yet."""

    participant: str
    name: str
    at: str
    by: str


class ToBeRead(msgspec.Struct, frozen=True):
    """An entry that asks to be read; `owed`: by whoever asks here."""

    entry: str
    what: str
    asked: str
    owed: bool
    rows: list[ReadBy]


class Readings(msgspec.Struct, frozen=True):
    """The newest first."""

    readings: list[ToBeRead]


def reading_of(case: Case, author: Author) -> Readings:
    return Readings([_told(case, author, one) for one in receipts.readings(case)])


def _told(case: Case, author: Author, one: Reading) -> ToBeRead:
    mine = taking_part.parts_of(case, author)
    leads = any(case.kind.role(part.role).leads for part in mine)
    sees_all = leads or any(author.is_of(by.author.org) for by in (one.entry, one.asked))
    own = {part.id for part in mine}
    return ToBeRead(
        one.entry.id,
        str(one.entry.act.__struct_config__.tag),
        one.asked.at,
        any(part.id in own for part in one.waiting),
        [
            ReadBy(part.id, part.name, said.at if said else "", said.id if said else "")
            for part, said in one.rows
            if sees_all or part.id in own
        ],
    )


class Mode(msgspec.Struct, frozen=True):
    """Where one machine of the crisis is, and what was remarked of it, with sources."""

    machine: str
    title: str
    state: str
    state_title: str
    remarks: list[dict[str, Any]]
    triggers: list[str]


class StepTaken(msgspec.Struct, frozen=True):
    """`record` is what was kept of it: criteria, who decided, bodies informed."""

    at: str
    org: str
    entry: str
    machine: str
    trigger: str
    source: str
    target: str
    because: str
    record: dict[str, Any]
    review: str


class CrisisTold(msgspec.Struct, frozen=True):
    """`rank` is 0 for no crisis; steps are the newest first."""

    rank: int
    modes: list[Mode]
    steps: list[StepTaken]


def crisis_of(case: Case, author: Author, every: Sequence[Remark], country: str) -> CrisisTold:
    may = [(machine.key, one.trigger) for machine, _, one in rules.possible(case, author)]
    modes = []
    for key in escalating.machines(case):
        machine, state = case.kind.machine(key), case.positions[key, ""].state
        said = remarks.of(case.kind, list(every), key, state, country)
        modes.append(
            Mode(
                key, machine.title, state, machine.states[state],
                [msgspec.to_builtins(one) for one in said],
                [trigger for of, trigger in may if of == key],
            )
        )  # fmt: skip
    steps = [
        StepTaken(
            one.entry.at, one.entry.author.org, one.entry.id, one.machine, one.trigger,
            one.source, one.target, one.because, one.record, one.review,
        )
        for one in escalating.history(case)
    ]  # fmt: skip
    return CrisisTold(levels.rank(case), modes, steps)


class DecisionTold(msgspec.Struct, frozen=True):
    """`replaces` and `replaced_by` are numbers of this log, 0 for none; `basis` are entries."""

    number: int
    entry: str
    at: str
    org: str
    by: str
    question: str
    outcome: str
    because: str
    basis: list[dict[str, str]]
    replaces: int
    replaced_by: int


class DecisionLog(msgspec.Struct, frozen=True):
    """In the order of the case."""

    decisions: list[DecisionTold]


def decisions_of(case: Case) -> DecisionLog:
    return DecisionLog([
        DecisionTold(
            one.number, one.entry.id, one.entry.at, one.entry.author.org,
            decisions.org_of(case, one.entry), one.act.question, one.act.outcome,
            one.act.because,
            [
                {
                    "entry": each.id, "what": str(each.act.__struct_config__.tag),
                    "says": decisions.briefly(case, each),
                }
                for each in one.basis
            ],
            one.replaces, one.replaced_by,
        )
        for one in decisions.log(case)
    ])  # fmt: skip


class SituationTold(msgspec.Struct, frozen=True, kw_only=True, rename={"since": "from"}):
    """A draft; `compared_with` is the last report that whoever asks has."""

    since: str
    until: str
    compared_with: str = ""
    sections: dict[str, str]
    numbers: dict[str, int] = {}
    states: dict[str, str] = {}


def situation_of(made: Draft, last: Last | None) -> SituationTold:
    return SituationTold(
        since=made.period.since.isoformat(), until=made.period.until.isoformat(),
        compared_with=last.name if last else "", sections=made.sections, numbers=made.numbers,
        states=made.states,
    )  # fmt: skip
