# SPDX-License-Identifier: EUPL-1.2
"""How many worlds are made up: each run makes up others, so every run looks at more.

`BRUG_ORACLE=10 pytest tests/oracle` makes up ten times as many.
"""

import os

TIMES = int(os.environ.get("BRUG_ORACLE", "1"))


def many(usual: int) -> int:
    return usual * TIMES
