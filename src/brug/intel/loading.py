# SPDX-License-Identifier: EUPL-1.2
"""Reading events with what hangs on them, as far as the session sees it."""

from collections.abc import Sequence
from typing import LiteralString

import msgspec

from brug.intel import attributes, objects, reports
from brug.intel.finding import find
from brug.intel.label import tags
from brug.intel.proposal import proposals
from brug.model.errors import NotFound
from brug.model.event import Attribute, Event, EventHead, OrganisationRef
from brug.store.rows import among
from brug.store.session import Session

# How many attributes of event `e` there are. The stored count is of all of them; who does
# not see them all is told how many are seen.
ATTRIBUTE_COUNT: LiteralString = (
    "CASE WHEN e.narrowed = 0 OR e.org_id = current_org_id() THEN e.attribute_count"
    " ELSE (SELECT count(*)::int FROM attribute n WHERE n.event_id = e.id AND NOT n.deleted) END"
)
HEAD: LiteralString = (
    "e.id, e.uuid::text, e.org_id, e.orgc_id, e.user_id, e.date::text, e.info, e.threat_level_id,"
    " e.analysis, e.distribution, e.sharing_group_id, e.published, e.timestamp,"
    " e.publish_timestamp, e.sighting_timestamp, e.extends_uuid::text, e.locked,"
    " e.proposal_email_lock, e.disable_correlation, e.protected,"
    " " + ATTRIBUTE_COUNT + ", e.extra"
)
_HEADS: LiteralString = (
    "SELECT " + HEAD + ", o.id, o.name, o.uuid::text, o.local, c.id, c.name, c.uuid::text, c.local,"
    " EXISTS (SELECT 1 FROM proposal p WHERE p.event_id = e.id AND NOT p.deleted),"
    " creator_email(e.user_id)"
    " FROM event e JOIN organisation o ON o.id = e.org_id JOIN organisation c ON c.id = e.orgc_id"
    " WHERE "
)
_WIDTH = 22
# What an extended view takes in, and a list of extensions names; more than this is a search.
MOST_EXTENSIONS = 100


def heads(session: Session, event_ids: Sequence[int]) -> dict[int, Event]:
    """Events with their tags and nothing below, by id; hidden ones are left out."""
    principal = session.principal
    found: dict[int, Event] = {}
    which, ids = among("e.id", event_ids)
    for row in session.all(_HEADS + which, (ids,)):
        head = EventHead(*row[:_WIDTH])
        org, orgc = row[_WIDTH : _WIDTH + 4], row[_WIDTH + 4 : _WIDTH + 8]
        # Who made it concerns its creator, not whoever holds a copy.
        shown = principal.is_site_admin or head.orgc_id == principal.org_id
        event = Event(
            head, OrganisationRef(*org), OrganisationRef(*orgc), row[-1] if shown else None
        )
        event.has_proposals = row[-2]
        found[head.id] = event
    for event_id, attached in tags.of_events(session, list(found)).items():
        found[event_id].tags = attached
    return found


def event(session: Session, key: str | int, *, deleted: bool = False) -> Event:
    """A whole event by id or UUID; `deleted` with what is only marked so. Raises NotFound."""
    event_id = find(session, "event", key)
    found = heads(session, [event_id]).get(event_id)
    if found is None:
        raise NotFound(f"event {event_id} went away")
    fill(session, found, deleted=deleted)
    return found


def extensions(session: Session, base: Event) -> list[Event]:
    """The events that extend another, as far as the session sees them, oldest first."""
    rows = session.all(
        "SELECT id FROM event WHERE extends_uuid = %s ORDER BY id LIMIT %s",
        (base.head.uuid, MOST_EXTENSIONS),
    )
    found = list(heads(session, [row[0] for row in rows]).values())
    for one in found:
        fill(session, one)
    return sorted(found, key=lambda one: one.head.id)


class Extender(msgspec.Struct, frozen=True):
    """An event that extends another, as far as a list of them says."""

    id: int
    uuid: str
    info: str
    orgc: OrganisationRef


def extenders(session: Session, uuids: Sequence[str]) -> dict[str, list[Extender]]:
    """By the UUID of what they extend, the events that the session sees, oldest first."""
    rows = session.all(
        "SELECT b.uuid::text, e.id, e.uuid::text, e.info, c.id, c.name, c.uuid::text, c.local"
        " FROM unnest(%s::uuid[]) AS b (uuid) CROSS JOIN LATERAL ("
        "   SELECT x.id, x.uuid, x.info, x.orgc_id FROM event x WHERE x.extends_uuid = b.uuid"
        "   ORDER BY x.id LIMIT %s) AS e"
        " JOIN organisation c ON c.id = e.orgc_id ORDER BY e.id",
        (list(uuids), MOST_EXTENSIONS),
    )
    found: dict[str, list[Extender]] = {}
    for base, number, uuid, info, *creator in rows:
        found.setdefault(base, []).append(Extender(number, uuid, info, OrganisationRef(*creator)))
    return found


def fill(session: Session, *several: Event, deleted: bool = False) -> None:
    """Adds attributes, objects with theirs, references, reports, proposals and all tags."""
    events = {one.head.id: one for one in several}
    ids = list(events)
    items = attributes.of_events(session, ids, deleted=deleted)
    attached = tags.of_attributes_in(session, ids)
    if attached:
        for item in items:
            item.tags = attached.get(item.id, [])
    said = reports.of_events(session, ids, deleted=deleted)
    proposed_to = [event_id for event_id, one in events.items() if one.has_proposals]
    proposed = proposals.of_events(session, proposed_to) if proposed_to else {}
    for event_id, one in events.items():
        one.attributes, one.objects, one.reports = [], [], said.get(event_id, [])
        one.proposals = proposed.get(event_id, [])
    _add_objects(session, events, deleted=deleted)
    _place(events, items)


def _add_objects(session: Session, events: dict[int, Event], *, deleted: bool) -> None:
    """Objects with their references."""
    found = {o.id: o for o in objects.of_events(session, list(events), deleted=deleted)}
    if not found:
        return
    for one in found.values():
        one.attributes, one.references = [], []
        events[one.event_id].objects.append(one)
    holding = sorted({one.event_id for one in found.values()})
    for reference in objects.references_of_events(session, holding, deleted=deleted):
        if reference.object_id in found:
            found[reference.object_id].references.append(reference)


def _place(events: dict[int, Event], items: list[Attribute]) -> None:
    """Attributes go to their event, or to the object they belong to if the session sees it."""
    inside = {o.id: o.attributes for one in events.values() for o in one.objects}
    alone = {event_id: one.attributes for event_id, one in events.items()}
    for item in items:
        place = inside.get(item.object_id) if item.object_id else alone[item.event_id]
        if place is not None:
            place.append(item)
