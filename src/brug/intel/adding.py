# SPDX-License-Identifier: EUPL-1.2
"""Adding an event with all that hangs on it, in one transaction.

The event is stored before its children, since the database lets children in only below an
event that the transaction has claimed. Whose event it is: the adder's organisation holds
it; it also created it, unless a synchronising user or site admin brings one of another's.
"""

import json
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

import msgspec
from psycopg.types.json import Jsonb

from brug.directory.capturing import capture
from brug.intel import attributes, objects, reports, sightings, tags
from brug.intel.attributes import Placed
from brug.intel.finding import Claim, claim
from brug.intel.levels import GroupRefused, Narrowing, group_id
from brug.intel.objects import StoredObject
from brug.model.errors import Conflict, Forbidden
from brug.model.event import (
    SHARING_GROUP,
    NewAttribute,
    NewEvent,
    NewObject,
    NewReport,
    OrganisationRef,
    Refusal,
)
from brug.store import audit, settings
from brug.store.session import Session


class EventExists(Conflict):
    """An event of this UUID is held already, and visible to whoever adds it."""

    code = "event_exists"

    def __init__(self, event_id: int) -> None:
        super().__init__(f"event {event_id} exists")
        self.event_id = event_id


class EmptyPublished(Conflict):
    """A published event must say something."""

    code = "empty_published"
    public = "Received a published event that was empty. Event add process blocked."


class Added(msgspec.Struct):
    event_id: int
    uuid: str
    attributes: int
    objects: int
    refused: list[Refusal]


def add(session: Session, new: NewEvent) -> Added:
    """Stores an event. Raises EventExists, EmptyPublished, GroupRefused, Forbidden."""
    principal = session.principal
    if not principal.may("add"):
        raise Forbidden(f"{principal.email} may not add events")
    if new.uuid is not None:
        known = session.value(
            "SELECT id FROM event WHERE uuid = %s ORDER BY org_id = %s DESC LIMIT 1",
            (new.uuid, principal.org_id),
        )
        if known is not None:
            raise EventExists(int(known))
    if new.published and not (new.attributes or new.objects or new.reports):
        raise EmptyPublished("published without content")
    held = _insert_head(session, new)
    count, object_count = fill(session, held, new)
    audit.record(session, "add", "Event", held.event_id, new.info[:200])
    return Added(held.event_id, held.uuid, count, object_count, new.refused)


def _insert_head(session: Session, new: NewEvent) -> Claim:
    principal = session.principal
    foreign = principal.may("sync") or principal.is_site_admin
    orgc = capture(session, new.orgc) if foreign and new.orgc else principal.org_id
    level = new.distribution
    if level is None:
        level = int(settings.get(session, "events.default_distribution"))
    group = group_id(session, new.group) if level == SHARING_GROUP else None
    published = bool(new.published)
    count = sum(not a.deleted for a in _all_attributes(new))
    event_id = session.value(
        "INSERT INTO event (uuid, org_id, orgc_id, user_id, date, info, threat_level_id, analysis,"
        " distribution, sharing_group_id, published, timestamp, publish_timestamp, extends_uuid,"
        " locked, disable_correlation, protected, attribute_count, extra, audience)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
        "   event_audience(%s, %s, %s, %s)) RETURNING id",
        (
            new.uuid or str(uuid4()),
            principal.org_id,
            orgc,
            principal.user_id,
            new.date or datetime.now(UTC).date().isoformat(),
            new.info,
            4 if new.threat_level_id is None else new.threat_level_id,
            new.analysis or 0,
            level,
            group,
            published,
            new.timestamp or int(time.time()),
            new.publish_timestamp or 0,
            new.extends_uuid,
            foreign and bool(new.locked),
            bool(new.disable_correlation),
            new.protected,
            count,
            Jsonb(new.extra) if new.extra else None,
            principal.org_id,
            level,
            group,
            published,
        ),
    )
    return claim(session, int(event_id))


def _all_attributes(new: NewEvent) -> Iterable[NewAttribute]:
    yield from new.attributes
    for item in new.objects:
        yield from item.attributes


def fill(session: Session, held: Claim, new: NewEvent) -> tuple[int, int]:
    """Stores the children of a claimed event; how many attributes and objects.

    A child that cannot be stored joins `new.refused`.
    """
    default = int(settings.get(session, "events.default_attribute_distribution"))
    narrowing = Narrowing(session, held.org_id, default)
    refused = new.refused
    stored = store_objects(session, held, new.objects, narrowing, refused)
    placed = [Placed(a, 0, held.audience) for a in new.attributes]
    count = store_attributes(session, held, placed, narrowing, refused)
    tags.attach_to_event(session, held, new.tags)
    allowed = _nameable(new.reports, "EventReport", narrowing, refused)
    reports.insert(session, held, allowed, narrowing)
    keep_refused(session, held.uuid, refused)
    inside = sum(len(item.new.attributes) for item in stored)
    return count + inside, len(stored)


def store_attributes(
    session: Session,
    held: Claim,
    placed: Sequence[Placed],
    narrowing: Narrowing,
    refused: list[Refusal],
) -> int:
    """Stores attributes with what hangs on them; how many were stored."""
    wanted = _nameable([p.new for p in placed], "Attribute", narrowing, refused)
    if len(wanted) < len(placed):
        kept = {id(new) for new in wanted}
        placed = [p for p in placed if id(p.new) in kept]
    stored = attributes.insert(session, held, placed, narrowing)
    if len(stored) < len(placed):
        there = {id(p) for _, p in stored}
        for item in placed:
            if id(item) not in there:
                sent = _as_sent(item.new)
                refused.append(Refusal("Attribute", attributes.NOT_UNIQUE, sent))
    hang(session, held, [(i, p.new) for i, p in stored])
    return len(stored)


def store_objects(
    session: Session,
    held: Claim,
    new: Sequence[NewObject],
    narrowing: Narrowing,
    refused: list[Refusal],
) -> list[StoredObject]:
    """Stores objects with their attributes and references."""
    wanted = _nameable(new, "Object", narrowing, refused)
    stored = objects.insert(session, held, wanted, narrowing)
    if len(stored) < len(wanted):
        there = {id(item.new) for item in stored}
        for left_out in wanted:
            if id(left_out) not in there:
                sent = {"uuid": left_out.uuid, "name": left_out.name}
                refused.append(Refusal("Object", attributes.NOT_UNIQUE, sent))
    placed = [Placed(a, item.id, item.audience) for item in stored for a in item.new.attributes]
    store_attributes(session, held, placed, narrowing, refused)
    pairs = [(item.id, reference) for item in stored for reference in item.new.references]
    objects.insert_references(session, held, pairs)
    return stored


Levelled = TypeVar("Levelled", NewAttribute, NewObject, NewReport)


def _nameable(
    items: Sequence[Levelled], place: str, narrowing: Narrowing, refused: list[Refusal]
) -> list[Levelled]:
    """Those whose sharing group the sender may name; the others are refused one by one."""
    allowed = []
    for index, item in enumerate(items):
        if item.distribution == SHARING_GROUP:
            try:
                narrowing.level(item.distribution, item.group)
            except GroupRefused as error:
                sent = {"uuid": item.uuid, "distribution": 4}
                errors = {"sharing_group_id": [error.public]}
                refused.append(Refusal(f"{place}[{index}]", errors, sent))
                continue
        allowed.append(item)
    return allowed


def _as_sent(new: NewAttribute) -> dict[str, Any]:
    value = f"{new.value1}|{new.value2}" if new.value2 else new.value1
    return {"uuid": new.uuid, "type": new.type, "category": new.category, "value": value}


def hang(session: Session, held: Claim, stored: Sequence[tuple[int, NewAttribute]]) -> None:
    """What hangs on stored attributes: tags, sightings, bytes."""
    tags.attach_to_attributes(
        session, held, [(i, tag) for i, new in stored if new.tags for tag in new.tags]
    )
    for attribute_id, new in stored:
        for sighting in new.sightings:
            reporter = _reporter(session, sighting.organisation)
            sightings.insert(session, attribute_id, sighting, reporter)
        if new.data is not None:
            session.execute(
                "INSERT INTO attachment (attribute_id, event_id, audience, data)"
                " SELECT id, event_id, audience, %s FROM attribute WHERE id = %s",
                (new.data, attribute_id),
            )


def _reporter(session: Session, organisation: OrganisationRef | None) -> int:
    """Whose sighting it is: what a synchronising user brings keeps its reporter."""
    principal = session.principal
    if organisation is None or not (principal.may("sync") or principal.is_site_admin):
        return principal.org_id
    return capture(session, organisation)


def keep_refused(session: Session, event_uuid: str | None, refused: Sequence[Refusal]) -> None:
    """Keeps what was not taken in, so that it can be replayed after a fix."""
    for item in refused:
        session.execute(
            "INSERT INTO refusal (user_id, org_id, event_uuid, place, item, reason)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (
                session.principal.user_id,
                session.principal.org_id,
                event_uuid,
                item.place,
                json.dumps(item.item),
                "; ".join(f"{f}: {' '.join(texts)}" for f, texts in item.errors.items()),
            ),
        )
