# SPDX-License-Identifier: EUPL-1.2
"""The filters of searches: one table of names, readers and scopes.

MISP's own restSearch parameters, each acting where a MISP 2.5.1 was seen to act (a filter
that it ignores in a scope is ignored here too). Unknown parameters are ignored and named in
`ignored`, so that the caller can count or refuse them.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from brug.formats.misp import coercion
from brug.intel.search import moments, terms
from brug.intel.search.moments import Period
from brug.intel.search.terms import Terms

Scope = Literal["attributes", "events", "objects"]
NO_TERMS = Terms()
MOST_PER_PAGE = 10_000_000


class Days(msgspec.Struct, frozen=True):
    """The dates of events, both within."""

    first: str | None = None
    last: str | None = None


class Filters(msgspec.Struct):
    """What is asked for; a field that nobody asked about restricts nothing."""

    value: Terms = NO_TERMS
    value1: Terms = NO_TERMS
    value2: Terms = NO_TERMS
    type: Terms = NO_TERMS
    category: Terms = NO_TERMS
    object_relation: Terms = NO_TERMS
    object_name: Terms = NO_TERMS
    org: Terms = NO_TERMS
    tags: Terms = NO_TERMS
    event_tags: Terms = NO_TERMS
    eventid: Terms = NO_TERMS
    uuid: Terms = NO_TERMS
    eventinfo: Terms = NO_TERMS
    threat_level_id: Terms = NO_TERMS
    analysis: Terms = NO_TERMS
    distribution: Terms = NO_TERMS
    sharinggroup: Terms = NO_TERMS
    searchall: Terms = NO_TERMS
    days: Days = Days()
    last: Period | None = None
    publish_timestamp: Period | None = None
    timestamp: Period | None = None
    event_timestamp: Period | None = None
    attribute_timestamp: Period | None = None
    first_seen: Period | None = None
    last_seen: Period | None = None
    published: bool | None = None
    to_ids: bool | None = None
    # None: without; True: only; "both".
    deleted: bool | Literal["both"] | None = None
    enforce_warninglist: bool = False
    limit: int | None = None
    page: int = 1
    order: str = ""
    ignored: tuple[str, ...] = ()

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.limit if self.limit else 0


def _terms(name: str) -> Callable[[Filters, str, Any], None]:
    def put(filters: Filters, given: str, raw: Any) -> None:
        setattr(filters, name, terms.read(given, raw))

    return put


def _period(name: str) -> Callable[[Filters, str, Any], None]:
    def put(filters: Filters, given: str, raw: Any) -> None:
        setattr(filters, name, moments.period(given, raw))

    return put


def _seen(name: str) -> Callable[[Filters, str, Any], None]:
    """Of first_seen the earliest, of last_seen the latest moment; a pair is a period."""

    def put(filters: Filters, given: str, raw: Any) -> None:
        found = moments.period(given, raw)
        if found is not None and name == "last_seen" and found.until is None:
            found = Period(None, found.since, found.impossible)
        setattr(filters, name, found)

    return put


def _choice(name: str) -> Callable[[Filters, str, Any], None]:
    """A flag; a list of both values restricts nothing."""

    def put(filters: Filters, given: str, raw: Any) -> None:
        chosen = {_flag(given, one) for one in (raw if isinstance(raw, list) else [raw])}
        setattr(filters, name, chosen.pop() if len(chosen) == 1 else None)

    return put


def _flag(field: str, raw: Any) -> bool:
    return False if raw == "exclude" else coercion.flag(field, raw)


def _deleted(filters: Filters, given: str, raw: Any) -> None:
    if isinstance(raw, str) and raw.lower() == "only":
        filters.deleted = True
        return
    chosen = {_flag(given, one) for one in (raw if isinstance(raw, list) else [raw])}
    filters.deleted = "both" if len(chosen) > 1 else True if chosen == {True} else None


def _first_day(filters: Filters, given: str, raw: Any) -> None:
    filters.days = Days(moments.day(given, raw), filters.days.last)


def _last_day(filters: Filters, given: str, raw: Any) -> None:
    filters.days = Days(filters.days.first, moments.day(given, raw))


def _days(filters: Filters, given: str, raw: Any) -> None:
    if isinstance(raw, list) and len(raw) == 2:
        _first_day(filters, given, raw[0])
        _last_day(filters, given, raw[1])
    else:
        _first_day(filters, given, raw)


def _warninglists(filters: Filters, given: str, raw: Any) -> None:
    filters.enforce_warninglist = coercion.flag(given, raw)


def _limit(filters: Filters, given: str, raw: Any) -> None:
    found = coercion.integer(given, raw, -1, MOST_PER_PAGE)
    filters.limit = found if found is not None and found > 0 else None


def _page(filters: Filters, given: str, raw: Any) -> None:
    filters.page = max(1, coercion.integer(given, raw, -1, MOST_PER_PAGE) or 1)


def _order(filters: Filters, _: str, raw: Any) -> None:
    """Texts only; whether it is a known order is decided where it is used."""
    one = raw[0] if isinstance(raw, list) and raw else raw
    if isinstance(raw, dict):
        one = next((f"{k} {v}" for k, v in raw.items()), "")
    filters.order = one if isinstance(one, str) else ""


class Filter(msgspec.Struct, frozen=True):
    """One parameter: where it goes, in which scopes it acts, what it means."""

    put: Callable[[Filters, str, Any], None]
    scopes: frozenset[Scope]
    meaning: str


A: frozenset[Scope] = frozenset({"attributes"})
E: frozenset[Scope] = frozenset({"events"})
O: frozenset[Scope] = frozenset({"objects"})  # noqa: E741 — the three scopes, side by side

FILTERS: Mapping[str, Filter] = {
    "value": Filter(_terms("value"), A | E | O, "Value or part of a composite; % is a wildcard."),
    "value1": Filter(_terms("value1"), A, "First part of the value."),
    "value2": Filter(_terms("value2"), A, "Second part of the value."),
    "type": Filter(_terms("type"), A | E | O, "Attribute type."),
    "category": Filter(_terms("category"), A | E | O, "Attribute category."),
    "object_relation": Filter(_terms("object_relation"), A | E | O, "Role in an object."),
    "object_name": Filter(_terms("object_name"), O, "Name of an object."),
    "org": Filter(_terms("org"), A | E | O, "Creator organisation: id, UUID or name."),
    "tags": Filter(_terms("tags"), A | E | O, "Tag of the attribute or its event; case matters."),
    "tag": Filter(_terms("tags"), E, "As tags."),
    "event_tags": Filter(_terms("event_tags"), E, "Tag of the event itself."),
    "eventid": Filter(_terms("eventid"), A | E | O, "Event: id or UUID."),
    "uuid": Filter(_terms("uuid"), A | E | O, "UUID of the event or the attribute."),
    "eventinfo": Filter(_terms("eventinfo"), A | E, "Title of the event; % is a wildcard."),
    "threat_level_id": Filter(_terms("threat_level_id"), A | E, "Threat level, 1 to 4."),
    "sharinggroup": Filter(_terms("sharinggroup"), A | E, "Sharing group, by id."),
    "searchall": Filter(_terms("searchall"), E, "Text in titles, tags, values or comments."),
    "from": Filter(_first_day, A | E | O, "Events dated this day or later."),
    "to": Filter(_last_day, A | E | O, "Events dated this day or earlier."),
    "date": Filter(_days, A | E | O, "As from; a pair is a period."),
    "last": Filter(_period("last"), A | E | O, "Published since: 5d, 12h, 30m, or a pair."),
    "publish_timestamp": Filter(_period("publish_timestamp"), A | E | O, "Published since."),
    "timestamp": Filter(_period("timestamp"), A | E | O, "Changed since."),
    "event_timestamp": Filter(_period("event_timestamp"), A | E | O, "Event changed since."),
    "attribute_timestamp": Filter(_period("attribute_timestamp"), A | O, "As timestamp."),
    "first_seen": Filter(_seen("first_seen"), A | O, "First seen at this moment or later."),
    "last_seen": Filter(_seen("last_seen"), A | O, "Last seen at this moment or earlier."),
    "published": Filter(_choice("published"), A | E | O, "Whether the event is published."),
    "to_ids": Filter(_choice("to_ids"), A | E | O, "Whether it is for detection."),
    "deleted": Filter(_deleted, A | E | O, "1: only deleted ones; [0, 1]: these too."),
    "enforceWarninglist": Filter(_warninglists, A | E | O, "Leaves out known false positives."),
    "limit": Filter(_limit, A | E | O, "Items on a page; 0 or nothing: all."),
    "page": Filter(_page, A | E | O, "Which page, from 1."),
    "order": Filter(_order, A | E | O, "Column and asc or desc."),
}  # fmt: skip


def read(scope: Scope, given: Mapping[str, Any], known: frozenset[str] = frozenset()) -> Filters:
    """The filters among some parameters; `known` are others that the caller understands.

    Raises Invalid, naming the parameter.
    """
    filters = Filters()
    ignored = []
    for name, raw in given.items():
        row = FILTERS.get(name)
        if row is None or scope not in row.scopes:
            if name not in known:
                ignored.append(str(name)[:60])
            continue
        if raw is None:
            continue
        row.put(filters, name, raw)
    _search_everywhere(filters)
    filters.ignored = tuple(ignored)
    return filters


def _search_everywhere(filters: Filters) -> None:
    """`searchall` as a mere flag means the value, looked for everywhere."""
    if filters.searchall.any in {("1",), ("true",)} and filters.value:
        filters.searchall, filters.value = filters.value, NO_TERMS
