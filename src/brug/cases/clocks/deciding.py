# SPDX-License-Identifier: EUPL-1.2
"""Which status a clock has: a table, the same as in docs/spec/clocks.md.

The first line whose cells fit decides; an empty cell fits anything. A deadline that was missed
never stops a late report: it stays missed until the report is there, and met late afterwards.
"""

from functools import cache
from typing import Literal

import msgspec

Status = Literal[
    "not_started", "running", "due_soon", "met", "met_late", "missed", "waived", "not_applicable"
]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What decides. `time`: before the first warning, from then on, or after the legal end."""

    settled: Literal["no", "waived", "not_applicable"]
    applies: Literal["yes", "undecided", "no"]
    start: Literal["none", "ahead", "past"]
    met: Literal["no", "in_time", "late"]
    time: Literal["early", "soon", "over"]
    keeps: Literal["yes", "no"]  # whether there is only something to be kept until the end


_LINES: tuple[tuple[dict[str, str], Status], ...] = (
    ({"settled": "not_applicable"}, "not_applicable"),
    ({"settled": "waived"}, "waived"),
    ({"applies": "no"}, "not_applicable"),
    ({"start": "none"}, "not_started"),
    ({"start": "ahead"}, "not_started"),
    ({"met": "in_time"}, "met"),
    ({"met": "late"}, "met_late"),
    ({"time": "over", "keeps": "yes"}, "met"),
    ({"time": "over"}, "missed"),
    ({"time": "soon"}, "due_soon"),
    ({}, "running"),
)


@cache  # of what there is to be seen there are few hundred
def status_of(seen: Seen) -> Status:
    """The status of the first line that fits."""
    for cells, status in _LINES:
        if all(getattr(seen, name) == value for name, value in cells.items()):
            return status
    raise AssertionError(seen)
