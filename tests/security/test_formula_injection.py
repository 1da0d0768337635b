# SPDX-License-Identifier: EUPL-1.2
"""A spreadsheet runs no cell of ours: = + - @ and their relatives are made text in every CSV."""

import csv
import io
from typing import Any

import pytest
from tests.security.arena import Arena
from tests.security.asking import Ask

FORMULAS = (
    "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1,1)", "\t=1", '=HYPERLINK("http://x.example")',
    "  =1+1", "\uff1d1+1", "%0A=1", '"=1"', "=1,=2", "a\n=1",
)  # fmt: skip


def cells(content: bytes) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(content.decode())) for cell in row]


@pytest.mark.parametrize("more", [{}, {"includeContext": 1}, {"headerless": 1}])
@pytest.mark.parametrize("where", ["events", "attributes"])
def test_no_cell_begins_as_a_formula(arena: Arena, where: str, more: dict[str, Any]) -> None:
    event = {
        "info": FORMULAS[0], "distribution": 0,
        "Tag": [{"name": formula.strip()} for formula in FORMULAS],
        "Attribute": [
            {"type": "text", "value": f"{formula}", "comment": formula,
             "Tag": [{"name": formula.strip()}]}
            for formula in FORMULAS
        ],
        "Object": [{"name": "=1+1", "comment": "=1", "Attribute": [
            {"type": "text", "value": "=2", "object_relation": "=3"}]}],
    }  # fmt: skip
    assert arena.ask("publisher", Ask("POST", "/events/add", event)).status == 200
    asked = Ask("POST", f"/{where}/restSearch", {"returnFormat": "csv"} | more)
    answered = arena.ask("publisher", asked)
    assert answered.status == 200
    found = cells(answered.content)
    assert any("calc" in cell for cell in found)
    leads = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d")
    dangerous = [cell for cell in found if cell.startswith(leads)]
    assert dangerous == []
