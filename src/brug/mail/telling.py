# SPDX-License-Identifier: EUPL-1.2
"""What a letter tells of an event: made of an event as somebody sees it, or of a copy that crosses.

Both are written the same way; nothing is in a letter that is not in here. What somebody wrote
never ends a line: it could go on with one that looks like the node's own, such as a link.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from brug.formats.letter import unbroken
from brug.model import tlp
from brug.model.event import Attribute, Event

MOST_ATTRIBUTES = 200
LONGEST_VALUE = 500
Document = dict[str, Any]
Say = Callable[..., str]


class Item(msgspec.Struct, frozen=True):
    """One attribute."""

    type: str
    value: str
    for_detection: bool
    tags: list[str]
    comment: str = ""


class Told(msgspec.Struct, frozen=True):
    """An event, as far as a letter says it; `label` is the strictest TLP on any of it, or ""."""

    uuid: str
    info: str
    organisation: str
    organisation_uuid: str
    date: str
    threat_level: int
    tags: list[str]
    items: list[Item]
    reports: list[str]

    @property
    def label(self) -> str:
        return strictest([*self.tags, *(tag for one in self.items for tag in one.tags)])


def strictest(tags: Sequence[str]) -> str:
    """The label of these tags, or "" where none is one."""
    return tlp.strictest(tags) if any(map(tlp.label_of, tags)) else ""


def of_event(event: Event) -> Told:
    """As the reader's session sees it."""
    inside = [item for one in event.objects for item in one.attributes]
    head = event.head
    return Told(
        head.uuid, unbroken(head.info), unbroken(event.orgc.name), event.orgc.uuid, head.date,
        head.threat_level_id, [unbroken(tag.name) for tag in event.tags],
        [_item(one) for one in [*event.attributes, *inside]],
        [unbroken(one.name) for one in event.reports if not one.deleted],
    )  # fmt: skip


def _item(one: Attribute) -> Item:
    value = f"{one.value1}|{one.value2}" if one.value2 else one.value1
    return Item(
        one.type, unbroken(value), one.to_ids, [unbroken(tag.name) for tag in one.tags],
        unbroken(one.comment),
    )  # fmt: skip


def of_document(document: Document) -> Told:
    """Of MISP's core format, such as what the gate lets cross; what is deleted is not told."""
    inside = [a for one in _rows(document, "Object") for a in _rows(one, "Attribute")]
    creator = document.get("Orgc") or {}
    return Told(
        str(document.get("uuid", "")),
        _text(document, "info"),
        _text(creator, "name"),
        str(creator.get("uuid", "")),
        str(document.get("date", "")),
        int(document.get("threat_level_id") or 4),
        _tags(document),
        [
            Item(
                _text(one, "type"), _text(one, "value"), _is(one.get("to_ids")), _tags(one),
                _text(one, "comment"),
            )
            for one in [*_rows(document, "Attribute"), *inside]
        ],
        [_text(one, "name") for one in _rows(document, "EventReport")],
    )  # fmt: skip


def _rows(document: Document, name: str) -> list[Document]:
    return [one for one in document.get(name) or [] if not _is(one.get("deleted"))]


def _tags(item: Document) -> list[str]:
    return [_text(tag, "name") for tag in item.get("Tag") or []]


def _text(item: Document, name: str) -> str:
    return unbroken(str(item.get(name) or ""))


def _is(value: Any) -> bool:
    return value is True or str(value) == "1"


def lines(told: Told, say: Say, ceiling: str, *, comments: bool = False) -> list[str]:
    """What it says; attributes marked above the ceiling are counted instead."""
    levels = say("levels").split(",")
    level = levels[min(max(told.threat_level, 1), len(levels)) - 1]
    found = [
        f"{say('info')}: {told.info}",
        f"{say('organisation')}: {told.organisation}",
        f"{say('date')}: {told.date}",
        f"{say('threat_level')}: {level}",
    ]
    if told.tags:
        found.append(f"{say('tags')}: {', '.join(told.tags)}")
    return [*found, "", *_items(told, say, ceiling, comments=comments)]


def _items(told: Told, say: Say, ceiling: str, *, comments: bool) -> list[str]:
    labels = [(one, tlp.strictest(one.tags, "clear")) for one in told.items]
    shown = [one for one, label in labels if not tlp.is_above(label, ceiling)]
    found = [f"{say('attributes')}: {len(told.items)}"]
    found += [_line(one, say, comments=comments) for one in shown[:MOST_ATTRIBUTES]]
    if len(shown) > MOST_ATTRIBUTES:
        found.append(say("more", count=len(shown) - MOST_ATTRIBUTES))
    if len(shown) < len(told.items):
        found.append(say("withheld", count=len(told.items) - len(shown)))
    return found


def _line(one: Item, say: Say, *, comments: bool) -> str:
    noted = f" ({say('for_detection')})" if one.for_detection else ""
    said = f" — {one.comment[:LONGEST_VALUE]}" if comments and one.comment else ""
    return f"- {one.type}: {one.value[:LONGEST_VALUE]}{noted}{said}"
