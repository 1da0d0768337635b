# SPDX-License-Identifier: EUPL-1.2
"""What holds for every type and whatever anyone sends."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brug.model.attribute_types import TYPES, Checked, Refused, check, joined
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
@settings(max_examples=60, deadline=None)
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


@settings(max_examples=500, deadline=None)
@given(text=st.one_of(COMPOSED, st.text()).filter(lambda text: "\ud800" not in text))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
