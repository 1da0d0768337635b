# SPDX-License-Identifier: EUPL-1.2
"""A bundle in pieces, so that one of many events is never all in memory."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import uuid4

import msgspec

from brug.formats.stix.bundle import Bundle
from brug.model.errors import Invalid

VERSIONS = ("2.0", "2.1")


def version(given: Any) -> str:
    """`stix-version`. Raises Invalid."""
    text = str(given or "2.1")
    if text not in VERSIONS:
        raise Invalid("stix-version", " or ".join(VERSIONS), text)
    return text


def of_events(events: Iterable[Mapping[str, Any]], wanted: str) -> Iterator[bytes]:
    """Of events in MISP's JSON."""
    bundle = Bundle(wanted)
    yield from _written(bundle, (one for event in events for one in bundle.event(event)))


def of_attributes(
    found: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]], wanted: str
) -> Iterator[bytes]:
    """Of attributes, each with the organisation that created its event."""
    bundle = Bundle(wanted)
    objects = (one for item, author in found for one in bundle.attribute(item, author))
    yield from _written(bundle, objects)


def _written(bundle: Bundle, objects: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    head = msgspec.json.encode({**bundle.head, "id": f"bundle--{uuid4()}"})
    yield head[:-1] + b',"objects":['
    between = b""
    for one in objects:
        yield between + msgspec.json.encode(one)
        between = b","
    yield b"]}"
