# SPDX-License-Identifier: EUPL-1.2
"""The record of acts by event and by day: `/logs/event_index`, `/audit_logs/eventIndex`.

Whoever sees an event reads of its record what they may read of any: their own acts,
administrators those of their organisation, site admins all.
"""

from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.node.audit_logs import audited
from brug.api.misp.node.logs import LARGEST_PAGE, shown
from brug.api.misp.outcomes import reaching
from brug.api.misp.paging import bounds_within
from brug.directory import audit
from brug.directory.audit import Entry
from brug.intel.finding import find

INVALID = (404, "Invalid event.")
_FIELDS = ("title", "created", "model", "model_id", "action", "change", "org", "email")


def _of_event(call: Call) -> list[Entry]:
    with reaching(INVALID):
        event_id = find(call.session, "event", call.arg(0))
    limit, offset = bounds_within({**call.data(), **call.named}, LARGEST_PAGE)
    return audit.entries(
        call.session, patterns={"model": "Event"}, model_id=event_id, limit=limit, offset=offset
    )


@endpoint(
    "logs", "event_index",
    shows=("own",),
    probes=(("GET", "/logs/event_index/{event}", None),),
    summary="What was done to an event, as far as one may read it",
)  # fmt: skip
def event_index(call: Call) -> Answer:
    acts = [shown(entry)["Log"] for entry in _of_event(call)]
    return Answer({"Log": [{name: act[name] for name in _FIELDS} for act in acts]})


@endpoint(
    "audit_logs", "eventIndex",
    shows=("own",),
    probes=(("GET", "/audit_logs/eventIndex/{event}", None),),
    summary="The same in MISP's newer shape",
)  # fmt: skip
def audit_event_index(call: Call) -> Answer:
    return Answer([audited(entry) for entry in _of_event(call)])


@endpoint(
    "audit_logs", "returnDates", shows=("own",), summary="How many acts one may read of, by day"
)
@endpoint("logs", "returnDates", shows=("own",), summary="How many acts one may read of, by day")
def return_dates(call: Call) -> Answer:
    return Answer({str(day): count for day, count in audit.by_day(call.session)})
