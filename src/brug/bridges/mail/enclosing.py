# SPDX-License-Identifier: EUPL-1.2
"""What is in the attachment of a letter: events as MISP gives and takes them, as far as they fit.

Mail servers take letters of some ten million bytes. An event is never cut: an attachment that is
there is one that MISP takes. What would be too large is packed; if that is too large as well, the
contents of files stay out of it, with their names and hashes still there; and if that does not
help, the attachment is left out. The letter says so, and how to have the rest.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec

from brug.bridges.crossing.messages import Message
from brug.formats.letter import Attachment

Form = Literal["whole", "packed", "no_files", "bare"]
# As whole as it can be comes first.
FORMS: tuple[Form, ...] = ("whole", "packed", "no_files", "bare")
LEFT_OUT = frozenset({"no_files", "bare"})


class Enclosed(msgspec.Struct, frozen=True):
    """The attachments, and the names of files whose contents are not in them."""

    attachments: tuple[Attachment, ...] = ()
    without: tuple[str, ...] = ()


def enclosed(events: Sequence[Message], form: Form) -> Enclosed:
    """One event, or a list of them."""
    if not events or form == "bare":
        return Enclosed()
    without: list[str] = []
    if form == "no_files":
        events = [_without_files(one, without) for one in events]
    if len(events) == 1:
        whole: Message = {"Event": events[0]}
        name = f"misp.event.{events[0]['uuid']}.json"
    else:
        whole = {"response": [{"Event": one} for one in events]}
        name = "misp.events.json"
    data = msgspec.json.encode(whole)
    if form == "whole":
        return Enclosed((Attachment(name, "application/json", data),))
    packed = Attachment(f"{name.removesuffix('.json')}.zip", "application/zip", _zip(name, data))
    return Enclosed((packed,), tuple(without))


def has_files(events: Sequence[Message]) -> bool:
    return any(one.get("data") for event in events for one in _attributes(event))


def _zip(name: str, data: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return held.getvalue()


def _without_files(event: Message, names: list[str]) -> Message:
    """A copy; what files are called is added to `names`."""

    def bare(several: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [_without_data(one) for one in several]

    names += [str(one.get("value", "")) for one in _attributes(event) if one.get("data")]
    copy = dict(event)
    if copy.get("Attribute"):
        copy["Attribute"] = bare(copy["Attribute"])
    if copy.get("Object"):
        copy["Object"] = [
            {**one, "Attribute": bare(one["Attribute"])} if one.get("Attribute") else one
            for one in copy["Object"]
        ]
    return copy


def _without_data(attribute: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attribute.items() if name != "data"}


def _attributes(event: Message) -> Iterator[dict[str, Any]]:
    yield from event.get("Attribute") or []
    for one in event.get("Object") or []:
        yield from one.get("Attribute") or []
