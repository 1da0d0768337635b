# SPDX-License-Identifier: EUPL-1.2
"""The gate: whether an item may cross a bridge, and why.

`facts_of` collects what decides, the only part that reads anything; `decide` is pure;
`apply` makes the copy that may cross. `hop` comes before it: with which level it leaves.
"""

from brug.bridges.gate.applying import apply, copy_of, pseudonyms
from brug.bridges.gate.deciding import PASS, Decision, Judge, Verdict, as_released, decide
from brug.bridges.gate.facts import Facts
from brug.bridges.gate.gathering import facts_of, facts_of_several
from brug.bridges.gate.reasons import Reason
from brug.bridges.gate.redacting import said_of
from brug.bridges.gate.singly import Held, Word, heard, held_of, parts_of, waiting, waits
from brug.bridges.gate.spreading import settled

__all__ = [
    "PASS", "Decision", "Facts", "Held", "Judge", "Reason", "Verdict", "Word", "apply",
    "as_released", "copy_of", "decide", "facts_of", "facts_of_several", "heard", "held_of",
    "parts_of", "pseudonyms", "said_of", "settled", "waiting", "waits",
]  # fmt: skip
