# SPDX-License-Identifier: EUPL-1.2
"""The record of acts by event and by day: `/logs/event_index`, `/audit_logs/eventIndex`.

Whoever sees an event reads of its record what they may read of any: their own acts,
administrators those of their organisation, site admins all.
"""

from typing import Any

from brug.api.misp.directory_json import moment
from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.logs import LARGEST_PAGE, change_text
from brug.api.misp.outcomes import reaching
from brug.api.misp.paging import bounds
from brug.directory import audit
from brug.directory.audit import Entry
from brug.intel.finding import find

INVALID = (404, "Invalid event.")


def _of_event(call: Call) -> list[Entry]:
    with reaching(INVALID):
        event_id = find(call.session, "event", call.arg(0))
    limit, offset = bounds({**call.data(), **call.named}, LARGEST_PAGE)
    return audit.entries(
        call.session, patterns={"model": "Event"}, model_id=event_id,
        limit=min(limit or LARGEST_PAGE, LARGEST_PAGE), offset=offset,
    )  # fmt: skip


@endpoint(
    "logs", "event_index",
    shows=("own",),
    probes=(("GET", "/logs/event_index/{event}", None),),
    summary="What was done to an event, as far as one may read it",
)  # fmt: skip
def event_index(call: Call) -> Answer:
    return Answer(
        {
            "Log": [
                {
                    "title": f"{entry.model} ({entry.model_id}): {entry.title}",
                    "created": moment(entry.at),
                    "model": entry.model,
                    "model_id": str(entry.model_id),
                    "action": entry.action,
                    "change": change_text(entry),
                    "org": entry.org_name,
                    "email": entry.email,
                }
                for entry in _of_event(call)
            ]
        }
    )


def _audit_json(entry: Entry) -> dict[str, Any]:
    return {
        "AuditLog": {
            "id": str(entry.id),
            "created": moment(entry.at),
            "user_id": str(entry.user_id),
            "org_id": str(entry.org_id),
            "ip": entry.address,
            "action": entry.action,
            "model": entry.model,
            "model_id": str(entry.model_id),
            "model_title": entry.title,
            "change": entry.change,
        },
        "User": {"id": str(entry.user_id), "email": entry.email},
        "Organisation": {"id": str(entry.org_id), "name": entry.org_name},
    }


@endpoint(
    "audit_logs", "eventIndex",
    shows=("own",),
    probes=(("GET", "/audit_logs/eventIndex/{event}", None),),
    summary="The same in MISP's newer shape",
)  # fmt: skip
def audit_event_index(call: Call) -> Answer:
    return Answer([_audit_json(entry) for entry in _of_event(call)])


@endpoint(
    "logs", "returnDates",
    shows=("own",), summary="How many acts one may read of, by day",
)  # fmt: skip
def return_dates(call: Call) -> Answer:
    return Answer(_by_day(call))


@endpoint(
    "audit_logs", "returnDates",
    shows=("own",), summary="How many acts one may read of, by day",
)  # fmt: skip
def audit_return_dates(call: Call) -> Answer:
    return Answer(_by_day(call))


def _by_day(call: Call) -> dict[str, int]:
    rows = call.session.all(
        "SELECT extract(epoch FROM date_trunc('day', at))::bigint, count(*) FROM audit"
        " GROUP BY 1 ORDER BY 1"
    )
    return {str(day): int(count) for day, count in rows}
