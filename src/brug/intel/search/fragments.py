# SPDX-License-Identifier: EUPL-1.2
"""Conditions as literal SQL with their parameters, put together and never formatted.

A fragment's text is written in this package, character by character; whatever came from
outside travels as a parameter.
"""

from collections.abc import Iterable
from typing import Any, LiteralString, NamedTuple


class Fragment(NamedTuple):
    """A condition, and the parameters of its placeholders in their order."""

    text: LiteralString
    params: tuple[Any, ...] = ()


EVERYTHING = Fragment("true")
NOTHING = Fragment("false")


def all_of(parts: Iterable[Fragment]) -> Fragment:
    """True where every part is."""
    return _joined(" AND ", list(parts), EVERYTHING)


def any_of(parts: Iterable[Fragment]) -> Fragment:
    """True where one part is."""
    return _joined(" OR ", list(parts), NOTHING)


def negated(part: Fragment) -> Fragment:
    """True where the part is false; unknown counts as false, as a missing value is no match."""
    return Fragment("(" + part.text + ") IS NOT TRUE", part.params)


def _joined(word: LiteralString, parts: list[Fragment], empty: Fragment) -> Fragment:
    if not parts:
        return empty
    if len(parts) == 1:
        return parts[0]
    texts: list[LiteralString] = ["(" + part.text + ")" for part in parts]
    return Fragment(word.join(texts), tuple(p for part in parts for p in part.params))
