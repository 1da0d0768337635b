# SPDX-License-Identifier: EUPL-1.2
"""Saying until when nothing may be published, or that this is over: the latter only in so many
words.

An entry without a time ends an embargo for good, and what was told too early is told. So nothing
that was merely left out may become one. Terms that are in force end with it, by the same step
whichever way it is asked for.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from brug.cases import files, keeping
from brug.cases.acts import AnyAct, Embargoed
from brug.cases.case import Case
from brug.cases.embargoes import negotiating
from brug.cases.entries import Entry
from brug.cases.refusing import Refused
from brug.model.errors import Invalid
from brug.model.words import N_
from brug.store.session import Session

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


def say(session: Session, which: str, doing: Embargoed) -> Entry:
    """The entry that says until when, or that it is over. Raises Refused where there is none that
    could end, and what `keeping.act_several` does.
    """
    file, case = files.view(session, which)
    if not doing.until and case.embargo is None:
        raise Refused(N_("%(case)s is under no embargo."), case=file.number)
    several: Sequence[AnyAct] = [doing]
    if not doing.until and ends_by_terms(case):
        step = negotiating.Step(step="end", because=doing.because)
        several = negotiating.acts(case, keeping.author(session), step, datetime.now(UTC))
    return keeping.act_several(session, file.uuid, [(one, ()) for one in several])[-1]
