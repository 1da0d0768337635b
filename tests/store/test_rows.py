# SPDX-License-Identifier: EUPL-1.2
"""Array literals mean to PostgreSQL what they meant here."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brug.store.rows import Column, array, selected

TEXTS = st.lists(
    st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
    | st.sampled_from(["NULL", "null", '"', "\\", "{}", ",", "", " a ", "a\nb"])
)  # fmt: skip


@pytest.fixture(scope="module")
def connection(module_database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(module_database_url) as opened:
        yield opened


@given(texts=TEXTS, numbers=st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)),
       flags=st.lists(st.none() | st.booleans()))  # fmt: skip
def test_what_goes_in_comes_out(
    connection: psycopg.Connection[Any],
    texts: list[str | None],
    numbers: list[int | None],
    flags: list[bool | None],
) -> None:
    row = connection.execute(
        "SELECT %s::text[], %s::bigint[], %s::bool[]",
        (array(texts), array(numbers), array(flags)),
    ).fetchone()
    assert row == (texts, numbers, flags)


COLUMNS = (
    Column("number", "bigint"), Column("place", "int", often_same=True),
    Column("text", "text", often_same=True), Column("flag", "bool", often_same=True),
)  # fmt: skip


@given(rows=st.lists(st.tuples(
    st.integers(-(2**63), 2**63 - 1), st.sampled_from([0, 1, None]),
    st.sampled_from(["", "NULL", 'a"\\', None]), st.booleans() | st.none()), min_size=1),
       alike=st.sets(st.sampled_from([1, 2, 3])))  # fmt: skip
def test_rows_come_out_as_they_went_in_however_much_of_them_is_alike(
    connection: psycopg.Connection[Any],
    rows: list[tuple[int, int | None, str | None, bool | None]],
    alike: set[int],
) -> None:  # fmt: skip
    rows = [
        (row[0], *(rows[0][at] if at in alike else row[at] for at in (1, 2, 3)))  # type: ignore[misc]
        for row in rows
    ]
    query, cells = selected(COLUMNS, list(zip(*rows, strict=True)))
    assert connection.execute(query, cells).fetchall() == rows


def test_what_is_alike_travels_once() -> None:
    query, cells = selected(COLUMNS, [[1, 2], [7, 7], ["a", "b"], [True, True]])
    assert query.count("[]") == 2
    assert cells == ["{1, 2}", 7, '{"a","b"}', True]


def test_true_and_one_are_not_the_same_cell() -> None:
    assert array([True, 1]) == "{t,1}"
