# SPDX-License-Identifier: EUPL-1.2
"""The formats of restSearch that are not JSON: prepared in bulk, sent when they are whole.

`text` and `hashes` are for sensors: published events and what is for detection, as stock
MISP does. `values` (an addition) follows the filters, and takes what is for detection where
they do not say. Reading follows MISP's rule alone; the formats of `brug.formats.sensors` also
leave out what its marking keeps from sensors.
"""

from collections.abc import Callable
from typing import IO, Any

import msgspec

from brug.api.misp.dispatch import Answer, Call
from brug.api.misp.search import search_request
from brug.api.misp.search.search_request import Asked
from brug.formats import csv, xml
from brug.formats.sensors.table import SENSORS
from brug.intel.leaving import exporting, left_out, sensors
from brug.intel.search import attributes, events
from brug.intel.search.filters import Filters, Scope
from brug.store.session import Session

PLAIN = "text/plain; charset=UTF-8"


class Format(msgspec.Struct, frozen=True):
    """What MISP calls a format in its headers, and its media type."""

    shown: str
    media_type: str


class Shape(msgspec.Struct, frozen=True):
    """How items stand beside each other in an answer of several."""

    media_type: str
    head: bytes
    item: Callable[[Any], bytes]
    between: bytes
    tail: bytes


def _as_xml(name: str) -> Callable[[Any], bytes]:
    return lambda item: xml.element(name, msgspec.to_builtins(item)).encode()


def _event(item: Any) -> bytes:
    return b'{"Event":' + msgspec.json.encode(item) + b"}"


_JSON, _XML = "application/json; charset=UTF-8", "application/xml; charset=UTF-8"
_HEAD, _TAIL = xml.HEAD.encode(), xml.TAIL.encode()
JSON_ATTRIBUTES = Shape(_JSON, b'{"response": {"Attribute": [', msgspec.json.encode, b",", b"]}}")
XML_ATTRIBUTES = Shape(_XML, _HEAD, _as_xml("Attribute"), b"", _TAIL)
EVENTS = {
    "json": Shape(_JSON, b'{"response": [', _event, b",", b"]}"),
    "xml": Shape(_XML, _HEAD, _as_xml("Event"), b"", _TAIL),
}

_SHOWN = {_JSON: "json", _XML: "xml"}
FORMATS = {
    "csv": Format("csv", "text/csv; charset=UTF-8"),
    "text": Format("txt", PLAIN),
    "values": Format("txt", PLAIN),
    "hashes": Format("txt", PLAIN),
    "cache": Format("txt", PLAIN),
    "count": Format("txt", PLAIN),
} | {
    name: Format(_SHOWN.get(form.media_type, "txt"), form.media_type)
    for name, form in SENSORS.items()
}


def exported(call: Call, asked: Asked, scope: Scope) -> Answer:
    """A search of attributes or events in one of FORMATS."""
    known = FORMATS[asked.format]
    if asked.format == "values" and "to_ids" not in asked.given:
        asked.filters.to_ids = True
    found = 0

    def fill(out: IO[bytes]) -> None:
        nonlocal found
        found = _written(call, asked, scope, out)

    payload = call.exports.filled(fill)
    shown = "text" if (asked.format, scope) == ("text", "events") else known.shown
    if scope == "events" and found:
        found = events.count(call.session, asked.filters)
    headers = search_request.headers(asked, found, shown)
    if scope == "events":
        headers |= search_request.disposition(asked, shown)
    return Answer(payload, headers=headers, media_type=known.media_type)


def _counted(session: Session, filters: Filters, scope: Scope) -> int:
    """What a search of events finds, or what a search of attributes gives out."""
    if scope == "events" and not filters.enforce_warninglist:
        return events.count(session, filters)
    if scope == "events":
        chosen = exporting.of_events(session, filters)
    elif not left_out.acts(session, filters):
        return attributes.count(session, filters)
    else:
        chosen = exporting.of_attributes(session, filters)
    return exporting.count(session, left_out.without(session, chosen, filters))


def _written(call: Call, asked: Asked, scope: Scope, out: IO[bytes]) -> int:
    session, filters = call.session, asked.filters
    choose = exporting.of_events if scope == "events" else exporting.of_attributes
    if asked.format == "count":
        found = _counted(session, filters, scope)
        out.write(str(found).encode())
        return found
    chosen = left_out.without(session, choose(session, filters), filters)
    if asked.format == "csv":
        names = csv.columns(asked.columns, context=asked.wants("includeContext"))
        return exporting.as_csv(session, chosen, names, out, header=not asked.wants("headerless"))
    if form := SENSORS.get(asked.format):
        settings = sensors.settings_of(session, call.base_url, asked.given)
        return sensors.write(session, chosen, form, settings, out)
    if asked.format == "cache" and asked.wants("includeEventUuid"):
        return exporting.as_cache_of_events(session, chosen, out)
    return exporting.FORMATS[asked.format](session, chosen, out)
