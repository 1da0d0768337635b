# SPDX-License-Identifier: EUPL-1.2
"""The differences that are meant, from `exceptions.toml`: a list that only shrinks.

Each row names recorded lines and, as a pattern, the differences there that it excuses. A
line at which nothing is left to excuse fails the test, so that the row gets shorter (but for
what differs only `sometimes`, which hangs on seconds).
"""

import re
import tomllib
from pathlib import Path

import msgspec
from tests.golden.replaying import Replayed

FILE = Path(__file__).with_name("exceptions.toml")


class Row(msgspec.Struct, frozen=True):
    """A reason, what it excuses, and where."""

    reason: str
    difference: re.Pattern[str]
    lines: dict[str, frozenset[int]]
    sometimes: bool


class Judged(msgspec.Struct):
    """An area's exchanges, sorted."""

    compared: int
    equal: int
    absent: dict[str, int]
    excused: dict[str, int]
    unexplained: list[str]
    no_longer: list[str]


def _numbers(text: str) -> frozenset[int]:
    """The numbers in a text such as `3 7-9`."""
    found: set[int] = set()
    for part in text.split():
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return frozenset(found)


def rows() -> list[Row]:
    """All rows; raises KeyError where a reason is not among the reasons, or nothing is excused."""
    read = tomllib.loads(FILE.read_text())
    found = []
    for row in read["meant"]:
        lines = {}
        for text in row["lines"]:
            area, _, numbers = text.partition(":")
            lines[area] = _numbers(numbers)
        if row["reason"] not in read["reasons"]:
            raise KeyError(row["reason"])
        pattern = re.compile(row["difference"], re.DOTALL)
        found.append(Row(row["reason"], pattern, lines, row.get("sometimes", False)))
    return found


def judge(area: str, replayed: list[Replayed]) -> Judged:
    """What of an area is equal, absent, meant, and none of these."""
    judged = Judged(0, 0, {}, {}, [], [])
    needed: set[tuple[int, int]] = set()
    of_area = [row for row in rows() if area in row.lines]
    for done in replayed:
        if done.absent:
            judged.absent[done.endpoint] = judged.absent.get(done.endpoint, 0) + 1
            continue
        judged.compared += 1
        judged.equal += not done.differences
        left, reasons = [], set()
        for difference in done.differences:
            excuses = [
                (place, row) for place, row in enumerate(of_area)
                if done.exchange.n in row.lines[area] and row.difference.fullmatch(difference)
            ]  # fmt: skip
            needed |= {(place, done.exchange.n) for place, _ in excuses}
            reasons |= {row.reason for _, row in excuses}
            left += [] if excuses else [difference]
        for reason in reasons if not left else ():
            judged.excused[reason] = judged.excused.get(reason, 0) + 1
        if left:
            judged.unexplained.append(_shown(done, left))
    for place, row in enumerate(of_area):
        judged.no_longer += [
            f"{area}:{n} ({row.reason}, {row.difference.pattern})"
            for n in sorted(row.lines[area]) if not row.sometimes and (place, n) not in needed
        ]  # fmt: skip
    return judged


def _shown(done: Replayed, left: list[str]) -> str:
    asked = done.exchange
    head = f"{asked.name} {asked.role} {asked.method} {asked.path} | {asked.note} | {asked.body}"
    lines = [head[:400], *(f"    {difference[:300]}" for difference in left[:15])]
    if done.status != asked.status:
        lines += [f"    theirs {' '.join(asked.text.split())[:300]}", f"    ours {done.body}"[:300]]
    return "\n".join(lines)
