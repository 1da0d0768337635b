# SPDX-License-Identifier: EUPL-1.2
"""What shares a value with an event, found when somebody looks (no table of pairs).

Bounded per distinct value: at most LISTED hits, and a count up to COUNTED ("more than
1,000"). Only parts that correlate by their type take part, attributes and events may
switch it off, and values on a warninglist or excluded by hand do not correlate. Which hits
there are is decided under the session's policies: a hidden one is neither shown nor
counted.

The audience stands in the index behind the key, so a reader who sees none of 100,000 hits
of a hot value probes the audiences that exist for it instead of reading the hits; a
session of everything has no such condition (two statements, one shape).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import LiteralString

import msgspec

from brug.intel.attribute_rows import parts_of
from brug.intel.correlating.correlation_exclusions import excluded
from brug.intel.correlating.correlation_rules import Head, ruled_out
from brug.intel.vocabulary.matching import match
from brug.model.event import Attribute
from brug.model.value_key import address, containing_networks, fold, key, network
from brug.store.rows import array
from brug.store.session import Session

LISTED = 21
COUNTED = 1001
# Networks shorter than these are only counted, on request: a /8 contains too much.
SHORTEST = {4: 16, 6: 32}


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


_HIT: LiteralString = "a.id, a.event_id, a.type, a.value1, a.value2"
# The set is read once a statement (as a subquery), not once a probe.
_MINE: LiteralString = " AND a.audience = ANY ((SELECT my_audiences())::int[])"


def _by_part(part: LiteralString, bit: LiteralString, mine: LiteralString) -> LiteralString:
    return (
        "SELECT k.key, " + _HIT + " FROM unnest(%(keys)s::bigint[]) AS k (key)"
        " CROSS JOIN LATERAL (SELECT " + _HIT + " FROM attribute a WHERE a." + part + " = k.key"
        + mine + " AND a.parts & " + bit + " <> 0 AND NOT a.deleted"
        " AND a.event_id <> ALL (%(events)s) LIMIT %(limit)s) AS a"
    )  # fmt: skip


def _by_key(mine: LiteralString) -> LiteralString:
    # One join for each part: both in one cost half as much again, a row at a time.
    return _by_part("key1", "1", mine) + " UNION ALL " + _by_part("key2", "2", mine)


def _in_network(mine: LiteralString) -> LiteralString:
    return (
        "SELECT n.key, " + _HIT + " FROM unnest(%(keys)s::bigint[], %(low)s::inet[],"
        " %(high)s::inet[]) AS n (key, low, high)"
        " CROSS JOIN LATERAL (SELECT " + _HIT + " FROM attribute a"
        " WHERE a.ip >= n.low AND a.ip <= n.high"
        + mine
        + " AND a.parts & 1 <> 0 AND NOT a.deleted AND a.event_id <> ALL (%(events)s)"
        " LIMIT %(limit)s) AS a"
    )


_BY_KEY, _BY_KEY_OF_ALL = _by_key(_MINE), _by_key("")
_IN_NETWORK, _IN_NETWORK_OF_ALL = _in_network(_MINE), _in_network("")


def _count(mine: LiteralString) -> LiteralString:
    return (
        "SELECT k.key, (SELECT count(*) FROM (SELECT 1 FROM attribute a WHERE a.key1 = k.key"
        + mine
        + " AND a.parts & 1 <> 0 AND NOT a.deleted AND a.event_id <> ALL (%(events)s)"
        " LIMIT %(limit)s) AS capped) FROM unnest(%(keys)s::bigint[]) AS k (key)"
    )


_COUNT, _COUNT_OF_ALL = _count(_MINE), _count("")


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
) -> "dict[int, list[_Raw]]":
    """By key, the attributes elsewhere that share the value for which it stands."""
    found = _probe(session, {k for a in wanted for k in keys_of(a)}, own_events)
    around = _networks(session, wanted, own_events)
    keys = found.keys() | around.keys()
    hit = [a for a in wanted if not keys.isdisjoint(keys_of(a))]
    if not hit:
        return {}
    values = folded_values(hit)
    _drop_collisions(found, values)
    for k, hits in around.items():
        found.setdefault(k, []).extend(hits)
    _drop_known(session, found, hit, values)
    return found


class _Raw(msgspec.Struct, gc=False):
    key: int
    attribute_id: int
    event_id: int
    type: str
    value1: str
    value2: str


def _probe(
    session: Session, keys: Collection[int], own_events: Sequence[int]
) -> dict[int, list[_Raw]]:
    found: dict[int, list[_Raw]] = {}
    if not keys:
        return found
    query = _BY_KEY_OF_ALL if session.principal.is_site_admin else _BY_KEY
    parameters = {"keys": array(list(keys)), "events": list(own_events), "limit": LISTED}
    for row in session.all(query, parameters):
        found.setdefault(row[0], []).append(_Raw(*row))
    return found


def _holds(hit: _Raw, folded: str) -> bool:
    """Most values are stored as they fold; folding them again is for those that are not."""
    return folded in (hit.value1, hit.value2) or folded in (fold(hit.value1), fold(hit.value2))


def _drop_collisions(found: dict[int, list[_Raw]], values: dict[int, str]) -> None:
    """A mere collision of keys is no hit."""
    for k, hits in list(found.items()):
        same = [h for h in hits if _holds(h, values[k])]
        if same:
            found[k] = same
        else:
            del found[k]


def _networks(
    session: Session, wanted: Sequence[Attribute], own_events: Sequence[int]
) -> dict[int, list[_Raw]]:
    """An address and the networks around it; a network and the addresses inside it."""
    addresses = [text for a in wanted if (text := _address_of(a)) is not None]
    ranges = {a.value1: key(fold(a.value1)) for a in wanted if "/" in a.value1 and _is_ip(a)}
    found: dict[int, list[_Raw]] = {}
    if addresses:
        _around(session, addresses, own_events, found)
    if ranges:
        _inside(session, ranges, own_events, found)
    return found


def _is_ip(a: Attribute) -> bool:
    return a.type in {"ip-src", "ip-dst"} and not a.disable_correlation


def _address_of(a: Attribute) -> str | None:
    return None if a.disable_correlation else address(a.type, a.value1, a.value2)


def _around(
    session: Session,
    addresses: Iterable[str],
    own_events: Sequence[int],
    found: dict[int, list[_Raw]],
) -> None:
    lengths: dict[int, list[int]] = {4: [], 6: []}
    for version, length in session.all("SELECT version, length FROM network_length"):
        if length >= SHORTEST[version]:
            lengths[version].append(length)
    if not any(lengths.values()):
        return
    inside: dict[int, set[int]] = {}
    networks: dict[int, str] = {}
    for text in addresses:
        for around in containing_networks(text, lengths[6 if ":" in text else 4]):
            networks[key(around)] = around
            inside.setdefault(key(around), set()).add(key(fold(text)))
    if not networks:
        return
    around_them = _probe(session, networks, own_events)
    _drop_collisions(around_them, networks)
    for k, hits in around_them.items():
        for own in inside[k]:
            found.setdefault(own, []).extend(hits)


def _inside(
    session: Session,
    ranges: dict[str, int],
    own_events: Sequence[int],
    found: dict[int, list[_Raw]],
) -> None:
    keys, low, high = [], [], []
    for text, own in ranges.items():
        net = network(text)
        if net is None or net.prefixlen < SHORTEST[net.version]:
            continue
        keys.append(own)
        low.append(str(net[0]))
        high.append(str(net[-1]))
    if not keys:
        return
    parameters = {
        "keys": keys, "low": low, "high": high, "events": list(own_events), "limit": LISTED,
    }  # fmt: skip
    query = _IN_NETWORK_OF_ALL if session.principal.is_site_admin else _IN_NETWORK
    for row in session.all(query, parameters):
        found.setdefault(row[0], []).append(_Raw(*row))


def _drop_known(
    session: Session, found: dict[int, list[_Raw]], hit: Sequence[Attribute], values: dict[int, str]
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
    session: Session, found: Mapping[int, list[_Raw]], own_events: Sequence[int]
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


def _shown(found: Mapping[int, list[_Raw]], heads: Mapping[int, Head]) -> dict[int, list[Hit]]:
    """The hits with what a list shows of their events, as far as those take part."""
    return {k: list(_with_heads(hits, heads)) for k, hits in found.items()}


def _with_heads(hits: Iterable[_Raw], heads: Mapping[int, Head]) -> Iterable[Hit]:
    for h in hits:
        head = heads.get(h.event_id)
        if head is not None:
            value = f"{h.value1}|{h.value2}" if h.value2 else h.value1
            yield Hit(
                h.attribute_id, h.event_id, h.type, value,
                head.info, head.org_id, head.orgc_id, head.date,
            )  # fmt: skip


def _counts(
    session: Session, found: dict[int, list[_Raw]], own_events: Sequence[int]
) -> dict[int, int]:
    """How many hits there are of the values whose list is full."""
    full = [k for k, hits in found.items() if len(hits) >= LISTED]
    if not full:
        return {}
    query = _COUNT_OF_ALL if session.principal.is_site_admin else _COUNT
    parameters = {"keys": full, "events": list(own_events), "limit": COUNTED}
    return {int(k): int(n) for k, n in session.all(query, parameters)}
