# SPDX-License-Identifier: EUPL-1.2
"""Attributes that share a value with others: by the keys of values, and by networks.

The audience stands in the index behind the key, so a reader who sees none of 100,000 hits
of a hot value probes the audiences that exist for it instead of reading the hits; a
session of everything has no such condition (two statements, one shape).
"""

from collections.abc import Collection, Iterable, Sequence
from typing import LiteralString

import msgspec

from brug.model.event import Attribute
from brug.model.value_key import address, containing_networks, fold, key, network
from brug.store.rows import array
from brug.store.session import Session

LISTED = 21
# Networks shorter than these are only counted, on request: a /8 contains too much.
SHORTEST = {4: 16, 6: 32}

_HIT: LiteralString = "a.id, a.event_id, a.type, a.value1, a.value2"
# The set is read once a statement (as a subquery), not once a probe.
MINE: LiteralString = " AND a.audience = ANY ((SELECT my_audiences())::int[])"


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


_BY_KEY, _BY_KEY_OF_ALL = _by_key(MINE), _by_key("")
_IN_NETWORK, _IN_NETWORK_OF_ALL = _in_network(MINE), _in_network("")


class Raw(msgspec.Struct, gc=False):
    """A hit under the key of the value that is shared, before anybody looked whether it counts."""

    key: int
    attribute_id: int
    event_id: int
    type: str
    value1: str
    value2: str


def probe(
    session: Session, keys: Collection[int], own_events: Sequence[int]
) -> dict[int, list[Raw]]:
    """Attributes outside `own_events` under each key, LISTED of one at most."""
    found: dict[int, list[Raw]] = {}
    if not keys:
        return found
    query = _BY_KEY_OF_ALL if session.principal.is_site_admin else _BY_KEY
    parameters = {"keys": array(list(keys)), "events": list(own_events), "limit": LISTED}
    for row in session.all(query, parameters):
        found.setdefault(row[0], []).append(Raw(*row))
    return found


def _holds(hit: Raw, folded: str) -> bool:
    """Most values are stored as they fold; folding them again is for those that are not."""
    return folded in (hit.value1, hit.value2) or folded in (fold(hit.value1), fold(hit.value2))


def drop_collisions(found: dict[int, list[Raw]], values: dict[int, str]) -> None:
    """A mere collision of keys is no hit."""
    for k, hits in list(found.items()):
        same = [h for h in hits if _holds(h, values[k])]
        if same:
            found[k] = same
        else:
            del found[k]


def in_networks(
    session: Session, wanted: Sequence[Attribute], own_events: Sequence[int]
) -> dict[int, list[Raw]]:
    """An address and the networks around it; a network and the addresses inside it."""
    addresses = [text for a in wanted if (text := _address_of(a)) is not None]
    ranges = {a.value1: key(fold(a.value1)) for a in wanted if "/" in a.value1 and _is_ip(a)}
    found: dict[int, list[Raw]] = {}
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
    found: dict[int, list[Raw]],
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
    around_them = probe(session, networks, own_events)
    drop_collisions(around_them, networks)
    for k, hits in around_them.items():
        for own in inside[k]:
            found.setdefault(own, []).extend(hits)


def _inside(
    session: Session,
    ranges: dict[str, int],
    own_events: Sequence[int],
    found: dict[int, list[Raw]],
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
        found.setdefault(row[0], []).append(Raw(*row))
