# SPDX-License-Identifier: EUPL-1.2
"""What a search finds, as a file in any format: what the command line and pages give out.

Read in the session's principal, in batches. The interface has its own way to the same
writers, as it answers in MISP's words.
"""

from collections.abc import Callable, Iterator
from typing import IO, Any, NamedTuple

import msgspec

from brug.formats import context as shown_context
from brug.formats import xml
from brug.formats.sensors.indicator import SensorFormat, Settings
from brug.formats.sensors.table import SENSORS
from brug.formats.stix import one_json, one_xml, package, writing
from brug.intel import context
from brug.intel.leaving import exporting, left_out, sensors, whole
from brug.intel.search import events
from brug.intel.search.filters import Filters, Scope
from brug.store.session import Session

Write = Callable[[Session, Filters, IO[bytes], Settings], int]


class File(NamedTuple):
    """A format: what it holds, how its file ends, its media type, what it is for people."""

    scope: Scope
    ending: str
    media_type: str
    meaning: str
    write: Write
    parameters: tuple[str, ...] = ()


def _sensor(form: SensorFormat) -> File:
    def write(session: Session, asked: Filters, out: IO[bytes], settings: Settings) -> int:
        chosen = left_out.without(session, exporting.of_attributes(session, asked), asked)
        return sensors.write(session, chosen, form, settings, out)

    return File("attributes", form.ending, form.media_type, form.meaning, write, form.parameters)


def _lines(name: str) -> Write:
    def write(session: Session, asked: Filters, out: IO[bytes], _: Settings) -> int:
        chosen = left_out.without(session, exporting.of_attributes(session, asked), asked)
        return exporting.FORMATS[name](session, chosen, out)

    return write


def _pieces(pieces: Callable[[Iterator[dict[str, Any]], Settings], Iterator[bytes]]) -> Write:
    """Of whole events, one after the other."""

    def write(session: Session, asked: Filters, out: IO[bytes], settings: Settings) -> int:
        ids = events.find(session, asked).ids
        read = (msgspec.to_builtins(one) for one in whole.documents(session, ids, asked))
        for piece in pieces(read, settings):
            out.write(piece)
        return len(ids)

    return write


def _source(settings: Settings) -> package.Source:
    return package.source(settings.node, settings.base_url, settings.now + "+00:00")


def _as_xml(read: Iterator[dict[str, Any]], _: Settings) -> Iterator[bytes]:
    yield xml.HEAD.encode()
    for one in read:
        yield xml.element("Event", one).encode()
    yield xml.TAIL.encode()


def _about(say: Callable[[Session, Filters, Settings], Iterator[bytes]]) -> Write:
    """Of what is counted about events."""

    def write(session: Session, asked: Filters, out: IO[bytes], settings: Settings) -> int:
        for piece in say(session, asked, settings):
            out.write(piece)
        return events.count(session, asked)

    return write


def _layer(session: Session, asked: Filters, settings: Settings) -> Iterator[bytes]:
    found = context.techniques(session, asked)
    yield msgspec.json.encode(shown_context.layer(found, settings.node))


def _sightings(session: Session, asked: Filters, _: Settings) -> Iterator[bytes]:
    return shown_context.technique_sightings(context.techniques_by_event(session, asked))


def _context(session: Session, asked: Filters, _: Settings) -> Iterator[bytes]:
    yield msgspec.json.encode(shown_context.document(context.of_events(session, asked)))


def _markdown(session: Session, asked: Filters, settings: Settings) -> Iterator[bytes]:
    told = context.of_events(session, asked)
    yield shown_context.markdown(told, settings.base_url).encode("utf-8", "replace")


_JSON, _XML = "application/json; charset=UTF-8", "application/xml; charset=UTF-8"
_TEXT = "text/plain; charset=UTF-8"
FILES: dict[str, File] = {name: _sensor(form) for name, form in SENSORS.items()} | {
    "text": File("attributes", "txt", _TEXT, "Values for detection, one a line", _lines("text")),
    "cache": File("attributes", "txt", _TEXT, "MD5 of each value, one a line", _lines("cache")),
    "xml": File("events", "xml", _XML, "MISP's XML", _pieces(_as_xml)),
    "stix2": File(
        "events", "json", _JSON, "STIX 2.1",
        _pieces(lambda read, s: writing.of_events(
            read, writing.version(s.given.get("stix-version")))),
        ("stix-version",),
    ),
    "stix": File(
        "events", "xml", _XML, "STIX 1.1.1 in XML",
        _pieces(lambda read, s: one_xml.of_events(read, _source(s))),
    ),
    "stix-json": File(
        "events", "json", _JSON, "STIX 1.1.1 in JSON",
        _pieces(lambda read, s: one_json.of_events(read, _source(s))),
    ),
    "attack": File("events", "json", _JSON, "Layer for the ATT&CK Navigator", _about(_layer)),
    "attack-sightings": File(
        "events", "json", _JSON, "Sightings of ATT&CK techniques", _about(_sightings)
    ),
    "context": File("events", "json", _JSON, "Tags and clusters, explained", _about(_context)),
    "context-markdown": File(
        "events", "md", "text/markdown; charset=UTF-8", "Tags and clusters, to read",
        _about(_markdown),
    ),
}  # fmt: skip
