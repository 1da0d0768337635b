# SPDX-License-Identifier: EUPL-1.2
"""What a run did: counts, what failed and why, what could not be carried.

Kept with the run. Lists are bounded, since a partner says how long they get; counts go on.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

MOST_FAILURES = 500
MOST_EXAMPLES = 10
_LONGEST = 300

Counted = Literal[
    "events", "events_failed", "proposals", "sightings", "clusters", "analyst_data", "values",
    "held",
]  # fmt: skip


class Failure(msgspec.Struct):
    """An item that could not be carried this time; it is tried again next time."""

    item: str
    uuid: str
    reason: str


class Loss(msgspec.Struct):
    """What does not cross at all, and why; `examples` are UUIDs or names."""

    what: str
    reason: str
    count: int = 0
    examples: list[str] = []


class Report(msgspec.Struct):
    counts: dict[str, int] = {}
    failures: list[Failure] = []
    losses: list[Loss] = []

    def count(self, what: Counted, number: int = 1) -> None:
        if number:
            self.counts[what] = self.counts.get(what, 0) + number

    def number(self, what: Counted) -> int:
        return self.counts.get(what, 0)

    def fail(self, item: str, uuid: str, reason: str) -> None:
        """Notes a failure; an event's is counted as MISP counts it."""
        if item == "event":
            self.count("events_failed")
        if len(self.failures) < MOST_FAILURES:
            self.failures.append(Failure(item, uuid[:60], _short(reason)))

    def lose(self, what: str, reason: str, example: str = "", count: int = 1) -> None:
        """Notes what was not carried."""
        if not count:
            return
        reason = _short(reason)
        found = next((o for o in self.losses if (o.what, o.reason) == (what, reason)), None)
        if found is None:
            if len(self.losses) >= MOST_FAILURES:
                return
            found = Loss(what, reason, examples=[])
            self.losses.append(found)
        found.count += count
        if example and len(found.examples) < MOST_EXAMPLES:
            found.examples.append(example[:100])


def _short(text: str) -> str:
    """As the database and a page can hold it: without NUL and half of surrogate pairs."""
    return text[:_LONGEST].replace("\0", "\N{REPLACEMENT CHARACTER}").encode(
        "utf-8", "replace"
    ).decode()  # fmt: skip


def pull_message(counts: Mapping[str, int]) -> str:
    """What MISP says of a pull."""

    def n(name: str) -> Any:
        return counts.get(name, 0)

    return (
        f"Pull completed. {n('events')} events pulled, {n('events_failed')} events could not be"
        f" pulled, {n('proposals')} proposals pulled, {n('sightings')} sightings pulled,"
        f" {n('clusters')} clusters pulled, {n('analyst_data')} analyst data pulled."
    )


def push_message(counts: Mapping[str, int]) -> str:
    """What MISP says of a push."""
    return (
        f"Push complete. {counts.get('events', 0)} events pushed,"
        f" {counts.get('events_failed', 0)} events could not be pushed."
    )
