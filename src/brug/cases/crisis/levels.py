# SPDX-License-Identifier: EUPL-1.2
"""How high a crisis a case is: pure, from where its machine is."""

from brug.cases.case import Case

MACHINE = "crisis"
_RANKS = {"technical": 1, "operational": 2, "political": 3}


def rank(case: Case) -> int:
    """0 for none, and for a case that is over; a higher one stands before a lower one."""
    position = case.positions.get((MACHINE, ""))
    return 0 if position is None or case.is_over else _RANKS.get(position.state, 0)


def state_of(height: int) -> str:
    """The state of the machine that a rank above 0 is."""
    return next(state for state, one in _RANKS.items() if one == height)
