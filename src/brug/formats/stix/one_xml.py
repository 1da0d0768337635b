# SPDX-License-Identifier: EUPL-1.2
"""STIX 1.1.1 in XML, one related package an event."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import uuid4

from brug.formats.stix import package
from brug.formats.stix.cybox import NAMESPACES
from brug.formats.stix.package import Source, Thing
from brug.formats.xml import escaped

Read = Mapping[str, Any]
_INTENT = (
    '<stix:Package_Intent xsi:type="stixVocabs:PackageIntentVocab-1.0">Threat Report'
    "</stix:Package_Intent>"
)


def _header(title: str, handling: str = "") -> str:
    return (
        f"<stix:STIX_Header><stix:Title>{escaped(title)}</stix:Title>{_INTENT}{handling}"
        "</stix:STIX_Header>"
    )


def of_events(events: Iterable[Read], source: Source) -> Iterator[bytes]:
    """The package, piece by piece."""
    spaces = "".join(f' xmlns:{name}="{uri}"' for name, uri in NAMESPACES.items())
    yield (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<stix:STIX_Package{spaces}'
        f' xmlns:{source.prefix}="{escaped(source.namespace)}"'
        f' id="{source.prefix}:STIXPackage-{uuid4()}" version="1.1.1" timestamp="{source.now}">'
        f"{_header(f'Export from {source.name}')}<stix:Related_Packages>\n"
    ).encode()
    for event in events:
        yield _package(event, source).encode("utf-8", "replace")
    yield b"</stix:Related_Packages></stix:STIX_Package>\n"


def _package(event: Read, source: Source) -> str:
    uuid = event["uuid"]
    org = str(event["Orgc"]["name"])
    handling = _handling("stix:Handling", package.tags(event))
    when = package.moment(event.get("timestamp"))
    return (
        f'<stix:Related_Package><stix:Package id="{source.prefix}:STIXPackage-{uuid}"'
        f' version="1.1.1" timestamp="{when}">'
        f"{_header('Export from ' + org, handling)}<stix:Incidents>"
        f"{_incident(event, source, when)}</stix:Incidents></stix:Package>"
        "</stix:Related_Package>\n"
    )


def _incident(event: Read, source: Source, when: str) -> str:
    found = package.sort(event)
    info = escaped(str(event.get("info") or ""))
    org = str(event["Orgc"]["name"])
    reporter = f"<stixCommon:Identity><stixCommon:Name>{escaped(org)}</stixCommon:Name>"
    reporter += "</stixCommon:Identity>"
    head = (
        f'<stix:Incident id="{source.prefix}:Incident-{event["uuid"]}" timestamp="{when}"'
        f' xsi:type="incident:IncidentType"><incident:Title>{info}</incident:Title>'
    )
    status = (
        '<incident:Status xsi:type="stixVocabs:IncidentStatusVocab-1.0">'
        f"{package.status(event)}</incident:Status>"
    )
    reported = f"<incident:Reporter>{reporter}</incident:Reporter>"
    made = [head, _external_id(event), _discovered(event), reported, status]
    if found.indicators:
        made.append("<incident:Related_Indicators>")
        made += [_related_indicator(a, t, source, org) for a, t in found.indicators]
        made.append("</incident:Related_Indicators>")
    if found.observables:
        made.append("<incident:Related_Observables>")
        made += [_related_observable(a, t, source) for a, t in found.observables]
        made.append("</incident:Related_Observables>")
    made.append("<incident:History>")
    made += [
        '<incident:History_Item><incident:Journal_Entry time_precision="second">'
        f"{escaped(text)}</incident:Journal_Entry></incident:History_Item>"
        for text in package.journal(event, found.history)
    ]
    made.append("</incident:History>")
    made.append(f"<incident:Information_Source>{reporter}</incident:Information_Source>")
    return "".join([*made, "</stix:Incident>"])


def _external_id(event: Read) -> str:
    number = event.get("id")
    if not number:
        return ""
    return (
        f'<incident:External_ID source="MISP Event">{escaped(str(number))}</incident:External_ID>'
    )


def _discovered(event: Read) -> str:
    day = package.discovered(event)
    if not day:
        return ""
    return (
        f'<incident:Time><incident:Incident_Discovery precision="second">{escaped(day)}'
        "</incident:Incident_Discovery></incident:Time>"
    )


def _related_indicator(a: Read, found: Thing, source: Source, org: str) -> str:
    when = package.moment(a.get("timestamp"))
    title = escaped(package.title(a))
    said = escaped(str(a.get("comment") or "")) or title
    return (
        "<incident:Related_Indicator><stixCommon:Relationship>"
        f"{escaped(str(a['category']))}</stixCommon:Relationship>"
        f'<stixCommon:Indicator id="{source.prefix}:Indicator-{a["uuid"]}" timestamp="{when}"'
        f' xsi:type="indicator:IndicatorType"><indicator:Title>{title}</indicator:Title>'
        '<indicator:Type xsi:type="stixVocabs:IndicatorTypeVocab-1.1">'
        f"{found.shape.watchlist}</indicator:Type>"
        f"<indicator:Description>{said}</indicator:Description>"
        f"{_observable('indicator:Observable', a, found, source)}"
        f"{_handling('indicator:Handling', package.tags(a))}"
        '<indicator:Confidence><stixCommon:Value xsi:type="stixVocabs:HighMediumLowVocab-1.0">'
        "High</stixCommon:Value></indicator:Confidence>"
        "<indicator:Producer><stixCommon:Identity><stixCommon:Name>"
        f"{escaped(org)}</stixCommon:Name></stixCommon:Identity></indicator:Producer>"
        "</stixCommon:Indicator></incident:Related_Indicator>"
    )


def _related_observable(a: Read, found: Thing, source: Source) -> str:
    return (
        "<incident:Related_Observable><stixCommon:Relationship>"
        f"{escaped(str(a['category']))}</stixCommon:Relationship>"
        f"{_observable('stixCommon:Observable', a, found, source)}</incident:Related_Observable>"
    )


def _observable(element: str, a: Read, found: Thing, source: Source) -> str:
    shape = found.shape
    attributes = "".join(f' {name}="{value}"' for name, value in found.attributes)
    inside = "".join(
        f'<{shape.prefix}:{one.element} condition="Equals">{escaped(value)}'
        f"</{shape.prefix}:{one.element}>"
        for one, value in found.values
    )
    if found.hash:
        kind, value = found.hash
        inside += (
            "<FileObj:Hashes><cyboxCommon:Hash>"
            f'<cyboxCommon:Type xsi:type="cyboxVocabs:HashNameVocab-1.0">{kind}'
            "</cyboxCommon:Type>"
            f'<cyboxCommon:Simple_Hash_Value condition="Equals">{escaped(value)}'
            "</cyboxCommon:Simple_Hash_Value></cyboxCommon:Hash></FileObj:Hashes>"
        )
    return (
        f'<{element} id="{source.prefix}:Observable-{a["uuid"]}">'
        f'<cybox:Object id="{source.prefix}:{shape.name}-{a["uuid"]}">'
        f'<cybox:Properties xsi:type="{shape.prefix}:{shape.name}ObjectType"{attributes}>'
        f"{inside}</cybox:Properties></cybox:Object></{element}>"
    )


def _handling(element: str, tags: list[str]) -> str:
    marks = ""
    if colour := package.colour(tags):
        marks += (
            '<marking:Marking_Structure xsi:type="tlpMarking:TLPMarkingStructureType"'
            f' color="{colour}"/>'
        )
    for said in package.statements(tags):
        marks += (
            '<marking:Marking_Structure xsi:type="simpleMarking:SimpleMarkingStructureType">'
            f"<simpleMarking:Statement>{escaped(said)}</simpleMarking:Statement>"
            "</marking:Marking_Structure>"
        )
    if not marks:
        return ""
    scope = "<marking:Controlled_Structure>../../descendant-or-self::node()"
    return (
        f"<{element}><marking:Marking>{scope}</marking:Controlled_Structure>{marks}"
        f"</marking:Marking></{element}>"
    )
