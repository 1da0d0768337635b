# SPDX-License-Identifier: EUPL-1.2
"""`/admin/audit_logs` and `/admin/access_logs`: acts with what changed; monitored requests."""

from typing import Any

from brug.api.misp.directory.directory_json import moment
from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.node.logs import found
from brug.api.misp.refusals import MispError
from brug.directory import audit
from brug.directory.audit import Entry
from brug.formats.misp import coercion

LARGEST_PAGE = 1000
_NAMES = {"address": "ip", "title": "model_title"}
# What a request that is put on record is kept as (`admin/users/monitor`).
REQUEST = "request"


def audited(entry: Entry) -> dict[str, Any]:
    """One act with what changed."""
    return {
        "AuditLog": {
            "id": str(entry.id), "created": moment(entry.at), "user_id": str(entry.user_id),
            "org_id": str(entry.org_id), "ip": entry.address, "action": entry.action,
            "model": entry.model, "model_id": str(entry.model_id), "model_title": entry.title,
            "event_id": str(entry.model_id) if entry.model == "Event" else None,
            "change": entry.change,
        },
        "User": {"id": str(entry.user_id), "email": entry.email},
        "Organisation": {"id": str(entry.org_id), "name": entry.org_name},
    }  # fmt: skip


@endpoint(
    "auditLogs", "admin_index", right="audit", shows=("own",),
    probes=(("GET", "/admin/audit_logs/index", None),),
    summary="The record of acts with what changed, newest first",
    body={"model": "Event", "action": "edit", "limit": 100, "page": 1},
)  # fmt: skip
def index(call: Call) -> Answer:
    return Answer([audited(entry) for entry in found(call, "AuditLog", _NAMES, LARGEST_PAGE)])


@endpoint("auditLogs", "fullChange", right="audit", shows=("own",), summary="What one act changed")
def full_change(call: Call) -> Answer:
    number = coercion.integer("id", call.arg(0), high=2**62)
    several = audit.entries(call.session, entry_id=number, limit=1) if number else []
    if not several:
        raise MispError(404, "Log not found.")
    return Answer(several[0].change)


@endpoint(
    "accessLogs", "admin_index", right="site_admin", shows=("own",),
    summary="Requests of those who are monitored, newest first",
)  # fmt: skip
def access(call: Call) -> Answer:
    requests = found(call, "AccessLog", _NAMES, LARGEST_PAGE, action=REQUEST)
    return Answer([_access(entry) for entry in requests])


def _access(entry: Entry) -> dict[str, Any]:
    method, _, url = entry.title.partition(" ")
    return {
        "AccessLog": {
            "id": str(entry.id), "created": moment(entry.at), "user_id": str(entry.user_id),
            "org_id": str(entry.org_id), "ip": entry.address, "request_method": method, "url": url,
        },
        "User": {"id": str(entry.user_id), "email": entry.email},
        "Organisation": {"id": str(entry.org_id), "name": entry.org_name},
    }  # fmt: skip
