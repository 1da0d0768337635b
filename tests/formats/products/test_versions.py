# SPDX-License-Identifier: EUPL-1.2
"""Versions have an order where one can be told, and ranges hold what they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brug.formats.products import ordering, ranges

# One before the other, by which scheme.
BEFORE = [
    ("1.0", "1.1", ""), ("1.9", "1.10", ""), ("1.0", "1.0.1", ""), ("V1.0", "2", ""),
    ("1.0rc1", "1.0", ""), ("1.0-beta.2", "1.0-rc.1", ""), ("2.0 SP1", "2.0 SP2", ""),
    ("V4.8", "V4.8 SP2 HF9", ""), ("V17 Update 3", "V17 Upd4", ""), ("R9", "R12", ""),
    ("A", "B", ""), ("V23Q3", "V23Q4", ""),
    ("1.1.1k-7.el8", "1.1.1k-12.el8", "rpm"), ("2.0~rc1-1", "2.0-1", "deb"),
    ("1:1.0-1", "2:0.1-1", "deb"), ("1.0a1", "1.0", "pypi"), ("1.0-SNAPSHOT", "1.0", "maven"),
    ("1.2.3-beta.1", "1.2.3", "npm"), ("1.2.3-beta.9", "1.2.3-beta.10", "semver"),
    ("1.2.3", "1.2.3.4", "semver"), ("2.1", "2.1 SP1", "semver"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "scheme"), BEFORE)
def test_one_comes_before_the_other(one: str, other: str, scheme: str) -> None:
    assert ordering.compared(one, other, scheme) == -1
    assert ordering.compared(other, one, scheme) == 1
    assert ordering.compared(one, one, scheme) == 0


@pytest.mark.parametrize(("one", "other"), [("1.0", "1.0.0"), ("v1", "1"), ("1.0+b5", "1.0")])
def test_two_spellings_are_one_version(one: str, other: str) -> None:
    assert ordering.compared(one, other) == 0


@pytest.mark.parametrize(
    ("one", "other", "scheme"),
    [("R12", "12", ""), ("2.0 SP1", "2.0 HF1", ""), ("", "1", ""), ("!", "1", ""),
     ("abc def", "1.0", "npm"), ("1", "2", "nosuch")],
)  # fmt: skip
def test_what_cannot_be_told_is_said_so(one: str, other: str, scheme: str) -> None:
    assert ordering.compared(one, other, scheme) is None


# Range, versions that are in it, versions that are not, versions of which nobody knows.
RANGES = [
    ("vers:npm/>=1.0.0|<1.2.3|>=2.0.0|<2.1.0", "1.0.0 1.2.2 2.0.5", "0.9.0 1.2.3 1.5.0 2.1.0", ""),
    ("vers:semver/>=2.0.0|<2.4.0", "2.0 2.3.9 2.4.0-rc.1", "1.1 v2.4.0 3", ""),
    ("vers:rpm/<1.1.1k-12.el8", "1.1.1k-7.el8", "1.1.1k-12.el8", ""),
    ("vers:all/*", "1 x", "", ""), ("vers:none/*", "", "1", ""),
    ("vers:pypi/!=1.0", "1.1", "1.0.0", ""), ("vers:deb/1.0|2.0", "1.0 2.0", "1.5", ""),
    ("vers:all/>=V2022.4<V2023.1", "2022.4 2022.9", "2023.1 2022.3", ""),
    ("vers:generic/1%2E0", "1.0", "2", ""),
    ("All versions", "1", "", ""), ("All versions < V6.0.0.2", "5 6.0.0.1", "6.0.0.2 7", "R6"),
    ("< 7.2.5.7", "7.2.5", "7.2.5.7", ""), ("<=A8", "A7 A8", "A9", ""),
    (">= 10.0 | <= 10.4", "10.0 10.2 10.4", "9.9 10.5", ""),
    ("before 2.0 and after 1.0", "1.5", "1.0 2.0", ""), ("2.0 and prior", "1 2.0", "2.1", ""),
    ("versions prior to 3.1", "3.0", "3.1", ""), ("3.1 or later", "3.1 4", "3.0", ""),
    ("V191-V195", "191 193 V195", "190 196", ""), ("28 - 32", "28 30", "33", ""),
    ("1.0-2", "1.0-2", "1.0-3", ""), ("V4.x", "4.0 4.9", "5.0 3.9", ""),
    ("1.1 | 1.2.3", "1.1 1.2.3", "1.2 1.3", ""), ("< 6.6 (6.x series)", "6.5", "6.6", ""),
    ("what you bought in May", "", "", "1.0"), ("NE843_S comcode 150042936", "", "", "1"),
    ("", "", "", "1"), ("<= R12", "R9 R12", "R13", "12"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "inside", "outside", "unknown"), RANGES)
def test_a_range_holds_what_it_says(text: str, inside: str, outside: str, unknown: str) -> None:
    found = ranges.read(text)
    for versions, expected in ((inside, True), (outside, False), (unknown, None)):
        for version in versions.split():
            assert found.holds(version) is expected, version


@given(st.text(max_size=80), st.text(max_size=30), st.sampled_from(["", "npm", "deb", "pypi"]))
def test_of_rubbish_the_answer_is_yes_no_or_unknown(text: str, version: str, scheme: str) -> None:
    for one in (text, f"vers:{scheme}/{text}", f"< {text}"):
        assert ranges.read(one).holds(version) in {True, False, None}
    there, back = (
        ordering.compared(text, version, scheme), ordering.compared(version, text, scheme)
    )  # fmt: skip
    assert (there is None) == (back is None)
    assert there is None or back is None or there == -back


NUMBERS = st.lists(st.integers(0, 30), min_size=1, max_size=4).map(
    lambda parts: ".".join(map(str, parts))
)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_numbers_are_ordered_as_a_whole(one: str, two: str, three: str) -> None:
    if (ordering.compared(one, two) or 0) <= 0 and (ordering.compared(two, three) or 0) <= 0:
        assert (ordering.compared(one, three) or 0) <= 0
    inside = ranges.read(f">= {one} | < {three}").holds(two)
    assert inside is not None
