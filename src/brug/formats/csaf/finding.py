# SPDX-License-Identifier: EUPL-1.2
"""What a test finds in a document, and what a test is."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from brug.formats.csaf.places import Places

SCHEMA = "schema"
Spot = tuple[str, str]
"""A JSON pointer (RFC 6901), and what is wrong there."""


class Finding(msgspec.Struct, frozen=True):
    """`test` is a section of the standard, as in 6.1.27.9, or `schema` for the structure."""

    test: str
    title: str
    pointer: str
    message: str


class Test(msgspec.Struct, frozen=True):
    """A mandatory test: its section and title in the standard, and what it looks for."""

    number: str
    title: str
    look: Callable[["Places"], Iterator[Spot]]

    def findings(self, places: "Places") -> Iterator[Finding]:
        for pointer, message in self.look(places):
            yield Finding(self.number, self.title, pointer, message)


def mandatory(number: str, title: str) -> Callable[[Callable[["Places"], Iterator[Spot]]], Test]:
    """Makes a test of a function that yields what is wrong, and where."""

    def made(look: Callable[["Places"], Iterator[Spot]]) -> Test:
        return Test(number, title, look)

    return made


def shown(value: Any) -> str:
    """The beginning of a value, as an error shows it."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return repr(text[:60].encode("utf-8", "replace").decode())


def escaped(key: str) -> str:
    """A property's name as a step of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")
