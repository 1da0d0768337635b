# SPDX-License-Identifier: EUPL-1.2
"""What a move did, or would do: counts, what was refused, what a person has to do."""

from collections.abc import Callable

import msgspec

Told = Callable[[str, int, int], None]  # step, done, of how many


class Refused(msgspec.Struct):
    """An item that did not come along: which one, and why."""

    item: str
    reason: str


class Kind(msgspec.Struct):
    """How many of a kind are there, and how many are here now."""

    there: int = 0
    here: int = 0


class Lost(msgspec.Struct):
    """What does not carry over, and what to do about it; `count` None: not known."""

    what: str
    count: int | None
    advice: str


class Person(msgspec.Struct):
    """A user who needs something new."""

    email: str
    keys: int  # how many keys there are that nobody can carry over
    password: bool


class Report(msgspec.Struct):
    """The outcome of a move or a dry run."""

    source: str
    version: str = ""
    dry_run: bool = False
    keeps_ids: bool | None = None  # None: a handing over, which keeps none
    kinds: dict[str, Kind] = msgspec.field(default_factory=dict)
    lost: list[Lost] = msgspec.field(default_factory=list)
    refused: list[Refused] = msgspec.field(default_factory=list)
    remarks: list[str] = msgspec.field(default_factory=list)
    people: list[Person] = msgspec.field(default_factory=list)
    carried_keys: dict[str, int] = msgspec.field(default_factory=dict)  # by address
    carried_passwords: set[str] = msgspec.field(default_factory=set)
    verified: int = 0
    differences: list[str] = msgspec.field(default_factory=list)

    def count(self, kind: str, *, there: int = 0, here: int = 0) -> None:
        entry = self.kinds.setdefault(kind, Kind())
        entry.there += there
        entry.here += here

    @property
    def is_whole(self) -> bool:
        """Whether everything came along and agrees."""
        return not self.refused and not self.differences
