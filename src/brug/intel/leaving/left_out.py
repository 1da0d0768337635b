# SPDX-License-Identifier: EUPL-1.2
"""What is left out of whatever a search gives out.

Always: values that the node's allowed list has (`brug.intel.patterns.allowed`). Where it is
asked: values that a warninglist knows; of an event that is found what is for detection only,
or not, and what has an unwanted tag (MISP 2.5). A node without an allowed list pays one look at it.
"""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from brug.intel.leaving.exporting import Selection, narrowed
from brug.intel.patterns import allowed
from brug.intel.search import resolving
from brug.intel.search.filters import Filters
from brug.intel.search.fragments import Fragment
from brug.intel.vocabulary.matching import match
from brug.model.event import Event, MispObject
from brug.store.session import Session

BATCH = 5_000


class Valued(Protocol):
    """An attribute, stored or found."""

    type: str
    value1: str
    value2: str


Item = TypeVar("Item", bound=Valued)


def acts(session: Session, filters: Filters) -> bool:
    """Whether anything may be left out of this search."""
    return filters.enforce_warninglist or allowed.fits(session) is not None


def without(session: Session, chosen: Selection, filters: Filters) -> Selection:
    """What is chosen, without what is to be left out: that is looked for first."""
    if not acts(session, filters):
        return chosen
    out: list[int] = []
    rows = chosen.rows("a.id, a.type, a.value1, a.value2", frozenset())
    with session.connection.cursor(name="leaving") as cursor:
        cursor.execute(rows.text, rows.params)
        while some := cursor.fetchmany(BATCH):
            gone = _gone(session, [row[1:] for row in some], filters)
            out += [row[0] for row, is_gone in zip(some, gone, strict=True) if is_gone]
    return narrowed(chosen, Fragment("a.id <> ALL (%s)", (out,))) if out else chosen


def kept(session: Session, items: list[Item], filters: Filters) -> list[Item]:
    """The items that are given out."""
    if not items or not acts(session, filters):
        return items
    gone = _gone(session, [(one.type, one.value1, one.value2) for one in items], filters)
    return [one for one, is_gone in zip(items, gone, strict=True) if not is_gone]


def thin_out(session: Session, events: Sequence[Event], filters: Filters) -> None:
    """Takes from loaded events, and the objects in them, what is not given out."""
    holders: list[Event | MispObject] = [
        *events,
        *(one for event in events for one in event.objects),
    ]
    _keep_wanted(session, holders, filters)
    if filters.deleted is True:
        for event in events:
            event.objects = [one for one in event.objects if one.deleted or one.attributes]
            event.reports = [one for one in event.reports if one.deleted]
    if not acts(session, filters):
        return
    items = [item for holder in holders for item in holder.attributes]
    left = {id(item) for item in kept(session, items, filters)}
    for holder in holders:
        holder.attributes = [item for item in holder.attributes if id(item) in left]


def _keep_wanted(session: Session, holders: Sequence[Event | MispObject], filters: Filters) -> None:
    """Of the attributes those that are or are not for detection, without unwanted tags.

    Where deleted ones alone are asked for, they alone stay.
    """
    unwanted = set(resolving.tags(session, list(filters.tags.none))) if filters.tags.none else set()
    only_deleted = filters.deleted is True
    if filters.to_ids is None and not unwanted and not only_deleted:
        return
    for holder in holders:
        holder.attributes = [
            item
            for item in holder.attributes
            if filters.to_ids in (None, item.to_ids)
            and (item.deleted or not only_deleted)
            and unwanted.isdisjoint(tag.id for tag in item.tags)
        ]


def _gone(session: Session, values: Sequence[tuple[str, str, str]], filters: Filters) -> list[bool]:
    fits = allowed.fits(session)
    gone = [
        fits is not None and fits(f"{first}|{second}" if second else first)
        for _, first, second in values
    ]
    if filters.enforce_warninglist:
        known = match(session, values)
        gone = [one or bool(hits) for one, hits in zip(gone, known, strict=True)]
    return gone
