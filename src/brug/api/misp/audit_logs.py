# SPDX-License-Identifier: EUPL-1.2
"""`/admin/audit_logs` and `/admin/access_logs`: acts with what changed; monitored requests."""

from typing import Any

from brug.api.misp.directory_json import moment
from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.paging import bounds
from brug.api.misp.refusals import MispError
from brug.directory import audit
from brug.directory.audit import Entry
from brug.formats.misp import coercion
from brug.intel.search.moments import Period, period

LARGEST_PAGE = 1000
_TEXTS = ("title", "model", "action", "email", "address", "org", "change")
# What a request that is put on record is kept as (`admin/users/monitor`).
REQUEST = "request"


def _json(entry: Entry) -> dict[str, Any]:
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


def _asked(call: Call, **fixed: Any) -> list[Entry]:
    asked = {**call.query, **call.named, **call.data("AuditLog")}
    limit, offset = bounds(asked, LARGEST_PAGE)
    when = period("created", asked.get("created")) or Period()
    if when.impossible:
        return []
    names = {"address": "ip", "title": "model_title"}
    patterns = {
        name: coercion.text(name, asked[key])
        for name in _TEXTS
        if asked.get(key := names.get(name, name))
    }
    wanted: dict[str, Any] = {
        "model_id": coercion.integer("model_id", asked.get("model_id"), high=2**62),
        "user_id": coercion.integer("user_id", asked.get("user_id")),
        "since": when.since,
        "until": when.until,
    }
    patterns |= fixed.pop("patterns", {})
    return audit.entries(
        call.session,
        patterns=patterns,
        limit=min(limit or LARGEST_PAGE, LARGEST_PAGE),
        offset=offset,
        **{**wanted, **fixed},
    )


@endpoint(
    "auditLogs", "admin_index", right="audit", shows=("own",),
    probes=(("GET", "/admin/audit_logs/index", None),),
    summary="The record of acts with what changed, newest first",
    body={"model": "Event", "action": "edit", "limit": 100, "page": 1},
)  # fmt: skip
def index(call: Call) -> Answer:
    return Answer([_json(entry) for entry in _asked(call)])


@endpoint("auditLogs", "fullChange", right="audit", shows=("own",), summary="What one act changed")
def full_change(call: Call) -> Answer:
    number = coercion.integer("id", call.arg(0), high=2**62)
    found = audit.entries(call.session, entry_id=number, limit=1) if number else []
    if not found:
        raise MispError(404, "Log not found.")
    return Answer(found[0].change)


@endpoint(
    "accessLogs", "admin_index", right="site_admin", shows=("own",),
    summary="Requests of those who are monitored, newest first",
)  # fmt: skip
def access(call: Call) -> Answer:
    found = _asked(call, patterns={"action": REQUEST})
    return Answer([_access(entry) for entry in found])


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
