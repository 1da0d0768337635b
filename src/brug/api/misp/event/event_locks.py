# SPDX-License-Identifier: EUPL-1.2
"""`/events/*EventLock`, `/events/checkLocks`: who is editing an event now.

A stock MISP answers `checkLocks` with a piece of a page, to the event's organisation alone;
here whoever sees the event is told in JSON.
"""

from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.outcomes import reaching
from brug.api.misp.refusals import MispError
from brug.formats.misp import coercion
from brug.intel import event_locks, loading
from brug.intel.finding import claim_named, find
from brug.model.errors import NotFound

INVALID = (404, "Invalid event")
OUTDATED = "Warning: This event view is outdated"
RELOAD = "Please reload page to see the latest changes."


@endpoint(
    "events", "addEventLock",
    methods=("POST",), right="modify", changes=True,
    summary="Notes for a quarter of an hour that one is editing an event; its `lock_id`",
)  # fmt: skip
def add(call: Call) -> Answer:
    with reaching(INVALID):
        held = claim_named(call.session, call.arg(0))
    return Answer({"lock_id": event_locks.take(call.session, held)})


@endpoint(
    "events", "removeEventLock",
    methods=("POST",), right="modify", changes=True,
    summary="Takes an own lock of an event away: /EVENT/LOCK",
)  # fmt: skip
def remove(call: Call) -> Answer:
    with reaching(INVALID):
        event_id = find(call.session, "event", call.arg(0))
    lock_id = coercion.integer("lock_id", call.arg(1), 0, 2**63 - 1)
    if lock_id is None:
        raise MispError(400, "lock_id: expected the number that addEventLock answered")
    return Answer({"deleted": event_locks.give_back(call.session, event_id, lock_id)})


@endpoint(
    "events", "checkLocks",
    methods=("GET",), shows=("event",),
    probes=(("GET", "/events/checkLocks/{event}/1", None),),
    summary="Who else is editing an event, and whether it changed since a time: /EVENT/SECONDS",
)  # fmt: skip
def check(call: Call) -> Answer:
    try:
        event_id = find(call.session, "event", call.arg(0))
    except NotFound:
        return Answer(b"", 204)
    seen = coercion.seconds("timestamp", call.arg(1))
    outdated = seen is not None and _changed(call, event_id) > seen
    editing = [one.who for one in event_locks.editors(call.session, event_id)]
    if not editing and not outdated:
        return Answer(b"", 204)
    by = ", ".join(editing)
    if outdated and editing:
        message = f"{OUTDATED}, because is currently being edited by: {by}. {RELOAD}"
    elif outdated:
        message = f"{OUTDATED}. {RELOAD}"
    else:
        message = f"This event is currently being edited by: {by}"
    return Answer({"message": message, "editors": editing, "outdated": outdated})


def _changed(call: Call, event_id: int) -> int:
    return loading.heads(call.session, [event_id])[event_id].head.timestamp
