# SPDX-License-Identifier: EUPL-1.2
"""The formats of restSearch that are made of whole events, or of what is said about them.

A stock MISP answers `stix` in JSON unless XML is accepted, and `attack` and `context` in HTML
that says it is JSON; here these are JSON: a layer for the ATT&CK Navigator, and the tags and
clusters.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Any

import msgspec

from brug.api.misp.dispatch import Answer, Call
from brug.api.misp.search import search_request
from brug.api.misp.search.search_request import Asked
from brug.formats import context as shown_context
from brug.formats.misp.shapes import EventJson
from brug.formats.stix import one_json, one_xml, package, writing
from brug.intel import context
from brug.intel.leaving import sensors
from brug.intel.search import events

JSON, XML = "application/json; charset=UTF-8", "application/xml; charset=UTF-8"
MARKDOWN = "text/markdown; charset=UTF-8"
Documents = Iterator[Mapping[str, Any]]


def _stix_2(_: Call, asked: Asked, found: Documents) -> Iterator[bytes]:
    return writing.of_events(found, writing.version(asked.given.get("stix-version")))


def _source(call: Call) -> package.Source:
    name = sensors.settings_of(call.session, call.base_url, {}).node
    return package.source(
        name, call.base_url, time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    )


def _stix_1_json(call: Call, _: Asked, found: Documents) -> Iterator[bytes]:
    return one_json.of_events(found, _source(call))


def _stix_1_xml(call: Call, _: Asked, found: Documents) -> Iterator[bytes]:
    return one_xml.of_events(found, _source(call))


def _layer(call: Call, asked: Asked) -> Iterator[bytes]:
    found = context.techniques(call.session, asked.filters)
    yield msgspec.json.encode(shown_context.layer(found, "Search"))


def _sightings(call: Call, asked: Asked) -> Iterator[bytes]:
    found = context.techniques_by_event(call.session, asked.filters)
    return shown_context.technique_sightings(found)


def _context(call: Call, asked: Asked) -> Iterator[bytes]:
    told = context.of_events(call.session, asked.filters)
    yield msgspec.json.encode(shown_context.document(told))


def _markdown(call: Call, asked: Asked) -> Iterator[bytes]:
    told = context.of_events(call.session, asked.filters)
    yield shown_context.markdown(told, call.base_url).encode("utf-8", "replace")


# Of whole events; and of what is counted about them.
OF_EVENTS: dict[str, tuple[str, Callable[[Call, Asked, Documents], Iterator[bytes]]]] = {
    "stix2": (JSON, _stix_2),
    "stix": (JSON, _stix_1_json),
    "stix-json": (JSON, _stix_1_json),
    "stix-xml": (XML, _stix_1_xml),
}
ABOUT_EVENTS: dict[str, tuple[str, Callable[[Call, Asked], Iterator[bytes]]]] = {
    "attack": (JSON, _layer),
    "attack-sightings": (JSON, _sightings),
    "context": (JSON, _context),
    "context-markdown": (MARKDOWN, _markdown),
}
FORMATS = frozenset({*OF_EVENTS, *ABOUT_EVENTS})
# The formats of attributes that are made of documents.
OF_ATTRIBUTES = frozenset({"stix2", "attack-sightings"})


def exported(
    call: Call, asked: Asked, documents: Callable[[list[int]], Iterable[EventJson]]
) -> Answer:
    """A search of events in one of FORMATS."""
    name = asked.format
    if name == "stix" and "xml" in call.accept and "json" not in call.accept:
        name = "stix-xml"
    found = events.find(call.session, asked.filters)
    if name in ABOUT_EVENTS:
        media_type, about = ABOUT_EVENTS[name]
        pieces = about(call, asked)
    else:
        media_type, of = OF_EVENTS[name]
        read = (msgspec.to_builtins(one) for one in documents(found.ids))
        pieces = of(call, asked, read)
    ending = "xml" if media_type == XML else "json" if media_type == JSON else "md"
    headers = search_request.headers(asked, found.total, ending)
    headers |= search_request.disposition(asked, ending)
    return _answer(call, pieces, headers, media_type)


def attributes(
    call: Call, asked: Asked, found: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]
) -> Answer:
    """Attributes, each with its author, as STIX 2."""
    count = 0

    def counted() -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        nonlocal count
        for one in found:
            count += 1
            yield one

    pieces = writing.of_attributes(counted(), writing.version(asked.given.get("stix-version")))
    answer = _answer(call, pieces, {}, JSON)
    answer.headers = search_request.headers(asked, count, "json")
    return answer


def _answer(
    call: Call, pieces: Iterable[bytes], headers: dict[str, str], media_type: str
) -> Answer:
    def fill(out: IO[bytes]) -> None:
        for piece in pieces:
            out.write(piece)

    return Answer(call.exports.filled(fill), headers=headers, media_type=media_type)
