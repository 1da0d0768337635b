# SPDX-License-Identifier: EUPL-1.2
"""Values that people call the same have the same key, and an address knows its networks."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brug.model.attribute_types import check
from brug.model.value_key import (
    address,
    containing_networks,
    fold,
    key,
    keys,
    keys_of,
    network,
)

U_UMLAUT = "\N{LATIN SMALL LETTER U WITH DIAERESIS}"

SAME = [
    ("Evil.EXE", "evil.exe"),
    (f"B{U_UMLAUT}cher.example", "xn--bcher-kva.example"),
    (f"http://b{U_UMLAUT}cher.example/x", "http://XN--BCHER-KVA.example/x"),
    ("u\N{COMBINING DIAERESIS}", U_UMLAUT.upper()),
    ("2001:DB8:0:0::1", "2001:db8::1"),
    ("2001:db8:0:0:0:0:0:1", "2001:db8::1"),
    ("0:0:0:0:0:ffff:c633:6407", "::ffff:198.51.100.7"),
    ("198.51.100.7/24", "198.51.100.0/24"),
    ("198.51.100.7/32", "198.51.100.7"),
    ("2001:DB8::dead/32", "2001:db8::/32"),
    ("2001:db8::1/128", "2001:db8::1"),
]
DIFFERENT = [
    ("example.org", "www.example.org"),
    ("198.51.100.0/24", "198.51.100.0/25"),
    ("198.51.100.0/24", "198.51.100.0"),
    ("xn--a", "\x80"),
    ("xn--zzzzzzzzzz", "zzzzzzzzzz"),
    ("00:11:22:33:44:55", "0:11:22:33:44:55"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_ways_to_write_one_value_have_one_key(one: str, other: str) -> None:
    assert fold(one) == fold(other)
    assert key(fold(one)) == key(fold(other))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_values_have_different_keys(one: str, other: str) -> None:
    assert key(fold(one)) != key(fold(other))


def test_a_key_is_the_first_eight_bytes_of_blake2b_and_fits_a_bigint() -> None:
    # RFC 7693's function with an 8-byte digest; computed with b2sum --length=64.
    assert key("example.org") == 2655631250893057461
    assert all(-(2**63) <= key(str(number)) < 2**63 for number in range(1000))


def test_many_texts_have_the_keys_that_each_has_alone() -> None:
    texts = ["Example.ORG", "xn--strae-oqa.example", "2001:DB8::1", "192.0.2.9/24", ""]
    assert keys(texts) == [key(fold(text)) for text in texts]
    assert keys([]) == []


def test_both_parts_of_a_composite_have_keys() -> None:
    first, second = keys_of(check("domain|ip", "Example.org|2001:DB8::1"))
    assert first == keys_of(check("hostname", "example.org"))[0]
    assert second == keys_of(check("ip-src", "2001:db8:0::1"))[0]
    assert keys_of(check("text", "a|b"))[1] is None


@pytest.mark.parametrize(
    ("type_", "value", "found"),
    [
        ("ip-dst", "198.51.100.7", "198.51.100.7"),
        ("ip-dst", "198.51.100.0/24", None),
        ("ip-src|port", "198.51.100.7|80", "198.51.100.7"),
        ("domain|ip", "example.org|2001:DB8::1", "2001:db8::1"),
        ("text", "198.51.100.7", None),
    ],
)
def test_an_attribute_tells_its_single_address(type_: str, value: str, found: str | None) -> None:
    checked = check(type_, value)
    assert address(type_, checked.value1, checked.value2) == found


def test_a_network_loses_its_host_bits_and_other_text_is_no_network() -> None:
    assert network("198.51.100.7/24") == ipaddress.ip_network("198.51.100.0/24")
    assert network("2001:DB8::7/32") == ipaddress.ip_network("2001:db8::/32")
    for text in ("198.51.100.7", "a/b", "198.51.100.7/33", "198.51.100.0/255.255.255.0", "::/x"):
        assert network(text) is None


def test_lengths_that_the_version_does_not_have_are_left_out() -> None:
    assert containing_networks("198.51.100.7", [24, 32, 48, -1]) == [
        "198.51.100.0/24",
        "198.51.100.7",
    ]
    assert containing_networks("2001:db8::1", [0, 32]) == ["::/0", "2001:db8::/32"]


@given(inner=st.ip_addresses(), length=st.integers(0, 128))
def test_containing_networks_are_the_folds_of_the_networks_stored(
    inner: ipaddress.IPv4Address | ipaddress.IPv6Address, length: int
) -> None:
    length = min(length, inner.max_prefixlen)
    stored = check("ip-dst", f"{inner}/{length}")
    [outer] = containing_networks(str(inner), [length])
    assert fold(stored.value1) == outer
    assert inner in ipaddress.ip_network(outer)
