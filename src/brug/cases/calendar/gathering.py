# SPDX-License-Identifier: EUPL-1.2
"""What ends between two times in the cases of a principal: deadlines, tasks, embargoes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID, uuid5

import msgspec

from brug.cases import due, files, keeping, taking_part
from brug.cases.acts import Embargoed, Planned, Recorded
from brug.cases.case import Case
from brug.cases.clocks import Row, UnusableTable
from brug.cases.due import Bound, Rules
from brug.cases.entries import Author
from brug.cases.files import COLUMNS, File, read_row
from brug.model.errors import Invalid
from brug.store.session import Session

MOST_CASES = 500
LONGEST = timedelta(days=500)
What = Literal["strict", "legal", "task", "embargo"]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Something that ends. `uid` stays the same when it moves; `sequence` grows with each move.

    `row` is the rule of a deadline, `whose` whom it binds, `is_mine` whether that is the reader.
    `says` is what the task is. `warns` are the times at which a deadline warns beforehand.
    """

    what: What
    at: datetime
    number: str
    case: str
    title: str
    tlp: str
    changed: datetime
    uid: str
    sequence: int
    is_mine: bool
    row: Row | None = None
    is_verified: bool = True
    whose: str = ""
    says: str = ""
    warns: tuple[datetime, ...] = ()


class Gathered(msgspec.Struct, frozen=True):
    """The first first. `is_cut`: there are more cases than are looked at.

    `is_broken`: the node's table of deadlines has an error, so there are none of them.
    """

    items: list[Item]
    is_cut: bool = False
    is_broken: bool = False


def require_span(since: datetime, until: datetime) -> None:
    """Raises Invalid for a time that is none, or too long."""
    if not since < until <= since + LONGEST:
        raise Invalid("until", f"a time after the first, and at most {LONGEST.days} days later")


def gather(session: Session, since: datetime, until: datetime) -> Gathered:
    """From one time up to, and without, another."""
    rows = session.all(
        "SELECT " + COLUMNS + " FROM case_file f WHERE f.id IN"
        " (SELECT case_id FROM case_moment WHERE at >= %s AND at < %s)"
        " ORDER BY f.due, f.id LIMIT %s",
        (since, until, MOST_CASES + 1),
    )
    now = datetime.now(UTC)
    try:
        by, is_broken = due.rules_here(session), False
    except UnusableTable:
        by, is_broken = None, True
    me = keeping.author(session)
    found = [
        item
        for row in rows[:MOST_CASES]
        for item in _items(session, read_row(session, row), me, by, now)
        if since <= item.at < until
    ]
    found.sort(key=lambda one: (one.at, one.number, one.what, one.uid))
    return Gathered(found, len(rows) > MOST_CASES, is_broken)


def _items(
    session: Session, file: File, me: Author, by: Rules | None, now: datetime
) -> Iterator[Item]:
    case = files.known(session, file).case
    if case.is_ended:
        return
    make = _Making(file, case, {one.id for one in taking_part.parts_of(case, me)})
    if by is not None:
        for one in due.clocks_of(case, by, now):
            yield from make.of_clock(one)
    for task in case.tasks.values():
        if task.due and not task.is_done:
            yield make.of_task(task)
    if case.embargo:
        yield make.of_embargo(case.embargo)


class _Making(msgspec.Struct, frozen=True):
    file: File
    case: Case
    mine: set[str]

    def of_clock(self, one: Bound) -> Iterator[Item]:
        clock = one.clock
        if not clock.is_open or clock.strict is None:
            return
        ends: dict[What, datetime] = {"strict": clock.strict}
        if clock.legal and clock.legal != clock.strict:
            ends["legal"] = clock.legal
        for what, at in ends.items():
            yield self._item(
                what, at, f"{clock.row.id} {one.participant.id}", Recorded,
                is_mine=one.participant.id in self.mine, row=clock.row,
                is_verified=clock.is_verified, whose=one.participant.name,
                warns=tuple(at for _, at in clock.warns) if what == "strict" else (),
            )  # fmt: skip

    def of_task(self, task: Planned) -> Item:
        assignee = self.case.participants.get(task.assignee)
        return self._item(
            "task", _instant(task.due), task.task, Planned,
            is_mine=not task.assignee or task.assignee in self.mine,
            whose=assignee.name if assignee else "", says=task.title,
        )  # fmt: skip

    def of_embargo(self, embargo: Embargoed) -> Item:
        return self._item("embargo", _instant(embargo.until), "", Embargoed, is_mine=True)

    def _item(self, what: What, at: datetime, key: str, moves: type, **more: object) -> Item:
        moved = [
            one for one in self.case.timeline
            if isinstance(one.act, moves)
            and (not isinstance(one.act, Planned) or one.act.task == key)
        ]  # fmt: skip
        return Item(
            what=what, at=at, number=self.file.number, case=self.file.uuid, title=self.case.title,
            tlp=self.case.marking.tlp, changed=self.file.changed,
            uid=str(uuid5(UUID(self.file.uuid), f"{what} {key}")),
            sequence=max(0, len(moved) - 1), **more,  # type: ignore[arg-type]
        )  # fmt: skip


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
