# SPDX-License-Identifier: EUPL-1.2
"""Filters by tag -> conditions: of the item itself or of its event.

A tag that is on few items becomes their ids, which an index answers; one that is on many is
looked for item by item.
"""

from typing import LiteralString, NamedTuple

from brug.intel.search import resolving
from brug.intel.search.fragments import NOTHING, Fragment, all_of, negated
from brug.intel.search.matching import combined
from brug.intel.search.terms import Terms
from brug.store.session import Session

_ON_ATTRIBUTE: LiteralString = (
    "EXISTS (SELECT 1 FROM attribute_tag t WHERE t.attribute_id = a.id AND t.tag_id = ANY (%s))"
)


def _on_event(event_id: LiteralString) -> LiteralString:
    return (
        "EXISTS (SELECT 1 FROM event_tag t WHERE t.event_id = "
        + event_id
        + " AND t.tag_id = ANY (%s))"
    )


class HasTag(NamedTuple):
    """How a scope says that something carries one of some tags: of few items, of many."""

    few: LiteralString
    many: LiteralString


ATTRIBUTE = HasTag(
    "a.event_id = ANY (%s) OR a.id = ANY (%s)",
    _on_event("a.event_id") + " OR " + _ON_ATTRIBUTE,
)
EVENT = HasTag(
    "e.id = ANY (%s) OR e.id IN (SELECT a.event_id FROM attribute a WHERE a.id = ANY (%s))",
    _on_event("e.id")
    + " OR EXISTS (SELECT 1 FROM attribute_tag t WHERE t.event_id = e.id AND t.tag_id = ANY (%s))",
)
OBJECT = HasTag(
    "o.event_id = ANY (%s) OR o.id IN (SELECT a.object_id FROM attribute a WHERE a.id = ANY (%s))",
    _on_event("o.event_id")
    + " OR EXISTS (SELECT 1 FROM attribute a WHERE a.object_id = o.id AND "
    + _ON_ATTRIBUTE
    + ")",
)


def tagged(session: Session, terms: Terms, has: HasTag) -> Fragment:
    def condition(some: list[str]) -> Fragment:
        ids = resolving.tags(session, some)
        if not ids:
            return NOTHING
        found = resolving.tagged(session, ids)
        if found is None:
            return Fragment(has.many, (ids, ids))
        return Fragment(has.few, (found.events, found.attributes))

    return combined(terms, condition)


def tagged_events(session: Session, terms: Terms) -> Fragment:
    """Of events whose attributes have an unwanted tag only these are left out, not the event."""
    wanted = tagged(session, Terms(terms.any, terms.all), EVENT)
    if not terms.none:
        return wanted
    return all_of([wanted, negated(event_itself_has(session, list(terms.none)))])


def event_itself_has(session: Session, some: list[str]) -> Fragment:
    """Not by way of its attributes."""
    return Fragment(_on_event("e.id"), (resolving.tags(session, some),))
