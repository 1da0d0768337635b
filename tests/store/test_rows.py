# SPDX-License-Identifier: EUPL-1.2
"""Array literals mean to PostgreSQL what they meant here."""

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brug.store.rows import array

TEXTS = st.lists(
    st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
    | st.sampled_from(["NULL", "null", '"', "\\", "{}", ",", "", " a ", "a\nb"])
)  # fmt: skip


@given(texts=TEXTS, numbers=st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)),
       flags=st.lists(st.none() | st.booleans()))  # fmt: skip
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_goes_in_comes_out(
    module_database_url: str,
    texts: list[str | None],
    numbers: list[int | None],
    flags: list[bool | None],
) -> None:
    with psycopg.connect(module_database_url) as connection:
        row = connection.execute(
            "SELECT %s::text[], %s::bigint[], %s::bool[]",
            (array(texts), array(numbers), array(flags)),
        ).fetchone()
    assert row == (texts, numbers, flags)


def test_true_and_one_are_not_the_same_cell() -> None:
    assert array([True, 1]) == "{t,1}"
