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

from collections.abc import Iterable, Mapping, Sequence
from typing import LiteralString

import msgspec

from brug.intel.attributes import parts_of
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
    attribute_uuid: str
    event_id: int
    type: str
    category: str
    to_ids: bool
    value: str
    info: str
    org_id: int
    orgc_id: int
    date: str


class Related(msgspec.Struct, frozen=True):
    """The hits of one attribute. `count` is COUNTED where there are more than it says."""

    hits: list[Hit]
    count: int


_HIT: LiteralString = (
    "a.id, a.uuid::text, a.event_id, a.type, a.category, a.to_ids, a.value1, a.value2"
)
# The set is read once a statement (as a subquery), not once a probe.
_MINE: LiteralString = " AND a.audience = ANY ((SELECT my_audiences())::int[])"


def _by_key(mine: LiteralString) -> LiteralString:
    return (
        "SELECT k.key, " + _HIT + " FROM unnest(%(keys)s::bigint[]) AS k (key)"
        " CROSS JOIN LATERAL ("
        "  (SELECT * FROM attribute a WHERE a.key1 = k.key" + mine + " AND a.parts & 1 <> 0"
        "    AND NOT a.deleted AND a.event_id <> ALL (%(events)s) LIMIT %(limit)s)"
        "  UNION ALL"
        "  (SELECT * FROM attribute a WHERE a.key2 = k.key" + mine + " AND a.parts & 2 <> 0"
        "    AND NOT a.deleted AND a.event_id <> ALL (%(events)s) LIMIT %(limit)s)) AS a"
    )


def _in_network(mine: LiteralString) -> LiteralString:
    return (
        "SELECT n.key, " + _HIT + " FROM unnest(%(keys)s::bigint[], %(low)s::inet[],"
        " %(high)s::inet[]) AS n (key, low, high)"
        " CROSS JOIN LATERAL (SELECT * FROM attribute a WHERE a.ip >= n.low AND a.ip <= n.high"
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
    by_attribute = {a.id: keys_of(a) for a in wanted}
    keys = {k for own in by_attribute.values() for k in own}
    if not keys:
        return {}
    found = _probe(session, keys, own_events)
    if found:
        _drop_collisions(found, folded_values(wanted))
    for k, hits in _networks(session, wanted, own_events).items():
        found.setdefault(k, []).extend(hits)
    _drop_known(session, found, wanted, by_attribute)
    if not found:
        return {}
    shown = _shown(session, found, own_events)
    counts = _counts(session, found, own_events)
    related = {}
    for attribute_id, own in by_attribute.items():
        distinct = {h.attribute_id: h for k in own for h in shown.get(k, ())}
        if distinct:
            count = max([len(distinct), *(counts.get(k, 0) for k in own)])
            related[attribute_id] = Related(list(distinct.values())[: LISTED - 1], count)
    return related


class _Raw(msgspec.Struct):
    attribute_id: int
    uuid: str
    event_id: int
    type: str
    category: str
    to_ids: bool
    value1: str
    value2: str


def _probe(
    session: Session, keys: Iterable[int], own_events: Sequence[int]
) -> dict[int, list[_Raw]]:
    found: dict[int, list[_Raw]] = {}
    query = _BY_KEY_OF_ALL if session.principal.is_site_admin else _BY_KEY
    parameters = {"keys": array(list(keys)), "events": list(own_events), "limit": LISTED}
    for k, *fields in session.all(query, parameters):
        found.setdefault(k, []).append(_Raw(*fields))
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
    named = [text for a in wanted if (text := _address_of(a)) is not None]
    addresses = {text: key(fold(text)) for text in named}
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
    addresses: dict[str, int],
    own_events: Sequence[int],
    found: dict[int, list[_Raw]],
) -> None:
    lengths: dict[int, list[int]] = {4: [], 6: []}
    for version, length in session.all("SELECT version, length FROM network_length"):
        if length >= SHORTEST[version]:
            lengths[version].append(length)
    inside: dict[int, set[int]] = {}
    networks: dict[int, str] = {}
    for text, own in addresses.items():
        for around in containing_networks(text, lengths[6 if ":" in text else 4]):
            networks[key(around)] = around
            inside.setdefault(key(around), set()).add(own)
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
    for k, *hit in session.all(query, parameters):
        found.setdefault(k, []).append(_Raw(*hit))


def _drop_known(
    session: Session,
    found: dict[int, list[_Raw]],
    wanted: Sequence[Attribute],
    by_attribute: dict[int, list[int]],
) -> None:
    """Takes out values that a warninglist knows or that were excluded by hand."""
    if not found:
        return
    values = folded_values(wanted)
    for k in excluded(session, {k: values.get(k, "") for k in found}):
        del found[k]
    hit = [a for a in wanted if any(k in found for k in by_attribute[a.id])]
    lists = match(session, [(a.type, a.value1, a.value2) for a in hit])
    for a, known in zip(hit, lists, strict=True):
        if known:
            for k in by_attribute[a.id]:
                found.pop(k, None)


def _shown(
    session: Session, found: dict[int, list[_Raw]], own_events: Sequence[int]
) -> dict[int, list[Hit]]:
    """The hits with what a list shows of their events; those that switched it off drop out."""
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
    return {k: list(_with_heads(hits, heads)) for k, hits in found.items()}


def _with_heads(hits: Iterable[_Raw], heads: Mapping[int, Head]) -> Iterable[Hit]:
    for h in hits:
        head = heads.get(h.event_id)
        if head is not None:
            value = f"{h.value1}|{h.value2}" if h.value2 else h.value1
            yield Hit(
                h.attribute_id, h.uuid, h.event_id, h.type, h.category, h.to_ids, value,
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
