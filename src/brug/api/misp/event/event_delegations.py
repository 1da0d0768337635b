# SPDX-License-Identifier: EUPL-1.2
"""`/event_delegations/*`: asking another organisation to take an event over, and settling it.

All of it answers as a stock MISP does where the node's setting `events.delegation` is off.
"""

from typing import Any

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import reaching
from brug.api.misp.refusals import NO_RIGHT, MispError, saved
from brug.directory import organisations
from brug.formats.misp import coercion
from brug.formats.misp.reading_fields import group_of
from brug.formats.misp.writing import number, organisation_json
from brug.intel import delegating
from brug.intel.delegating import UNDECIDED, Delegation, Wanted
from brug.model.errors import NotFound

NOT_ALLOWED = (405, "You are not authorised to do that.")
INVALID_EVENT = (404, "Invalid event")
INVALID = (404, "Invalid delegation.")
PENDING = (
    "This event already has a pending delegation request. Please revoke that before creating"
    " a new request."
)
SHARED = (
    "Only events with the distribution setting &quot;Your Organisation Only&quot; can be delegated."
)
LONGEST = 10_000


def _require_enabled(call: Call) -> None:
    if not delegating.enabled(call.session):
        raise MispError(403, NO_RIGHT)


def _listed(one: Delegation) -> dict[str, Any]:
    return {
        "EventDelegation": {
            "id": str(one.id),
            "org_id": str(one.asked.id),
            "requester_org_id": str(one.requester.id),
            "event_id": str(one.event_id),
            "message": one.message,
            "distribution": str(one.distribution),
            "Org": organisation_json(one.asked, local=False),
            "RequesterOrg": organisation_json(one.requester, local=False),
            "Event": {
                "id": str(one.event_id),
                "info": one.info,
                "uuid": one.uuid,
                "analysis": str(one.analysis),
                "distribution": str(one.event_distribution),
                "threat_level_id": str(one.threat_level_id),
                "date": one.date,
                "attribute_count": str(one.attribute_count),
            },
        }
    }


@endpoint(
    "event_delegations", "index",
    shows=("own",),
    probes=(("GET", "/event_delegations/index", None),),
    summary="Requests about events, of and to the reader's organisation",
    body={"context": "pending or issued"},
)  # fmt: skip
def index(call: Call) -> Answer:
    _require_enabled(call)
    context = coercion.text("context", {**call.data(), **call.named}.get("context"))
    return Answer([_listed(one) for one in delegating.listed(call.session, context)])


@endpoint(
    "event_delegations", "view",
    shows=("own",),
    summary="One request about an event",
)  # fmt: skip
def view(call: Call) -> Answer:
    _require_enabled(call)
    with reaching(INVALID):
        return Answer(_listed(delegating.one(call.session, call.arg(0))))


@endpoint(
    "event_delegations", "delegateEvent",
    methods=WRITE,
    right="delegate",
    changes=True,
    shows=("own",),
    summary="Asks another organisation to take an event over",
    body={"org_id": "number or UUID", "distribution": "-1 to 4", "message": "text"},
)  # fmt: skip
def delegate(call: Call) -> Answer:
    _require_enabled(call)
    wanted = _wanted(call)
    try:
        with reaching(INVALID_EVENT, NOT_ALLOWED):
            made = delegating.ask(call.session, call.arg(0), wanted)
    except delegating.AskedAlready as error:
        raise MispError(405, PENDING) from error
    except delegating.NotDelegable as error:
        raise MispError(405, SHARED) from error
    found = delegating.one(call.session, made)
    return Answer(
        {
            "EventDelegation": {
                "id": str(found.id),
                "org_id": str(found.asked.id),
                "requester_org_id": str(found.requester.id),
                "event_id": str(found.event_id),
                "message": found.message,
                "distribution": str(found.distribution),
                "sharing_group_id": number(found.sharing_group_id),
            }
        }
    )


def _wanted(call: Call) -> Wanted:
    body = call.data("EventDelegation")
    level = body.get("distribution")
    message = coercion.text("message", body.get("message"))[:LONGEST] or None
    chosen = UNDECIDED if level is None else coercion.integer("distribution", level, UNDECIDED, 4)
    try:
        organisation = organisations.view(call.session, str(body.get("org_id", "")))
    except NotFound as error:
        raise MispError(404, "Invalid organisation.") from error
    return Wanted(organisation.id, message, UNDECIDED if chosen is None else chosen, group_of(body))


@endpoint(
    "event_delegations", "acceptDelegation",
    methods=WRITE,
    right="add",
    changes=True,
    summary="Takes an event over; it is the own organisation's from then on",
    body={"distribution": "0-4, where the requester named none"},
)  # fmt: skip
def accept(call: Call) -> Answer:
    _require_enabled(call)
    body = call.data("EventDelegation")
    level = coercion.integer("distribution", body.get("distribution"), UNDECIDED, 4)
    chosen = None if level == UNDECIDED else level
    with reaching(NOT_ALLOWED, NOT_ALLOWED):
        delegating.accept(call.session, call.arg(0), chosen, group_of(body))
    url = f"/event_delegations/acceptDelegation/{call.arg(0)}"
    return Answer(saved("Event ownership transferred.", url, call.arg(0)))


@endpoint(
    "event_delegations", "deleteDelegation",
    methods=DELETABLE,
    right="add",
    changes=True,
    summary="Withdraws or declines a request",
)  # fmt: skip
def discard(call: Call) -> Answer:
    _require_enabled(call)
    with reaching(NOT_ALLOWED, NOT_ALLOWED):
        delegating.call_off(call.session, call.arg(0))
    url = f"/event_delegations/deleteDelegation/{call.arg(0)}"
    return Answer(saved("Delegation request deleted.", url, call.arg(0)))
