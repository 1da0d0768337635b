# SPDX-License-Identifier: EUPL-1.2
"""A step between levels or modes with its record: criteria, who decided, who was told, next review.

All of it is written at once, or nothing; the record of an earlier step stays with that step.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from brug.cases import files, keeping
from brug.cases.acts import AnyAct, Filled, Moved, Recorded
from brug.cases.case import Case
from brug.cases.clocks import facts as moments
from brug.cases.clocks.facts import Moment
from brug.cases.entries import Entry
from brug.model.errors import Invalid
from brug.store.session import Session

CRITERIA, DECIDED_BY, INFORMED = "crisis_criteria", "crisis_decided_by", "bodies_informed"
REVIEW = "crisis_review_at"
RECORDED = (CRITERIA, DECIDED_BY, INFORMED)


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a step; `because` is asked for."""

    because: str
    criteria: str = ""
    decided_by: str = ""
    informed: tuple[str, ...] = ()
    review: Moment | None = None


class Step(msgspec.Struct, frozen=True):
    """One that was taken, with what was on record when it was."""

    entry: Entry
    machine: str
    trigger: str
    source: str
    target: str
    because: str
    record: dict[str, Any]
    review: str


def machines(case: Case) -> list[str]:
    """Those of levels and modes that a case has."""
    return [one.key for one in case.kind.machines if one.apart]


def history(case: Case) -> list[Step]:
    """The newest first."""
    return list(_steps(case))[::-1]


def _steps(case: Case) -> Iterator[Step]:
    known, record, review = set(machines(case)), dict[str, Any](), ""
    for entry in case.timeline:
        act = entry.act
        if isinstance(act, Filled):
            record |= {name: act.fields[name] for name in RECORDED if name in act.fields}
        elif isinstance(act, Recorded) and act.fact == REVIEW:
            review = act.at
        elif isinstance(act, Moved) and act.machine in known:
            found = case.kind.machine(act.machine).find(act.leaves, act.trigger)
            target = found.target if found else ""
            shown = {name: value for name, value in record.items() if value}
            yield Step(
                entry, act.machine, act.trigger, act.leaves, target, act.because, shown, review
            )


def escalate(
    session: Session, which: str, machine: str, trigger: str, record: Record, leaves: str = ""
) -> list[Entry]:
    """`leaves` is the state that is left, where the caller has seen it. Raises NotFound, Invalid,
    and what `keeping.act` does.
    """
    case = files.view(session, which)[1]
    if machine not in machines(case):
        raise Invalid("machine", f"one of {', '.join(machines(case)) or 'none'}", machine)
    now = case.positions[machine, ""].state
    said = {
        CRITERIA: record.criteria.strip() or None,
        DECIDED_BY: record.decided_by.strip() or None,
        INFORMED: [one for one in record.informed if one.strip()] or None,
    }
    changed = {name: value for name, value in said.items() if value != case.fields.get(name)}
    doing: list[AnyAct] = []
    if changed:
        doing.append(Filled(fields=changed))
    if record.review is not None:
        if record.review.at <= datetime.now(UTC):
            raise Invalid("review", "a time to come", moments.in_text(record.review))
        at = moments.in_text(record.review)
        doing.append(Recorded(fact=REVIEW, at=at, zone=record.review.zone))
    doing.append(
        Moved(machine=machine, trigger=trigger, leaves=leaves or now, because=record.because)
    )
    return keeping.act_several(session, which, [(one, ()) for one in doing])
