# SPDX-License-Identifier: EUPL-1.2
"""How many worlds are made up: each run makes up others, so every run looks at more.

`BRUG_ORACLE=10 pytest tests/oracle` makes up ten times as many.
"""

import os

from hypothesis import HealthCheck, Phase, settings

TIMES = int(os.environ.get("BRUG_ORACLE", "1"))


def many(usual: int) -> int:
    return usual * TIMES


def of_worlds(usual: int) -> settings:
    """One that fails is told as it is: all of it follows from a number, which smaller ones do not
    make smaller.
    """
    return settings(
        max_examples=many(usual),
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
