# SPDX-License-Identifier: EUPL-1.2
"""How much of what is to cross is looked at and sent at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import TypeVar

from brug.bridges.crossing.noting import Due
from brug.bridges.crossing.outward import Change

T = TypeVar("T")

EVENTS = 50  # that are looked at together: of more, what is at work on outgrows caches
AT_FIRST = 10  # and in the beginning, so that the partner has something to do soon
ATTRIBUTES = 10_000  # and of how many attributes, unless one event alone has more
BYTES = 4 * 2**20  # of messages that travel together, unless one alone is larger
_ANY = 2**31


def of_changes(changes: Iterable[Change]) -> Iterator[Sequence[Change]]:
    """Changes in their order, some at a time."""
    counts = chain([AT_FIRST], repeat(EVENTS))
    return cut(changes, lambda one: one.attributes, ATTRIBUTES, counts)


def of_messages(due: Iterable[Due]) -> Iterator[Sequence[Due]]:
    """Messages in their order, as many as travel together."""
    return cut(due, lambda one: len(one.written.data), BYTES, repeat(_ANY))


def cut(
    several: Iterable[T], size_of: Callable[[T], int], largest: int, counts: Iterator[int]
) -> Iterator[Sequence[T]]:
    """Each in one portion, in their order. A portion is of no more than the next of `counts`, and
    no larger than `largest` together, unless one alone is.
    """
    portion: list[T] = []
    size, most = 0, next(counts)
    for one in several:
        more = size_of(one)
        if portion and (len(portion) == most or size + more > largest):
            yield portion
            portion, size, most = [], 0, next(counts)
        portion.append(one)
        size += more
    if portion:
        yield portion
