# SPDX-License-Identifier: EUPL-1.2
"""Adding events with all that hangs on them, in one transaction.

The event is stored before its children, since the database lets children in only below an
event that the transaction has claimed. Whose event it is: the adder's organisation holds
it; it also created it, unless a synchronising user or site admin brings one of another's.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import uuid4

import msgspec

from brug.directory.capturing import Capturing
from brug.intel import blocklists
from brug.intel.analysis.analyst_taking import take_inside
from brug.intel.attribute_rows import Placed
from brug.intel.finding import Claim, claim_all
from brug.intel.levels import Asked, Narrowing, group_id
from brug.intel.proposal import bringing_proposals
from brug.intel.protecting import take_keys
from brug.intel.storing import (
    Batch,
    attach_tags,
    keep_refused,
    may_publish,
    places_in,
    store_attributes,
)
from brug.model.errors import Conflict, Forbidden
from brug.model.event import SHARING_GROUP
from brug.model.new_event import NewAttribute, NewEvent, Refusal
from brug.store import audit, settings
from brug.store.rows import array
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
    return add_several(session, [new], keep_empty=keep_empty)[0]


def add_several(
    session: Session, several: Sequence[NewEvent], *, keep_empty: bool = False
) -> list[Added]:
    """Stores events, each of another UUID, in hardly more statements than one.

    Raises what `add` raises as soon as one of them cannot be stored.
    """
    principal = session.principal
    if not principal.may("add"):
        raise Forbidden(f"{principal.email} may not add events")
    _refuse_known(session, several)
    publishes = may_publish(session)
    for new in several:
        if new.published and not (keep_empty or new.attributes or new.objects or new.reports):
            raise EmptyPublished("published without content")
        new.published = bool(new.published) and publishes
    claims = _insert_heads(session, several)
    counts = _fill(session, list(zip(claims, several, strict=True)))
    audit.record_several(
        session, "add", "Event",
        [(held.event_id, new.info[:200]) for held, new in zip(claims, several, strict=True)],
    )  # fmt: skip
    return [
        Added(held.event_id, held.uuid, *count, new.refused)
        for held, count, new in zip(claims, counts, several, strict=True)
    ]


def _refuse_known(session: Session, several: Sequence[NewEvent]) -> None:
    """Raises EventExists, or what keeps an event out."""
    blocklists.refuse_blocked(session, [(new.uuid, _creator_of(session, new)) for new in several])
    uuids = [new.uuid for new in several if new.uuid is not None]
    known = session.value(
        "SELECT id FROM event WHERE uuid = ANY (%s::uuid[]) ORDER BY org_id = %s DESC LIMIT 1",
        (uuids, session.principal.org_id),
    )
    if known is not None:
        raise EventExists(int(known))


def _creator_of(session: Session, new: NewEvent) -> str:
    """The UUID of the organisation that an event is from."""
    return new.orgc.uuid if new.orgc is not None and _brings(session) else (
        session.principal.org_uuid
    )  # fmt: skip


def _brings(session: Session) -> bool:
    """Whether this principal may bring events of other organisations."""
    return session.principal.may("sync") or session.principal.is_site_admin


def _published_at(new: NewEvent, foreign: bool, now: int) -> int:
    """When it was published: who brings one of another's knows, else it is now or never."""
    if foreign and new.publish_timestamp is not None:
        return new.publish_timestamp
    return now if new.published else 0


_INSERT = """
INSERT INTO event (uuid, org_id, orgc_id, user_id, date, info, threat_level_id, analysis,
    distribution, sharing_group_id, published, timestamp, publish_timestamp, extends_uuid, locked,
    disable_correlation, protected, attribute_count, extra, audience)
SELECT u, %(org)s, oc, %(user)s, da, i, th, an, d, g, p, t, pt, ex, lo, dc, pr, c, x,
    event_audience(%(org)s, d, g, p)
FROM unnest(%(uuid)s::uuid[], %(orgc)s::int[], %(date)s::date[], %(info)s::text[],
    %(threat)s::smallint[], %(analysis)s::smallint[], %(level)s::smallint[], %(group)s::int[],
    %(published)s::bool[], %(timestamp)s::bigint[], %(publish)s::bigint[], %(extends)s::uuid[],
    %(locked)s::bool[], %(disable)s::bool[], %(protected)s::bool[], %(count)s::int[],
    %(extra)s::jsonb[])
  AS n (u, oc, da, i, th, an, d, g, p, t, pt, ex, lo, dc, pr, c, x)
ON CONFLICT DO NOTHING RETURNING id
"""


def _insert_heads(session: Session, several: Sequence[NewEvent]) -> list[Claim]:
    default = int(settings.get(session, "events.default_distribution"))
    capturing = Capturing(session)
    now = int(time.time())
    rows = [_head(session, new, default, capturing, now) for new in several]
    columns = {name: array([row[name] for row in rows]) for name in rows[0]}
    common = {"org": session.principal.org_id, "user": session.principal.user_id}
    found = session.all(_INSERT, columns | common)
    if len(found) < len(several):
        # Somebody of the same organisation was quicker.
        _refuse_known(session, several)
        raise Conflict("an event came and went")
    return claim_all(session, [int(row[0]) for row in found])


def _head(
    session: Session, new: NewEvent, default: int, capturing: Capturing, now: int
) -> dict[str, Any]:
    foreign = _brings(session)
    level = default if new.distribution is None else new.distribution
    return {
        "uuid": new.uuid or str(uuid4()),
        "orgc": capturing.of(new.orgc) if foreign and new.orgc else session.principal.org_id,
        "date": new.date or datetime.now(UTC).date().isoformat(),
        "info": new.info,
        "threat": 4 if new.threat_level_id is None else new.threat_level_id,
        "analysis": new.analysis or 0,
        "level": level,
        "group": group_id(session, new.group) if level == SHARING_GROUP else None,
        "published": bool(new.published),
        "timestamp": new.timestamp or now,
        "publish": _published_at(new, foreign, now),
        "extends": new.extends_uuid,
        "locked": foreign and bool(new.locked),
        "disable": bool(new.disable_correlation),
        "protected": new.protected,
        "count": sum(not a.deleted for a in _all_attributes(new)),
        "extra": msgspec.json.encode(new.extra).decode() if new.extra else None,
    }


def _all_attributes(new: NewEvent) -> Iterable[NewAttribute]:
    yield from new.attributes
    for item in new.objects:
        yield from item.attributes


def _fill(session: Session, several: Sequence[tuple[Claim, NewEvent]]) -> list[tuple[int, int]]:
    """Stores the children of claimed events; of each how many attributes and objects.

    A child that cannot be stored joins its event's `refused`.
    """
    default = int(settings.get(session, "events.default_attribute_distribution"))
    asked = Asked()
    before = [len(new.refused) for _, new in several]
    batches = [
        Batch(
            session, held, Narrowing(session, held.org_id, default, asked), new.refused,
            places_in(new),
        )
        for held, new in several
    ]  # fmt: skip
    placed = [
        (batch, [Placed(one, 0, batch.held.audience) for one in new.attributes])
        for batch, (_, new) in zip(batches, several, strict=True)
    ]
    alone = store_attributes(session, placed)
    counts: list[tuple[int, int]] = []
    uncounted: list[int] = []
    counted: list[int] = []
    attach_tags(session, [(held, new.tags) for held, new in several])
    for batch, stored, (held, new), refused in zip(batches, alone, several, before, strict=True):
        objects = batch.store_objects(new.objects)
        linked = batch.link(objects)
        take_keys(session, held, new.keys)
        batch.store_reports(new.reports)
        plain = not (linked or batch.narrowing.narrowed or len(new.refused) > refused)
        (counted if plain else uncounted).append(held.event_id)
        counts.append((len(stored) + sum(len(o.new.attributes) for o in objects), len(objects)))
    _settle(session, counted, uncounted)
    for held, new in several:
        bringing_proposals.bring(session, held.event_id, new.proposals)
        new.refused += take_inside(session, new.analyst)
        keep_refused(session, held.uuid, new.refused)
    return counts


def _settle(session: Session, counted: Sequence[int], uncounted: Sequence[int]) -> None:
    """What depends on all children of an event; its counts, where they are not known."""
    for ids, how in ((uncounted, _RECOUNT), (counted, _ANALYST_DATA)):
        if ids:
            session.execute(how, (list(ids),))


_RECOUNT: LiteralString = "SELECT recount_event(id) FROM unnest(%s::bigint[]) AS e (id)"
_ANALYST_DATA: LiteralString = "SELECT settle_analyst_data(id) FROM unnest(%s::bigint[]) AS e (id)"
