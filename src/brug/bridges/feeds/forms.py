# SPDX-License-Identifier: EUPL-1.2
"""What a published feed makes of an event: a file of a MISP feed, or lines of a list. Pure."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from brug.formats import misp_feed
from brug.formats.csv import quoted
from brug.formats.json_text import encode
from brug.formats.sensors import rpz
from brug.formats.sensors.indicator import EventOf, Indicator, Settings
from brug.formats.sensors.rpz import Zone
from brug.model import marking
from brug.model.attribute_types.rules import COMPOSITES

Document = dict[str, Any]
Wanted = Callable[[Document], bool]
COLUMNS = ("uuid", "event_uuid", "category", "type", "value", "comment", "to_ids", "date", "info")
_SECTION = b"\x00"


class Made(msgspec.Struct, frozen=True):
    """An event's part of a feed: its place in the manifest, its bytes, its hashes."""

    head: Document
    body: bytes
    hashes: bytes
    attributes: int


def attributes_in(event: Document) -> Iterator[tuple[Document, list[str]]]:
    """The attributes of an event and its objects, each with the tags that hold for it."""
    own = misp_feed.tag_names(event)
    for item in event.get("Attribute") or []:
        yield item, own + misp_feed.tag_names(item)
    for one in event.get("Object") or []:
        around = own + misp_feed.tag_names(one)
        for item in one.get("Attribute") or []:
            yield item, around + misp_feed.tag_names(item)


def as_misp(event: Document, _wanted: Wanted) -> Made:
    """A file of a MISP feed."""
    several = [item for item, _ in attributes_in(event)]
    hashes = [
        digest for item in several
        for digest in misp_feed.hashes_of(str(item["value"]), item["type"] in COMPOSITES)
    ]  # fmt: skip
    body = encode(misp_feed.event_of(event))
    return Made(misp_feed.entry_of(event), body, b"".join(hashes), len(several))


def _lines(event: Document, wanted: Wanted, line: Callable[[Document], str]) -> Made:
    made = [line(item) for item, _ in attributes_in(event) if wanted(item)]
    fitting = [one for one in made if one]
    return Made({}, "".join(fitting).encode("utf-8", "replace"), b"", len(fitting))


def as_values(event: Document, wanted: Wanted) -> Made:
    """One value a line; what has several lines is no value of a list."""

    def line(item: Document) -> str:
        value = str(item["value"])
        return "" if "\n" in value or "\r" in value else value + "\n"

    return _lines(event, wanted, line)


def as_csv(event: Document, wanted: Wanted) -> Made:
    """Rows of CSV that no spreadsheet takes for formulas."""
    info = quoted(str(event["info"]))

    def line(item: Document) -> str:
        cells = (
            item["uuid"], event["uuid"], quoted(str(item["category"])), quoted(str(item["type"])),
            quoted(str(item["value"])), quoted(str(item.get("comment") or "")),
            str(int(bool(item.get("to_ids")))), str(item.get("timestamp") or ""), info,
        )  # fmt: skip
        return ",".join(cells) + "\n"

    return _lines(event, wanted, line)


def as_zone(event: Document, wanted: Wanted) -> Made:
    """Lines of a response policy zone, a section beside the other; PAP may forbid blocking."""
    zone = rpz.read(Settings("", "", "1970-01-01T00:00:00"))
    about = EventOf(0, str(event["uuid"]), "", "", 4)
    sections: list[list[str]] = [[] for _ in rpz.FORMAT.sections]
    count = 0
    for item, tags in attributes_in(event):
        if not item.get("to_ids") or not wanted(item):
            continue
        if any(marking.forbids(tag, "block") for tag in tags):
            continue
        first, _, second = str(item["value"]).partition("|")
        kind = str(item["type"])
        parts = (first, second) if kind in COMPOSITES else (str(item["value"]), "")
        indicator = Indicator(0, "", kind, *parts, "", "", about)
        made = [rpz.lines(indicator, zone, section.kinds) for section in rpz.FORMAT.sections]
        count += any(made)
        for place, text in enumerate(made):
            sections[place].append(text)
    body = _SECTION.join("".join(one).encode() for one in sections)
    return Made({}, body if count else b"", b"", count)


MAKING: dict[str, Callable[[Document, Wanted], Made]] = {
    "misp": as_misp, "csv": as_csv, "values": as_values, "rpz": as_zone,
}  # fmt: skip


def csv_head() -> bytes:
    return (",".join(COLUMNS) + "\n").encode()


def zone_of(bodies: list[bytes], serial: int) -> Iterator[bytes]:
    """The whole zone, its sections in order, each line once."""
    zone: Zone = rpz.read(Settings("", "", "1970-01-01T00:00:00", {"serial": str(serial)}))
    yield zone.head.encode()
    parts = [body.split(_SECTION) for body in bodies if body]
    for place, section in enumerate(rpz.FORMAT.sections):
        yield section.head(zone).encode()
        lines = dict.fromkeys(
            line for part in parts for line in part[place].splitlines(keepends=True)
        )
        yield from lines
        yield b"\n"
