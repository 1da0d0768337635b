# SPDX-License-Identifier: EUPL-1.2
"""How much of a large product of cases is walked each time.

A test of hundreds of routes with dozens of values has every route meet every kind of trouble, and
every value meet many routes; that each meets each costs as much as all else together. With
THOROUGH=1 in the environment each does.
"""

import os
import zlib
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")

IS_THOROUGH = os.environ.get("THOROUGH", "") not in {"", "0"}


def examples(usual: int) -> int:
    """How many Hypothesis makes up of what is cheap to describe and dear to try: two in five, which
    are others in each run."""
    return usual if IS_THOROUGH else max(usual * 2 // 5, 20)


def share(values: Sequence[T], of: str, parts: int, place: int = 0) -> Sequence[T]:
    """One in so many of the values, and at least one; which, depends on `of` and on nothing else,
    so that several places have all of them between them, the same from run to run. So many places
    in a row of the same `of` have all of them.
    """
    parts = min(parts, len(values))
    if IS_THOROUGH or parts < 2:
        return values
    return values[(zlib.crc32(of.encode()) + place) % parts :: parts]


def paired(values: Sequence[T], others: Sequence[U], of: str) -> Iterator[tuple[T, U]]:
    """Each value with one of the others in turn; where the turn begins depends on `of`.

    So whoever walks values and others for many places has each value in each place, and each
    value with each of the others somewhere.
    """
    begin = zlib.crc32(of.encode())
    for number, value in enumerate(values):
        if IS_THOROUGH:
            yield from ((value, other) for other in others)
        else:
            yield value, others[(begin + number) % len(others)]
