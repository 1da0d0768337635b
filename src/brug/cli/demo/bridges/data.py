# SPDX-License-Identifier: EUPL-1.2
"""The story's data as records; what the file says and nobody knows is refused."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from brug.cli.demo.campaign import Event

FILE = Path(__file__).parent / "story.toml"


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the file."""


class Organisation(_Row, frozen=True):
    """Who runs a node. `duty` is its site admin, who releases and recalls."""

    key: str
    name: str
    country: str
    nationality: str
    type: str
    sector: str
    description: str
    duty: str
    analyst: str


class Bridge(_Row, frozen=True):
    """Between two nodes; the first one invites and proposes `terms`, which `says` puts short."""

    between: tuple[str, str]
    says: str
    terms: dict[str, Any]
    senders: tuple[str, ...] = ()


class Course(_Row, frozen=True):
    """Keys of the events that the steps are about, and what people say on the way."""

    told: str
    victim: str
    sighted: str
    release_because: str
    recall_because: str
    follow_because: str
    waiting: str
    advisory: str
    case_parts: tuple[str, str, str]  # who leads, who handles, and the entity that was struck
    case_title: str
    case_summary: str
    case_message: str
    case_aware_hours: int  # before the story is told
    case_zone: str


class Story(_Row, frozen=True):
    organisations: tuple[Organisation, ...]
    bridges: tuple[Bridge, ...]
    course: Course
    events: tuple[Event, ...]

    def organisation(self, key: str) -> Organisation:
        return next(one for one in self.organisations if one.key == key)

    def event(self, key: str) -> Event:
        return next(one for one in self.events if one.key == key)


def load() -> Story:
    return msgspec.convert(tomllib.loads(FILE.read_text("utf-8")), Story)
