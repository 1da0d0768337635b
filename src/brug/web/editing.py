# SPDX-License-Identifier: EUPL-1.2
"""Who else is editing an event, said on the pages that change it.

Reading a page changes nothing: the page itself says that its reader is editing once it is
open in a browser (`events/_editing.html`), and takes that back when it is left (`brug.js`).
"""

import msgspec

from brug.intel import event_locks
from brug.intel.event_locks import Editor
from brug.intel.finding import claim_named, find
from brug.model.event import EventHead
from brug.web.event_values import may_change
from brug.web.page import page
from brug.web.visit import HTML, Reply, Visit

LARGEST_LOCK = 10**11


class Editing(msgspec.Struct, frozen=True):
    """What a page says: the others, and the reader's own lock (0: none taken yet)."""

    event_id: int
    others: list[Editor]
    takes: bool
    lock: int = 0


def of(visit: Visit, event: EventHead, *, takes: bool = True) -> Editing:
    """For a page that changes an event; `takes`: whoever stays on it is editing."""
    others = event_locks.editors(visit.session, event.id)
    return Editing(event.id, others, takes and may_change(visit, event))


@page("/intelligence/events/{key:str}/editing", "POST")
def take(visit: Visit) -> Reply:
    """Notes that the reader edits the event; with `leave` takes that lock away."""
    leave = visit.form.number("leave", 0, high=LARGEST_LOCK)
    if leave:
        event_id = find(visit.session, "event", visit.args["key"])
        event_locks.give_back(visit.session, event_id, leave)
        return Reply(b"", 204, media_type=HTML)
    held = claim_named(visit.session, visit.args["key"])
    lock = event_locks.take(visit.session, held)
    others = event_locks.editors(visit.session, held.event_id)
    return visit.show("events/_editing.html", editing=Editing(held.event_id, others, True, lock))
