# SPDX-License-Identifier: EUPL-1.2
"""What relates to what: parts, networks, bounds, switches, known false positives."""

from collections.abc import Iterator
from typing import Any

import pytest

from brug.directory import node as nodes
from brug.formats.misp.reading import read_event
from brug.intel import loading
from brug.intel.adding import add
from brug.intel.correlating import correlation, correlation_exclusions, frequent_values
from brug.intel.correlating.correlation import COUNTED
from brug.intel.correlating.probing import LISTED
from brug.model.value_key import fold, key
from brug.store.session import Database, Session


@pytest.fixture
def node(database_url: str) -> Iterator[Database]:
    with Database(database_url, size=2) as database:
        with database.system() as session:
            nodes.create_node(session, "CSIRT Noordland", "a@noordland.example", "http://127.0.0.1")
        yield database


@pytest.fixture
def session(node: Database) -> Iterator[Session]:
    with node.as_user(1) as session:
        yield session


def added(session: Session, *attributes: dict[str, Any], **event: Any) -> int:
    raw = {"info": "x", "distribution": 1, "Attribute": list(attributes), **event}
    return add(session, read_event(raw)).event_id


def related(session: Session, event_id: int) -> dict[str, set[int]]:
    """The events that each value of an event relates to."""
    event = loading.event(session, event_id)
    values = {a.id: a.value1 for a in event.attributes}
    found = correlation.of_attributes(session, event.attributes, [event_id])
    by_value = {values[i]: {h.event_id for h in one.hits} for i, one in found.items()}
    alone = correlation.related_events(session, event.attributes, [event_id])
    assert alone == sorted(set().union(*by_value.values()))
    return by_value


def ip(value: str, **more: Any) -> dict[str, Any]:
    return {"type": "ip-dst", "value": value, **more}


def test_the_type_does_not_matter_but_the_value_does(session: Session) -> None:
    one = added(session, {"type": "domain", "value": "Evil.example.com"}, ip("192.0.2.1"))
    two = added(session, {"type": "hostname", "value": "evil.example.com"}, ip("192.0.2.2"))
    assert related(session, two) == {"evil.example.com": {one}}


@pytest.mark.parametrize(
    ("kind", "value", "part"),
    [
        ("domain|ip", "evil.example.com|192.0.2.7", ip("192.0.2.7")),
        ("filename|md5", "a.exe|" + "a" * 32, {"type": "md5", "value": "A" * 32}),
        ("filename|md5", "a.exe|" + "a" * 32, {"type": "filename", "value": "A.EXE"}),
    ],
)
def test_each_part_of_a_composite_relates_on_its_own(
    session: Session, kind: str, value: str, part: dict[str, Any]
) -> None:
    one = added(session, {"type": kind, "value": value})
    two = added(session, part)
    assert list(related(session, two).values()) == [{one}]
    assert list(related(session, one).values()) == [{two}]


def test_a_port_relates_to_nothing(session: Session) -> None:
    added(session, {"type": "ip-dst|port", "value": "192.0.2.1|443"})
    two = added(session, {"type": "ip-dst|port", "value": "192.0.2.2|443"})
    assert related(session, two) == {}


def test_a_comment_relates_to_nothing(session: Session) -> None:
    added(session, {"type": "comment", "value": "same"}, {"type": "text", "value": "same"})
    two = added(session, {"type": "comment", "value": "same"})
    assert related(session, two) == {}


def test_networks_contain_addresses_in_either_order(session: Session) -> None:
    net = added(session, ip("198.51.100.5/24"))
    address = added(session, ip("198.51.100.77"))
    six_net = added(session, ip("2001:db8:1::/48"))
    six = added(session, ip("2001:db8:1::99"))
    outside = added(session, ip("203.0.113.77"))
    assert related(session, address) == {"198.51.100.77": {net}}
    assert related(session, net) == {"198.51.100.5/24": {address}}
    assert related(session, six) == {"2001:db8:1::99": {six_net}}
    assert related(session, six_net) == {"2001:db8:1::/48": {six}}
    assert related(session, outside) == {}


def test_a_network_shorter_than_16_is_not_opened(session: Session) -> None:
    added(session, ip("198.51.100.77"))
    wide = added(session, ip("198.0.0.0/8"))
    address = added(session, ip("198.51.100.78"))
    assert related(session, wide) == {}
    assert related(session, address) == {}


def test_a_value_that_is_everywhere_is_a_capped_count_and_a_short_list(session: Session) -> None:
    many = [ip("192.0.2.1", comment=str(i)) for i in range(COUNTED + 50)]
    added(session, *many)
    event = loading.event(session, added(session, ip("192.0.2.1")))
    found = correlation.of_attributes(session, event.attributes, [event.head.id])
    (one,) = found.values()
    assert one.count == COUNTED
    assert len(one.hits) == LISTED - 1


def test_an_attribute_or_event_that_switches_it_off_relates_to_nothing(session: Session) -> None:
    added(session, ip("192.0.2.1", disable_correlation=True))
    added(session, ip("192.0.2.1"), disable_correlation=True)
    two = added(session, ip("192.0.2.1"))
    assert related(session, two) == {}


def test_an_excluded_value_relates_to_nothing(node: Database) -> None:
    with node.as_user(1) as session:
        added(session, ip("192.0.2.1"), ip("192.0.2.2"))
        two = added(session, ip("192.0.2.1"), ip("192.0.2.2"))
        session.execute(
            "INSERT INTO correlation_exclusion (value, key) VALUES ('192.0.2.1', %s)",
            (key(fold("192.0.2.1")),),
        )
        assert related(session, two).keys() == {"192.0.2.2"}


@pytest.mark.parametrize(
    ("pattern", "left"),
    [("%example.com", {"a.example.org"}), ("a.example%", {"b.example.com"}), ("%ample%", set())],
)
def test_a_pattern_excludes_values_at_either_end(
    session: Session, pattern: str, left: set[str]
) -> None:
    values = [{"type": "domain", "value": v} for v in ("b.example.com", "a.example.org")]
    one = added(session, *values)
    added(session, *values)
    correlation_exclusions.exclude(session, pattern, "")
    assert set(related(session, one)) == left
    frequent_values.count_frequent(session)
    counted = {f.value: f.excluded for f in frequent_values.frequent(session)}
    assert counted == {v["value"]: v["value"] not in left for v in values}


def test_deleted_attributes_do_not_relate(session: Session) -> None:
    added(session, ip("192.0.2.1", deleted=True))
    two = added(session, ip("192.0.2.1"))
    assert related(session, two) == {}


def test_a_collision_of_keys_is_no_relation(session: Session) -> None:
    one = added(session, ip("192.0.2.1"))
    two = added(session, ip("192.0.2.2"))
    for event_id in (one, two):
        assert related(session, event_id) == {}
        session.execute("SELECT claim_events(ARRAY[%s]::bigint[])", (event_id,))
        session.execute("UPDATE attribute SET key1 = 1 WHERE event_id = %s", (event_id,))
    first = key(fold("192.0.2.1"))
    session.execute("SELECT claim_events(ARRAY[%s]::bigint[])", (two,))
    session.execute("UPDATE attribute SET key1 = %s WHERE event_id = %s", (first, two))
    assert related(session, one) == {}
