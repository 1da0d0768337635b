# SPDX-License-Identifier: EUPL-1.2
"""A feed as MISP and PyMISP write one: manifest.json, hashes.csv, an event a file.

The manifest says by UUID what each event is and when it changed; only a UUID becomes part
of an address, so no path can be. Hashes are MD5 of values, of each part where a value has
two (PyMISP's `hash_values`), with the event's UUID.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

import msgspec

from brug.formats.json_text import Malformed, decode, storable
from brug.model.errors import Invalid
from brug.model.naming import is_uuid

MANIFEST, HASHES = "manifest.json", "hashes.csv"
NO_EVENT = UUID(int=0)
_LATEST = 2**31 - 1
# What of an event stays with the node that holds it, as PyMISP's `to_feed` leaves it out.
_LOCAL = frozenset(
    {
        "id", "org_id", "orgc_id", "user_id", "event_id", "object_id", "Org", "attribute_count",
        "distribution", "sharing_group_id", "SharingGroup", "event_creator_email", "locked",
        "proposal_email_lock", "RelatedEvent", "ShadowAttribute", "sighting_timestamp",
        "disable_correlation", "referenced_id", "source_uuid", "Sighting", "warnings", "Feed",
    }
)  # fmt: skip
_TAG = ("colour", "name", "relationship_type")


class Entry(msgspec.Struct, frozen=True):
    """One event of a manifest, as far as rules look at it."""

    uuid: str
    timestamp: int
    info: str
    orgc_name: str
    orgc_uuid: str
    tags: tuple[str, ...]


class Unread(msgspec.Struct, frozen=True):
    """What of a manifest or list could not be read."""

    place: str
    item: str
    reason: str


def read_manifest(raw: bytes) -> tuple[dict[str, Any], list[Entry], list[Unread]]:
    """The manifest as it is, its entries, and what are none. Raises Invalid."""
    try:
        found = storable(decode(raw.removeprefix(b"\xef\xbb\xbf")))
    except (Malformed, RecursionError) as error:
        said = getattr(error, "reason", "nested too deep")
        raise Invalid(MANIFEST, f"a JSON object of events by UUID ({said})") from error
    if found == []:  # PHP's empty object
        found = {}
    if not isinstance(found, dict):
        raise Invalid(MANIFEST, "a JSON object of events by UUID")
    entries: list[Entry] = []
    unread: list[Unread] = []
    for key, item in found.items():
        try:
            entries.append(_entry(str(key), item))
        except Invalid as error:
            shown = msgspec.json.encode(item)[:2000].decode("utf-8", "replace")
            unread.append(Unread(str(key)[:100], shown, error.public))
    return found, entries, unread


def _entry(key: str, item: Any) -> Entry:
    if not is_uuid(key):
        raise Invalid("uuid", "a UUID as the name of an event", key)
    if not isinstance(item, dict):
        raise Invalid("event", "an object with info and timestamp")
    orgc = item.get("Orgc")
    orgc = orgc if isinstance(orgc, dict) else {}
    return Entry(
        key.lower(), _time(item.get("timestamp")), _text(item.get("info")),
        _text(orgc.get("name")), _text(orgc.get("uuid")).lower(), tuple(tag_names(item)),
    )  # fmt: skip


def _time(raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        raise Invalid("timestamp", "seconds since 1970")
    text = str(raw)
    if not (text.isascii() and text.isdecimal() and len(text) < 11) or int(text) > _LATEST:
        raise Invalid("timestamp", "seconds since 1970", text)
    return int(text)


def _text(raw: Any) -> str:
    return raw if isinstance(raw, str) else ""


def tag_names(item: Mapping[str, Any]) -> list[str]:
    """The names of the tags of an event, or of its place in a manifest."""
    tags = item.get("Tag")
    if not isinstance(tags, list):
        return []
    return [tag["name"] for tag in tags if isinstance(tag, dict) and _text(tag.get("name"))]


def read_event_file(raw: bytes, uuid: str) -> dict[str, Any]:
    """The event of a file of this UUID. Raises Invalid."""
    try:
        found = storable(decode(raw.removeprefix(b"\xef\xbb\xbf")))
    except (Malformed, RecursionError) as error:
        said = getattr(error, "reason", "nested too deep")
        raise Invalid("event", f"a JSON object with Event ({said})") from error
    event = found.get("Event", found) if isinstance(found, dict) else None
    if not isinstance(event, dict):
        raise Invalid("event", "a JSON object with Event")
    if str(event.get("uuid", "")).lower() != uuid:
        raise Invalid("uuid", f"the event that the file is named after ({uuid})")
    return event


def read_hashes(raw: bytes) -> Iterator[tuple[bytes, UUID] | Unread]:
    """MD5s with events, line by line."""
    start, number = 0, 0
    while start < len(raw):
        end = raw.find(b"\n", start)
        end = len(raw) if end < 0 else end
        line, start, number = raw[start:end].strip(), end + 1, number + 1
        if not line:
            continue
        digest, _, named = line.decode("ascii", "replace").partition(",")
        try:
            yield _md5(digest), UUID(named.strip()) if named.strip() else NO_EVENT
        except ValueError:
            shown = line[:200].decode("utf-8", "replace")
            yield Unread(f"line {number}", shown, "expected an MD5 and the UUID of an event")


def _md5(text: str) -> bytes:
    found = bytes.fromhex(text.strip().strip('"'))
    if len(found) != 16:
        raise ValueError(text[:40])
    return found


def hashes_of(value: str, composite: bool) -> list[bytes]:
    """The MD5s that a value is found by."""
    parts = value.split("|") if composite else [value]
    return [
        hashlib.md5(one.encode("utf-8", "replace"), usedforsecurity=False).digest() for one in parts
    ]


# Writing ------------------------------------------------------------------------------


def entry_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event's place in the manifest, as PyMISP makes it."""
    orgc = event.get("Orgc") or {}
    return {
        "Orgc": {"name": orgc.get("name"), "uuid": orgc.get("uuid")},
        "Tag": [_tag(tag) for tag in event.get("Tag") or []],
        "info": event["info"],
        "date": event["date"],
        "analysis": int(event["analysis"]),
        "threat_level_id": int(event["threat_level_id"]),
        "timestamp": int(event["timestamp"]),
    }


def event_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event in MISP's JSON without what is only this node's."""
    made = _outward(event)
    orgc = event.get("Orgc") or {}
    return {"Event": made | {"Orgc": {"name": orgc.get("name"), "uuid": orgc.get("uuid")}}}


def _outward(item: Any) -> Any:
    if isinstance(item, list):
        return [_outward(one) for one in item]
    if not isinstance(item, Mapping):
        return item
    made = {}
    for name, value in item.items():
        if name == "Tag":
            made[name] = [_tag(tag) for tag in value if not tag.get("local")]
        elif name == "Galaxy":
            continue  # tags say it
        elif name not in _LOCAL:
            made[name] = _outward(value)
    return made


def _tag(tag: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tag.get(name) or "" for name in _TAG} | {"local": False}


def write_hashes(rows: Iterable[tuple[bytes, str]]) -> Iterator[bytes]:
    """Lines of hashes.csv: MD5s, 16 bytes each and side by side, and the event's UUID."""
    for joined, uuid in rows:
        named = b"," + uuid.encode() + b"\n"
        yield b"".join(joined[i : i + 16].hex().encode() + named for i in range(0, len(joined), 16))
