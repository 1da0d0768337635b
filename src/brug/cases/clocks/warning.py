# SPDX-License-Identifier: EUPL-1.2
"""Which warnings are due, each with a key so that none is sent twice.

Warnings count towards the strict end. The key holds that end: a corrected fact moves it and
warns anew, computing again does not.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

import msgspec

from brug.cases.clocks.computing import Clock

_SILENT = frozenset({"waived", "not_applicable", "not_started"})
OVER = "over"


class DueWarning(msgspec.Struct, frozen=True, order=True):
    """One warning: when, under which key, of which row, and which mark was reached.

    The mark is a share of the period, a time before the strict end, `due`, or `over` once the
    legal end has passed as well.
    """

    at: datetime
    key: str
    row: str
    mark: str


def between(clocks: Iterable[Clock], since: datetime, until: datetime) -> list[DueWarning]:
    """Those later than one moment and not later than another, in their order."""
    return sorted(
        one for clock in clocks for one in _all(clock) if since < one.at <= until
    )  # fmt: skip


def owed(clocks: Iterable[Clock], now: datetime, sent: Collection[str]) -> list[DueWarning]:
    """The newest warning of each clock that should have been sent by now and was not.

    For whoever looks again after standing still, or after a correction that moved an end into
    the past: earlier marks of the same clock are passed over.
    """
    found = []
    for clock in clocks:
        past = [one for one in _all(clock) if one.at <= now]
        if past and (newest := max(past)).key not in sent:
            found.append(newest)
    return sorted(found)


def _all(clock: Clock) -> list[DueWarning]:
    """All of a clock, up to when it was met."""
    if clock.is_information or clock.status in _SILENT or clock.strict is None:
        return []
    marks = list(clock.warns)
    if clock.legal is not None and clock.row.end != "keep_until":
        marks.append((OVER, clock.legal))
    end = clock.strict.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return [
        DueWarning(at, f"{clock.row.id}/{end}/{mark}", clock.row.id, mark)
        for mark, at in marks
        if clock.met is None or at < clock.met.at
    ]
