# SPDX-License-Identifier: EUPL-1.2
"""`/logs`: the audit, as far as one may read it: one's own acts, one's organisation's, all."""

from collections.abc import Mapping
from typing import Any

import msgspec

from brug.api.misp.directory.directory_json import moment
from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.paging import bounds_within
from brug.directory import audit
from brug.directory.audit import Entry
from brug.formats.misp import coercion
from brug.intel.search.moments import Period, period

LARGEST_PAGE = 10_000
_TEXTS = ("title", "model", "action", "email", "org", "address", "change", "description")


def _change(entry: Entry) -> str:
    """MISP's way of writing what changed: `field (old) => (new)`."""
    parts = []
    for field, value in entry.change.items():
        old, new = value if isinstance(value, list) and len(value) == 2 else ("", value)
        parts.append(f"{field} ({_plain(old)}) => ({_plain(new)})")
    return ", ".join(parts)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def shown(entry: Entry) -> dict[str, Any]:
    """One act as MISP's log shows it."""
    return {
        "Log": {
            "id": str(entry.id),
            "title": f"{entry.model} ({entry.model_id}): {entry.title}",
            "created": moment(entry.at),
            "model": entry.model,
            "model_id": str(entry.model_id),
            "action": entry.action,
            "user_id": str(entry.user_id),
            "change": _change(entry),
            "email": entry.email,
            "org": entry.org_name,
            "description": f"{entry.model} ({entry.model_id}) {entry.action} by User"
            f' "{entry.email}" ({entry.user_id}).',
            "ip": entry.address,
        }
    }


def found(
    call: Call, model: str, names: Mapping[str, str], largest: int, **fixed: str
) -> list[Entry]:
    """The acts that a request asks for. `names`: its names for fields; `fixed`: what is sought."""
    asked = {**call.query, **call.named, **call.data(model)}
    limit, offset = bounds_within(asked, largest)
    when = period("created", asked.get("created")) or Period()
    if when.impossible:
        return []
    patterns = {
        name: coercion.text(name, asked[key])
        for name in _TEXTS
        if asked.get(key := names.get(name, name))
    }
    return audit.entries(
        call.session,
        patterns=patterns | fixed,
        model_id=coercion.integer("model_id", asked.get("model_id"), high=2**62),
        entry_id=coercion.integer("id", asked.get("id"), high=2**62),
        user_id=coercion.integer("user_id", asked.get("user_id")),
        since=when.since,
        until=when.until,
        limit=limit,
        offset=offset,
    )


@endpoint(
    "logs", "index", "admin_index", "admin_search", right="audit", shows=("own",),
    probes=(("GET", "/admin/logs/index", None),),
    summary="The record of acts, newest first; texts may carry % at either end",
    body={"model": "User", "action": "edit", "email": "%example.org", "limit": 100, "page": 1},
)  # fmt: skip
def index(call: Call) -> Answer:
    return Answer([shown(entry) for entry in found(call, "Log", {"address": "ip"}, LARGEST_PAGE)])
