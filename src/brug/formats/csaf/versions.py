# SPDX-License-Identifier: EUPL-1.2
"""Versions of documents: integers, or semantic ones (3.1.11, Semantic Versioning 2.0.0)."""

import re
from functools import cached_property
from typing import Any

import msgspec

from brug.formats.csaf import parts

_SHAPE = re.compile(
    msgspec.inspect.type_info(parts.Version).type.pattern.replace(r"\d", "[0-9]")  # type: ignore[attr-defined]
)
MAX_LENGTH = 1000
Order = tuple[tuple[int, ...], bool, tuple[tuple[int, int, str], ...]]


class Version(msgspec.Struct, frozen=True, dict=True):
    """A version; `numbers` are one of an integer, three of a semantic version."""

    text: str
    numbers: tuple[int, ...]
    pre_release: str = ""

    @property
    def semantic(self) -> bool:
        return len(self.numbers) > 1

    @property
    def major(self) -> int:
        return self.numbers[0]

    @property
    def is_draft(self) -> bool:
        """Whether only a draft may carry it: 0, 0.y.z, or with a pre-release part."""
        return self.major == 0 or bool(self.pre_release)

    @cached_property
    def order(self) -> Order:
        """What to sort by; build metadata has no part in it (Semantic Versioning, 11). Where both
        kinds are mixed, which test 6.1.30 finds, 2 is 2.0.0.
        """
        return (
            (*self.numbers, 0, 0)[:3],
            not self.pre_release,
            tuple(map(_step, self.pre_release.split("."))),
        )


def _step(part: str) -> tuple[int, int, str]:
    """Numbers come before words, and in their own order."""
    return (0, int(part), "") if part.isdecimal() else (1, 0, part)


def parsed(text: Any) -> Version | None:
    """The version that a text says, if it says one that can be reckoned with."""
    if (
        not isinstance(text, str)
        or len(text) > MAX_LENGTH
        or _SHAPE.match(text) is None
        or text.endswith("\n")
    ):
        return None
    front = text.partition("+")[0]
    numbers, _, pre_release = front.partition("-")
    return Version(text, tuple(map(int, numbers.split("."))), pre_release)
