# SPDX-License-Identifier: EUPL-1.2
"""Tells the story: steps with what happens and why, and the checks that hold it to account.

For people as text with progress, for machines as one record at the end. What a step says
is written when it is known; a check that fails ends the story with its reason.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from brug.model.errors import BrugError

WIDE = 160  # columns where no terminal says how many there are


class Unexpected(BrugError):
    """The node did not do what the story says."""

    code = "demo_check"


class Told(msgspec.Struct):
    """One step as it is kept for machines."""

    step: int
    title: str
    lines: list[str] = []
    checks: int = 0
    seconds: float = 0.0


class Teller:
    """`silent` keeps the record only."""

    def __init__(self, *, silent: bool) -> None:
        self.steps: list[Told] = []
        self._console = Console(file=sys.stdout, highlight=False, quiet=silent, soft_wrap=True)
        if not self._console.is_terminal:
            self._console.width = WIDE

    @property
    def checks(self) -> int:
        return sum(step.checks for step in self.steps)

    @contextmanager
    def step(self, title: str, why: str) -> Iterator["Step"]:
        told = Told(len(self.steps) + 1, title)
        self.steps.append(told)
        self._console.print(Text.assemble("\n", (f"{told.step}. {title}", "bold cyan")))
        self._console.print(Text(f"   {why}", style="dim"))
        began = time.monotonic()
        with self._console.status("") as status:
            yield Step(told, self._console, status)
        told.seconds = round(time.monotonic() - began, 2)
        checked = f", {told.checks} checks hold" if told.checks else ""
        self._console.print(Text(f"   done in {told.seconds:.1f} s{checked}", style="green"))

    def say(self, line: str = "", style: str = "") -> None:
        self._console.print(Text(line, style=style))

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self._console.print(drawn(columns, rows))


class Step:
    """The step that is being told."""

    def __init__(self, told: Told, console: Console, status: Status) -> None:
        self._told = told
        self._console = console
        self._status = status

    def say(self, line: str) -> None:
        self._told.lines.append(line)
        self._console.print(Text(f"   {line}"))

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        for row in rows:
            named = (f"{name}: {cell}" for name, cell in zip(columns, row, strict=True))
            self._told.lines.append(", ".join(named))
        self._console.print(drawn(columns, rows))

    def working_on(self, what: str, done: int = 0, total: int = 0) -> None:
        """Progress, on a terminal."""
        self._status.update(f"{what} ({done} of {total})" if total else what)

    def check(self, claim: str, expected: Any, found: Any) -> None:
        """Raises Unexpected where the node does otherwise."""
        self._told.checks += 1
        if expected != found:
            place = f"step {self._told.step}, {self._told.title}"
            raise Unexpected(f"{place}: {claim}: {_difference(expected, found)}")


def _difference(expected: Any, found: Any) -> str:
    if isinstance(expected, set) and isinstance(found, set):
        return f"missing {sorted(expected - found)}, not expected {sorted(found - expected)}"
    return f"expected {expected}, found {found}"


def drawn(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    table = Table(*columns, box=None, padding=(0, 1, 0, 2), header_style="bold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    return table
