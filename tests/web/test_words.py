# SPDX-License-Identifier: EUPL-1.2
"""What the code records or refuses has a word on the pages, and not its bare name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from brug.web.words import ACTS, REFUSALS

SOURCE = Path(__file__).parents[2] / "src" / "brug"
# Refusals that only programs and the command line meet, or that say more themselves.
SAID_IN_FULL = {"absent", "deep", "many", "twice", "url"}


def calls(*rooms: str) -> Iterator[tuple[str, list[ast.expr]]]:
    for room in rooms:
        for file in sorted((SOURCE / room).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call):
                    yield ast.unparse(node.func), node.args


def texts(expression: ast.expr) -> set[str]:
    """The texts that an expression can be."""
    several = (
        [expression.body, expression.orelse] if isinstance(expression, ast.IfExp) else [expression]
    )
    return {
        one.value for one in several if isinstance(one, ast.Constant) and isinstance(one.value, str)
    }


def test_every_act_on_record_has_a_word() -> None:
    recorded = set[str]()
    for name, arguments in calls("directory", "intel", "store", "api", "edge", "web"):
        if name == "audit.record" and len(arguments) > 2:
            recorded |= texts(arguments[1])
    assert len(recorded) > 20
    assert recorded - ACTS.keys() == set()


def test_every_reason_for_refusing_a_field_has_a_sentence() -> None:
    reasons = set[str]()
    for name, arguments in calls("directory", "intel"):
        if name == "Refused" and len(arguments) > 2:
            reasons |= texts(arguments[1])
    assert len(reasons) > 20
    assert reasons - REFUSALS.keys() - SAID_IN_FULL == set()
