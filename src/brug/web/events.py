# SPDX-License-Identifier: EUPL-1.2
"""Events: the list, one event, its attributes by windows, what is related to it."""

from datetime import date
from typing import Any

from brug.intel import (
    attributes,
    browsing,
    correlation,
    loading,
    reports,
    sightings,
    tags,
    visibility,
)
from brug.intel.browsing import EventFilter, Wanted
from brug.intel.finding import find
from brug.intel.vocabulary.matching import match
from brug.model.errors import Invalid
from brug.model.event import Attribute
from brug.web import event_exports, lists, markings, navigation, rendering, words
from brug.web.page import page
from brug.web.visit import Reply, Visit

PER_PAGE = 50
WINDOW = 100
# Up to this size what is related stands on the page; above it, a link leads to it.
RELATED_AT_ONCE = 500


def tabs_of(visit: Visit) -> list[navigation.Link]:
    return navigation.tabs(
        navigation.INTELLIGENCE, visit.principal, visit.path, visit.gettext
    )  # fmt: skip


def event_filter(visit: Visit) -> EventFilter:
    """The list's filter, from the query string."""
    query = visit.query
    level, threat = query.text("level"), query.text("threat")
    return EventFilter(
        text=query.text("text")[:500],
        organisation=query.text("organisation")[:255],
        tag=query.text("tag")[:500],
        published={"1": True, "0": False}.get(query.get("published")),
        level=int(level) if level in {"0", "1", "2", "3", "4"} else None,
        threat=int(threat) if threat in {"1", "2", "3", "4"} else None,
        since=_day("since", query.text("since")),
        until=_day("until", query.text("until")),
        mine=query.flag("mine"),
    )


def _day(field: str, text: str) -> str | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise Invalid(field, "a date such as 2030-01-31", text) from error


@page(
    "/intelligence/events",
    shows=("event", "tag", "directory"),
    probe="/intelligence/events",
)  # fmt: skip
def listed(visit: Visit) -> Reply:
    wanted = event_filter(visit)
    sort = lists.sorting(visit, browsing.SORTS, "changed")
    as_file = visit.query.get("as")
    if as_file in event_exports.LISTS:
        rows, _ = browsing.events(
            visit.session, wanted, sort=sort.key, descending=sort.descending,
            limit=event_exports.MOST_ROWS,
        )  # fmt: skip
        return event_exports.LISTS[as_file](rows)
    number = lists.page_number(visit)
    rows, total = browsing.events(
        visit.session, wanted, sort=sort.key, descending=sort.descending,
        offset=(number - 1) * PER_PAGE, limit=PER_PAGE,
    )  # fmt: skip
    return visit.show(
        "events/_list.html" if _wants_part(visit, "events") else "events/list.html",
        tabs=tabs_of(visit),
        rows=[(row, markings.read(row.tags)) for row in rows],
        wanted=wanted,
        sort=sort,
        page=lists.paging(visit, len(rows), total, PER_PAGE, browsing.COUNTED),
        exports=[(name, rendering.address(visit.path, lists.kept(visit, "page") | {"as": name}))
                 for name in event_exports.LISTS],
        filtered=wanted != EventFilter(),
    )  # fmt: skip


def _wants_part(visit: Visit, target: str) -> bool:
    return visit.partial and visit.headers.get("hx-target") == target


@page(
    "/intelligence/events/{key:str}",
    shows=("event", "attribute", "object", "tag", "sighting", "report"),
    probe="/intelligence/events/{event}",
)
def event(visit: Visit) -> Reply:
    session = visit.session
    event_id = find(session, "event", visit.args["key"])
    if _wants_part(visit, "attributes"):
        return visit.show("events/_attributes.html", **_attributes(visit, event_id))
    found = loading.heads(session, [event_id])[event_id]
    window = _attributes(visit, event_id)
    objects, _ = browsing.object_counts(session, event_id)
    small = window["total_unfiltered"] <= RELATED_AT_ONCE
    owns = visibility.may_know_recipients(session, found.head)
    return visit.show(
        "events/event.html",
        tabs=tabs_of(visit),
        event=found.head,
        org=found.org,
        orgc=found.orgc,
        creator=found.creator_email,
        context_of=markings.read(found.tags),
        may_change=may_change(visit, found.head),
        objects_count=objects,
        reports=reports.of_events(session, [event_id]).get(event_id, []),
        recipients=visibility.count_recipients(session, event_id),
        knows_recipients=owns,
        group=_group_name(visit, found.head.sharing_group_id),
        related=related_events(visit, event_id) if small else None,
        sightings=browsing.recent_sightings(session, event_id, 20),
        acts=browsing.history(session, event_id),
        **window,
    )


def may_change(visit: Visit, head: Any) -> bool:
    """Whether the page offers changes; the database decides when one is made."""
    reader = visit.principal
    own = head.orgc_id == reader.org_id
    return (
        reader.is_site_admin
        or (own and reader.may("modify_org"))
        or (own and head.user_id == reader.user_id and reader.may("modify"))
    )


def _group_name(visit: Visit, group_id: int | None) -> str | None:
    if group_id is None:
        return None
    return visit.session.value("SELECT name FROM sharing_group WHERE id = %s", (group_id,))  # type: ignore[no-any-return]


def _attributes(visit: Visit, event_id: int) -> dict[str, Any]:
    """One window of the event's attributes, with what hangs on each."""
    session, query = visit.session, visit.query
    wanted = Wanted(
        text=query.text("text")[:500],
        type=query.text("type")[:100],
        category=query.text("category")[:100],
        to_ids={"1": True, "0": False}.get(query.get("ids")),
        deleted=query.flag("deleted"),
    )
    number = lists.page_number(visit)
    window = browsing.window(session, event_id, wanted, offset=(number - 1) * WINDOW, limit=WINDOW)
    types = browsing.types_of(session, event_id)
    items = window.attributes
    return {
        "event_id": event_id,
        "rows": rows_of(visit, items, [event_id]),
        "objects": window.objects,
        "wanted": wanted,
        "types": types,
        "total_unfiltered": sum(count for _, count in types),
        "page": lists.paging(visit, len(items), window.total, WINDOW, None),
        "base": f"/intelligence/events/{event_id}",
    }


def rows_of(visit: Visit, items: list[Attribute], own_events: list[int]) -> list[dict[str, Any]]:
    """Attributes with sightings, warninglist hits and what shares their values."""
    session = visit.session
    ids = [item.id for item in items]
    seen = browsing.sighting_counts(session, ids)
    warned = match(session, [(item.type, item.value1, item.value2) for item in items])
    hits = correlation.of_attributes(session, items, own_events)
    return [
        {
            "item": item,
            "context": markings.read(item.tags),
            "sightings": seen.get(item.id, (0, 0, 0)),
            "warned": warnings,
            "related": hits.get(item.id),
        }
        for item, warnings in zip(items, warned, strict=True)
    ]


def related_events(visit: Visit, event_id: int) -> list[dict[str, Any]]:
    """Events that share values with this one, with those values; most shared first."""
    session = visit.session
    switched_off = session.value("SELECT disable_correlation FROM event WHERE id = %s", (event_id,))
    if switched_off:
        return []
    mine = attributes.of_event(session, event_id)
    found: dict[int, dict[str, Any]] = {}
    for related in correlation.of_attributes(session, mine, [event_id]).values():
        for hit in related.hits:
            entry = found.setdefault(hit.event_id, {"hit": hit, "values": {}})
            entry["values"][hit.value] = hit.type
    names = {row[0]: row[1] for row in session.all("SELECT id, name FROM organisation")}
    for entry in found.values():
        entry["org"] = names.get(entry["hit"].orgc_id, "")
    return sorted(found.values(), key=lambda e: (-len(e["values"]), e["hit"].event_id))


@page(
    "/intelligence/events/{key:str}/related",
    shows=("event", "attribute"),
    probe="/intelligence/events/{event}/related",
)
def related(visit: Visit) -> Reply:
    event_id = find(visit.session, "event", visit.args["key"])
    found = loading.heads(visit.session, [event_id])[event_id]
    part = _wants_part(visit, "related")
    return visit.show(
        "events/_related.html" if part else "events/related.html",
        tabs=tabs_of(visit),
        event=found.head,
        related=related_events(visit, event_id),
    )


@page(
    "/intelligence/attributes/{key:str}",
    shows=("attribute", "event", "tag", "sighting"),
    probe="/intelligence/attributes/{attribute}",
)
def attribute(visit: Visit) -> Reply:
    """One attribute with everything about it."""
    session = visit.session
    attribute_id = find(session, "attribute", visit.args["key"])
    (item,) = attributes.by_ids(session, [attribute_id])
    attached = tags.of_attributes(session, [attribute_id])
    item.tags = attached.get(attribute_id, [])
    (row,) = rows_of(visit, [item], [item.event_id])
    found = loading.heads(session, [item.event_id])[item.event_id]
    return visit.show(
        "events/attribute.html",
        tabs=tabs_of(visit),
        item=item,
        row=row,
        event=found.head,
        orgc=found.orgc,
        object=browsing.objects_of(session, [item]).get(item.object_id),
        sightings=sightings.of_attributes(session, [attribute_id])[-100:],
        may_change=may_change(visit, found.head),
        group=_group_name(visit, item.sharing_group_id),
        level=words.LEVELS[item.distribution],
    )
