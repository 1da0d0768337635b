# SPDX-License-Identifier: EUPL-1.2
"""What deadlines, and the laws they are of, are called in a reader's language, and what a rule
without a period says of when.

What a node calls a deadline itself comes first.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from brug.cases.clocks.rows import Row


def title_of(row: Row, language: str) -> str:
    """In English where nobody has said it in the language."""
    if language in row.title_in:
        return row.title_in[language]
    if row.is_own and "title" in row.corrected:
        return row.title
    return _said(language, "titles").get(row.id, row.title)


def law_of(row: Row, language: str) -> str:
    """In English where nobody has said it in the language."""
    known = _said(language, "laws").get(row.instrument, row.instrument)
    return row.instrument_in.get(language, known)


def soft_of(row: Row, language: str) -> str:
    """How the rule says when; in English where nobody has said it in the language."""
    return row.soft_in.get(language, _said(language, "softs").get(row.soft, row.soft))


def soft_lang(row: Row, language: str) -> str:
    """The language that this is in, for whoever reads in one."""
    return language if soft_of(row, language) != row.soft else "en"


def source_of(row: Row, language: str) -> str:
    """The law and its article."""
    return f"{law_of(row, language)} {row.article}".strip()


def source_lang(row: Row, language: str) -> str:
    """The language that the source is in, for whoever reads in one."""
    return language if law_of(row, language) != row.instrument else "en"


def in_all(row: Row) -> dict[str, str]:
    """The deadline with its law by language, for whoever is told in one that is not known yet."""
    languages = {"en", *titles(), *row.title_in, *row.instrument_in}
    return {one: f"{title_of(row, one)} ({source_of(row, one)})" for one in sorted(languages)}


def sources_in_all(row: Row) -> dict[str, str]:
    """The law and its article by language, likewise."""
    return {one: source_of(row, one) for one in sorted({"en", *titles(), *row.instrument_in})}


@cache
def titles() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Language -> row -> title, law -> what it is called, and how a rule says when -> the same in
    the language, each under its heading.
    """
    text = (files(__package__) / "titles.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _said(language: str, what: str) -> Mapping[str, str]:
    return titles().get(language, {}).get(what, {})
