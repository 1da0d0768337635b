# SPDX-License-Identifier: EUPL-1.2
"""What the table of adequacy decisions says about a country. It warns, it never decides.

Which tool a transfer rests on is a person's choice, in the agreement; a table that is out of
date must not open or close a bridge.
"""

import tomllib
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "adequacy.toml").read_text())


def doubt(tool: str, country: str, at: datetime) -> str | None:
    """What speaks against a tool for a country at a time, as a code; None where nothing does."""
    inside = country in _table()["within"]
    if tool in {"eea", "led_member_state"}:
        return None if inside else "outside"
    if tool not in {"adequacy", "led_adequacy"}:
        return None
    rows = _table()["gdpr" if tool == "adequacy" else "led"]
    found = next((row for row in rows if row["country"] == country), None)
    if found is None:
        return "no_decision"
    expires = found.get("expires")
    if expires is not None and at.date() >= expires:
        return "expired"
    return "scope" if found.get("scope") else None


def scope_of(tool: str, country: str) -> str:
    """What a decision is limited to, where the table says so."""
    rows = _table()["gdpr" if tool == "adequacy" else "led"]
    return str(next((row.get("scope", "") for row in rows if row["country"] == country), ""))
