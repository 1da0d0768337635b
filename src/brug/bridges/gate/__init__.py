# SPDX-License-Identifier: EUPL-1.2
"""The gate: whether an item may cross a bridge, and why.

`facts_of` collects what decides, the only part that reads anything; `decide` is pure;
`apply` makes the copy that may cross. `hop` comes before it: with which level it leaves.
"""

from brug.bridges.gate.applying import apply
from brug.bridges.gate.deciding import PASS, Decision, Verdict, as_released, decide
from brug.bridges.gate.facts import Facts
from brug.bridges.gate.gathering import facts_of
from brug.bridges.gate.reasons import Reason

__all__ = [
    "PASS", "Decision", "Facts", "Reason", "Verdict", "apply", "as_released", "decide", "facts_of",
]  # fmt: skip
