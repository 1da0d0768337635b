# SPDX-License-Identifier: EUPL-1.2
"""Attributes on which nothing hangs, as nodes write them to each other: every field, in order.

Of 100,000 that cross a bridge nearly all are so. As records they take far less room than as
documents, are written sooner, and need not be looked into for what hangs on them. What a field
holds beyond its type is asked as of any attribute.
"""

from typing import Annotated, Any

import msgspec

from brug.formats import json_text
from brug.formats.misp import coercion as c
from brug.model.attribute_types import check
from brug.model.new_event import NewAttribute

_Nothing = Annotated[list[Any], msgspec.Meta(max_length=0)]
_LEVELS = frozenset({0, 1, 2, 3, 5})  # a sharing group is named beside


class Bare(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """Its fields are sorted by name, as a message's are."""

    Galaxy: _Nothing
    ShadowAttribute: _Nothing
    category: str
    comment: str
    deleted: bool
    disable_correlation: bool
    distribution: int
    first_seen: str | None
    last_seen: str | None
    object_relation: str | None
    timestamp: str
    to_ids: bool
    type: str
    uuid: str
    value: str


_messages = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_bare = msgspec.json.Decoder(list[Bare])
_anything = msgspec.json.Decoder()


def decode(raw: bytes) -> Any:
    """The JSON of messages; where all attributes of an event itself are bare, they are records.

    Raises Malformed.
    """
    try:
        return [
            {
                name: _event(value) if name == "event" else _anything.decode(value)
                for name, value in message.items()
            }
            for message in _messages.decode(raw)
        ]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return json_text.decode(raw)  # which no list of messages with events has to be


def _event(raw: msgspec.Raw) -> dict[str, Any]:
    return {
        name: _attributes(value) if name == "Attribute" else _anything.decode(value)
        for name, value in _fields.decode(raw).items()
    }


def _attributes(raw: msgspec.Raw) -> Any:
    try:
        return _bare.decode(raw)
    except msgspec.ValidationError:
        return _anything.decode(raw)


def document(item: Any) -> Any:
    """An attribute as a document, if it is none."""
    return msgspec.structs.asdict(item) if type(item) is Bare else item


def with_documents(message: Any) -> Any:
    """A message for whoever looks into attributes by name."""
    event = message.get("event") if isinstance(message, dict) else None
    if isinstance(event, dict):
        several = event.get("Attribute")
        if isinstance(several, list) and Bare in set(map(type, several)):
            return message | {"event": event | {"Attribute": list(map(document, several))}}
    return message


def read(one: Bare) -> NewAttribute | None:
    """The attribute, or None where it is to be read with care, which gives the same for these and
    takes half as long again. Raises Refused.
    """
    comment = one.comment
    if (
        one.deleted
        or one.disable_correlation
        or one.object_relation is not None
        or one.first_seen is not None
        or one.last_seen is not None
        or one.distribution not in _LEVELS
        or not one.category
        or not comment.isascii()
        or "\0" in comment
        or not c.is_uuid(one.uuid)
        or not c.is_epoch(one.timestamp)
    ):
        return None
    checked = check(one.type, one.value, one.category, one.to_ids)
    return NewAttribute(
        one.uuid.lower(), checked.type, checked.category, checked.to_ids, checked.value1,
        checked.value2, int(one.timestamp), one.distribution, None, comment,
    )  # fmt: skip
