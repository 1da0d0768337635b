# SPDX-License-Identifier: EUPL-1.2
"""An event with its surroundings, as the interface shows it: groups, galaxies, relations."""

from collections.abc import Iterable
from typing import Any

from brug.formats.misp.writing import EventJson, Surroundings, event_json
from brug.intel import correlation
from brug.intel.correlation import Related
from brug.model.event import Attribute, Event
from brug.store.session import Session


def all_attributes(event: Event) -> list[Attribute]:
    """The attributes of an event and of its objects."""
    return [*event.attributes, *(a for o in event.objects for a in o.attributes)]


def shown(session: Session, event: Event, *, related: bool = True) -> EventJson:
    """The event's JSON record with everything around it that the session sees."""
    return event_json(event, surroundings(session, [event], related=related))


def surroundings(session: Session, events: list[Event], *, related: bool = True) -> Surroundings:
    """What belongs beside some events; related events for a single one."""
    beside = Surroundings(groups=groups(session, events), clusters=clusters(session, events))
    if related and len(events) == 1:
        event = events[0]
        hits: dict[int, Related] = {}
        if not event.head.disable_correlation:
            hits = correlation.of_attributes(session, all_attributes(event), [event.head.id])
        beside.related_events = related_events(session, hits.values())
    else:
        beside.include_related = related
    return beside


def related_events(session: Session, found: Iterable[Related]) -> list[dict[str, Any]]:
    """The events of hits, newest last, as MISP lists them."""
    ids = sorted({hit.event_id for one in found for hit in one.hits})
    if not ids:
        return []
    rows = session.all(
        "SELECT e.id::text AS id, e.date::text, e.threat_level_id::text, e.info, e.published,"
        " e.uuid::text, e.analysis::text, e.timestamp::text, e.distribution::text, e.org_id::text,"
        " e.orgc_id::text, o.name, o.uuid::text, c.name, c.uuid::text FROM event e"
        " JOIN organisation o ON o.id = e.org_id JOIN organisation c ON c.id = e.orgc_id"
        " WHERE e.id = ANY (%s) ORDER BY e.id",
        (ids,),
    )
    names = (
        "id", "date", "threat_level_id", "info", "published", "uuid", "analysis", "timestamp",
        "distribution", "org_id", "orgc_id",
    )  # fmt: skip
    return [
        {
            "Event": dict(zip(names, row, strict=False))
            | {
                "Org": {"id": row[9], "name": row[11], "uuid": row[12]},
                "Orgc": {"id": row[10], "name": row[13], "uuid": row[14]},
            }
        }
        for row in rows
    ]


def groups(session: Session, events: list[Event]) -> dict[int, dict[str, Any]]:
    """The sharing groups that events and their items name, as MISP embeds them."""
    wanted = {
        item.sharing_group_id
        for event in events
        for item in (event.head, *event.objects, *event.reports, *all_attributes(event))
        if item.sharing_group_id is not None
    }
    if not wanted:
        return {}
    from brug.api.misp.sharing_groups import embedded  # noqa: PLC0415 — one way only

    return embedded(session, sorted(wanted))


def clusters(session: Session, events: list[Event]) -> dict[str, dict[str, Any]]:
    """The galaxies, each with one cluster, that tags of events and attributes stand for."""
    names = sorted(
        {
            tag.name
            for event in events
            for holder in (event, *all_attributes(event))
            for tag in holder.tags
            if tag.name.startswith("misp-galaxy:")
        }
    )
    if not names:
        return {}
    from brug.api.misp.galaxies import embedded  # noqa: PLC0415 — one way only

    return embedded(session, names)
