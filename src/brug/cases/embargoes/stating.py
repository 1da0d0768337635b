# SPDX-License-Identifier: EUPL-1.2
"""Saying until when nothing may be published, or that this is over: the latter only in so many
words.

An entry without a time ends an embargo for good, and what was told too early is told. So nothing
that was merely left out may become one.
"""

from brug.cases.acts import Embargoed
from brug.cases.case import Case
from brug.model.errors import Invalid

_EXAMPLE = "2026-12-24T09:00"


def stated(until: str, zone: str, because: str, *, end: bool) -> Embargoed:
    """`until` is a time as entries have it, or nothing with `end`. Raises Invalid."""
    if end:
        if until:
            raise Invalid("until", "nothing, where the embargo ends now", until)
        if not because.strip():
            raise Invalid("because", "the reason why the embargo ends")
    elif not until:
        raise Invalid("until", f"a time such as {_EXAMPLE}, or `end` with the reason to end it")
    return Embargoed(until=until, zone=zone or "UTC", because=because)


def ends_by_terms(case: Case) -> bool:
    """Whether terms are in force, which a step of their own ends (`negotiating`)."""
    position = case.positions.get(("embargo", ""))
    return position is not None and position.state in {"active", "revise"}
