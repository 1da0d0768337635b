# SPDX-License-Identifier: EUPL-1.2
"""What pages show of an event's parts: windows of values, one value, related events."""

from typing import Any

from brug.intel import attributes, loading
from brug.intel.correlating import correlation
from brug.intel.counting import noticing, windows
from brug.intel.counting.windows import Wanted
from brug.intel.feed import feed_hits
from brug.intel.finding import find
from brug.intel.label import tags
from brug.intel.sighting import sightings
from brug.intel.vocabulary.matching import match
from brug.model.event import Attribute, EventHead
from brug.web import lists, markings, navigation, words
from brug.web.page import page
from brug.web.visit import Reply, Visit

WINDOW = 100


def tabs_of(visit: Visit) -> list[navigation.Link]:
    return navigation.tabs(
        navigation.INTELLIGENCE, visit.principal, visit.path, visit.gettext
    )  # fmt: skip


def may_change(visit: Visit, head: EventHead) -> bool:
    """Whether the page offers changes; the database decides when one is made."""
    reader = visit.principal
    own = head.orgc_id == reader.org_id
    return (
        reader.is_site_admin
        or (own and reader.may("modify_org"))
        or (own and head.user_id == reader.user_id and reader.may("modify"))
    )


def group_name(visit: Visit, group_id: int | None) -> str | None:
    if group_id is None:
        return None
    return visit.session.value("SELECT name FROM sharing_group WHERE id = %s", (group_id,))  # type: ignore[no-any-return]


def window_of(visit: Visit, event_id: int) -> dict[str, Any]:
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
    window = windows.window(session, event_id, wanted, offset=(number - 1) * WINDOW, limit=WINDOW)
    types = windows.types_of(session, event_id)
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
    """Attributes with sightings, warninglist hits, feeds and what shares their values."""
    session = visit.session
    ids = [item.id for item in items]
    seen = noticing.sighting_counts(session, ids)
    warned = match(session, [(item.type, item.value1, item.value2) for item in items])
    hits = correlation.of_attributes(session, items, own_events)
    known = feed_hits.of_attributes(session, items)
    return [
        {
            "item": item,
            "context": markings.read(item.tags),
            "sightings": seen.get(item.id, (0, 0, 0)),
            "warned": warnings,
            "related": hits.get(item.id),
            "feeds": known.get(item.id, []),
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
    part = visit.wants("related")
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
    markings.named(session, row["context"])
    found = loading.heads(session, [item.event_id])[item.event_id]
    return visit.show(
        "events/attribute.html",
        tabs=tabs_of(visit),
        item=item,
        row=row,
        event=found.head,
        orgc=found.orgc,
        object=windows.objects_of(session, [item]).get(item.object_id),
        sightings=sightings.of_attributes(session, [attribute_id])[-100:],
        may_change=may_change(visit, found.head),
        group=group_name(visit, item.sharing_group_id),
        level=words.LEVELS[item.distribution],
    )
