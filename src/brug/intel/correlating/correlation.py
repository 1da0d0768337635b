# SPDX-License-Identifier: EUPL-1.2
"""What shares a value with an event, found when somebody looks (no table of pairs).

Bounded per distinct value: at most LISTED hits, and a count up to COUNTED ("more than
1,000"). Only parts that correlate by their type take part, attributes and events may
switch it off, and values on a warninglist or excluded by hand do not correlate. Which hits
there are is decided under the session's policies: a hidden one is neither shown nor
counted.

How hits are found: `probing`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import LiteralString

import msgspec

from brug.intel.attribute_rows import parts_of
from brug.intel.correlating.correlation_exclusions import excluded
from brug.intel.correlating.correlation_rules import Head, ruled_out
from brug.intel.correlating.probing import (
    LISTED,
    MINE,
    Raw,
    drop_collisions,
    in_networks,
    probe,
)
from brug.intel.vocabulary.matching import match
from brug.model.event import Attribute
from brug.model.value_key import fold
from brug.store.session import Session

COUNTED = 1001


class Hit(msgspec.Struct, frozen=True):
    """An attribute elsewhere that shares a value; of the event only what a list shows."""

    attribute_id: int
    event_id: int
    type: str
    value: str
    info: str
    org_id: int
    orgc_id: int
    date: str


class Related(msgspec.Struct, frozen=True):
    """The hits of one attribute. `count` is COUNTED where there are more than it says."""

    hits: list[Hit]
    count: int


def _count(mine: LiteralString) -> LiteralString:
    return (
        "SELECT k.key, (SELECT count(*) FROM (SELECT 1 FROM attribute a WHERE a.key1 = k.key"
        + mine
        + " AND a.parts & 1 <> 0 AND NOT a.deleted AND a.event_id <> ALL (%(events)s)"
        " LIMIT %(limit)s) AS capped) FROM unnest(%(keys)s::bigint[]) AS k (key)"
    )


_COUNT, _COUNT_OF_ALL = _count(MINE), _count("")


def keys_of(attribute: Attribute) -> list[int]:
    """The keys under which an attribute correlates."""
    if attribute.disable_correlation:
        return []
    parts = parts_of(attribute.type)
    found = [attribute.key1] if parts & 1 else []
    if parts & 2 and attribute.key2 is not None:
        found.append(attribute.key2)
    return found


def folded_values(wanted: Iterable[Attribute]) -> dict[int, str]:
    """The folded values of attributes by their keys."""
    values = {a.key1: fold(a.value1) for a in wanted}
    return values | {a.key2: fold(a.value2) for a in wanted if a.key2 is not None}


def of_attributes(
    session: Session, wanted: Sequence[Attribute], own_events: Sequence[int]
) -> dict[int, Related]:
    """What relates to each attribute outside `own_events`; those without hits are left out."""
    found = _found(session, wanted, own_events)
    if not found:
        return {}
    shown = _shown(found, _heads(session, found, own_events))
    counts = _counts(session, found, own_events)
    related = {}
    for a in wanted:
        own = keys_of(a)
        distinct = {h.attribute_id: h for k in own for h in shown.get(k, ())}
        if distinct:
            count = max([len(distinct), *(counts.get(k, 0) for k in own)])
            related[a.id] = Related(list(distinct.values())[: LISTED - 1], count)
    return related


def related_events(
    session: Session, wanted: Sequence[Attribute], own_events: Sequence[int]
) -> list[int]:
    """The events in which `of_attributes` finds something, for whom they are enough."""
    found = _found(session, wanted, own_events)
    return sorted(_heads(session, found, own_events)) if found else []


def _found(
    session: Session, wanted: Sequence[Attribute], own_events: Sequence[int]
) -> dict[int, list[Raw]]:
    """By key, the attributes elsewhere that share the value for which it stands."""
    found = probe(session, {k for a in wanted for k in keys_of(a)}, own_events)
    around = in_networks(session, wanted, own_events)
    keys = found.keys() | around.keys()
    hit = [a for a in wanted if not keys.isdisjoint(keys_of(a))]
    if not hit:
        return {}
    values = folded_values(hit)
    drop_collisions(found, values)
    for k, hits in around.items():
        found.setdefault(k, []).extend(hits)
    _drop_known(session, found, hit, values)
    return found


def _drop_known(
    session: Session, found: dict[int, list[Raw]], hit: Sequence[Attribute], values: dict[int, str]
) -> None:
    """Takes out values that a warninglist knows or that were excluded by hand."""
    for k in excluded(session, values):
        found.pop(k, None)
    lists = match(session, [(a.type, a.value1, a.value2) for a in hit])
    for a, known in zip(hit, lists, strict=True):
        if known:
            for k in keys_of(a):
                found.pop(k, None)


def _heads(
    session: Session, found: Mapping[int, list[Raw]], own_events: Sequence[int]
) -> dict[int, Head]:
    """The events of hits without those that switched it off, or that a rule keeps apart."""
    event_ids = sorted({h.event_id for hits in found.values() for h in hits})
    heads = {
        row[0]: Head(*row[1:])
        for row in session.all(
            "SELECT id, info, org_id, orgc_id, date::text FROM event"
            " WHERE id = ANY (%s) AND NOT disable_correlation",
            (event_ids,),
        )
    }
    if len(own_events) == 1:
        for event_id in ruled_out(session, own_events[0], heads):
            del heads[event_id]
    return heads


def _shown(found: Mapping[int, list[Raw]], heads: Mapping[int, Head]) -> dict[int, list[Hit]]:
    """The hits with what a list shows of their events, as far as those take part."""
    return {k: list(_with_heads(hits, heads)) for k, hits in found.items()}


def _with_heads(hits: Iterable[Raw], heads: Mapping[int, Head]) -> Iterable[Hit]:
    for h in hits:
        head = heads.get(h.event_id)
        if head is not None:
            value = f"{h.value1}|{h.value2}" if h.value2 else h.value1
            yield Hit(
                h.attribute_id, h.event_id, h.type, value,
                head.info, head.org_id, head.orgc_id, head.date,
            )  # fmt: skip


def _counts(
    session: Session, found: dict[int, list[Raw]], own_events: Sequence[int]
) -> dict[int, int]:
    """How many hits there are of the values whose list is full."""
    full = [k for k, hits in found.items() if len(hits) >= LISTED]
    if not full:
        return {}
    query = _COUNT_OF_ALL if session.principal.is_site_admin else _COUNT
    parameters = {"keys": full, "events": list(own_events), "limit": COUNTED}
    return {int(k): int(n) for k, n in session.all(query, parameters)}
