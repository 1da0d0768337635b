# SPDX-License-Identifier: EUPL-1.2
"""Whether the embargo of a case lets anything be released. A value of values.

The rules of the kind decide (`kinds.disclosure`): nothing is published under an embargo that is
in force, unless the hole is public, exploited or attacked already. A date that was set before
all agreed on it holds as well.
"""

from datetime import datetime

from brug.cases.case import Case
from brug.cases.forms import instant

EMBARGO_OVER = "embargo_over"


def objection(case: Case, now: datetime) -> str:
    """What has to be so before anything is released, or nothing. An embargo ends with its date,
    whether or not anybody has said so by then.
    """
    if case.embargo is not None and instant("embargo", case.embargo.until) <= now:
        return ""
    for check in case.kind.checks:
        if check.key == EMBARGO_OVER:
            said = check.finds(case, "")
            if said:
                return said
    state = case.positions.get(("embargo", ""))
    exposure = case.positions.get(("exposure", ""))
    if exposure is not None and exposure.state != "pxa":
        return ""
    agreed = state is not None and state.state in {"active", "revise", "exited"}
    if agreed or case.embargo is None or instant("embargo", case.embargo.until) <= now:
        return ""
    return f"the end of the embargo ({case.embargo.until})"
