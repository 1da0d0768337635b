# SPDX-License-Identifier: EUPL-1.2
"""What one filter asks for, out of the ways that MISP's clients write it.

A text or number; several joined by `&&`; a list; a map of `AND`, `OR` and `NOT`; a `!`
before a term negates it. `%` stands for any text. Refuses what is none of these.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from brug.formats.misp import coercion
from brug.model.errors import Invalid

MOST_TERMS = 10_000


class Terms(msgspec.Struct, frozen=True):
    """One of `any`, and each of `all`, and none of `none`."""

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.any or self.all or self.none)

    def __iter__(self) -> Iterator[str]:
        yield from self.any
        yield from self.all
        yield from self.none


_GROUPS = {"or": "any", "and": "all", "not": "none"}


def read(field: str, raw: Any) -> Terms:
    """The terms of a filter; empty where nothing was asked. Raises Invalid."""
    found: dict[str, list[str]] = {"any": [], "all": [], "none": []}
    if isinstance(raw, dict):
        for name, inner in raw.items():
            group = _GROUPS.get(str(name).lower(), "any")
            for term in _flat(field, inner):
                _put(found, group, term)
    else:
        if isinstance(raw, str) and "&&" in raw:
            raw = raw.split("&&")
        for term in _flat(field, raw):
            _put(found, "any", term)
    terms = Terms(*(tuple(dict.fromkeys(found[name])) for name in ("any", "all", "none")))
    if sum(len(part) for part in found.values()) > MOST_TERMS:
        raise Invalid(field, f"at most {MOST_TERMS} terms")
    return terms


def _put(found: dict[str, list[str]], group: str, term: str) -> None:
    if term.startswith("!"):
        term, group = term[1:], "none"
    if term:
        found[group].append(term)


def _flat(field: str, raw: Any) -> Iterable[str]:
    if raw is None or raw == "":
        return
    if isinstance(raw, list | tuple):
        for item in raw:
            if isinstance(item, list | tuple | dict):
                raise Invalid(field, "a text, a list of texts or a map of AND, OR and NOT")
            yield from _flat(field, item)
    elif isinstance(raw, dict):
        raise Invalid(field, "a text, a list of texts or a map of AND, OR and NOT")
    else:
        yield coercion.text(field, raw)


def is_pattern(term: str) -> bool:
    """Whether a term holds a wildcard."""
    return "%" in term


def like(term: str) -> str:
    """The LIKE pattern of a term: only `%` is a wildcard."""
    return term.replace("\\", "\\\\").replace("_", "\\_")
