# SPDX-License-Identifier: EUPL-1.2
"""A STIX 1.x package (XML) -> an event of MISP's core format, as far as CybOX values go.

Observables of addresses, names, links, files and mails become attributes; campaigns, TTPs,
courses of action and relations do not, which the result says. A document type or an entity
is refused before anything is expanded.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

from brug.formats.stix.reading import Reading
from brug.formats.xml_reading import local_name, read_xml, text_of
from brug.model.errors import Invalid

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}type"
_SEPARATOR = "##comma##"
_PATHS = {
    "AddressObjectType": ("Address_Value",),
    "DomainNameObjectType": ("Value",),
    "HostnameObjectType": ("Hostname_Value",),
    "URIObjectType": ("Value",),
    "FileObjectType": ("File_Name", "Simple_Hash_Value"),
    "MutexObjectType": ("Name",),
    "EmailMessageObjectType": ("Subject",),
}
_BY_LENGTH = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
_NOT_TAKEN = ("TTP", "Campaign", "Threat_Actor", "Course_Of_Action", "Exploit_Target", "Incident")


def read_package(text: str) -> Reading:
    """Raises Invalid for what is no STIX package."""
    root = read_xml(text)
    if local_name(root) != "STIX_Package":
        raise Invalid("body", "a STIX package")
    title = next((text_of(one) for one in root.iter() if local_name(one) == "Title"), "")
    event: dict[str, Any] = {"info": title or "STIX 1 package", "Attribute": []}
    lost: Counter[str] = Counter()
    for one in root.iter():
        if local_name(one) == "Properties":
            found = list(_values(one))
            event["Attribute"] += found
            if not found:
                lost[str(one.get(_XSI, "an observable")).rpartition(":")[2]] += 1
        elif local_name(one) in _NOT_TAKEN and len(one):
            lost[local_name(one)] += 1
    version = str(root.get("version") or "1")
    return Reading(event, version, [f"{n} x {what}" for what, n in sorted(lost.items())])


def _values(properties: ET.Element) -> Iterator[dict[str, Any]]:
    kind = str(properties.get(_XSI, "")).rpartition(":")[2]
    category = properties.get("category", "")
    for one in properties.iter():
        if local_name(one) not in _PATHS.get(kind, ()):
            continue
        for value in filter(None, (part.strip() for part in text_of(one).split(_SEPARATOR))):
            found = _type(kind, local_name(one), category, value)
            if found:
                yield {"type": found, "value": value, "to_ids": True}


def _type(kind: str, element: str, category: str, value: str) -> str | None:
    if kind == "AddressObjectType":
        return {"e-mail": "email", "mac": "mac-address", "asn": "AS"}.get(category, "ip-dst")
    if element == "Simple_Hash_Value":
        return _BY_LENGTH.get(len(value))
    return {
        "DomainNameObjectType": "domain", "HostnameObjectType": "hostname",
        "URIObjectType": "url", "FileObjectType": "filename", "MutexObjectType": "mutex",
        "EmailMessageObjectType": "email-subject",
    }.get(kind)  # fmt: skip
