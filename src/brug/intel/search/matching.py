# SPDX-License-Identifier: EUPL-1.2
"""Terms -> conditions on a column: exact or with `%`, any, all and none."""

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import LiteralString

from brug.intel.search.fragments import Fragment, all_of, any_of, negated
from brug.intel.search.terms import Terms, is_pattern, like

Condition = Callable[[list[str]], Fragment]


def combined(terms: Terms, condition: Condition) -> Fragment:
    """`condition` says what it is to match one of some terms."""
    parts = [condition([term]) for term in terms.all]
    if terms.any:
        parts.append(condition(list(terms.any)))
    if terms.none:
        parts.append(negated(condition(list(terms.none))))
    return all_of(parts)


def text(column: LiteralString, terms: Terms) -> Fragment:
    """A text column without regard to case."""
    return combined(terms, lambda some: _one_of(column, some))


def _one_of(column: LiteralString, some: list[str]) -> Fragment:
    exact = [term.lower() for term in some if not is_pattern(term)]
    patterns = [like(term) for term in some if is_pattern(term)]
    parts = []
    if exact:
        parts.append(Fragment("lower(" + column + ") = ANY (%s)", (exact,)))
    if patterns:
        parts.append(Fragment(column + " ILIKE ANY (%s)", (patterns,)))
    return any_of(parts)


def numbers(column: LiteralString, terms: Terms) -> Fragment:
    """A column of small numbers; what is no number matches nothing."""
    return combined(
        terms,
        lambda some: Fragment(
            column + " = ANY (%s)", ([int(n) for n in some if n.isascii() and n.isdigit()],)
        ),
    )


def listed(column: LiteralString, terms: Terms, known: Iterable[str]) -> Fragment:
    """A column whose values are all `known`: wildcards are looked up there."""
    by_lower = {name.lower(): name for name in known}

    def one_of(some: list[str]) -> Fragment:
        names = [name for term in some for name in _names(term.lower(), by_lower)]
        return Fragment(column + " = ANY (%s)", (names,))

    return combined(terms, one_of)


def _names(term: str, by_lower: dict[str, str]) -> list[str]:
    if not is_pattern(term):
        return [by_lower[term]] if term in by_lower else []
    glob = term.replace("[", "[[]").replace("*", "[*]").replace("?", "[?]").replace("%", "*")
    return [name for lowered, name in by_lower.items() if fnmatchcase(lowered, glob)]
