# SPDX-License-Identifier: EUPL-1.2
"""What a widget shows: a list, bars, lines over time, or rows. Never more than its reader sees."""

import msgspec

from brug.directory.organisations import Organisation
from brug.intel.search.listing import Listed


class Item(msgspec.Struct, frozen=True):
    """A line of a list; `path` leads to more, on MISP's interface."""

    title: str
    value: str | int | list[str]
    path: str = ""
    event_id: int | None = None


class Items(msgspec.Struct, frozen=True):
    items: list[Item]


class Bars(msgspec.Struct, frozen=True):
    """Counts by name, the largest first; colours of tags by name."""

    counts: dict[str, int]
    colours: dict[str, str] | None = None


class Lines(msgspec.Struct, frozen=True):
    """Counts by name for each day or month, the oldest first."""

    names: list[str]
    points: list[tuple[str, list[int]]]
    colours: dict[str, str] | None = None


class Events(msgspec.Struct, frozen=True):
    """Events of a list, and which of their fields are asked for."""

    found: list[Listed]
    fields: list[str]


class Organisations(msgspec.Struct, frozen=True):
    found: list[Organisation]
    fields: list[str]


Shown = Items | Bars | Lines | Events | Organisations
