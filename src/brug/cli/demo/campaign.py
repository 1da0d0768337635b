# SPDX-License-Identifier: EUPL-1.2
"""The campaign as records, read from TOML; what a file says and nobody knows is refused.

Texts may hold drawn values, `{kind:seed}` (`drawing`); times are days before today.
Organisations, events and objects are named by short keys that exist in these files only.
"""

import tomllib
from pathlib import Path
from typing import Any, Literal

import msgspec

from brug.model.errors import Invalid
from brug.model.event import INHERIT

FOLDER = Path(__file__).parent
FILES = ("campaign.toml", "events.toml", "series.toml")


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the files."""


class Person(_Row, frozen=True):
    """A user; `tries` marks the one whose credentials are told first."""

    email: str
    role: str
    tries: bool = False


class Organisation(_Row, frozen=True):
    key: str
    name: str
    type: str
    sector: str
    nationality: str
    description: str
    people: tuple[Person, ...]


class Group(_Row, frozen=True):
    """The sharing group; the first of its members owns it."""

    name: str
    description: str
    releasability: str
    members: tuple[str, ...]


class More(_Row, frozen=True):
    """What an attribute may say besides type, value and comment."""

    level: int = INHERIT
    tags: tuple[str, ...] = ()
    to_ids: bool | None = None
    seen: tuple[str, str] | None = None


class Fact(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """An attribute: ["type", "value", "comment", {more}]."""

    type: str
    value: str
    comment: str = ""
    more: More = More()


class Thing(_Row, frozen=True):
    """An object by the template of its name; `of` holds values by relation."""

    template: str
    of: dict[str, str | tuple[str, ...]]
    key: str = ""
    comment: str = ""
    level: int = INHERIT
    refers: tuple[tuple[str, str], ...] = ()  # (relation, key of another object)


class Report(_Row, frozen=True):
    name: str
    content: str
    level: int = INHERIT


class Event(_Row, frozen=True):
    key: str
    org: str
    days: int  # ago
    info: str
    level: int
    threat: int = 4
    analysis: int = 2
    draft: bool = False
    extends: str = ""
    tags: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    things: tuple[Thing, ...] = ()
    reports: tuple[Report, ...] = ()


class Series(_Row, frozen=True):
    """Events of one kind, `every` so many days: one for each title."""

    key: str
    org: str
    days: int
    every: int
    titles: tuple[str, ...]
    level: int
    threat: int = 3
    tags: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    things: tuple[Thing, ...] = ()
    repeat: int = 1  # how often the facts come, each time with other drawn values


class Seen(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A sighting: [organisation, value, type, days ago, source]."""

    org: str
    value: str
    type: Literal["sighting", "false positive", "expiration"]
    days: int
    source: str


class Pivot(_Row, frozen=True):
    """The value that ties the campaign together, and whom each finds it in: keys of events."""

    value: str
    found: dict[str, tuple[str, ...]]


class Related(_Row, frozen=True):
    """An event, and what each organisation is shown as related to it."""

    event: str
    why: str
    shown: dict[str, tuple[str, ...]]


class Expected(_Row, frozen=True):
    """Written by hand, beside what `rule` computes."""

    pivot: Pivot
    related: tuple[Related, ...]
    unknown: str
    part: str  # of a value, that several have
    published: str  # the draft that is published on the way
    false_positives: tuple[str, ...]


class Campaign(_Row, frozen=True):
    name: str
    organisations: tuple[Organisation, ...]
    group: Group
    expected: Expected
    events: tuple[Event, ...]
    series: tuple[Series, ...] = ()
    sightings: tuple[Seen, ...] = ()

    def organisation(self, key: str) -> Organisation:
        return next(one for one in self.organisations if one.key == key)


def load(folder: Path | None = None) -> Campaign:
    """The campaign of a folder, or Brug's own. Raises Invalid."""
    whole: dict[str, Any] = {}
    for name in FILES:
        path = (folder or FOLDER) / name
        try:
            whole |= tomllib.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise Invalid(str(path), f"a campaign in TOML ({error})") from error
    try:
        return msgspec.convert(whole, Campaign)
    except msgspec.ValidationError as error:
        raise Invalid("campaign", str(error)) from error
