# SPDX-License-Identifier: EUPL-1.2
"""Events: the list, one event, its attributes by windows, what is related to it."""

from datetime import date

from brug.bridges.afterwards import due
from brug.intel import browsing, delegating, loading, reports, visibility
from brug.intel.browsing import EventFilter
from brug.intel.counting import noticing, windows
from brug.intel.finding import find
from brug.intel.proposal import proposals
from brug.model.errors import Invalid
from brug.model.event import OWN_ORGANISATION, EventHead
from brug.web import event_exports, lists, markings, notes, rendering
from brug.web.event_values import group_name, may_change, related_events, tabs_of, window_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

PER_PAGE = 50
# Up to this size what is related stands on the page; above it, a link leads to it.
RELATED_AT_ONCE = 500


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
        "events/_list.html" if visit.wants("events") else "events/list.html",
        tabs=tabs_of(visit),
        rows=[(row, markings.read(row.tags)) for row in rows],
        wanted=wanted,
        sort=sort,
        page=lists.paging(visit, len(rows), total, PER_PAGE, browsing.COUNTED),
        exports=[(name, rendering.address(visit.path, lists.kept(visit, "page") | {"as": name}))
                 for name in event_exports.LISTS],
        filtered=wanted != EventFilter(),
    )  # fmt: skip


@page(
    "/intelligence/events/{key:str}",
    shows=("event", "attribute", "object", "tag", "sighting", "report", "proposal"),
    probe="/intelligence/events/{event}",
)
def event(visit: Visit) -> Reply:
    session = visit.session
    event_id = find(session, "event", visit.args["key"])
    if visit.wants("attributes"):
        return visit.show("events/_attributes.html", **window_of(visit, event_id))
    found = loading.heads(session, [event_id])[event_id]
    visit.node.opened(event_id, visit.principal)
    window = window_of(visit, event_id)
    objects, _ = windows.object_counts(session, event_id)
    small = window["total_unfiltered"] <= RELATED_AT_ONCE
    alone = found.head.distribution == OWN_ORGANISATION
    delegation = delegating.of_event(session, event_id) if alone else None
    owns = visibility.may_know_recipients(session, found.head)
    return visit.show(
        "events/event.html",
        tabs=tabs_of(visit),
        event=found.head,
        org=found.org,
        orgc=found.orgc,
        creator=found.creator_email,
        context_of=markings.named(session, markings.read(found.tags)),
        may_change=may_change(visit, found.head),
        objects_count=objects,
        reports=reports.of_events(session, [event_id]).get(event_id, []),
        recipients=visibility.count_recipients(session, event_id),
        knows_recipients=owns,
        group=group_name(visit, found.head.sharing_group_id),
        related=related_events(visit, event_id) if small else None,
        sightings=noticing.recent_sightings(session, event_id, 20),
        acts=windows.history(session, event_id),
        proposals=proposals.of_event(session, event_id) if found.has_proposals else [],
        delegation=delegation,
        may_delegate=delegation is None and _may_delegate(visit, found.head),
        said=notes.of_event(visit, event_id, found.head.uuid),
        goes=due.of_copy(session, event_id) if found.head.locked else None,
        **window,
    )


def _may_delegate(visit: Visit, head: EventHead) -> bool:
    """Whether the page offers to hand the event over."""
    reader = visit.principal
    own = reader.org_id == head.orgc_id == head.org_id
    return (
        own
        and head.distribution == OWN_ORGANISATION
        and reader.may("delegate")
        and delegating.enabled(visit.session)
    )
