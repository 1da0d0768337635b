# SPDX-License-Identifier: EUPL-1.2
"""The list of events: MISP's index filters, one page in one statement, its tags in another.

The filters of `/events/index` are not those of restSearch: alternatives stand beside each
other with `|`, titles are searched for a part, dates and times have other names.
"""

from collections.abc import Callable, Mapping
from typing import Any, LiteralString, NamedTuple

import msgspec

from brug.formats.misp import coercion
from brug.intel import loading
from brug.intel.search import conditions, filters, moments, terms
from brug.intel.search.attributes import order_by
from brug.intel.search.events import ORDERS
from brug.intel.search.filters import Days, Filters
from brug.intel.search.fragments import Fragment, all_of, negated
from brug.intel.search.matching import combined, numbers
from brug.intel.search.terms import Terms
from brug.model.event import EventHead, OrganisationRef
from brug.store.session import Session


class Listing(msgspec.Struct):
    """What a list of events is asked for."""

    filters: Filters
    parts: list[Fragment]
    minimal: bool = False
    ignored: tuple[str, ...] = ()


PROPOSED = Fragment("e.id IN (SELECT p.event_id FROM proposal p WHERE NOT p.deleted)")
# Events that the reader's organisation created.
OWN = Fragment("e.orgc_id = current_org_id()")


class ListedTag(NamedTuple):
    """A tag on a listed event; what is not to leave is not listed."""

    id: int
    tag_id: int
    name: str
    colour: str
    is_galaxy: bool
    local: bool
    relationship_type: str | None


class Listed(NamedTuple):
    """An event in a list."""

    head: EventHead
    org: OrganisationRef
    orgc: OrganisationRef
    tags: list[ListedTag]


def _alternatives(field: str, raw: Any) -> Terms:
    """Terms that may stand beside each other with `|`; one `!` before them is for all."""
    if not isinstance(raw, str):
        return terms.read(field, raw)
    negative = raw.startswith("!")
    parts = [part for part in raw.removeprefix("!").split("|") if part]
    return terms.read(field, {"NOT" if negative else "OR": parts})


def _terms(name: str) -> Callable[[Listing, str, Any], None]:
    def put(listing: Listing, given: str, raw: Any) -> None:
        setattr(listing.filters, name, _alternatives(given, raw))

    return put


def _part_of_title(listing: Listing, given: str, raw: Any) -> None:
    found = _alternatives(given, raw)
    # MISP's clients double a backslash: in its patterns one alone means the next character.
    any_of = dict.fromkeys((*found.any, *(t.replace("\\\\", "\\") for t in found.any)))
    listing.filters.eventinfo = Terms(*(tuple(f"%{t}%" for t in ts) for ts in (
        any_of, found.all, found.none)))  # fmt: skip


def _everywhere(listing: Listing, given: str, raw: Any) -> None:
    found = coercion.text(given, raw).strip("%")
    if found:
        listing.filters.searchall = Terms(any=(f"%{found}%",))


def _number(column: LiteralString) -> Callable[[Listing, str, Any], None]:
    def put(listing: Listing, given: str, raw: Any) -> None:
        if found := _alternatives(given, raw):
            listing.parts.append(numbers(column, found))

    return put


def _email(listing: Listing, given: str, raw: Any) -> None:
    """Told to the same organisation only, so found by it only."""
    if found := _alternatives(given, raw):
        listing.parts.append(
            combined(
                found,
                lambda some: Fragment(
                    "lower(creator_email(e.user_id)) = ANY (%s)", ([t.lower() for t in some],)
                ),
            )
        )


def _proposal(listing: Listing, given: str, raw: Any) -> None:
    """Whether an open one is seen; 2 means both."""
    if str(raw) not in {"2", "any"}:
        has = coercion.flag(given, raw)
        listing.parts.append(PROPOSED if has else negated(PROPOSED))


def _published(listing: Listing, given: str, raw: Any) -> None:
    """2 means both."""
    if str(raw) not in {"2", "any"}:
        filters.FILTERS["published"].put(listing.filters, given, raw)


def _first_day(listing: Listing, given: str, raw: Any) -> None:
    listing.filters.days = Days(moments.day(given, raw), listing.filters.days.last)


def _last_day(listing: Listing, given: str, raw: Any) -> None:
    listing.filters.days = Days(listing.filters.days.first, moments.day(given, raw))


def _minimal(listing: Listing, given: str, raw: Any) -> None:
    listing.minimal = coercion.flag(given, raw)


def _as(name: str) -> Callable[[Listing, str, Any], None]:
    """As restSearch's filter of that name."""

    def put(listing: Listing, given: str, raw: Any) -> None:
        filters.FILTERS[name].put(listing.filters, given, raw)

    return put


def _sort(listing: Listing, _: str, raw: Any) -> None:
    listing.filters.order = f"{raw} {listing.filters.order}" if isinstance(raw, str) else ""


def _direction(listing: Listing, _: str, raw: Any) -> None:
    """After the column, if there is one; `read` puts it last."""
    if listing.filters.order and raw in {"asc", "desc"}:
        listing.filters.order = f"{listing.filters.order.split()[0]} {raw}"


PARAMETERS: Mapping[str, Callable[[Listing, str, Any], None]] = {
    "all": _everywhere, "searchall": _everywhere, "attribute": _terms("value"),
    "value": _terms("value"), "published": _published, "eventid": _terms("eventid"),
    "datefrom": _first_day, "dateuntil": _last_day, "org": _terms("org"),
    "eventinfo": _part_of_title, "tag": _terms("event_tags"), "tags": _terms("event_tags"),
    "distribution": _number("e.distribution"), "sharinggroup": _number("e.sharing_group_id"),
    "analysis": _number("e.analysis"), "threatlevel": _number("e.threat_level_id"),
    "email": _email, "hasproposal": _proposal, "timestamp": _as("timestamp"),
    "publishtimestamp": _as("publish_timestamp"), "publish_timestamp": _as("publish_timestamp"),
    "minimal": _minimal, "limit": _as("limit"), "page": _as("page"), "sort": _sort,
    "direction": _direction,
}  # fmt: skip


def read(given: Mapping[str, Any]) -> Listing:
    """Raises Invalid, naming the parameter."""
    listing = Listing(Filters(), [])
    ignored = []
    for name in sorted(given, key=lambda one: one.lower() == "direction"):
        put = PARAMETERS.get(name.lower())
        if put is None:
            ignored.append(str(name)[:60])
        elif given[name] is not None and given[name] != "":
            put(listing, name, given[name])
    listing.ignored = tuple(ignored)
    return listing


_SELECT: LiteralString = (
    "SELECT " + loading.HEAD + ", o.id, o.name, o.uuid::text, c.id, c.name, c.uuid::text"
    " FROM event e JOIN organisation o ON o.id = e.org_id JOIN organisation c ON c.id = e.orgc_id"
    " WHERE "
)
_WIDTH = len(EventHead.__struct_fields__)
_WITH_ATTRIBUTES = Fragment(
    "EXISTS (SELECT 1 FROM attribute a WHERE a.event_id = e.id AND NOT a.deleted)"
)
# What a partner can be served: a protected event that this node cannot sign is refused there.
SIGNABLE = Fragment(
    "(e.protected IS NOT TRUE OR EXISTS (SELECT 1 FROM cryptographic_key k"
    " JOIN node_key n ON n.name = 'openpgp' AND n.fingerprint = k.fingerprint"
    " WHERE k.event_id = e.id AND NOT k.revoked))"
)
SORTS = ORDERS | {"org": "o.name", "org.name": "o.name", "orgc": "c.name", "orgc.name": "c.name",
                  "owner_org": "o.name", "threat_level": "e.threat_level_id"}  # fmt: skip


def page(session: Session, listing: Listing) -> tuple[list[Listed], int]:
    """The events of a page, and the number of all."""
    asked = listing.filters
    condition = _condition(session, listing)
    text = _SELECT + condition.text + order_by(asked.order, SORTS, "event")
    params = condition.params
    if asked.limit is not None:
        text += " LIMIT %s OFFSET %s"
        params = (*params, asked.limit, asked.offset)
    rows = session.all(text, params)
    found = [_listed(row) for row in rows]
    if not listing.minimal:
        _tag(session, found)
    if asked.limit is None or (asked.page == 1 and len(found) < asked.limit):
        return found, len(found)
    total: LiteralString = "SELECT count(*) FROM event e WHERE "
    return found, int(session.value(total + condition.text, condition.params))


def _condition(session: Session, listing: Listing) -> Fragment:
    parts = [conditions.events(session, listing.filters), *listing.parts]
    if listing.minimal:
        parts.append(_WITH_ATTRIBUTES)
    return all_of(parts)


def _listed(row: tuple[Any, ...]) -> Listed:
    return Listed(
        EventHead(*row[:_WIDTH]),
        OrganisationRef(*row[_WIDTH : _WIDTH + 3]),
        OrganisationRef(*row[_WIDTH + 3 :]),
        [],
    )


def _tag(session: Session, found: list[Listed]) -> None:
    by_id = {one.head.id: one for one in found}
    rows = session.all(
        "SELECT x.event_id, x.id, t.id, t.name, t.colour, t.is_galaxy, x.local,"
        " x.relationship_type FROM event_tag x JOIN tag t ON t.id = x.tag_id AND t.exportable"
        " WHERE x.event_id = ANY (%s) ORDER BY x.id",
        (list(by_id),),
    )
    for event_id, *tag in rows:
        by_id[event_id].tags.append(ListedTag(*tag))
