# SPDX-License-Identifier: EUPL-1.2
"""The tables in prose (docs/spec), as the second source of a kind's declarations."""

import re
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parents[2] / "docs" / "spec"


class Line(msgspec.Struct, frozen=True):
    """One transition from one state."""

    target: str
    roles: frozenset[str]
    needs: frozenset[str]
    asks: bool


class Machine(msgspec.Struct):
    """`follows` is what other machines do: (trigger, to, machine, from, becomes)."""

    initial: str
    final: frozenset[str]
    lines: dict[tuple[str, str], Line]  # (state, trigger)
    follows: set[tuple[str, str, str, frozenset[str], str]]


def section(kind: str, title: str) -> str:
    """The text under a heading."""
    text = (FOLDER / f"{kind}.md").read_text("utf-8")
    found = re.search(rf"^## {re.escape(title)}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The cells of a table, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def machines(kind: str) -> dict[str, Machine]:
    text = (FOLDER / f"{kind}.md").read_text("utf-8")
    return {
        key: _machine(section(kind, f"Machine: {key}"))
        for key in re.findall("^## Machine: (.+)$", text, re.MULTILINE)
    }


def _machine(text: str) -> Machine:
    head = re.search(r"[Bb]egins in `(\w+)`; over in (.+?)\.", text)
    assert head
    lines = {
        (state, trigger): Line(target, _names(who), _names(needs), asks == "yes")
        for sources, trigger, target, who, needs, asks in rows(text.partition("What follows")[0])
        for state in _names(sources)
    }
    follows = {
        (trigger, target, machine, _names(sources), becomes)
        for trigger, target, machine, sources, becomes in rows(text.partition("What follows")[2])
    }
    return Machine(head[1], frozenset(re.findall(r"`(\w+)`", head[2])), lines, follows)


def _names(cell: str) -> frozenset[str]:
    return frozenset(name.strip() for name in cell.split(",") if name.strip())
