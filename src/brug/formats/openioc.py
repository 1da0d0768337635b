# SPDX-License-Identifier: EUPL-1.2
"""OpenIOC 1.0 (schemas.mandiant.com/2010/ioc): one definition in which any item is enough."""

from typing import NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from brug.formats.sensors.indicator import Indicator, Section, SensorFormat, Settings
from brug.formats.sensors.kinds import PIECES
from brug.formats.xml import escaped


class Item(NamedTuple):
    """Where a kind of value is looked for, and the type of its content."""

    document: str
    search: str
    content: str


ITEMS = {
    "ip-src": Item("PortItem", "PortItem/remoteIP", "IP"),
    "ip-dst": Item("RouteEntryItem", "RouteEntryItem/Destination", "IP"),
    "domain": Item("Network", "Network/DNS", "string"),
    "hostname": Item("RouteEntryItem", "RouteEntryItem/Destination", "string"),
    "url": Item("UrlHistoryItem", "UrlHistoryItem/URL", "string"),
    "user-agent": Item("Network", "Network/UserAgent", "string"),
    "md5": Item("FileItem", "FileItem/Md5sum", "md5"),
    "sha1": Item("FileItem", "FileItem/Sha1sum", "sha1"),
    "sha256": Item("FileItem", "FileItem/Sha256sum", "sha256"),
    "filename": Item("FileItem", "FileItem/FileName", "string"),
    "email": Item("Email", "Email/From", "string"),
    "email-src": Item("Email", "Email/From", "string"),
    "email-dst": Item("Email", "Email/To", "string"),
    "email-subject": Item("Email", "Email/Subject", "string"),
    "email-attachment": Item("Email", "Email/Attachment/Name", "string"),
    "mutex": Item("ProcessItem", "ProcessItem/HandleList/Handle/Name", "string"),
    "regkey": Item("RegistryItem", "RegistryItem/KeyPath", "string"),
    "snort": Item("Snort", "Snort/Snort", "string"),
    "yara": Item("Yara", "Yara/Yara", "string"),
}

_HEAD = """\
<?xml version="1.0" encoding="utf-8"?>
<ioc xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xmlns:xsd="http://www.w3.org/2001/XMLSchema" id="{ioc}" last-modified="{now}" \
xmlns="http://schemas.mandiant.com/2010/ioc">
  <short_description>Filtered indicator list</short_description>
  <description>Filtered indicator list</description>
  <keywords />
  <authored_by>{node}</authored_by>
  <authored_date>{now}</authored_date>
  <links />
  <definition>
    <Indicator operator="OR" id="{top}">
"""
_TAIL = "    </Indicator>\n  </definition>\n</ioc>\n"
_ITEM = """\
{pad}<IndicatorItem id="{id}" condition="is">
{pad}  <Context document="{at.document}" search="{at.search}" type="mir" />
{pad}  <Content type="{at.content}">{value}</Content>
{pad}</IndicatorItem>
"""


def _head(settings: Settings) -> str:
    ioc = uuid5(NAMESPACE_URL, f"{settings.base_url} {settings.now}")
    return _HEAD.format(
        ioc=ioc, top=uuid5(ioc, "definition"), now=settings.now[:19], node=escaped(settings.node)
    )


def lines(i: Indicator, _: Settings, kinds: frozenset[str]) -> str:
    """An item, or all items of a composite value together."""
    parts: dict[int, Item] = {}
    for piece in PIECES.get(i.type, ()):
        if piece.kind in kinds and i.part(piece.part):
            parts.setdefault(piece.part, ITEMS[piece.kind])
    if len(parts) < 2:
        return "".join(
            _ITEM.format(pad=" " * 6, id=i.uuid, at=at, value=escaped(i.part(number)))
            for number, at in parts.items()
        )
    inside = "".join(
        _ITEM.format(
            pad=" " * 8, id=uuid5(UUID(i.uuid), str(number)), at=at, value=escaped(i.part(number))
        )
        for number, at in parts.items()
    )
    return f'      <Indicator operator="AND" id="{i.uuid}">\n{inside}      </Indicator>\n'


FORMAT = SensorFormat(
    "application/xml; charset=UTF-8", "xml", "alert",
    (Section(frozenset(ITEMS)),),
    lambda settings: settings,
    _head,
    lines,
    lambda _: _TAIL,
    meaning="OpenIOC 1.0",
)  # fmt: skip
