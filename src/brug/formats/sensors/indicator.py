# SPDX-License-Identifier: EUPL-1.2
"""What a sensor's file is made of: an attribute, its event, and the format that writes it."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple


class EventOf(NamedTuple):
    """The event of an indicator."""

    id: int
    uuid: str
    info: str
    org: str
    threat_level: int
    tags: str = ""


class Indicator(NamedTuple):
    """One attribute; `tags` are its own."""

    id: int
    uuid: str
    type: str
    value1: str
    value2: str
    comment: str
    tags: str
    event: EventOf

    def part(self, number: int) -> str:
        return self.value1 if number == 1 else self.value2


class Settings(NamedTuple):
    """What an export says of itself, and the parameters that were given to it."""

    node: str
    base_url: str
    now: str
    given: Mapping[str, Any] = {}


class Section(NamedTuple):
    """A part of a file: what stands before it, and the kinds of indicators in it."""

    kinds: frozenset[str]
    head: Callable[[Any], str] = lambda _: ""


class SensorFormat(NamedTuple):
    """How a file is written. `read` checks the parameters once, before anything is read."""

    media_type: str
    ending: str
    use: Literal["alert", "block"]
    sections: tuple[Section, ...]
    read: Callable[[Settings], Any]
    head: Callable[[Any], str]
    lines: Callable[[Indicator, Any, frozenset[str]], str]
    tail: Callable[[Any], str] = lambda _: ""
    meaning: str = ""
    parameters: tuple[str, ...] = ()

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset().union(*(section.kinds for section in self.sections))
