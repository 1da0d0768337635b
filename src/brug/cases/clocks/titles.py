# SPDX-License-Identifier: EUPL-1.2
"""What deadlines are called in a reader's language; what a node calls them itself comes first."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from brug.cases.clocks.rows import Row


def title_of(row: Row, language: str) -> str:
    """In English where nobody has said it in the language."""
    if row.is_own and "title" in row.corrected:
        return row.title
    return titles().get(language, {}).get(row.id, row.title)


def in_all(row: Row) -> dict[str, str]:
    """By language, for whoever is told in a language that is not known yet."""
    return {"en": row.title} | {language: title_of(row, language) for language in titles()}


@cache
def titles() -> Mapping[str, Mapping[str, str]]:
    """Language -> row -> title."""
    text = (files(__package__) / "titles.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
