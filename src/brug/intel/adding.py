# SPDX-License-Identifier: EUPL-1.2
"""Adding an event with all that hangs on it, in one transaction.

The event is stored before its children, since the database lets children in only below an
event that the transaction has claimed. Whose event it is: the adder's organisation holds
it; it also created it, unless a synchronising user or site admin brings one of another's.
"""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import uuid4

import msgspec
from psycopg.types.json import Jsonb

from brug.directory.capturing import capture
from brug.intel import blocklists
from brug.intel.analysis.analyst_taking import take_inside
from brug.intel.attributes import Placed
from brug.intel.finding import Claim, claim
from brug.intel.levels import Narrowing, group_id
from brug.intel.proposal import bringing_proposals
from brug.intel.protecting import take_keys
from brug.intel.storing import Batch, attach_tags, keep_refused, may_publish, places_in
from brug.model.errors import Conflict, Forbidden
from brug.model.event import SHARING_GROUP, NewAttribute, NewEvent, Refusal
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


def add(session: Session, new: NewEvent, *, keep_empty: bool = False) -> Added:
    """Stores an event. Raises EventExists, EmptyPublished, GroupRefused, Forbidden.

    `keep_empty` takes published events without content, as an import does.
    """
    principal = session.principal
    if not principal.may("add"):
        raise Forbidden(f"{principal.email} may not add events")
    _refuse_known(session, new)
    if new.published and not (keep_empty or new.attributes or new.objects or new.reports):
        raise EmptyPublished("published without content")
    if new.published and not may_publish(session):
        new.published = False
    held = _insert_head(session, new)
    count, object_count = fill(session, held, new)
    audit.record(session, "add", "Event", held.event_id, new.info[:200])
    return Added(held.event_id, held.uuid, count, object_count, new.refused)


def _refuse_known(session: Session, new: NewEvent) -> None:
    """Raises EventExists, or what keeps an event out."""
    principal = session.principal
    foreign = new.orgc is not None and (principal.may("sync") or principal.is_site_admin)
    creator = new.orgc.uuid if foreign and new.orgc is not None else principal.org_uuid
    blocklists.refuse_blocked(session, new.uuid, creator)
    if new.uuid is None:
        return
    known = session.value(
        "SELECT id FROM event WHERE uuid = %s ORDER BY org_id = %s DESC LIMIT 1",
        (new.uuid, session.principal.org_id),
    )
    if known is not None:
        raise EventExists(int(known))


def _published_at(new: NewEvent, foreign: bool, now: int) -> int:
    """When it was published: who brings one of another's knows, else it is now or never."""
    if foreign and new.publish_timestamp is not None:
        return new.publish_timestamp
    return now if new.published else 0


def _insert_head(session: Session, new: NewEvent) -> Claim:
    principal = session.principal
    foreign = principal.may("sync") or principal.is_site_admin
    orgc = capture(session, new.orgc) if foreign and new.orgc else principal.org_id
    level = new.distribution
    if level is None:
        level = int(settings.get(session, "events.default_distribution"))
    group = group_id(session, new.group) if level == SHARING_GROUP else None
    published = bool(new.published)
    now = int(time.time())
    count = sum(not a.deleted for a in _all_attributes(new))
    event_id = session.value(
        "INSERT INTO event (uuid, org_id, orgc_id, user_id, date, info, threat_level_id, analysis,"
        " distribution, sharing_group_id, published, timestamp, publish_timestamp, extends_uuid,"
        " locked, disable_correlation, protected, attribute_count, extra, audience)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
        "   event_audience(%s, %s, %s, %s)) ON CONFLICT DO NOTHING RETURNING id",
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
            new.timestamp or now,
            _published_at(new, foreign, now),
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
    if event_id is None:
        # Somebody of the same organisation was quicker.
        _refuse_known(session, new)
        raise Conflict(f"event {new.uuid} came and went")
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
    before = len(new.refused)
    batch = Batch(session, held, narrowing, new.refused, places_in(new))
    placed = [Placed(a, 0, held.audience) for a in new.attributes]
    count = len(batch.store_attributes(placed))
    stored = batch.store_objects(new.objects)
    linked = batch.link(stored)
    attach_tags(session, held, new.tags)
    take_keys(session, held, new.keys)
    batch.store_reports(new.reports)
    if linked or narrowing.narrowed or len(new.refused) > before:
        session.execute("SELECT recount_event(%s)", (held.event_id,))
    else:
        session.execute("SELECT settle_analyst_data(%s)", (held.event_id,))
    bringing_proposals.bring(session, held.event_id, new.proposals)
    new.refused += take_inside(session, new.analyst)
    keep_refused(session, held.uuid, new.refused)
    inside = sum(len(item.new.attributes) for item in stored)
    return count + inside, len(stored)
