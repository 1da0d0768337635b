# SPDX-License-Identifier: EUPL-1.2
"""Canonical JSON: the vectors of RFC 8785 that hold for integers and text, and what is refused."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import examples

from brug.formats.canonical import canonical, canonical_texts


def test_names_are_sorted_as_the_rfc_sorts_them() -> None:
    """RFC 8785, 3.2.3: by UTF-16 code units, so an emoji stands before U+FB33."""
    value = {
        "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One", "\U0001f600": "Emoji: Grinning Face", "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }  # fmt: skip
    names = list(json.loads(canonical(value)))
    assert names == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_text_is_escaped_as_the_rfc_escapes_it() -> None:
    """RFC 8785, 3.2.2.2."""
    text = "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"\u002f"
    assert canonical(text) == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'.encode()


def test_literals_and_nesting_are_written_without_space() -> None:
    assert canonical({"b": [None, True, False], "a": {"x": -1}}) == (
        b'{"a":{"x":-1},"b":[null,true,false]}'
    )


@pytest.mark.parametrize(
    "value", [{1: 2}, b"x".decode, float("nan"), float("inf"), 2**53, -(2**53), "\ud800"]
)
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        canonical(value)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text(st.characters(codec="ascii")), inner)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), inner
        )
    ),
)


@settings(max_examples=examples(100))
@given(values)
def test_what_is_read_again_is_the_same_and_is_written_the_same(value: Any) -> None:
    raw = canonical(value)
    assert json.loads(raw) == value
    assert canonical(json.loads(raw)) == raw


@settings(max_examples=examples(100))
@given(values)
def test_it_is_written_as_the_library_of_the_standard_writes_it(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


texts = st.recursive(
    st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii")), inner),
).filter(lambda value: not isinstance(value, str))


@settings(max_examples=examples(100))
@given(texts)
def test_texts_alone_are_written_the_same_by_the_quicker_way(value: Any) -> None:
    assert canonical_texts(value) == canonical(value)


def test_half_of_a_surrogate_pair_is_refused_by_both() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        canonical_texts(["\ud800"])
