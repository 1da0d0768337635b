# SPDX-License-Identifier: EUPL-1.2
"""STIX 1.1.1 in the JSON that a stock MISP answers with: the same things, other brackets."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import uuid4

import msgspec

from brug.formats.stix import package
from brug.formats.stix.package import Source, Thing

Read = Mapping[str, Any]
Json = dict[str, Any]
_OBSERVABLES = {"cybox_major_version": "2", "cybox_minor_version": "1", "cybox_update_version": "0"}
# What the reader of an indicator expects to be there.
_EMPTY = (
    "suggested_coas", "sightings", "kill_chain_phases", "related_indicators",
    "related_campaigns", "related_packages",
)  # fmt: skip
_NONE_RELATED = ("related_incidents", "related_packages", "leveraged_ttps")
_CONFIDENCE = "The attribute is marked for detection"


def _header(title: str) -> Json:
    intent = {"value": "Threat Report", "xsi:type": "stixVocabs:PackageIntentVocab-1.0"}
    return {"package_intent": [intent], "title": title}


def of_events(events: Iterable[Read], source: Source) -> Iterator[bytes]:
    """The package, piece by piece."""
    head = {
        "id": f"{source.prefix}:STIXPackage-{uuid4()}", "version": "1.1.1",
        "stix_header": _header(f"Export from {source.name}'s MISP"),
        "observables": _OBSERVABLES, "timestamp": source.now,
    }  # fmt: skip
    yield msgspec.json.encode(head)[:-1] + b',"related_packages":{"related_packages":['
    between = b""
    for event in events:
        yield between + msgspec.json.encode({"package": _package(event, source)})
        between = b","
    yield b"]}}"


def _package(event: Read, source: Source) -> Json:
    made: Json = {
        "id": f"{source.prefix}:STIXPackage-{event['uuid']}", "version": "1.1.1",
        "stix_header": _header(f"Export from {event['Orgc']['name']}'s MISP"),
        "observables": _OBSERVABLES, "incidents": [_incident(event, source)],
        "timestamp": package.moment(event.get("timestamp")),
    }  # fmt: skip
    if handling := _handling(package.tags(event)):
        made["stix_header"]["handling"] = handling
    return made


def _incident(event: Read, source: Source) -> Json:
    found = package.sort(event)
    org = str(event["Orgc"]["name"])
    status = {"value": package.status(event), "xsi:type": "stixVocabs:IncidentStatusVocab-1.0"}
    made: Json = {
        "id": f"{source.prefix}:Incident-{event['uuid']}", "title": str(event.get("info") or ""),
        "timestamp": package.moment(event.get("timestamp")), "related_indicators": {},
        "related_observables": {}, "status": status,
        "information_source": {"identity": {"name": org}}, "reporter": {"identity": {"name": org}},
    } | {name: {} for name in _NONE_RELATED}  # fmt: skip
    if day := package.discovered(event):
        made["time"] = {"incident_discovery": day}
    if event.get("id"):
        made["external_ids"] = [{"value": str(event["id"]), "source": "MISP Event"}]
    if found.indicators:
        several = [_related(a, "indicator", _indicator(a, t, source, org))
                   for a, t in found.indicators]  # fmt: skip
        made["related_indicators"] = {"indicators": several}
    if found.observables:
        several = [_related(a, "observable", _observable(a, t, source))
                   for a, t in found.observables]  # fmt: skip
        made["related_observables"] = {"observables": several}
    entries = [
        {"journal_entry": {"value": text, "time_precision": "second"}}
        for text in package.journal(event, found.history)
    ]
    made["history"] = {"history_items": entries}
    return made


def _related(a: Read, name: str, item: Json) -> Json:
    return {"relationship": a["category"], name: item}


def _indicator(a: Read, found: Thing, source: Source, org: str) -> Json:
    title = package.title(a)
    kind = {"value": found.shape.watchlist, "xsi:type": "stixVocabs:IndicatorTypeVocab-1.1"}
    made: Json = {
        "id": f"{source.prefix}:Indicator-{a['uuid']}", "title": title,
        "description": a.get("comment") or title,
        "timestamp": package.moment(a.get("timestamp")),
        "observable": _observable(a, found, source), "indicator_types": [kind],
        "producer": {"identity": {"name": org}}, "confidence": {
            "timestamp": package.moment(a.get("timestamp")), "timestamp_precision": "second",
            "value": "High", "description": _CONFIDENCE,
        },
        "valid_time_positions": [{}],
    } | {name: {} for name in _EMPTY}  # fmt: skip
    if handling := _handling(package.tags(a)):
        made["handling"] = handling
    return made


def _observable(a: Read, found: Thing, source: Source) -> Json:
    shape = found.shape
    properties: Json = {
        one.key: {"value": value, "condition": "Equals"} for one, value in found.values
    }
    properties |= {name: _flag(value) for name, value in found.attributes}
    if found.hash:
        kind, value = found.hash
        properties["hashes"] = [
            {
                "type": {
                    "value": kind,
                    "condition": "Equals",
                    "xsi:type": "cyboxVocabs:HashNameVocab-1.0",
                },
                "simple_hash_value": {"value": value, "condition": "Equals"},
            }
        ]
    properties["xsi:type"] = f"{shape.name}ObjectType"
    inside = {"id": f"{source.prefix}:{shape.name}-{a['uuid']}", "properties": properties}
    return {"id": f"{source.prefix}:Observable-{a['uuid']}", "object": inside}


def _flag(value: str) -> str | bool:
    return value == "true" if value in {"true", "false"} else value


def _handling(tags: list[str]) -> list[Json]:
    marks: list[Json] = []
    if colour := package.colour(tags):
        marks.append({"color": colour, "xsi:type": "tlpMarking:TLPMarkingStructureType"})
    marks += [
        {"statement": said, "xsi:type": "simpleMarking:SimpleMarkingStructureType"}
        for said in package.statements(tags)
    ]
    return [{"marking_structures": marks}] if marks else []
