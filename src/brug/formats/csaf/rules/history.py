# SPDX-License-Identifier: EUPL-1.2
"""Tests of versions and the revision history (6.1.14, 6.1.16-6.1.22, 6.1.30).

Revisions of one and the same time are in the order of their versions.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from brug.formats.csaf.finding import Spot, mandatory, shown
from brug.formats.csaf.moments import moment
from brug.formats.csaf.places import Places, text
from brug.formats.csaf.versions import Version

_AT = "/document/tracking"
_RELEASED = frozenset({"final", "interim"})


def _dated(places: Places) -> list[tuple[datetime, Version, str]]:
    """The revisions by time, those without a readable time or version left out."""
    found = []
    for at, revision, version in places.history:
        date = moment(text(revision, "date") or "")
        if date is not None and version is not None:
            found.append((date, version, at))
    return sorted(found, key=lambda one: (one[0], one[1].order))


@mandatory("6.1.14", "Sorted revision history")
def versions_rise_with_time(places: Places) -> Iterator[Spot]:
    dated = _dated(places)
    for (_, before, _), (_, after, at) in pairwise(dated):
        if after.order < before.order:
            yield f"{at}/number", f"{shown(after.text)} is later than {shown(before.text)}, by date"


@mandatory("6.1.16", "Latest document version")
def the_version_is_the_latest_of_the_history(places: Places) -> Iterator[Spot]:
    dated = _dated(places)
    if not dated or places.version is None:
        return
    last = dated[-1][1]
    same = places.version.numbers == last.numbers
    if places.status != "draft":  # the draft of a version is in its history as that version
        same = same and places.version.pre_release == last.pre_release
    if not same:
        words = f"the last revision is {shown(last.text)} (got {shown(places.version.text)})"
        yield f"{_AT}/version", words


@mandatory("6.1.17", "Document status draft")
def what_is_not_released_is_a_draft(places: Places) -> Iterator[Spot]:
    if places.version is not None and places.version.is_draft and places.status in _RELEASED:
        words = f"expected draft for the version {shown(places.version.text)} (got {places.status})"
        yield f"{_AT}/status", words


@mandatory("6.1.18", "Released revision history")
def what_is_released_has_no_version_zero(places: Places) -> Iterator[Spot]:
    if places.status not in _RELEASED:
        return
    for at, _, version in places.history:
        if version is not None and version.major == 0:
            yield f"{at}/number", f"{shown(version.text)} is a draft's (status {places.status})"


@mandatory("6.1.19", "Revision history entries for pre-release versions")
def pre_releases_are_not_in_the_history(places: Places) -> Iterator[Spot]:
    for at, _, version in places.history:
        if version is not None and version.pre_release:
            yield f"{at}/number", f"{shown(version.text)} is a pre-release"


@mandatory("6.1.20", "Non-draft document version")
def what_is_released_is_no_pre_release(places: Places) -> Iterator[Spot]:
    if places.version is not None and places.version.pre_release and places.status in _RELEASED:
        words = f"{shown(places.version.text)} is a pre-release, but the status is {places.status}"
        yield f"{_AT}/version", words


@mandatory("6.1.21", "Missing item in revision history")
def no_version_is_missing(places: Places) -> Iterator[Spot]:
    seen: dict[int, None] = {}
    for _, version, at in _dated(places):
        expected = next(iter(seen)) + len(seen) if seen else 1
        if version.major not in seen:
            if version.major > expected:
                missing = str(expected) if seen else "0 or 1"
                yield f"{at}/number", f"expected {missing} before {shown(version.text)}, by date"
            seen[version.major] = None


@mandatory("6.1.22", "Multiple definition in revision history")
def a_version_is_in_the_history_once(places: Places) -> Iterator[Spot]:
    seen: set[str] = set()
    for at, revision, _ in places.history:
        number = text(revision, "number")
        if number is not None:
            if number in seen:
                yield f"{at}/number", f"another revision is {shown(number)} already"
            seen.add(number)


@mandatory("6.1.30", "Mixed integer and semantic versioning")
def versions_are_of_one_kind(places: Places) -> Iterator[Spot]:
    named = [(f"{_AT}/version", places.version)]
    named += [(f"{at}/number", version) for at, _, version in places.history]
    first: Version | None = None
    for at, version in named:
        if version is None:
            continue
        first = first or version
        if version.semantic != first.semantic:
            kinds = ("an integer", "a semantic version")
            words = (
                f"{shown(version.text)} is {kinds[version.semantic]}, {shown(first.text)} is not"
            )
            yield at, words
