# SPDX-License-Identifier: EUPL-1.2
"""What the routes for many cases together take and give."""

import msgspec

from brug.api.cases.forms import Row


class Shared(msgspec.Struct, frozen=True):
    """A value that two cases have, what it is, and how much it counts for."""

    kind: str
    value: str
    weight: int


class Alike(msgspec.Struct, frozen=True):
    """A case with what it shares; `score` is the sum of the weights."""

    case: Row
    score: int
    shared: list[Shared]


class Duplicates(msgspec.Struct, frozen=True):
    """The one that shares most first, of those that the key's owner takes part in."""

    cases: list[Alike]
