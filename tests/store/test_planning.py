# SPDX-License-Identifier: EUPL-1.2
"""What is asked for is the same, and as much as a plan for any array is made for."""

from typing import Any

import pytest

from brug.store.planning import TAKEN_FOR, planned_once


@pytest.mark.parametrize("wanted", [[1], ["a", "b", "a"], list(range(10)), list(range(300))])
def test_nothing_else_is_asked_for(wanted: list[Any]) -> None:
    given = planned_once(wanted)
    assert given[: len(wanted)] == wanted
    assert set(given) == set(wanted)
    assert len(given) == max(len(wanted), TAKEN_FOR)


def test_of_nothing_it_is_nothing() -> None:
    assert planned_once(()) == []
