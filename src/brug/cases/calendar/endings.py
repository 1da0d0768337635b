# SPDX-License-Identifier: EUPL-1.2
"""What ends in one case, as one reader has it: deadlines, tasks, the embargo. Pure."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid5

import msgspec

from brug.cases.acts import Embargoed, Planned, Recorded
from brug.cases.case import Case
from brug.cases.due import Bound

_FACTS, _EMBARGO = "facts", "embargo"
What = Literal["strict", "legal", "task", "embargo"]


class Ending(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that ends. `uid` stays the same when it moves; `sequence` grows with each move.

    `rule` is the row of a deadline, `whose` whom it binds, `is_mine` whether that is the reader.
    `says` is what the task is. `warns` are the times at which a deadline warns beforehand.
    """

    what: What
    at: datetime
    uid: str
    sequence: int
    is_mine: bool
    rule: str = ""
    whose: str = ""
    says: str = ""
    warns: tuple[datetime, ...] = ()


def of_case(case: Case, mine: Collection[str], bound: Sequence[Bound]) -> Iterator[Ending]:
    """`mine` are the participants that the reader is, `bound` the clocks of the case."""
    if case.is_ended:
        return
    make = _Making(case, mine, _moves(case))
    for one in bound:
        yield from make.of_clock(one)
    for task in case.tasks.values():
        if task.due and not task.is_done:
            yield make.of_task(task)
    if case.embargo:
        yield make.of_embargo(case.embargo)


def _moves(case: Case) -> Counter[str]:
    """How often something was said by which an ending moves, by what it is; a task by itself."""
    found = Counter[str]()
    for one in case.timeline:
        match one.act:
            case Recorded():
                found[_FACTS] += 1
            case Planned(task=task):
                found[task] += 1
            case Embargoed():
                found[_EMBARGO] += 1
    return found


class _Making(msgspec.Struct, frozen=True):
    case: Case
    mine: Collection[str]
    moves: Mapping[str, int]

    def of_clock(self, one: Bound) -> Iterator[Ending]:
        clock = one.clock
        if not clock.is_open or clock.strict is None:
            return
        ends: dict[What, datetime] = {"strict": clock.strict}
        if clock.legal and clock.legal != clock.strict:
            ends["legal"] = clock.legal
        for what, at in ends.items():
            yield self._ending(
                what, at, f"{clock.row.id} {one.participant.id}", _FACTS,
                is_mine=one.participant.id in self.mine, rule=clock.row.id,
                whose=one.participant.name,
                warns=tuple(at for _, at in clock.warns) if what == "strict" else (),
            )  # fmt: skip

    def of_task(self, task: Planned) -> Ending:
        assignee = self.case.participants.get(task.assignee)
        return self._ending(
            "task", _instant(task.due), task.task, task.task,
            is_mine=not task.assignee or task.assignee in self.mine,
            whose=assignee.name if assignee else "", says=task.title,
        )  # fmt: skip

    def of_embargo(self, embargo: Embargoed) -> Ending:
        return self._ending("embargo", _instant(embargo.until), "", _EMBARGO, is_mine=True)

    def _ending(self, what: What, at: datetime, key: str, moved: str, **more: object) -> Ending:
        return Ending(
            what=what, at=at, uid=str(uuid5(UUID(self.case.id), f"{what} {key}")),
            sequence=max(0, self.moves.get(moved, 0) - 1), **more,  # type: ignore[arg-type]
        )  # fmt: skip


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
