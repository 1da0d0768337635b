# SPDX-License-Identifier: EUPL-1.2
"""How the story of the bridges looks: each step with what the gate decided, and the proof.

For people a few lines a step, for machines one record at the end.
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

from brug.cli.demo.bridges.proving import Proof

WIDE = 112  # columns where no terminal says how many there are
INDENT = 3
STYLES = {"pass": "green", "redact": "yellow", "hold": "yellow", "refuse": "red"}
WORDS = {
    "pass": "passes", "redact": "passes in part", "hold": "held for a person",
    "refuse": "does not cross",
}  # fmt: skip


class Decision(msgspec.Struct, frozen=True):
    """What a node recorded of a crossing: outcome and reasons of its gate, and how many values."""

    outcome: str
    reasons: list[str]
    passed: int
    redacted: int
    dropped: int


class Told(msgspec.Struct):
    """One step as it is kept for machines."""

    step: int
    title: str
    lines: list[str] = []
    decisions: list[Decision] = []
    proofs: list[Proof] = []
    seconds: float = 0.0


class Screen:
    """`silent` keeps the record only."""

    def __init__(self, *, silent: bool) -> None:
        self.steps: list[Told] = []
        self.console = Console(file=sys.stdout, highlight=False, quiet=silent)
        if not self.console.is_terminal:
            self.console.width = WIDE

    @contextmanager
    def step(self, title: str) -> Iterator["Step"]:
        told = Told(len(self.steps) + 1, title)
        self.steps.append(told)
        began = time.monotonic()
        self.console.print(Text(f"\n{told.step}. {title}", style="bold cyan"))
        with self.console.status("") as status:
            yield Step(told, self.console, status)
        told.seconds = round(time.monotonic() - began, 2)

    def say(self, line: str = "", style: str = "") -> None:
        self.console.print(Text(line, style=style), soft_wrap=True)

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Rows without a head, no cell of them cut off."""
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.say(f"{' ' * INDENT}{'  '.join(cells)}".rstrip())


class Step:
    """The step that is being told."""

    def __init__(self, told: Told, console: Console, status: Status) -> None:
        self._told = told
        self._console = console
        self._status = status

    def working_on(self, what: str) -> None:
        """Progress, on a terminal."""
        self._status.update(what)

    def say(self, label: str, line: str, style: str = "") -> None:
        """A line, or several, beside a short word that says what it is."""
        self._told.lines.append(f"{label}: {line}")
        self._print(label, Text(line, style=style))

    def decided(self, crossing: dict[str, Any], otherwise: str = "") -> None:
        """What the gate said of a crossing, with its reasons, or why it has none."""
        found = decision_of(crossing)
        self._told.decisions.append(found)
        text = Text.assemble((WORDS[found.outcome], f"bold {STYLES[found.outcome]}"))
        text.append(f"{_counted(found)}. {' '.join(found.reasons) or otherwise}")
        self._print("gate", text)

    def proved(self, proof: Proof) -> None:
        """A proof that the verifier accepted."""
        self._told.proofs.append(proof)
        where = f"entry {proof.entry} is {proof.position} of {proof.size} under the checkpoint of"
        self._print("proof", Text.assemble(f"{where} {proof.of}: ", ("verified", "green")))

    def _print(self, label: str, text: Text) -> None:
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(width=INDENT + max(5, len(label)), style="dim")
        grid.add_column(overflow="fold")
        grid.add_row(f"{' ' * INDENT}{label}", text)
        self._console.print(grid)


# What a rule says that has nothing to say about an item.
_NOTHING = frozenset({
    "no_key_needed", "nobody_needed", "not_controlled", "not_embargoed", "nothing_personal",
    "quality_fits",
})  # fmt: skip


def decision_of(crossing: dict[str, Any]) -> Decision:
    """Of all that the gate said what made the outcome; the page of the crossing has the rest."""
    outcome = crossing["outcome"]
    counts: dict[str, int] = {}
    for one in crossing["reasons"]:
        if one["outcome"] == outcome and one["rule"] != "parts" and one["code"] not in _NOTHING:
            counts[one["text"]] = max(one.get("count", 0), counts.get(one["text"], 0))
    reasons = [f"{text[:-1]} ({count} of them)." if count else text
               for text, count in counts.items()]  # fmt: skip
    return Decision(outcome, reasons, crossing["passed"], crossing["redacted"],
                    crossing["dropped"])  # fmt: skip


def _counted(found: Decision) -> str:
    counts = ((found.passed, "as they are"), (found.redacted, "changed"),
              (found.dropped, "left out"))  # fmt: skip
    said = ", ".join(f"{number} {what}" for number, what in counts if number)
    once = "once released: " if found.outcome == "hold" else ""
    return f" ({once}{said})" if said else ""
