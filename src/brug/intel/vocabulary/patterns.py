# SPDX-License-Identifier: EUPL-1.2
"""Regular expressions of warninglists: Perl's, between delimiters, which MISP gives to PHP.

RE2 finds what PHP finds (`brug.intel.patterns.expressions`); all of them together look at a
value once, however many there are. What it cannot run hits nothing, and is told wherever
its list is shown or switched on.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import re2

from brug.intel.patterns import expressions
from brug.model.attribute_types import Refused

# "Find all of them", in other languages' notation; to a question of yes or no it says nothing.
ALSO = "g"
# How large the programs may be that are run as one. The machine that RE2 builds of them as
# it reads needs room for some states at least, each as large as the program.
TOGETHER = 20_000
_MEMORY = 16 * 2**20

_Numbered = tuple[int, int, str]  # place among all, id of the list, entry


def problem(entry: str) -> str:
    """Why an entry is not run; nothing where it is."""
    try:
        expressions.compiled(entry, "entries", ALSO)
    except Refused as error:
        return " ".join(error.errors["entries"])
    return ""


class Expressions:
    """The entries of several lists; `lists` gives (id of the list, entry)."""

    def __init__(self, lists: Iterable[tuple[int, str]]) -> None:
        self._sets: list[tuple[Any, Sequence[_Numbered]]] = []
        self._alone: list[tuple[Any, _Numbered]] = []
        runnable: list[tuple[Any, _Numbered]] = []
        for place, (owner, entry) in enumerate(lists):
            if not problem(entry):
                compiled = expressions.compiled(entry, "entries", ALSO)
                runnable.append((compiled, (place, owner, entry)))
        for group in _groups(runnable):
            together = _together([compiled.pattern for compiled, _ in group])
            if together is None:
                self._alone += group
            else:
                self._sets.append((together, [numbered for _, numbered in group]))

    def within(self, value: str) -> dict[int, str]:
        """By list, the first entry that hits the value."""
        hits = [numbered for compiled, numbered in self._alone if compiled.search(value)]
        for together, entries in self._sets:
            hits += [entries[number] for number in together.Match(value) or ()]
        found: dict[int, str] = {}
        for _, owner, entry in sorted(hits):
            found.setdefault(owner, entry)
        return found


def _groups(runnable: Sequence[tuple[Any, _Numbered]]) -> Iterator[list[tuple[Any, _Numbered]]]:
    """Those that are run as one, in their order; a large one is a group of its own."""
    group: list[tuple[Any, _Numbered]] = []
    size = 0
    for compiled, numbered in runnable:
        if group and size + compiled.programsize > TOGETHER:
            yield group
            group, size = [], 0
        group.append((compiled, numbered))
        size += compiled.programsize
    if group:
        yield group


def _together(sources: Sequence[str]) -> Any:
    """One set of all; None for a single one, which is searched for by itself as well."""
    if len(sources) == 1:
        return None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    made = re2.Set.SearchSet(options)
    try:
        for source in sources:
            made.Add(source)
        made.Compile()
    except re2.error:
        return None
    return made
