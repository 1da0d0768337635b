# SPDX-License-Identifier: EUPL-1.2
"""OpenIOC 1.0 and 1.1 -> fields of attributes, as far as its terms are values.

A definition is a tree of items that are joined by OR and AND. An item that is enough by
itself becomes an attribute; a name with its digest, a key with its value, a name with its
address become one attribute together. What says something only together with others, or
names only a part of a value, is kept and is not for detection; what must not be there, and
terms that no attribute has a type for, are left out and named.
Terms: schemas.mandiant.com/2010/ioc, github.com/fireeye/OpenIOC_1.1.
"""

from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any
from xml.etree import ElementTree as ET

import msgspec

from brug.formats.xml_reading import local_name, read_xml, text_of
from brug.model.errors import Invalid

DEEPEST = 40
COMMENT = "OpenIOC import"
# What a term is, by the end of its path; of several that fit the longest counts.
TERMS = {
    "FileItem/FileName": "filename", "FileItem/FullPath": "filename",
    "DriverItem/DriverName": "filename", "ProcessItem/path": "filename",
    "ProcessItem/name": "filename", "FileItem/Md5sum": "md5", "FileItem/Sha1sum": "sha1",
    "FileItem/Sha256sum": "sha256", "DriverItem/Md5sum": "md5", "DriverItem/Sha1sum": "sha1",
    "DriverItem/Sha256sum": "sha256", "TaskItem/md5sum": "md5", "TaskItem/sha1sum": "sha1",
    "TaskItem/sha256sum": "sha256", "FileItem/PEInfo/DetectedAnomalies/string": "pattern-in-file",
    "FileItem/StringList/string": "pattern-in-file", "PortItem/remoteIP": "ip-src",
    "PortItem/remotePort": "port", "RouteEntryItem/Gateway": "ip-dst",
    "RouteEntryItem/Destination": "ip-dst", "DnsEntryItem/Host": "hostname",
    "DnsEntryItem/RecordName": "hostname", "DnsEntryItem/RecordData/Host": "hostname",
    "DnsEntryItem/RecordData/IPv4Address": "ip-dst", "Network/DNS": "domain",
    "Network/URI": "uri", "Network/UserAgent": "user-agent", "Email/To": "email-dst",
    "Email/From": "email-src", "Email/Subject": "email-subject",
    "Email/Attachment/Name": "email-attachment", "UrlHistoryItem/URL": "url",
    "UrlHistoryItem/VisitFrom": "url", "FileDownloadHistoryItem/SourceURL": "url",
    "FormHistoryItem/FormSubmitURL": "url", "UrlHistoryItem/HostName": "hostname",
    "FormHistoryItem/HostName": "hostname", "CookieHistoryItem/HostName": "hostname",
    "SystemInfoItem/hostname": "hostname", "RegistryItem/KeyPath": "regkey",
    "RegistryItem/Path": "regkey", "RegistryItem/Modified": "regkey",
    "RegistryItem/Text": "value", "RegistryItem/Value": "value",
    "ProcessItem/HandleList/Handle/Name": "mutex", "ServiceItem/name": "windows-service-name",
    "ServiceItem/descriptiveName": "windows-service-displayname", "Snort/Snort": "snort",
    "Yara/Yara": "yara", "TaskItem/Comment": "comment",
    # What is looked for as it happens (FireEye HX).
    "fileWriteEvent/fileName": "filename", "fileWriteEvent/fullPath": "filename",
    "fileWriteEvent/md5": "md5", "processEvent/process": "filename",
    "processEvent/processPath": "filename", "processEvent/md5": "md5",
    "imageLoadEvent/fileName": "filename", "imageLoadEvent/fullPath": "filename",
    "regKeyEvent/path": "regkey", "ipv4NetworkEvent/remoteIP": "ip-dst",
    "dnsLookupEvent/hostname": "hostname", "urlMonitorEvent/hostname": "hostname",
}  # fmt: skip
_TERMS = {path.lower(): kind for path, kind in TERMS.items()}
_HASHES = ("md5", "sha1", "sha256")
# Items that one AND joins and that one attribute says.
PAIRS = {
    **{("filename", name): f"filename|{name}" for name in _HASHES},
    ("regkey", "value"): "regkey|value",
    ("domain", "ip-src"): "domain|ip", ("domain", "ip-dst"): "domain|ip",
    ("hostname", "ip-src"): "domain|ip", ("hostname", "ip-dst"): "domain|ip",
    ("ip-src", "port"): "ip-src|port", ("ip-dst", "port"): "ip-dst|port",
}  # fmt: skip
_EXACT, _PARTLY = {"is", "matches"}, {"contains", "starts-with", "ends-with"}


class Read(msgspec.Struct):
    """`items`: fields of attributes; `left`: what was not taken, with how often."""

    title: str
    about: str
    items: list[dict[str, Any]]
    left: list[str]


class _Item(msgspec.Struct, frozen=True):
    """One term with its value; `kind` is None where no type of attribute fits."""

    search: str
    kind: str | None
    value: str
    exact: bool


def read_openioc(text: str) -> Read:
    """Raises Invalid for what is no OpenIOC document."""
    root = read_xml(text)
    if local_name(root) not in {"ioc", "OpenIOC"}:
        raise Invalid("body", "an OpenIOC document (ioc or OpenIOC)")
    said = {local_name(one): text_of(one) for part in (root, *root) for one in part}
    walk = _Walk()
    for top in root:
        if local_name(top) in {"definition", "criteria"}:
            walk.branch(top, alone=True, depth=0)
    by = ", ".join(filter(None, (said.get("authored_by"), said.get("authored_date"))))
    about = " ".join(said.get("description", "").split())
    left = [f"{count} x {what}" for what, count in sorted(walk.left.items())]
    title = said.get("short_description", "") or "OpenIOC"
    return Read(f"{title} ({by})" if by else title, about, walk.items, left)


class _Walk:
    """Goes through the tree; `alone`: whether an item found there is enough by itself."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.left: Counter[str] = Counter()

    def branch(self, branch: ET.Element, *, alone: bool, depth: int) -> None:
        if depth > DEEPEST:
            raise Invalid("body", f"a definition of at most {DEEPEST} levels")
        inside = [one for one in branch if local_name(one) in {"Indicator", "IndicatorItem"}]
        joined = branch.get("operator", "OR").upper() == "AND" and len(inside) > 1
        enough = alone and not joined
        found = {place: item for place, one in enumerate(inside) for item in self._item(one)}
        if joined and len(found) == len(inside) == 2 and (pair := _pair(found[0], found[1])):
            self._add(pair, found[0].exact and found[1].exact, alone=alone)
            return
        for place, one in enumerate(inside):
            if local_name(one) == "Indicator":
                self.branch(one, alone=enough, depth=depth + 1)
            elif item := found.get(place):
                self._single(item, alone=enough)

    def _single(self, item: _Item, *, alone: bool) -> None:
        if item.kind is None or item.kind == "value":
            self.left[item.search] += 1
        else:
            self._add({"type": item.kind, "value": item.value}, item.exact, alone=alone)

    def _add(self, fields: dict[str, Any], exact: bool, *, alone: bool) -> None:
        why = "" if exact else ", part of a value"
        why += "" if alone else ", only together with others"
        if why:
            fields["to_ids"] = False
        self.items.append(fields | {"comment": COMMENT + why})

    def _item(self, one: ET.Element) -> Iterator[_Item]:
        """The item that an element is, unless it says what must not be there."""
        if local_name(one) != "IndicatorItem":
            return
        parts = {local_name(part): part for part in one}
        context = parts.get("Context")
        search = "" if context is None else context.get("search", "")
        value = text_of(parts.get("Content"))
        condition = one.get("condition", "is").lower()
        known = condition in _EXACT | _PARTLY
        if one.get("negate", "false").lower() == "true" or not known or not value:
            self.left[f"{search[:100]} {condition[:40]}"] += 1
        else:
            yield _Item(search[:100], _kind(search, value), value, condition in _EXACT)


def _kind(search: str, value: str) -> str | None:
    parts = search.lower().split("/")
    ends = ("/".join(parts[start:]) for start in range(len(parts)))
    kind = next((_TERMS[end] for end in ends if end in _TERMS), None)
    if kind in {"ip-src", "ip-dst"} and not _is_address(value):
        return "hostname"
    return kind


def _is_address(value: str) -> bool:
    try:
        ip_address(value.partition("/")[0])
    except ValueError:
        return False
    return True


def _pair(one: _Item, other: _Item) -> dict[str, Any] | None:
    for first, second in ((one, other), (other, one)):
        kind = PAIRS.get((first.kind or "", second.kind or ""))
        if kind:
            return {"type": kind, "value": f"{first.value}|{second.value}"}
    return None
