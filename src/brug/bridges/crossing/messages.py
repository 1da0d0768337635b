# SPDX-License-Identifier: EUPL-1.2
"""What travels: one JSON object a message, its bytes the same on both sides.

Keys are sorted and nothing is between them, so that a digest of what was sent is a digest of
what arrived.
"""

import hashlib
from typing import Any

import msgspec

from brug.formats import json_text

Message = dict[str, Any]
_encoder = msgspec.json.Encoder(order="deterministic")


def encoded(message: Message) -> bytes:
    return _encoder.encode(message)


def storable(message: Message) -> bytes:
    """The message's bytes, if a table can hold all that is in it. Raises Malformed."""
    return json_text.storable_bytes(message, _encoder)


def digest(message: Message) -> bytes:
    """SHA-256 of the message's bytes."""
    return hashlib.sha256(encoded(message)).digest()


class Written(msgspec.Struct, frozen=True):
    """A message with its bytes, which are written once."""

    message: Message
    data: bytes
    digest: bytes


def written(message: Message) -> Written:
    data = encoded(message)
    return Written(message, data, hashlib.sha256(data).digest())


def of_event(
    document: Message, *, redacted: bool, agreement: int | None, gone: Message | None = None
) -> Message:
    """The event as the partner is to hold it; a copy from which something was removed says so.

    `gone` names what the partner has had of it and is to have no more.
    """
    more = {} if gone is None else {"gone": gone}
    return more | {
        "kind": "event",
        "event_uuid": document["uuid"],
        "version": int(document.get("timestamp") or 0),
        "redacted": redacted,
        "agreement": agreement,
        "event": document,
    }


def of_withdrawal(event_uuid: str, version: int) -> Message:
    """The event is no longer the partner's to have."""
    return {"kind": "withdrawal", "event_uuid": event_uuid, "version": version}


def of_reactions(event_uuid: str, version: int, said: Message) -> Message:
    """Sightings, proposals and notes on an event that the partner's organisation made."""
    return {"kind": "reactions", "event_uuid": event_uuid, "version": version, "said": said}


def of_recall(event_uuid: str, version: int, because: str) -> Message:
    """The partner is asked to stop using and delete the event."""
    return {
        "kind": "recall",
        "event_uuid": event_uuid,
        "version": version,
        "because": because,
    }


def of_recall_followed(event_uuid: str, outcome: str) -> Message:
    """What a person did about a recall."""
    return {
        "kind": "recall_followed",
        "event_uuid": event_uuid,
        "version": 0,
        "outcome": outcome,
    }
