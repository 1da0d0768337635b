# SPDX-License-Identifier: EUPL-1.2
"""How few things are asked for so that PostgreSQL keeps its plan."""

from collections.abc import Sequence
from typing import Any

# How many a plan for any array is made for; for fewer, one of their own seems cheaper each time,
# though to make it takes longer than to look them up.
TAKEN_FOR = 10


def planned_once(wanted: Sequence[Any]) -> list[Any]:
    """For `= ANY (%s)`: the same, some of them several times where they are few."""
    given = list(wanted)
    return given + given[-1:] * (TAKEN_FOR - len(given))
