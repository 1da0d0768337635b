# SPDX-License-Identifier: EUPL-1.2
"""How much of what is to cross is looked at and sent at a time.

Large portions cost least of each event. But while the first is looked at the partner has nothing
to do, and while the partner stores the last this node has not: so portions grow from small ones,
and become small again at the end.
"""

from collections.abc import Iterable, Iterator, Sequence

from brug.bridges.crossing.noting import Due
from brug.bridges.crossing.outward import Change

EVENTS = 50  # at a time: of more, what is at work on outgrows caches
FEWEST = 10  # in the beginning and at the end
ATTRIBUTES = 10_000  # at a time, unless one event alone has more
BYTES = 4 * 2**20  # of messages that travel together, unless one alone is larger
SHARE = 4  # of what is left, not more than one in so many: others are still at work on as many


def of_changes(lists: Iterable[Sequence[Change]]) -> Iterator[Sequence[Change]]:
    """Changes in their order, some at a time; a portion is of one list only."""
    growing = FEWEST
    for changes, is_last in _marked_last(lists):
        place = 0
        while place < len(changes):
            left = len(changes) - place
            most = min(growing, EVENTS)
            if is_last:
                most = min(most, max(FEWEST, left // SHARE))
            portion = _fitting(changes, place, most)
            yield portion
            place += len(portion)
            growing *= 2


def _marked_last(
    lists: Iterable[Sequence[Change]],
) -> Iterator[tuple[Sequence[Change], bool]]:
    """Each list, and whether none comes after it."""
    each = iter(lists)
    now = next(each, None)
    while now is not None:
        then = next(each, None)
        yield now, then is None
        now = then


def _fitting(changes: Sequence[Change], place: int, most: int) -> Sequence[Change]:
    """From a place on so many, or as many as have few enough attributes; one at least."""
    size, end = changes[place].attributes, place + 1
    while end < min(place + most, len(changes)):
        size += changes[end].attributes
        if size > ATTRIBUTES:
            break
        end += 1
    return changes[place:end]


def of_messages(due: Iterable[Due]) -> Iterator[Sequence[Due]]:
    """Messages in their order, as many as travel together."""
    load: list[Due] = []
    size = 0
    for one in due:
        more = len(one.written.data)
        if load and size + more > BYTES:
            yield load
            load, size = [], 0
        load.append(one)
        size += more
    if load:
        yield load
