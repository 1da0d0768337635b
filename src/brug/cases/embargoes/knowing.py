# SPDX-License-Identifier: EUPL-1.2
"""Whether something became known while an embargo was in force, and not by our own word.

Whoever leads ends an embargo by ending it, and then publishes; or says that it is public now, and
releases the advisory at once. Neither is a leak.
"""

import re
from datetime import datetime, timedelta

from brug.cases.acts import Embargoed, Moved, Said
from brug.cases.case import Case
from brug.cases.entries import Entry
from brug.cases.forms import instant
from brug.cases.taking_part import leads

SOON = timedelta(minutes=15)  # so long after saying that it is public an advisory is released
_RELEASED = re.compile(r"Advisory \S+, version \S+ \((?:final|interim)\), TLP:WHITE: ")


def step(case: Case) -> Entry | None:
    """The last one by which others knew, attacked or could exploit it under an embargo."""
    in_force, found = False, None
    for entry in case.timeline:
        act = entry.act
        if isinstance(act, Embargoed):
            in_force = bool(act.until)
        elif isinstance(act, Moved) and act.machine == "embargo":
            in_force = act.trigger != "terminate" and (in_force or act.trigger == "accept_embargo")
        elif isinstance(act, Moved) and act.machine == "exposure" and in_force:
            in_force, found = act.trigger == "attack", entry
    return found


def waits_until(said: Entry) -> datetime | None:
    """Till when an own advisory may follow, where it is public by the word of who leads."""
    is_public = isinstance(said.act, Moved) and said.act.trigger == "be_public"
    return instant("at", said.at) + SOON if is_public else None


def is_own(case: Case, said: Entry) -> bool:
    """Whether whoever leads published an advisory for all with it."""
    until = waits_until(said)
    return until is not None and any(
        isinstance(one.act, Said)
        and _RELEASED.match(one.act.text) is not None
        and instant("at", one.at) <= until
        and leads(case, one.author)
        for one in case.timeline
    )
