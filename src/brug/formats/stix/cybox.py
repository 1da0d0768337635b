# SPDX-License-Identifier: EUPL-1.2
"""Attribute types -> CybOX 2.1 objects: one table, for the XML and the JSON of STIX 1.1.1."""

from typing import NamedTuple


class Property(NamedTuple):
    """A property: its element, and its key in JSON (both of `prefix`)."""

    element: str
    key: str
    part: int = 1


class CyboxObject(NamedTuple):
    """An object type: `prefix`Obj:`name`ObjectType with properties and attributes."""

    prefix: str
    name: str
    properties: tuple[Property, ...]
    attributes: tuple[tuple[str, str], ...] = ()
    watchlist: str = "Malware Artifacts"


class Hash(NamedTuple):
    """A file with a hash in one part of the value and perhaps a name in another."""

    type: str
    part: int
    name_part: int = 0


def _address(source: str) -> CyboxObject:
    flags = (("is_source", source), ("is_destination", "false" if source == "true" else "true"))
    return CyboxObject(
        "AddressObj", "Address", (Property("Address_Value", "address_value"),), flags,
        "IP Watchlist",
    )  # fmt: skip


_DOMAIN = CyboxObject(
    "DomainNameObj", "DomainName", (Property("Value", "value"),), (), "Domain Watchlist"
)
_URI = CyboxObject(
    "URIObj", "URI", (Property("Value", "value"),), (("type", "URL"),), "URL Watchlist"
)
_EMAIL = CyboxObject(
    "AddressObj", "Address", (Property("Address_Value", "address_value"),),
    (("category", "e-mail"),), "Malicious E-mail",
)  # fmt: skip
OBJECTS: dict[str, CyboxObject] = {
    "ip-src": _address("true"), "ip-dst": _address("false"),
    "ip-src|port": _address("true"), "ip-dst|port": _address("false"),
    "domain": _DOMAIN, "domain|ip": _DOMAIN,
    "hostname": CyboxObject(
        "HostnameObj", "Hostname", (Property("Hostname_Value", "hostname_value"),), (),
        "Domain Watchlist",
    ),
    "url": _URI, "uri": _URI, "link": _URI,
    "email": _EMAIL, "email-src": _EMAIL, "email-dst": _EMAIL,
    "filename": CyboxObject("FileObj", "File", (Property("File_Name", "file_name"),)),
    "mutex": CyboxObject("MutexObj", "Mutex", (Property("Name", "name"),)),
    "regkey": CyboxObject("WinRegistryKeyObj", "WindowsRegistryKey", (Property("Key", "key"),)),
}  # fmt: skip
_HASHES = {
    "md5": "MD5", "sha1": "SHA1", "sha224": "SHA224", "sha256": "SHA256", "sha384": "SHA384",
    "sha512": "SHA512", "ssdeep": "SSDEEP",
}  # fmt: skip
HASHES: dict[str, Hash] = {name: Hash(named, 1) for name, named in _HASHES.items()} | {
    f"filename|{name}": Hash(named, 2, 1) for name, named in _HASHES.items()
}

NAMESPACES = {
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "stix": "http://stix.mitre.org/stix-1",
    "stixCommon": "http://stix.mitre.org/common-1",
    "stixVocabs": "http://stix.mitre.org/default_vocabularies-1",
    "incident": "http://stix.mitre.org/Incident-1",
    "indicator": "http://stix.mitre.org/Indicator-2",
    "marking": "http://data-marking.mitre.org/Marking-1",
    "tlpMarking": "http://data-marking.mitre.org/extensions/MarkingStructure#TLP-1",
    "simpleMarking": "http://data-marking.mitre.org/extensions/MarkingStructure#Simple-1",
    "cybox": "http://cybox.mitre.org/cybox-2",
    "cyboxCommon": "http://cybox.mitre.org/common-2",
    "cyboxVocabs": "http://cybox.mitre.org/default_vocabularies-2",
    "AddressObj": "http://cybox.mitre.org/objects#AddressObject-2",
    "DomainNameObj": "http://cybox.mitre.org/objects#DomainNameObject-1",
    "HostnameObj": "http://cybox.mitre.org/objects#HostnameObject-1",
    "URIObj": "http://cybox.mitre.org/objects#URIObject-2",
    "FileObj": "http://cybox.mitre.org/objects#FileObject-2",
    "MutexObj": "http://cybox.mitre.org/objects#MutexObject-2",
    "WinRegistryKeyObj": "http://cybox.mitre.org/objects#WinRegistryKeyObject-2",
}
