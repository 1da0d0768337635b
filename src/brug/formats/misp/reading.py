# SPDX-License-Identifier: EUPL-1.2
"""Decoded JSON of MISP's core format -> records about to be stored.

Lenient as MISP is (`coercion`), and complete where MISP is not: an attribute that does not
fit never costs its event; it comes back in `refused` with its place, what was wrong with
which field, and the item as it was sent, so that it can be replayed.
"""

from collections.abc import Callable
from typing import Any

from brug.formats.misp import coercion as c
from brug.formats.misp.analyst_inside import inside, name_carriers
from brug.formats.misp.bearing import bearing
from brug.formats.misp.reading_attributes import read_attributes, read_proposals
from brug.formats.misp.reading_fields import (
    ANALYSES,
    BAD_TIME,
    BAD_UUID,
    EVENT_LEVELS,
    LEVELS,
    THREAT_LEVELS,
    Fields,
    Reader,
    group_of,
    read_organisation,
    read_tags,
)
from brug.formats.openpgp_signing import read_signer
from brug.model.attribute_types import Refused
from brug.model.errors import Invalid
from brug.model.new_event import NewEvent, NewKey, NewObject, NewReference, NewReport, Refusal


def read_object(raw: Any, place: str, refused: list[Refusal]) -> NewObject:
    """One object with its attributes and references. Raises Refused for the object itself."""
    if not isinstance(raw, dict):
        raise Refused({"Object": ["An object has to be a JSON object."]})
    read = Reader(raw)
    name = read.get("name", c.text)
    if not name:
        read.errors.setdefault("name", ["Name cannot be empty."])
    made = NewObject(
        uuid=read.get("uuid", c.uuid, BAD_UUID),
        name=name or "",
        meta_category=read.get("meta-category", c.text) or "",
        description=read.get("description", c.text) or "",
        template_uuid=read.get("template_uuid", c.text) or "",
        template_version=read.get("template_version", c.text) or "0",
        timestamp=read.get("timestamp", c.seconds),
        distribution=read.level(5, LEVELS),
        group=group_of(raw),
        comment=read.get("comment", c.text) or "",
        deleted=bool(read.get("deleted", c.flag)),
        first_seen=read.get("first_seen", c.microseconds, BAD_TIME),
        last_seen=read.get("last_seen", c.microseconds, BAD_TIME),
        unlike_others=bool(read.get("breakOnDuplicate", c.flag)),
    )
    read.finish()
    made.attributes = read_attributes(raw.get("Attribute"), f"{place}.Attribute", refused)
    made.references = _references(raw.get("ObjectReference"), f"{place}.ObjectReference", refused)
    return made


def _references(raw: Any, place: str, refused: list[Refusal]) -> list[NewReference]:
    found = []
    for index, item in enumerate(raw if isinstance(raw, list) else []):
        try:
            found.append(_reference(item))
        except Invalid as error:
            refused.append(Refusal(f"{place}[{index}]", {error.field: [error.public]}, item))
    return found


def _reference(raw: Any) -> NewReference:
    if not isinstance(raw, dict):
        raise Invalid("ObjectReference", "an object", c.start_of(raw))
    target = c.uuid("referenced_uuid", raw.get("referenced_uuid"))
    if target is None:
        raise Invalid("referenced_uuid", "the UUID of an object or attribute of the event")
    return NewReference(
        uuid=c.uuid("uuid", raw.get("uuid")),
        referenced_uuid=target,
        relationship_type=c.text("relationship_type", raw.get("relationship_type")),
        comment=c.text("comment", raw.get("comment")),
        timestamp=c.seconds("timestamp", raw.get("timestamp")),
        deleted=c.flag("deleted", raw.get("deleted")),
    )


def _objects(raw: Any, refused: list[Refusal]) -> list[NewObject]:
    found = []
    for index, item in enumerate(raw if isinstance(raw, list) else []):
        place = f"Object[{index}]"
        try:
            found.append(read_object(item, place, refused))
        except Refused as error:
            refused.append(Refusal(place, error.errors, item))
        except Invalid as error:
            refused.append(Refusal(place, {error.field: [error.public]}, item))
    return found


def read_report(raw: Any) -> NewReport:
    """One report. Raises Refused."""
    if not isinstance(raw, dict):
        raise Refused({"EventReport": ["A report has to be a JSON object."]})
    read = Reader(raw)
    name = read.get("name", c.text)
    if not name:
        read.errors.setdefault("name", ["Name cannot be empty."])
    made = NewReport(
        uuid=read.get("uuid", c.uuid, BAD_UUID),
        name=name or "",
        content=read.get("content", c.text) or "",
        distribution=read.level(5, LEVELS),
        group=group_of(raw),
        timestamp=read.get("timestamp", c.seconds),
        deleted=bool(read.get("deleted", c.flag)),
    )
    read.finish()
    return made


def _reports(raw: Any, refused: list[Refusal]) -> list[NewReport]:
    found = []
    for index, item in enumerate(raw if isinstance(raw, list) else []):
        try:
            found.append(read_report(item))
        except Refused as error:
            refused.append(Refusal(f"EventReport[{index}]", error.errors, item))
    return found


def read_keys(raw: Any, refused: list[Refusal]) -> list[NewKey]:
    """The keys that sign a protected event."""
    found = []
    for index, item in enumerate(raw if isinstance(raw, list) else []):
        try:
            sent = item if isinstance(item, dict) else {}
            signer = read_signer(c.text("key_data", sent.get("key_data")))
            uuid = c.uuid("uuid", sent.get("uuid"))
            revoked = c.flag("revoked", sent.get("revoked"))
            found.append(NewKey(uuid, signer.text, signer.fingerprint, revoked))
        except Invalid as error:
            errors = {error.field: [error.public]}
            refused.append(Refusal(f"CryptographicKey[{index}]", errors, item))
    return found


def read_event(raw: Fields, *, partial: bool = False) -> NewEvent:
    """An event and all that fits of what hangs on it.

    Raises Refused for the event's own fields; `partial` allows an edit without `info`.
    """
    bearers = bearing(raw)
    name_carriers(bearers)
    read = Reader(bearers)
    info = read.get("info", c.text)
    if not (info or "").strip() and not (partial and "info" not in raw):
        read.errors.setdefault("info", ["Info cannot be empty."])
    event = NewEvent(
        uuid=read.get("uuid", c.uuid, BAD_UUID),
        info=info or "",
        date=read.get("date", c.day, "Expected date format: YYYY-MM-DD"),
        threat_level_id=read.get("threat_level_id", _choice(1, 4), THREAT_LEVELS),
        analysis=read.get("analysis", _choice(0, 2), ANALYSES),
        distribution=read.level(4, EVENT_LEVELS),
        group=group_of(raw),
        published=read.get("published", c.flag),
        timestamp=read.get("timestamp", c.seconds),
        publish_timestamp=read.get("publish_timestamp", c.seconds),
        extends_uuid=_extends(read),
        disable_correlation=read.get("disable_correlation", c.flag),
        protected=read.get("protected", c.flag),
        orgc=read_organisation(raw, "Orgc"),
        locked=read.get("locked", c.flag),
    )
    read.finish()
    event.tags = list(read_tags(raw.get("Tag") or raw.get("EventTag")))
    event.attributes = read_attributes(raw.get("Attribute"), "Attribute", event.refused)
    event.objects = _objects(raw.get("Object"), event.refused)
    event.reports = _reports(raw.get("EventReport"), event.refused)
    event.analyst = inside(bearers)
    event.keys = read_keys(raw.get("CryptographicKey"), event.refused)
    event.proposals = read_proposals(raw, event.refused)
    return event


def _extends(read: Reader) -> str | None:
    """An empty text clears it; a number is resolved by whoever has the database."""
    return read.get("extends_uuid", c.uuid, "Please provide a valid UUID") or None


def _choice(low: int, high: int) -> Callable[[str, Any], int | None]:
    return lambda field, value: c.integer(field, value, low, high)
