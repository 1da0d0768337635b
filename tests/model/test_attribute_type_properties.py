# SPDX-License-Identifier: EUPL-1.2
"""What holds for every type and whatever anyone sends."""

import ipaddress
import socket
from datetime import datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.thorough import IS_THOROUGH, examples

from brug.model.attribute_types import TYPES, Checked, Refused, check, joined
from brug.model.attribute_types.addresses import ipv6_text
from brug.model.value_key import fold, keys_of

# What the types' rules look for, so that composed texts come near to fitting them.
PIECES = st.sampled_from(
    [
        *("|", ":", ".", "/", "[.]", "[@]", "[:]", "@", "%", "-", "0", "00", "(0)", "+", "443"),
        *("hxxp://", "meow", "example", "Example.ORG", "192.0.2.1", "2001:DB8::1", "::ffff:"),
        *("ab" * 16, "AB" * 20, "ab" * 32, "3:a:b", "CVE-2030-1234", "CWE-7", "GET", "/24", "AS"),
        *("2030-01-02", "T03:04:05", "+02:00", ".onion", "xn--", "{}", "T1", "\n", "\0", " "),
        *("C:\\Windows\\", "\\REGISTRY\\MACHINE\\"),
        *("\ud800", "\u00df", "\u0130", "\u0345", "\u3002", "\U0001f600"),
    ]
)
COMPOSED = st.lists(PIECES, max_size=6).map("".join)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats())
VALUES = st.one_of(COMPOSED, st.text(), SCALARS, st.lists(st.integers(), max_size=1))


def checked_or_errors(type_: str, value: object) -> Checked | dict[str, list[str]]:
    try:
        return check(type_, value)
    except Refused as refused:
        return refused.errors


@pytest.mark.parametrize("type_", TYPES)
@settings(max_examples=60 if IS_THOROUGH else 20, deadline=None)
@given(value=VALUES)
def test_a_value_is_refused_or_stored_in_a_form_that_stays(type_: str, value: object) -> None:
    checked = checked_or_errors(type_, value)
    if isinstance(checked, dict):
        assert list(checked) == ["value"]
        return
    assert check(type_, joined(checked)) == checked
    assert "\0" not in checked.value1 + checked.value2
    (checked.value1 + checked.value2).encode()
    keys_of(checked)


@settings(max_examples=examples(500), deadline=None)
@example(text="xn--CWE-7meow\u0130")  # its dot joined the last letter of the decoded label
@given(text=st.one_of(COMPOSED, st.text()).filter(lambda text: "\ud800" not in text))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@given(address=st.ip_addresses(), port=st.integers(1, 65535), length=st.integers(0, 128))
def test_every_address_is_taken_in_all_its_forms_and_stays(
    address: Address, port: int, length: int
) -> None:
    plain, long = str(address), address.exploded.upper()
    checked = check("ip-dst", long)
    assert ipaddress.ip_address(checked.value1) == address
    assert check("ip-src", plain).value1 == checked.value1
    for type_, value in (
        ("ip-dst", f"{long}/{min(length, address.max_prefixlen)}"),
        ("ip-dst|port", f"{long}|{port}"),
        ("domain|ip", f"Example.org|{long}"),
    ):
        once = check(type_, value)
        assert check(type_, joined(once)) == once


# Mapped and compatible addresses are small numbers; drawn evenly they would never come.
@given(number=st.one_of(st.integers(0, 2**49), st.integers(0, 2**128 - 1)))
def test_an_ipv6_address_is_written_as_the_system_writes_it(number: int) -> None:
    assert ipv6_text(number) == socket.inet_ntop(socket.AF_INET6, number.to_bytes(16, "big"))


@given(moment=st.datetimes(timezones=st.timezones()))
def test_a_moment_in_iso_form_keeps_its_clock_and_stays(moment: datetime) -> None:
    checked = checked_or_errors("datetime", moment.isoformat())
    if isinstance(checked, dict):  # offsets of before 1900 have seconds, which no form here has
        assert moment.utcoffset().total_seconds() % 60  # type: ignore[union-attr]
        return
    assert checked.value1[:26] == moment.isoformat(timespec="microseconds")[:26]
    assert check("datetime", checked.value1) == checked
