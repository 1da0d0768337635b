# SPDX-License-Identifier: EUPL-1.2
"""`/sightings/restSearch[/event|/attribute]`: sightings by filters, as JSON, CSV or XML.

Also how a partner asks for the sightings of events: `{"last": 0, "includeUuid": true,
"uuid": [...]}`. What was read is sent in pieces, never all in memory.
"""

from collections.abc import Callable
from typing import IO, Any

import msgspec

from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.refusals import MispError
from brug.api.misp.search import search_request
from brug.api.misp.search.search_formats import Shape
from brug.formats import csv, xml
from brug.formats.misp import coercion
from brug.intel.search import moments, terms
from brug.intel.search.filters import MOST_PER_PAGE
from brug.intel.search.terms import Terms
from brug.intel.sighting import sighting_search
from brug.intel.sighting.sighting_search import Hit, Sought

NO_ITEM = "An ID or UUID must be provided if the context is set."
CONTEXTS = ("", "attribute", "event")
_COLUMNS = "id,attribute_id,event_id,org_id,date_sighting,uuid,source,type"


def _line(item: dict[str, Any]) -> bytes:
    one = item["Sighting"]
    texts = csv.quoted(one["uuid"]), csv.quoted(one["source"])
    numbers = ",".join(one[n] for n in ("id", "attribute_id", "event_id", "org_id"))
    return f"{numbers},{one['date_sighting']},{texts[0]},{texts[1]},{one['type']}\n".encode()


def _element(item: dict[str, Any]) -> bytes:
    return xml.element("Sighting", item["Sighting"]).encode()


SHAPES = {
    "json": Shape(
        "application/json; charset=UTF-8", b'{"response": [', msgspec.json.encode, b",", b"]}"
    ),
    "csv": Shape("text/csv; charset=UTF-8", f"{_COLUMNS}\n".encode(), _line, b"", b""),
    "xml": Shape(
        "application/xml; charset=UTF-8", xml.HEAD.encode(), _element, b"\n", xml.TAIL.encode()
    ),
}


@endpoint(
    "sightings", "restSearch",
    shows=("sighting", "attribute", "event"),
    probes=(
        ("POST", "/sightings/restSearch", {
            "returnFormat": "json", "includeAttribute": 1, "includeEvent": 1, "includeUuid": 1}),
        ("POST", "/sightings/restSearch/event", {"id": "{event}", "includeUuid": 1}),
        ("POST", "/sightings/restSearch/attribute", {"id": "{attribute}"}),
    ),
    summary="Sightings by filters, of an event, an attribute or all",
    body={"returnFormat": "json", "id": "number or UUID", "last": "7d", "type": 0},
)  # fmt: skip
def rest_search(call: Call) -> Answer:
    asked = {**call.named, **call.data("Sighting")}
    context = call.arg(0) or coercion.text("context", asked.get("context"))
    if context not in CONTEXTS:
        raise MispError(400, "Invalid context.")
    items = _items(asked)
    if context and not items:
        raise MispError(400, NO_ITEM)
    name = coercion.text("returnFormat", asked.get("returnFormat")) or "json"
    if name not in SHAPES:
        raise MispError(404, search_request.NO_FORMAT)
    sought = _sought(context, items, asked)
    shape, count = SHAPES[name], 0
    show = _shower(asked)

    def fill(out: IO[bytes]) -> None:
        nonlocal count
        out.write(shape.head)
        for batch in sighting_search.find(call.session, sought):
            for hit in batch:
                out.write(shape.between if count else b"")
                out.write(shape.item({"Sighting": show(hit)}))
                count += 1
        out.write(shape.tail)

    payload = call.exports.filled(fill)
    headers = {
        "X-Result-Count": str(count), "X-Response-Format": name, "X-Export-Module-Used": name,
        "X-Skipped-Elements-Count": "0",
    }  # fmt: skip
    return Answer(payload, headers=headers, media_type=shape.media_type)


def _items(asked: dict[str, Any]) -> Terms:
    ids, uuids = terms.read("id", asked.get("id")), terms.read("uuid", asked.get("uuid"))
    return Terms((*ids.any, *uuids.any), (*ids.all, *uuids.all), (*ids.none, *uuids.none))


def _sought(context: str, items: Terms, asked: dict[str, Any]) -> Sought:
    last = moments.period("last", asked.get("last"))
    if last is None:
        since = moments.seconds("from", asked.get("from")) if asked.get("from") else None
        until = moments.seconds("to", asked.get("to")) if asked.get("to") else None
    else:
        since, until = last.since, last.until
    named = asked.get("org_id") if asked.get("org_id") is not None else asked.get("org")
    return Sought(
        context=context,
        items=items,
        types=_types(asked.get("type")),
        since=since,
        until=until,
        orgs=terms.read("org_id", named),
        source=terms.read("source", asked.get("source")),
        limit=coercion.integer("limit", asked.get("limit"), 1, MOST_PER_PAGE),
        page=coercion.integer("page", asked.get("page"), 1, MOST_PER_PAGE) or 1,
    )


def _types(raw: Any) -> list[int] | None:
    if raw is None or raw == "":
        return None
    several = raw if isinstance(raw, list) else [raw]
    return [coercion.integer("type", one, 0, 2) or 0 for one in several]


def _shower(asked: dict[str, Any]) -> Callable[[Hit], dict[str, Any]]:
    uuids, attribute, event = (
        coercion.flag(name, asked.get(name))
        for name in ("includeUuid", "includeAttribute", "includeEvent")
    )

    def show(hit: Hit) -> dict[str, Any]:
        made: dict[str, Any] = {
            "id": str(hit.id), "attribute_id": str(hit.attribute_id),
            "event_id": str(hit.event_id), "org_id": str(hit.org_id),
            "date_sighting": str(hit.date_sighting), "uuid": hit.uuid, "source": hit.source,
            "type": str(hit.type), "value": hit.value,
        }  # fmt: skip
        if uuids:
            made |= {"attribute_uuid": hit.attribute_uuid, "event_uuid": hit.event_uuid}
        if attribute:
            made["Attribute"] = _attribute(hit)
        if event:
            made["Event"] = _event(hit)
        made["Organisation"] = {
            "id": str(hit.org_id), "uuid": hit.org_uuid, "name": hit.org_name,
        }  # fmt: skip
        return made

    return show


def _attribute(hit: Hit) -> dict[str, Any]:
    return {
        "id": str(hit.attribute_id), "uuid": hit.attribute_uuid, "type": hit.attribute_type,
        "category": hit.category, "to_ids": hit.to_ids, "value": hit.value,
    }  # fmt: skip


def _event(hit: Hit) -> dict[str, Any]:
    return {
        "id": str(hit.event_id), "uuid": hit.event_uuid, "orgc_id": str(hit.event_orgc_id),
        "org_id": str(hit.event_org_id), "info": hit.event_info,
        "Orgc": {"name": hit.event_orgc},
    }  # fmt: skip
