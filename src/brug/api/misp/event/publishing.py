# SPDX-License-Identifier: EUPL-1.2
"""`/events/publish`, `alert` and `unpublish`: who has an event then, and who hears of it."""

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import reaching
from brug.api.misp.refusals import saved
from brug.intel.publishing import alert as alerted
from brug.intel.publishing import publish, unpublish


def _publish(call: Call, text: str, action: str) -> Answer:
    with reaching((404, "Invalid event.")):
        event_id = (alerted if action == "alert" else publish)(call.session, call.arg(0))
    return Answer(saved(text, f"/events/{action}/{event_id}", str(event_id)))


@endpoint(
    "events", "publish",
    methods=WRITE,
    right="publish",
    changes=True,
    summary="Publishes an event",
)  # fmt: skip
def publish_event(call: Call) -> Answer:
    return _publish(call, "Event published without alerts", "publish")


@endpoint(
    "events", "alert",
    methods=WRITE,
    right="publish",
    changes=True,
    summary="Publishes an event; the people concerned hear of it",
)  # fmt: skip
def alert(call: Call) -> Answer:
    return _publish(call, "Email sent to all participants.", "alert")


@endpoint(
    "events", "unpublish",
    methods=WRITE,
    right="modify",
    changes=True,
    summary="Makes an event a draft again",
)  # fmt: skip
def unpublish_event(call: Call) -> Answer:
    forbidden = (403, "You do not have the permission to do that.")
    with reaching((404, "Invalid Event."), forbidden):
        event_id = unpublish(call.session, call.arg(0))
    return Answer(saved("Event unpublished.", f"/events/unpublish/{event_id}", str(event_id)))
