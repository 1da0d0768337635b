# SPDX-License-Identifier: EUPL-1.2
"""Large cases as a process folded them last, for as long as their readers have the same of them.

A fold is kept under the stamp that the database gives to what a reader has (`File.stamp`), and for
that reader alone: whatever is added, taken away by somebody's leaving, or comes late, is under
another stamp. What was decoded is used again for the next fold, of those entries that the database
says the reader has. Nobody changes a case that was folded.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from threading import Lock

import msgspec

from brug.cases.case import Case
from brug.cases.entries import Entry
from brug.cases.folding import continued

LEAST = 100  # entries; of fewer a fold is made as fast as it is found
MOST_CASES, MOST_ENTRIES = 64, 60_000


class Kept(msgspec.Struct, frozen=True):
    """Entries by UUID in the order in which they came, what they make, and when they came: of
    those that were read, not of what this session wrote since.
    """

    entries: dict[str, Entry]
    case: Case
    came: dict[str, datetime]

    def with_more(self, more: Sequence[Entry]) -> "Kept":
        """What these and others make."""
        entries = self.entries | {one.id: one for one in more}
        return Kept(entries, continued(self.case, self.entries, more), self.came)


Key = tuple[str, str, int]  # the case's UUID, the stamp, whose


class Shelf:
    """Those that were asked for last."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[Key, Kept] = OrderedDict()

    def find(self, key: Key) -> Kept | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def of_case(self, uuid: str) -> list[Kept]:
        """All of a case, as any reader has it: to be used by whoever looked up what one has."""
        with self._lock:
            return [one for (case, *_), one in self._kept.items() if case == uuid]

    def keep(self, key: Key, one: Kept) -> None:
        """In the place of what the same reader had before."""
        if len(one.entries) < LEAST:
            return
        with self._lock:
            for old in [had for had in self._kept if (had[0], had[2]) == (key[0], key[2])]:
                del self._kept[old]
            self._kept[key] = one
            while len(self._kept) > MOST_CASES or self._held() > MOST_ENTRIES:
                self._kept.popitem(last=False)

    def _held(self) -> int:
        return sum(len(one.entries) for one in self._kept.values())

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()


SHELF = Shelf()


def pool(several: Iterable[Kept]) -> tuple[dict[str, Entry], dict[str, datetime]]:
    """What of a case was decoded before, and when it came."""
    found: dict[str, Entry] = {}
    came: dict[str, datetime] = {}
    for one in several:
        found |= one.entries
        came |= one.came
    return found, came


def begun(several: Iterable[Kept], uuids: Collection[str]) -> Kept | None:
    """The one that has most of some entries and no others."""
    wanted = set(uuids)
    fitting = [one for one in several if one.entries.keys() <= wanted]
    return max(fitting, key=lambda one: len(one.entries), default=None)
