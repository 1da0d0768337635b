# SPDX-License-Identifier: EUPL-1.2
"""What deadlines, and the laws they are of, are called in a reader's language.

What a node calls a deadline itself comes first.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from brug.cases.clocks.rows import Row


def title_of(row: Row, language: str) -> str:
    """In English where nobody has said it in the language."""
    if row.is_own and "title" in row.corrected:
        return row.title
    return _said(language, "titles").get(row.id, row.title)


def source_of(row: Row, language: str) -> str:
    """The law and its article; in English where nobody has said it in the language."""
    law = _said(language, "laws").get(row.instrument, row.instrument)
    return f"{law} {row.article}".strip()


def in_all(row: Row) -> dict[str, str]:
    """By language, for whoever is told in a language that is not known yet."""
    return {"en": row.title} | {language: title_of(row, language) for language in titles()}


@cache
def titles() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Language -> row -> title, and law -> what it is called, each under its heading."""
    text = (files(__package__) / "titles.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _said(language: str, what: str) -> Mapping[str, str]:
    return titles().get(language, {}).get(what, {})
